#pragma once

#include <charconv>
#include <cmath>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <quix/data/class_names.hpp>
#include <quix/plot/confusion.hpp>
#include <quix/run/commands/commands.hpp>
#include <quix/run/commands/shared.hpp>
#include <quix/run/confusion.hpp>
#include <quix/run/stop.hpp>

namespace quix::detail {

/// "recall/3" as "recall/3 (dog)", where the class has a name.
inline std::string named_detail(const std::string& name, const std::vector<std::string>& names) {
  const auto slash = name.find('/');
  std::int64_t number = 0;
  if (slash == name.npos) return name;
  const auto [end, code] = std::from_chars(name.data() + slash + 1, name.data() + name.size(), number);
  if (code != std::errc{} || end != name.data() + name.size()) return name;
  return name.substr(0, slash + 1) + class_text(number, names);
}

/// Loss and metrics as one line, and a line for each that is a detail; then the confusion matrix.
inline void print_scores(const std::string& what, const Totals& totals, const ScoreArrays& arrays,
                         const std::vector<std::string>& classes, const std::optional<ConfusionMatrix>& confusion) {
  std::printf("%s:", what.c_str());
  const auto print = [&](const std::string& name, double value) {
    std::printf(std::isnan(value) ? "%s  %s -" : "%s  %s %.6g", is_detail(name) ? "\n" : "",
                named_detail(name, classes).c_str(), value);
  };
  for (const auto& [name, measure] : totals) print(name, measure.has_value() ? measure.value() : std::nan(""));
  for (const auto& [name, array] : arrays)
    for (std::size_t i = 0; array.shape.size() == 1 && i < array.numbers.size(); ++i)
      print(name + "/" + std::to_string(i), array.numbers[i]);
  std::printf("\n");
  if (confusion && confusion->classes <= 40) std::printf("\n%s", confusion_text(*confusion).c_str());
}

QUIX_INLINE int run_command(const Program& program, Given<EvalOptions>& given) {
  const auto settings = program.settings();
  const auto threads = split_threads(usable_cores(), settings.decode_threads);
  set_compute_threads(threads.compute);
  std::vector<std::string> notices;
  const auto& options = given.options;
  const bool strict = given.weights.strict;
  const auto& from = given.request.run;
  const auto run = from.empty() ? options.weights : from;
  const auto job = program.evaluation(threads, task_of_run(run), classes_of_run(run));
  check_val(program, job.has_val);
  const auto checkpoint = options.weights.empty() ? load_newest(job, "--from", from, strict, notices)
                                                  : load_given(job, options.weights, strict, notices);
  if (const auto steps = number_of_run(run, "steps_per_epoch", 0); steps > 0 && exists(checkpoint / "state.json"))
    job.place(read_position(checkpoint), static_cast<std::uint64_t>(steps));
  for (const auto& notice : notices) std::fprintf(stderr, "quix: %s\n", notice.c_str());
  catch_signals();
  ProgressBar bar(settings.progress);
  const auto split = options.split.empty() ? std::string("val") : options.split;
  std::vector<std::string> remarks;
  const auto [totals, arrays, samples] = job.evaluate(bar, split, remarks);
  bar.clear();
  for (const auto& remark : remarks) std::fprintf(stderr, "quix: %s\n", remark.c_str());
  if (totals.empty()) return 128 + stop_signal();
  auto confusion = find_confusion(arrays);
  if (confusion) confusion->names = job.task.class_names;
  print_scores(checkpoint.string() + " on " + grouped(samples) + " samples of " + split, totals, arrays,
               job.task.class_names, confusion);
  if (options.svg.empty()) return 0;
  if (!confusion) throw Error("--svg", "add  quix::Confusion  to the metrics");
  io::replace(options.svg, confusion_svg(*confusion));
  std::printf("%s\n", options.svg.c_str());
  return 0;
}

}  // namespace quix::detail
