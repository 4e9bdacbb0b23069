#pragma once

#include <algorithm>
#include <cstdio>

#include <quix/cfg/json.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/run/session.hpp>
#include <quix/torch/version.hpp>

namespace quix {
namespace detail {

inline void put_number(Node& map, std::string key, double value) {
  map.members.push_back({.key = std::move(key), .value = Node::plain(write_number(value, false))});
}
inline void put_count(Node& map, std::string key, std::uint64_t value) {
  map.members.push_back({.key = std::move(key), .value = Node::plain(std::to_string(value))});
}

/// Values by name, without those in which nothing counted.
inline void put_values(Node& map, const Totals& totals) {
  for (const auto& [name, measure] : totals)
    if (measure.has_value()) put_number(map, name, measure.value());
}
/// [[1, 2], [3, 4]]
inline Node node_of(const ScoreArray& array, std::size_t dim = 0, std::size_t first = 0) {
  Node out{.kind = Node::Kind::list};
  std::size_t stride = 1;
  for (std::size_t d = dim + 1; d < array.shape.size(); ++d) stride *= array.shape[d];
  for (std::size_t i = 0; dim < array.shape.size() && i < array.shape[dim]; ++i)
    out.items.push_back(dim + 1 < array.shape.size() ? node_of(array, dim + 1, first + i * stride)
                                                     : Node::plain(write_number(array.numbers[first + i], false)));
  return out;
}
inline Node values(const Totals& totals, const ScoreArrays& arrays) {
  Node map{.kind = Node::Kind::map};
  put_values(map, totals);
  for (const auto& [name, array] : arrays) map.members.push_back({.key = name, .value = node_of(array)});
  return map;
}

QUIX_INLINE std::string value_text(const Measure& measure) {
  return measure.has_value() ? fixed_text(measure.value(), 4) : "-";
}

/// Cuts a file that may be shorter: ftruncate() would fill it up with zeros.
inline void cut(io::Sink& file, std::uint64_t bytes) {
  if (file.size() > bytes) file.truncate(bytes);
}

}  // namespace detail

QUIX_INLINE std::string detail::bar_text(const Sums& sums) {
  auto out = "loss " + value_text(sums.loss);
  for (const auto& [name, measure] : sums.parts) out += "  " + name + " " + value_text(measure);
  return out;
}

QUIX_INLINE Session::Session(RunFolder folder, const Log& log) : folder_(std::move(folder)), bar_(log.progress) {
  current_ = this;
}
QUIX_INLINE Session::~Session() { current_ = nullptr; }

QUIX_INLINE void Session::begin(const Position& position, std::string_view config_yaml,
                                const std::vector<std::string>& header) {
  metrics_ = io::Sink(folder_.path() / "metrics.jsonl", /*append=*/true);
  if (metrics_.size() < position.metrics_bytes)
    throw Error((folder_.path() / "metrics.jsonl").string(),
                "is shorter than the checkpoint says: it was cut or replaced. Restore it, or start a new run");
  metrics_.truncate(position.metrics_bytes);
  drop_checkpoints_after(folder_.checkpoints(), position.step);  // damaged ones, which were passed over
  rollbacks_ = position.rollbacks, oldest_return_ = position.oldest_return;
  first_step_ = position.first_step;
  timing_ = io::Sink(folder_.path() / "timing.jsonl", /*append=*/true);
  detail::cut(timing_, position.timing_bytes);
  log_ = io::Sink(folder_.path() / "log.txt", /*append=*/true);
  // A resume must find a configuration that run.json knows, whenever this ends; and run.json is what makes a run.
  folder_.note_config(config_yaml);
  if (std::filesystem::exists(folder_.path() / "run.json")) folder_.set_state("running");
  io::replace(folder_.path() / "config.yaml", config_yaml);
  folder_.set_state("running");
  for (const auto& line : header) say(line);
}

QUIX_INLINE void Session::complete(Position& position) {
  folder_.require_here();
  metrics_.sync(), timing_.sync();
  position.metrics_bytes = metrics_.size(), position.timing_bytes = timing_.size();
  position.rollbacks = rollbacks_, position.oldest_return = oldest_return_;
}

QUIX_INLINE std::filesystem::path Session::rollback(const Diverged& error, const NonFinite& policy) {
  if (policy.action != NonFinite::Action::rollback || rollbacks_ >= most_rollbacks_) return {};
  auto steps = checkpoint_steps(folder_.checkpoints());
  std::reverse(steps.begin(), steps.end());
  for (const auto step : steps) {
    const auto checkpoint = checkpoint_folder(folder_.checkpoints(), step);
    if (step > error.last_good() || step >= oldest_return_ || step < first_step_ || !damage(checkpoint).empty())
      continue;
    oldest_return_ = step, ++rollbacks_;
    say(error.what());
    return checkpoint;
  }
  return {};
}

QUIX_INLINE Retention Session::retention(int keep, const NonFinite& policy, std::uint64_t last_good) const {
  Retention out{.keep = static_cast<std::size_t>(keep)};
  if (policy.action == NonFinite::Action::rollback && rollbacks_ < most_rollbacks_)
    out.good = static_cast<std::size_t>(most_rollbacks_ - rollbacks_), out.last_good = last_good,
    out.before = oldest_return_;
  return out;
}

QUIX_INLINE Position Session::rewind(const std::filesystem::path& checkpoint, double rate_scale) {
  auto position = read_position(checkpoint);
  drop_checkpoints_after(folder_.checkpoints(), position.step);
  metrics_.truncate(position.metrics_bytes);
  detail::cut(timing_, position.timing_bytes);
  while (!results_.empty() && results_.back().step > position.step) results_.pop_back();
  say("back to step " + std::to_string(position.step) + ", with " + detail::short_number(rate_scale) +
      " of the learning rate");
  return position;
}

QUIX_INLINE void Session::say(const std::string& line) {
  bar_.clear();
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
  log_.write(line + "\n");
}

QUIX_INLINE void Session::say_bad(const std::vector<Pipeline::Bad>& samples) {
  for (const auto& bad : samples)
    if (++bad_samples_ <= 10)
      say(std::string(bad.replaced ? "replaced: " : "skipped: ") + bad.what +
          (bad_samples_ == 10 ? "\n(more of these are not shown)" : ""));
}

QUIX_INLINE void Session::say_skipped(const StepReport& report, const FoldData& fold, const Order& order,
                                      std::uint64_t first, std::uint64_t end) {
  const auto keys = [&](std::uint64_t last) {
    std::string out;
    for (auto i = first; i < last; ++i)
      out += (out.empty() ? "" : ", ") + fold.key(order.empty() ? static_cast<std::size_t>(i) : order[i]);
    return out;
  };
  const bool many = end > first + 8;
  say("step " + std::to_string(report.step) + " skipped: " + report.why + "; its samples are " +
      keys(many ? first + 8 : end) + (many ? ", … (" + std::to_string(end - first) + ", all in log.txt)" : ""));
  if (many) log_.write("the samples of step " + std::to_string(report.step) + " are " + keys(end) + "\n");
}

QUIX_INLINE void Session::log_steps(const Position& position, double rate, const Totals& totals) {
  Node record{.kind = Node::Kind::map};
  record.members.push_back({.key = "kind", .value = Node::quoted("steps")});
  detail::put_count(record, "step", position.step);
  detail::put_count(record, "epoch", position.epoch + 1);
  detail::put_number(record, "lr", rate);
  detail::put_values(record, totals);
  metrics_.write(json::write(record, 0) + "\n");
}

QUIX_INLINE void Session::log_epoch(const EpochResult& result) {
  Node record{.kind = Node::Kind::map};
  record.members.push_back({.key = "kind", .value = Node::quoted("epoch")});
  detail::put_count(record, "step", result.step);
  detail::put_count(record, "epoch", result.epoch);
  record.members.push_back({.key = "train", .value = detail::values(result.train, result.train_arrays)});
  if (!result.val.empty())
    record.members.push_back({.key = "val", .value = detail::values(result.val, result.val_arrays)});
  metrics_.write(json::write(record, 0) + "\n");

  Node clock{.kind = Node::Kind::map};
  detail::put_count(clock, "epoch", result.epoch);
  detail::put_number(clock, "seconds", result.seconds);
  detail::put_number(clock, "samples_per_second", result.samples_per_second);
  timing_.write(json::write(clock, 0) + "\n");

  if (table_.empty()) {
    std::vector<TextTable::Column> columns{{"epoch", 6}};
    const auto add = [&](const char* fold, const Totals& totals, std::vector<std::string>& names) {
      for (const auto& [name, measure] : totals) {
        if (detail::is_detail(name)) continue;
        columns.push_back({std::string(fold) + " " + name, std::max<std::size_t>(12, name.size() + 8)});
        names.push_back(name);
      }
    };
    add("train", result.train, train_columns_), add("val", result.val, val_columns_);
    columns.push_back({"time", 10});
    columns.push_back({"samples/s", 12});
    table_.emplace_back(std::move(columns));
    say("\n" + table_.front().header());
  }
  std::vector<std::string> cells{std::to_string(result.epoch)};
  for (const auto& name : train_columns_) cells.push_back(detail::value_text(find(result.train, name)));
  for (const auto& name : val_columns_) cells.push_back(detail::value_text(find(result.val, name)));
  cells.push_back(duration_text(result.seconds));
  cells.push_back(grouped(static_cast<std::uint64_t>(result.samples_per_second)));
  say(table_.front().row(cells));
  results_.push_back(result);
  results_.back().train_arrays.clear(), results_.back().val_arrays.clear();
}

QUIX_INLINE void describe_classes(TaskInfo& task, const FoldData& train, const FoldData* val, std::size_t field,
                                  std::int64_t known) {
  if (train.size() == 0) return;
  task.classes = train.classes(field, known);
  const bool given = known > 0 || train.declared().count > 0;
  if (val) task.classes = std::max(task.classes, val->classes(field, given ? task.classes : 0));
  if (task.classes == 1)
    throw Error("data.path",
                "all samples have class 0, and classification needs two classes or more; if the dataset has others, "
                "declare their number in config.json, \"metadata\": {\"classes\": N}");
  if (field == train.class_field()) task.class_names = train.declared().names;
}

QUIX_INLINE std::string indivisible(std::uint64_t batch_size, std::uint64_t accumulate) {
  if (batch_size % accumulate == 0) return {};
  auto divisor = std::min(accumulate, batch_size);  // of the batch size, not above what was asked for
  while (batch_size % divisor != 0) --divisor;
  auto above = accumulate;
  while (above < batch_size && batch_size % above != 0) ++above;
  return "must divide train.batch_size, got " + std::to_string(accumulate) + " and " + std::to_string(batch_size) +
         "; set it to " + std::to_string(divisor) +
         (above <= batch_size && above != divisor ? " or " + std::to_string(above) : "") + ", or train.batch_size to " +
         std::to_string((batch_size + accumulate - 1) / accumulate * accumulate);
}

QUIX_INLINE std::uint64_t count_steps(std::uint64_t samples, std::uint64_t batch_size, bool drop_last) {
  if (drop_last && samples < batch_size)
    throw Error("train.batch_size",
                "is larger than the " + std::to_string(samples) + " samples of an epoch, and drop_last leaves no step");
  return drop_last ? samples / batch_size : (samples + batch_size - 1) / batch_size;
}

QUIX_INLINE void require_length(std::uint64_t epoch, std::size_t samples, std::size_t first) {
  if (samples != first)
    throw Error("data", "the order of epoch " + std::to_string(epoch + 1) + " has " + std::to_string(samples) +
                            " samples, and that of the first has " + std::to_string(first) +
                            "; schedules need epochs of one length");
}

QUIX_INLINE void refuse_split(const std::string& split) {
  throw Error("--split", "the data has no split " + split +
                             (split == "val" ? "; to evaluate on the training data:  --split train" : ""));
}

QUIX_INLINE void refuse_empty(const std::string& split) {
  throw Error("--split", "the split " + split + " has no samples");
}

QUIX_INLINE void refuse_batch(const std::vector<Pipeline::Bad>& samples) {
  throw Error("data.on_error", "no sample of a whole batch could be decoded; the last one: " + samples.back().what);
}

QUIX_INLINE void refuse_layout(const std::string& split, const Dims& found, const Dims& training, bool input) {
  throw Error("data.path", "the " + split + " samples are " + found.text() + ", the training samples " +
                               training.text() +
                               (input ? "; images of several sizes need quix::Resize in augment" : ""));
}

QUIX_INLINE std::vector<std::string> describe_run(std::string_view experiment, const TaskInfo& task,
                                                  std::uint64_t parameters, std::string_view folder,
                                                  std::string_view device, unsigned decode_threads,
                                                  unsigned compute_threads, std::uint64_t seed) {
  std::string shape;
  for (auto d : task.shape) shape += (shape.empty() ? "" : "×") + std::to_string(d);
  return {std::string(experiment) + ": " + grouped(task.train_samples) + " samples to train on, " +
              grouped(task.val_samples) + " to validate, each " + shape +
              (task.classes ? ", " + std::to_string(task.classes) + " classes" : "") + "; " + grouped(parameters) +
              " parameters",
          std::string(folder) + " (seed " + std::to_string(seed) + ", LibTorch " + libtorch_version + ", " +
              std::string(device) + ", " + std::to_string(compute_threads) + " compute + " +
              std::to_string(decode_threads) + " decoding threads)"};
}

QUIX_INLINE SkippedSamples::~SkippedSamples() {
  if (count_ > 0)
    std::fprintf(stderr, "quix: %s: %s sample%s could not be decoded and %s not count; the first: %s\n", pass_.c_str(),
                 grouped(count_).c_str(), count_ == 1 ? "" : "s", count_ == 1 ? "does" : "do", first_.c_str());
}

}  // namespace quix
