// A role is described in one place: this one is added here, and what its description says is all that it takes.
#include <check.hpp>

#include <boost/hana/append.hpp>

#include <quix/quix.hpp>

namespace {

using namespace quix;

struct Fair {
  int patience = 3;
};
struct Strict {
  int patience = 1;
  bool silent = false;
};
struct Referee {
  static constexpr Literal name = "referee";
  static constexpr std::array<std::string_view, 1> others = {"judge"};
  template <class S>
  using Default = Fair;
  template <class P, class S>
  static constexpr bool fits = requires(const P& p) {
    p.patience;
  };
  template <class P, class S>
  static consteval bool check() {
    static_assert(fits<P, S>, "quix: 'referee' needs an option 'patience'");
    return fits<P, S>;
  }
};
constexpr Referee referee{};
using More = decltype(boost::hana::append(roles, referee));

struct Labelled {
  Image<"png"> image;
  Class<"cls"> label;
};
struct Net {
  int hidden = 3;
  auto build(const TaskInfo& task) const { return torch::nn::Sequential(torch::nn::Linear(task.inputs, hidden)); }
};
struct Plain {
  Shards<Labelled> data{};
  Net model{};
};
struct Refereed {
  Shards<Labelled> data{};
  Net model{};
  Strict referee{.patience = 7};
  Choice<Sgd, AdamW> optim{AdamW{.lr = 0.5f}};
};

/// The paths of a configuration's options.
template <class C>
std::string paths(C& config) {
  Table table;
  config.add_to(table);
  std::string out = " ";
  for (const auto& row : table.options()) out += row.path + " ";
  return out;
}
template <class C>
bool has_shape(std::string_view name) {
  for (const auto& shape : C::Shapes::span())
    if (shape.name == name) return true;
  return false;
}

}  // namespace

TESTS {
  Config<Plain, More> plain{};
  CHECK_EQ(plain[referee].patience, 3);
  const auto with_default = paths(plain);
  CHECK(with_default.find(" referee.patience ") != std::string::npos);
  CHECK((has_shape<Config<Plain, More>>("referee")));
  CHECK(!has_shape<Config<Plain>>("referee"));

  Config<Refereed, More> own{};
  CHECK_EQ(own[referee].patience, 7);
  CHECK(paths(own).find(" referee.silent ") != std::string::npos);
  static_assert(std::is_same_v<Config<Refereed, More>::Policy<Referee>, Strict>);

  // The roles of a program: the experiment's own, else the default one, which depends on the sample.
  CHECK(own[role::optim].is<AdamW>() && own[role::optim].as<AdamW>().lr == 0.5f);
  static_assert(std::is_same_v<Config<Plain>::Policy<role::Optim>, AdamW>);
  static_assert(std::is_same_v<Config<Plain>::Policy<role::Loss>, CrossEntropy>);
  static_assert(std::is_same_v<Config<Plain>::Policy<role::Metrics>, Accuracy>);
  static_assert(std::is_same_v<Config<Plain>::Policy<role::Precision>, Choice<Fp32, Bf16, Fp16>>);
  // Options of defaults come in the order of the roles, and a Choice stands at its own name.
  const auto at = [&](std::string_view path) { return with_default.find(" " + std::string(path) + " "); };
  CHECK(at("optim.lr") < at("step.accumulate") && at("step.accumulate") < at("train.epochs"));
  CHECK(at("train.epochs") < at("log.progress") && at("log.progress") < at("referee.patience"));
  CHECK(at("average.decay") != std::string::npos && at("data.train.path") < at("augment.mean"));
  return 0;
}
