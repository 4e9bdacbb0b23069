#pragma once

#include <algorithm>
#include <set>
#include <string_view>

#include <quix/cfg/error.hpp>
#include <quix/run/checks.hpp>

namespace quix {

QUIX_INLINE void describe_classes(TaskInfo& task, const SplitData& train, const SplitData* val, std::size_t field,
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

QUIX_INLINE void check_metrics(const Totals& values, const ScoreArrays& arrays) {
  std::set<std::string_view> names{"kind", "step", "epoch", "lr"};
  const auto add = [&](const std::string& name) {
    if (!names.insert(name).second)
      throw Error("metrics", "two entries of a record would be called " + name + "; rename the metric");
  };
  for (const auto& [name, measure] : values) add(name);
  for (const auto& [name, array] : arrays) add(name);
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

}  // namespace quix
