// What an experiment's members are called: roles under other names are told from options of one's own.
#include <check.hpp>

#include <quix/quix.hpp>

namespace {

using namespace quix;

struct Labelled {
  Image<"png"> image;
  Class<"cls"> label;
};
struct Net {
  int hidden = 3;
  auto build(const TaskInfo& task) const { return torch::nn::Sequential(torch::nn::Linear(task.inputs, hidden)); }
};
struct Paths {
  std::string train = "a", val = "b";
};
enum class Mode { fast, slow };

template <class Exp>
std::string said() {
  constexpr auto verdict = quix::detail::name_verdict<Exp, Labelled>();
  return {verdict.chars, verdict.size};
}
/// An experiment with one member of a type besides its roles.
template <class F>
struct Optimizer_ {
  Shards<Labelled> data{};
  Net model{};
  F optimizer{};
};
template <class F>
struct Other {
  Shards<Labelled> data{};
  Net model{};
  F other{};
};
struct Own {
  Shards<Labelled> data{};
  Net model{};
  AdamW optim{};
  AdamW critic{};
  std::string dataset = "mine";
  static constexpr std::array notes = {quix::note<&Own::critic>("optimizer of the critic", {.own = true}),
                                       quix::note<&Own::dataset>("name of the data", {.own = true})};
};
/// Names near those of roles that no policy bears.
struct Free {
  Shards<Labelled> data{};
  Net model{};
  Mode mode = Mode::fast;
  int steps = 3, date = 4;
  float lost = 0;
  Paths paths{};
  Choice<Paths, NoClip> place{};
};
struct Misspelt {
  Shards<Labelled> data{};
  Net modle{};
};
struct Ema_ {
  Shards<Labelled> data{};
  Net model{};
  float ema = 0.9f;
};

bool is(const std::string& text, std::string_view piece) {
  if (text.find(piece) != text.npos) return true;
  test::fail(__FILE__, __LINE__, std::string(piece) + ": not said by: " + text);
  return false;
}

}  // namespace

TESTS {
  CHECK_EQ(said<Own>(), "");
  CHECK_EQ(said<Free>(), "");
  CHECK(is(said<Optimizer_<AdamW>>(), "::optimizer is not a role: did you mean optim? A custom option"));
  CHECK(is(said<Optimizer_<std::string>>(), "did you mean optim?"));
  CHECK(is(said<Misspelt>(), "quix: Misspelt::modle is not a role: did you mean model?"));
  CHECK(is(said<Ema_>(), "quix: Ema_::ema is not a role: did you mean average?"));
  // A policy is known by its type, whatever its name.
  CHECK(is(said<Other<AdamW>>(), "::other is a policy for the role optim"));
  CHECK(is(said<Other<Choice<AdamW, Sgd>>>(), "the role optim"));
  CHECK(is(said<Other<Cosine>>(), "the role schedule"));
  CHECK(is(said<Other<Shards<Labelled>>>(), "the role data"));
  CHECK(is(said<Other<Net>>(), "the role model"));
  CHECK(is(said<Other<CrossEntropy>>(), "the role loss"));
  CHECK(is(said<Other<Normalize>>(), "the role augment"));
  CHECK(is(said<Other<ImageAugment>>(), "the role augment"));
  CHECK(is(said<Other<Accuracy>>(), "the role metrics"));
  CHECK(is(said<Other<Bf16>>(), "the role precision"));
  CHECK(is(said<Other<Ema>>(), "the role average"));
  CHECK(is(said<Other<TrainStep<ClipNorm>>>(), "the role step"));
  CHECK(is(said<Other<Groups>>(), "the role groups"));
  CHECK(is(said<Other<Train>>(), "the role train"));
  CHECK(is(said<Other<Checkpoint>>(), "the role checkpoint"));
  CHECK(is(said<Other<Log>>(), "the role log"));
  // Every other name of a role leads to it.
  for (const auto& role : quix::detail::role_names)
    for (const auto other : role.others)
      if (!other.empty()) CHECK_EQ(quix::detail::role_names[quix::detail::role_like(other, false)].name, role.name);
  return 0;
}
