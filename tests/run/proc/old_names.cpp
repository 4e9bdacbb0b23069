// Options that were renamed: files and flags may still use the old name, and a notice gives the new one.
#include <check.hpp>

#include <initializer_list>
#include <string>
#include <vector>

#include <quix/cfg.hpp>
#include <quix/data/augment.hpp>
#include <quix/proc.hpp>
#include <quix/zoo.hpp>

using namespace quix;

namespace {

struct OldName {
  const char *old, *now, *value;  ///< a value that YAML and JSON write alike, and that is not the default
};

/// What setting an option under some name comes to: its value, and the notices.
struct Outcome {
  std::string value;
  std::vector<std::string> notices;
};

template <class P>
Outcome outcome_of(const OldName& option, const std::string& name, bool by_flag) {
  P policy{};
  Table table;
  table.add(policy, "policy");
  std::vector<Problem> problems;
  Layers layers(table, problems);
  if (by_flag) {
    const auto flag = "--policy." + name;
    const char* args[] = {flag.c_str(), option.value};
    add_flags(read_arguments(args, table, {}, problems), layers, false);
  } else {
    layers.document(parse_document("old.yaml", name + ": " + option.value + "\n"), "policy");
  }
  table.settle(layers.take(), problems);
  for (const auto& problem : problems) test::fail(__FILE__, __LINE__, name + ": " + problem.text());
  return {quix::detail::one_line(table.find("policy." + std::string(option.now))->now()), table.notices()};
}

template <class P>
void still_set(std::initializer_list<OldName> options) {
  for (const auto& option : options) {
    const std::string old = option.old, now = option.now;
    P policy{};
    Table table;
    table.add(policy, "policy");
    const auto initial = quix::detail::one_line(table.find("policy." + now)->now());
    for (const bool by_flag : {false, true}) {
      const auto before = outcome_of<P>(option, old, by_flag), after = outcome_of<P>(option, now, by_flag);
      CHECK_EQ(before.value, after.value);
      CHECK(before.value != initial);
      CHECK_EQ(before.notices.size(), 1u);
      const auto notice = by_flag ? "--policy." + old + " is now called --policy." + now
                                  : "old.yaml:1:1: policy." + old + " is now called policy." + now;
      if (!before.notices.empty()) CHECK_EQ(before.notices[0], notice);
      // The new name may end in the old one: weight_decay, decay.
      CHECK(after.notices.empty());
    }
  }
}

struct Choices {
  Choice<NoAverage, Ema, Swa> average{};
  Choice<Cosine, OneCycle, MultiStep, Plateau> schedule{};
  TrainStep<> step{};
};

struct Two {
  Exponential one{}, two{};
};
struct Short {
  Ema average{};
  Groups groups{};
  ThreeAugment augment{};
  Two schedules{};
};

/// Flags without their group, negated, and of one member of a map.
void short_forms() {
  const auto read = [](std::initializer_list<const char*> words, Short& into, std::vector<Problem>& problems) {
    Table table;
    table.add(into);
    Layers layers(table, problems);
    const std::vector<const char*> args(words);
    add_flags(read_arguments(args, table, {}, problems), layers, false);
    table.settle(layers.take(), problems);
  };
  Short now;
  std::vector<Problem> problems;
  read({"--decay_rate", "0.25", "--no-on", "--groups.rate.head.*", "0.5", "--schedules.two.by", "0.125"}, now,
       problems);
  for (const auto& problem : problems) test::fail(__FILE__, __LINE__, problem.text());
  CHECK(now.average.decay == 0.25f && !now.augment.enabled && now.schedules.two.gamma == 0.125f);
  CHECK(now.groups.lr_factor.at("head.*") == 0.5f);
  // In references and in explain too.
  Short referred;
  read({"--average.decay", "0.25", "--schedules.one.gamma", "${average.decay_rate}"}, referred, problems);
  for (const auto& problem : problems) test::fail(__FILE__, __LINE__, problem.text());
  Table table;
  table.add(referred);
  CHECK(explain(table, "average.decay_rate").find("average.decay = 0.25") != std::string::npos);
  CHECK_ERROR((explain(table, "average"), 0), "average: is a group, not an option");
  read({"--by", "0.5"}, now, problems);  // of two
  CHECK_EQ(problems.size(), 1u);
}

/// Old names in branches of choices, and next to a new name that a branch has.
void in_choices() {
  Choices choices;
  Table table;
  table.add(choices);
  std::vector<Problem> problems;
  Layers layers(table, problems);
  layers.document(parse_document("old.yaml",
                                 "average: {name: ema, decay-rate: 0.5}\n"
                                 "schedule: {name: plateau, by: 0.25}\n"
                                 "step: {clip: {name: adaptive, share: 0.5}, non_finite: {rollback_rate: 0.25}}\n"));
  table.settle(layers.take(), problems);
  for (const auto& problem : problems) test::fail(__FILE__, __LINE__, problem.text());
  CHECK_EQ(table.notices().size(), 4u);
  CHECK(choices.average.is<Ema>() && choices.average.as<Ema>().decay == 0.5f);
  CHECK(choices.schedule.is<Plateau>() && choices.schedule.as<Plateau>().gamma == 0.25f);
  CHECK(choices.step.clip.is<ClipAdaptive>() && choices.step.clip.as<ClipAdaptive>().clip_factor == 0.5f);
  CHECK_EQ(choices.step.non_finite.rollback_lr_factor, 0.25f);
}

}  // namespace

TESTS {
  still_set<Ema>({{"decay_rate", "decay", "0.5"}});
  still_set<Groups>({{"decay", "weight_decay", R"({"head.*": 0.5})"}, {"rate", "lr_factor", R"({"head.*": 0.25})"}});
  still_set<ClipAdaptive>({{"share", "clip_factor", "0.25"}});
  still_set<NonFinite>({{"rollback_rate", "rollback_lr_factor", "0.25"}});
  still_set<Fp16>({{"scale", "init_scale", "1024"},
                   {"growth", "growth_factor", "4"},
                   {"backoff", "backoff_factor", "0.25"},
                   {"interval", "growth_interval", "100"}});
  still_set<PythonCosine>({{"start", "start_factor", "0.5"}});
  still_set<StepDecay>({{"by", "gamma", "0.5"}});
  still_set<MultiStep>({{"at", "milestones", R"(["3", "80%"])"}, {"by", "gamma", "0.5"}});
  still_set<Exponential>({{"by", "gamma", "0.5"}});
  still_set<OneCycle>({{"start", "start_factor", "0.5"}});
  still_set<Plateau>({{"by", "gamma", "0.5"}});
  still_set<Warmup<Cosine>>({{"start", "start_factor", "0.5"}});
  still_set<Muon>({{"iterations", "ns_steps", "7"}});
  still_set<CrossEntropy>({{"smoothing", "label_smoothing", "0.25"}, {"ignore", "ignore_index", "255"}});
  still_set<BinaryCrossEntropy>({{"positive_weight", "pos_weight", "2"}});
  still_set<FocalLoss>({{"ignore", "ignore_index", "255"}});
  still_set<Dice>({{"ignore", "ignore_index", "255"}});
  still_set<MeanIoU>({{"ignore", "ignore_index", "255"}});
  still_set<RandomResizedCrop>({{"val_share", "val_crop_fraction", "0.5"}});
  still_set<ThreeAugment>({{"on", "enabled", "false"}});
  still_set<TrivialAugment>({{"on", "enabled", "false"}});
  in_choices(), short_forms();
  return 0;
}
