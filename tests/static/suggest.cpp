// Names that were meant.
#include <array>
#include <string_view>

#include <quix/cfg/suggest.hpp>

using quix::detail::edit_distance;
using quix::detail::nearest;
static_assert(edit_distance("lr", "lr") == 0);
static_assert(edit_distance("weight-decay", "weight_decay") == 0);
static_assert(edit_distance("kitten", "sitting") == 3);
static_assert(edit_distance("hiddne", "hidden") == 1);  // neighbours swapped
static_assert(edit_distance("", "abc") == 3);

constexpr std::array<std::string_view, 4> names{"hidden", "dropout", "lr", "weight_decay"};
static_assert(nearest("hiden", names) == "hidden");
static_assert(nearest("weight_decai", names) == "weight_decay");
static_assert(nearest("lrr", names) == "lr");
static_assert(nearest("zzz", names).empty());
static_assert(nearest("q", names).empty());
