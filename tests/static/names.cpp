// What the compiler knows of a struct: names, notes, enumerators.
#include <quix/cfg.hpp>

namespace somewhere {
struct Adam {
  float lr = 1e-3f;
  float weight_decay = 0;
  static constexpr std::array notes = {quix::note<&Adam::lr>("peak rate", {.min = 0, .flag = 'l'})};
};
template <class T>
struct Holder {
  T value{};
  static constexpr std::array notes = {quix::note<&Holder::value>("held")};
};
struct FashionMlp {};
struct MLPBig2 {};
struct already_snake {};
template <class T, int N>
struct Gan {};
struct Named {
  static constexpr std::string_view name = "other";
};
struct HasField {
  std::string name{};
};
enum class Mode { off, fast = 3, best_of_all = 7 };
}  // namespace somewhere

using namespace quix::detail;
static_assert(names<somewhere::Adam>.size() == 2);
static_assert(names<somewhere::Adam>[1] == "weight_decay");
static_assert(type_name<somewhere::Adam>() == "Adam");
static_assert(type_name<somewhere::Holder<somewhere::Adam>>() == "Holder<somewhere::Adam>");
static_assert(note_of<somewhere::Adam>("lr")->help == "peak rate");
static_assert(note_of<somewhere::Adam>("lr")->limits.flag == 'l');
static_assert(note_of<somewhere::Adam>("weight_decay")->help.empty());
static_assert(note_of<somewhere::Holder<int>>("value")->help == "held");
static_assert(Enumerators<somewhere::Mode>::list.size == 3);
static_assert(Enumerators<somewhere::Mode>::list.names[2] == "best_of_all");
static_assert(Enumerators<somewhere::Mode>::list.values[1] == somewhere::Mode::fast);

static_assert(quix::Group<somewhere::Adam>);
static_assert(!quix::Group<std::string>);
static_assert(!quix::Group<std::array<int, 3>>);
static_assert(!quix::Group<std::vector<int>>);
static_assert(!quix::Group<std::optional<int>>);

static_assert(branch_name<somewhere::FashionMlp>() == "fashion_mlp");
static_assert(branch_name<somewhere::MLPBig2>() == "mlp_big2");
static_assert(branch_name<somewhere::already_snake>() == "already_snake");
static_assert(branch_name<somewhere::Gan<int, 3>>() == "gan_int_3");
static_assert(branch_name<somewhere::Named>() == "other");
static_assert(branch_name<somewhere::HasField>() == "has_field");
