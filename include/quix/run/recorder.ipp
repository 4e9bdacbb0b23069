#pragma once

#include <cmath>
#include <string>
#include <utility>

#include <quix/cfg/json.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/run/recorder.hpp>

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
/// [[1, 2], [3, 4]]; a number that is none, of a class that does not occur, is null.
inline Node node_of(const ScoreArray& array, std::size_t dim = 0, std::size_t first = 0) {
  Node out{.kind = Node::Kind::list};
  std::size_t stride = 1;
  for (std::size_t d = dim + 1; d < array.shape.size(); ++d) stride *= array.shape[d];
  for (std::size_t i = 0; dim < array.shape.size() && i < array.shape[dim]; ++i)
    out.items.push_back(dim + 1 < array.shape.size() ? node_of(array, dim + 1, first + i * stride)
                        : std::isnan(array.numbers[first + i])
                            ? Node{}
                            : Node::plain(write_number(array.numbers[first + i], false)));
  return out;
}
inline Node values(const Totals& totals, const ScoreArrays& arrays) {
  Node map{.kind = Node::Kind::map};
  put_values(map, totals);
  for (const auto& [name, array] : arrays) map.members.push_back({.key = name, .value = node_of(array)});
  return map;
}

}  // namespace detail

QUIX_INLINE Recorder::Recorder(const std::filesystem::path& run, const Position& at)
    : metrics_(run / "metrics.jsonl", /*append=*/true) {
  if (metrics_.size() < at.metrics_bytes)
    throw Error((run / "metrics.jsonl").string(),
                "is shorter than the checkpoint says: it was cut or replaced. Restore it, or start a new run");
  timing_ = io::Sink(run / "timing.jsonl", /*append=*/true);
  cut(at);
}

QUIX_INLINE void Recorder::write_steps(const Position& at, double rate, const Totals& totals) {
  Node record{.kind = Node::Kind::map};
  record.members.push_back({.key = "kind", .value = Node::quoted("steps")});
  detail::put_count(record, "step", at.step);
  detail::put_count(record, "epoch", at.epoch + 1);
  detail::put_number(record, "lr", rate);
  detail::put_values(record, totals);
  metrics_.write(json::write(record, 0) + "\n");
}

QUIX_INLINE void Recorder::write_epoch(const EpochResult& result) {
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
}

QUIX_INLINE void Recorder::sync(Position& position) {
  metrics_.sync(), timing_.sync();
  position.metrics_bytes = metrics_.size(), position.timing_bytes = timing_.size();
}

QUIX_INLINE void Recorder::cut(const Position& position) {
  metrics_.truncate(position.metrics_bytes);
  // That may be shorter: ftruncate() would fill it up with zeros.
  if (timing_.size() > position.timing_bytes) timing_.truncate(position.timing_bytes);
}

}  // namespace quix
