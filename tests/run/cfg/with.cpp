// Changes by path, checked by the compiler (the refusals are in compile_fail).
#include <check.hpp>

#include <quix/cfg.hpp>
#include <quix/cfg/checked.hpp>

namespace {

enum class Mode { fast, slow };
struct Adam {
  float lr = 1e-3f;
  static constexpr std::array notes = {quix::note<&Adam::lr>("rate", {.min = 0, .max = 1})};
};
struct Sgd {
  float lr = 0.1f;
  double momentum = 0;
};
struct Exp {
  Adam optim{};
  quix::Choice<Adam, Sgd> critic{Sgd{}};
  std::optional<Sgd> extra{};
  int epochs = 3;
  bool fast = false;
  std::string label = "x";
  std::filesystem::path path{};
  Mode mode = Mode::fast;
  std::optional<int> limit{};
  std::vector<int> sizes{};
  std::map<std::string, float> weights{};
};

using namespace quix::detail;
constexpr auto shapes = Shapes<Piece<"", Exp>>::span();
consteval bool fits(std::string_view json) { return DocumentCheck(shapes, "x.json", json).run().ok; }

static_assert(fits("{}") && fits("null"));
static_assert(
    fits(R"({"optim": {"lr": 0.5}, "critic": "adam", "extra": null, "epochs": -3, "fast": true, "label": "é\n"})"));
static_assert(
    fits(R"({"critic": {"momentum": 1e-3, "name": "sgd"}, "mode": "slow", "limit": "none", "sizes+=": [1, 2,]})"));
static_assert(
    fits(R"({"weights": {"a": 1, "b": "inf"}, "epochs": "${sizes}", "include": ["a.yaml"], /* c */ "path": ""})"));
static_assert(fits(R"({"epochs": 2147483647})") && !fits(R"({"epochs": 2147483648})"));
static_assert(!fits(R"({"optim": {"lr": 1.001}})") && !fits(R"({"optim": {"lr": -1e-3}})") &&
              fits(R"({"optim": {"lr": 100e-2}})"));
static_assert(!fits(R"({"label": 3})") && !fits(R"({"fast": "true"})") && !fits(R"({"sizes": 3})") && !fits("{"));
static_assert(!fits(R"({"extra": {"lr": "x"}})") && !fits(R"({"weights": {"a": true}})") && !fits("[1]"));

/// Old names of options, which branches of a choice may share.
struct Shrink {
  float gamma = 0.5f;
  static constexpr std::array notes = {quix::note<&Shrink::gamma>("", {.max = 1, .was = "by"})};
};
struct Grow {
  float gamma = 2;
  int max_steps = 3;
  static constexpr std::array notes = {quix::note<&Grow::gamma>("", {.min = 1.5, .was = "by"}),
                                       quix::note<&Grow::max_steps>("", {.was = "most_steps"})};
};
struct Renamed {
  quix::Choice<Shrink, Grow> schedule{};
};
constexpr bool fits_renamed(std::string_view text) {
  return DocumentCheck(Shapes<Piece<"", Renamed>>::span(), "old.json", text).run().ok;
}
static_assert(fits_renamed(R"({"schedule": {"name": "grow", "by": 3}})"));
static_assert(!fits_renamed(R"({"schedule": {"name": "grow", "by": 1}})"));
static_assert(!fits_renamed(R"({"schedule": {"name": "shrink", "by": 3}})"));
static_assert(fits_renamed(R"({"schedule": {"by": 3}})"));  // another source says which
static_assert(fits_renamed(R"({"schedule": {"name": "grow", "most-steps": 3}})"));
static_assert(!fits_renamed(R"({"schedule": {"name": "shrink", "most_steps": 3}})"));

}  // namespace

TESTS {
  const auto exp = quix::with(Exp{}, quix::set<"optim.lr">(0.5), quix::set<"epochs">(5), quix::set<"fast">(true),
                              quix::set<"label">("big"), quix::set<"path">("a/b"), quix::set<"mode">(Mode::slow),
                              quix::set<"limit">(7), quix::set<"critic.momentum">(0.25f), quix::set<"extra.lr">(2));
  CHECK_EQ(exp.optim.lr, 0.5f);
  CHECK_EQ(exp.epochs, 5);
  CHECK(exp.fast && exp.mode == Mode::slow);
  CHECK_EQ(exp.label, "big");
  CHECK_EQ(exp.path, "a/b");
  CHECK_EQ(exp.limit.value(), 7);
  CHECK_EQ(exp.critic.as<Sgd>().momentum, 0.25);
  CHECK_EQ(exp.extra->lr, 2.0f);
  CHECK_ERROR(quix::with(Exp{.critic = Adam{}}, quix::set<"critic.momentum">(0.25f)), "critic.momentum",
              "the branch that is chosen has no such option");

  CHECK_ERROR(quix::with(Exp{}, quix::set<"epochs">(5000000000LL)), "epochs",
              "5000000000 is out of the option's range");

  // Text that was made from another file carries the places of that.
  const auto node = quix::yaml::parse("optim:\n  lr: 1\nlabel: no\n", "x.yaml");
  const auto marked = quix::json::write_marked(node);
  const auto verdict = DocumentCheck(shapes, "x.yaml", marked).run();
  CHECK(verdict.ok);
  const auto bad = quix::json::write_marked(quix::yaml::parse("optim:\n  lr: 1\n  lrr: 2\n", "x.yaml"));
  const auto found = DocumentCheck(shapes, "x.yaml", bad).run();
  CHECK_EQ(std::string_view(found.chars, found.size),
           "x.yaml:3:3: no option optim.lrr; did you mean optim.lr? Options here: lr");
  return 0;
}
