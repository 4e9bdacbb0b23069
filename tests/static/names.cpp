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
enum class Mode { off, fast = 3, best_of_all = 7 };
}  // namespace somewhere

using namespace quix::detail;
static_assert(names<somewhere::Adam>.size() == 2);
static_assert(names<somewhere::Adam>[1] == "weight_decay");
static_assert(type_name<somewhere::Adam>() == "Adam");
static_assert(type_name<somewhere::Holder<somewhere::Adam>>() == "Holder<somewhere::Adam>");
static_assert(note_of<somewhere::Adam>("lr")->help == "peak rate");
static_assert(note_of<somewhere::Adam>("lr")->limits.flag == 'l');
static_assert(note_of<somewhere::Adam>("weight_decay") == nullptr);
static_assert(note_of<somewhere::Holder<int>>("value")->help == "held");
static_assert(Enumerators<somewhere::Mode>::list.size == 3);
static_assert(Enumerators<somewhere::Mode>::list.names[2] == "best_of_all");
static_assert(Enumerators<somewhere::Mode>::list.values[1] == somewhere::Mode::fast);

static_assert(quix::Group<somewhere::Adam>);
static_assert(!quix::Group<std::string>);
static_assert(!quix::Group<std::array<int, 3>>);
static_assert(!quix::Group<std::vector<int>>);
static_assert(!quix::Group<std::optional<int>>);
