#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <quix/cfg/checked.hpp>
#include <quix/detail/build_facts.hpp>
#include <quix/run/config.hpp>
#include <quix/run/job.hpp>
#include <quix/run/program.hpp>
#include <quix/run/runner.hpp>

// Written by quix_add_experiment(… CONFIG …), into the program's own build directory.
#if __has_include("quix_embedded_configs.hpp")
#include "quix_embedded_configs.hpp"
#else
namespace quix::detail {
inline constexpr std::array<EmbeddedConfig, 0> embedded_configs{};
}
#endif

namespace quix {

namespace detail {

/// What is wrong with a built-in configuration of an experiment.
template <class Exp, std::size_t K>
inline constexpr Findings embedded_findings =
    DocumentCheck(Config<Exp>::Shapes::span(), embedded_configs[K].name, embedded_configs[K].checked).all();

/// Stops the compiler where built-in configurations do not fit the experiment, at their own lines.
template <class Exp>
consteval bool check_embedded() {
  // Without configurations the shapes of all options, a second's work, are not asked for.
  if constexpr (!embedded_configs.empty()) {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      (report_findings<embedded_findings<Exp, I>>(), ...);
      return ((embedded_findings<Exp, I>.size == 0) && ...);
    }
    (std::make_index_sequence<embedded_configs.size()>{});
  }
  return true;
}

template <class Exp>
Job make_job(const Config<Exp>& config, ThreadSplit threads, std::int64_t classes) {
  const auto runner = std::make_shared<Runner<Exp>>(config, threads, classes);
  return {.task = runner->task(),
          .shapes = runner->splits().shapes(),
          .steps_per_epoch = runner->steps_per_epoch(),
          .parameters = runner->evaluator().parameter_count(),
          .device = runner->device().str(),
          .has_val = runner->splits().val().has_value(),
          .remarks = runner->splits().remarks(),
          .groups = runner->describe_groups(),
          .model = [runner] { return runner->evaluator().describe_model(); },
          .rates = [runner] { return runner->rate_curve(); },
          .data = [runner] { return runner->splits().fingerprint(); },
          .check = [runner](const Position& from) { runner->check(from); },
          .train = [runner](OpenRun& run, const Position& from) { return runner->train(run, from); },
          .restore = [runner](const std::filesystem::path& checkpoint) { runner->restore(checkpoint); },
          .load = [runner](const std::filesystem::path& from, bool strict) { return runner->load(from, strict); }};
}

/// What eval needs: no optimizer, and no training data where it is known what the model is for.
template <class Exp>
Evaluation make_evaluation(const Config<Exp>& config, ThreadSplit threads, std::optional<KnownTask> known,
                           std::int64_t classes) {
  if (!known) {
    const Splits<Exp> splits(config, classes);
    known = {splits.task(), splits.shapes()};
  }
  const auto evaluator =
      std::make_shared<Evaluator<Exp>>(config, threads, std::move(known->task), std::move(known->shapes));
  return {.task = evaluator->task(),
          .has_val = config.data("val").has("val"),
          .load = [evaluator](const std::filesystem::path& from, bool strict) { return evaluator->load(from, strict); },
          .place =
              [evaluator, &config](const Position& at, std::uint64_t steps_per_epoch) {
                const auto total = static_cast<std::uint64_t>(config[role::train].epochs) * steps_per_epoch;
                evaluator->set_info({.progress = {.steps = static_cast<double>(at.step),
                                                  .total = static_cast<double>(total),
                                                  .per_epoch = static_cast<double>(steps_per_epoch),
                                                  .samples = static_cast<double>(evaluator->samples_of_step())},
                                     .epoch = at.step_in_epoch == 0 && at.epoch > 0 ? at.epoch - 1 : at.epoch});
              },
          .evaluate =
              [evaluator](ProgressBar& bar, const std::string& split, std::vector<std::string>& remarks) {
                const auto data = evaluator->open(split);
                Splits<Exp>::add_remarks(split, data, remarks);
                return evaluator->evaluate(data, bar, split);
              }};
}

}  // namespace detail

/// The whole program of an experiment: command line, files, training, evaluation. Does not return: it flushes, and
/// leaves the process with 0, 2 for bad input, 128 + signal when interrupted, or 1.
///
///     int main(int argc, char** argv) { return quix::main<FashionMlp>(argc, argv); }
template <class Exp>
int main(int argc, char** argv, Exp defaults = {}) {
  if constexpr (detail::check_experiment<Exp>()) {
    (void)detail::check_embedded<Exp>();
    leave([&] {
      const auto fresh = [&](const std::function<void(Table&)>& use) {
        Config<Exp> config{.exp = defaults};
        Table table;
        config.add_to(table);
        use(table);
      };
      Config<Exp> config{.exp = defaults};
      Table table;
      config.add_to(table);
      detail::Program program{
          .type = detail::type_name<Exp>(),
          .name = detail::branch_name<Exp>(),
          .table = table,
          .settings =
              [&] {
                const auto& train = config[role::train];
                return detail::Settings{.decode_threads = config.data("train").threads,
                                        .seed = train.seed,
                                        .epochs = train.epochs,
                                        .progress = config[role::log].progress};
              },
          .job = [&](auto... given) { return detail::make_job(config, given...); },
          .evaluation =
              [&](ThreadSplit threads, std::optional<detail::KnownTask> known, std::int64_t classes) {
                return detail::make_evaluation(config, threads, std::move(known), classes);
              },
          .fresh = fresh,
          .configs = detail::embedded_configs};
      return detail::run_program({argv, static_cast<std::size_t>(argc)}, program);
    });
  }
  return 1;
}

}  // namespace quix
