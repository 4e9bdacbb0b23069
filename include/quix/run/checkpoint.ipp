#pragma once

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <quix/cfg/json.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/run/checkpoint.hpp>
#include <quix/run/sums.hpp>
#include <quix/run/weights.hpp>
#include <quix/torch/device.hpp>

namespace quix {
namespace detail {

inline std::string generator_file(const std::string& device) {
  return device == "cpu" ? "rng.safetensors" : "rng_" + device + ".safetensors";
}

inline std::uint64_t unsigned_of(const Node& root, std::string_view key, const std::string& file) {
  const Node* node = root.find(key);
  if (!node) throw Error(file, "has no entry " + std::string(key) + ": no state of a quix run");
  try {
    return read_unsigned(*node, ~std::uint64_t{0});
  } catch (const Error& error) {
    throw Error(file, std::string(key) + ": " + error.problems().front().what);
  }
}

}  // namespace detail

QUIX_INLINE void change_data(Position& position, DataFingerprint data) {
  if (position.step_in_epoch > 0) ++position.epoch;
  position.step_in_epoch = 0, position.sums.clear();
  position.first_step = position.step, position.first_epoch = position.epoch;
  position.data = std::move(data);
}

QUIX_INLINE void check_position(const Position& position, std::uint64_t epochs, std::uint64_t steps_per_epoch) {
  const auto where = position.step_in_epoch > 0
                         ? "the checkpoint is after step " + std::to_string(position.step_in_epoch) + " of epoch " +
                               std::to_string(position.epoch + 1)
                         : "the checkpoint is after epoch " + std::to_string(position.epoch);
  if (position.step_in_epoch > steps_per_epoch)
    throw Error("--resume", where + ", and an epoch has " + std::to_string(steps_per_epoch) +
                                " steps; restore the data and options that the run had");
  if (position.epoch > epochs || (position.epoch == epochs && position.step_in_epoch > 0))
    throw Error("--resume", where + ", and the run has " + std::to_string(epochs) + " epochs; set --train.epochs to " +
                                std::to_string(position.epoch + (position.step_in_epoch > 0)) + " or more");
}

QUIX_INLINE void save_checkpoint(const std::filesystem::path& checkpoints, const Position& position, const Saved& what,
                                 const Retention& retention) {
  CheckpointWriter writer(checkpoints, position.step);
  const auto save = [&](const std::string& file, const NamedTensors& tensors) {
    writer.add(file, save_tensors(writer.folder() / file, tensors));
  };
  save("model.safetensors", what.model);
  save("optim.safetensors", what.optim);
  if (!position.sums.empty()) save("sums.safetensors", position.sums);
  if (what.averaged) save("averaged.safetensors", *what.averaged);
  for (const auto& state : generator_states(what.device)) save(detail::generator_file(state.first), {state});
  Node root{.kind = Node::Kind::map};
  const auto put = [&](const char* key, std::uint64_t value) {
    root.members.push_back({.key = key, .value = Node::plain(std::to_string(value))});
  };
  put("format", 6);
  put("step", position.step);
  put("epoch", position.epoch);
  put("step_in_epoch", position.step_in_epoch);
  put("metrics_bytes", position.metrics_bytes);
  put("timing_bytes", position.timing_bytes);
  put("taken", position.taken);
  put("compute_threads", position.compute_threads);
  put("rollbacks", position.rollbacks);
  put("oldest_return", position.oldest_return);
  put("first_step", position.first_step);
  put("first_epoch", position.first_epoch);
  if (position.data) root.members.push_back({.key = "data", .value = to_node(*position.data)});
  writer.add_text("state.json", json::write(root) + "\n");
  writer.commit(retention);
}

QUIX_INLINE Position read_position(const std::filesystem::path& checkpoint) {
  const auto file = (checkpoint / "state.json").string();
  const auto root = json::parse(io::read_text(file), file);
  const auto format = detail::unsigned_of(root, "format", file);
  if (format < 4 || format > 6)
    throw Error(file, "has format " + std::to_string(format) + "; this program reads the formats 4 to 6");
  Position position;
  position.step = detail::unsigned_of(root, "step", file);
  position.epoch = detail::unsigned_of(root, "epoch", file);
  position.step_in_epoch = detail::unsigned_of(root, "step_in_epoch", file);
  position.metrics_bytes = detail::unsigned_of(root, "metrics_bytes", file);
  position.compute_threads = detail::unsigned_of(root, "compute_threads", file);
  if (position.compute_threads == 0) throw Error(file, "compute_threads: expected a number from 1, got 0");
  position.rollbacks = detail::unsigned_of(root, "rollbacks", file);
  position.oldest_return = detail::unsigned_of(root, "oldest_return", file);
  if (format == 4) {
    position.taken = position.step;             // it did not say
    position.timing_bytes = ~std::uint64_t{0};  // leaves timing.jsonl as it is
  } else {
    position.timing_bytes = detail::unsigned_of(root, "timing_bytes", file);
    position.taken = detail::unsigned_of(root, "taken", file);
    position.first_step = detail::unsigned_of(root, "first_step", file);
    position.first_epoch = detail::unsigned_of(root, "first_epoch", file);
    if (const Node* data = root.find("data")) position.data = read_fingerprint(*data, file);
  }
  if (const auto sums = checkpoint / "sums.safetensors"; std::filesystem::exists(sums)) {
    const io::Safetensors tensors(sums);
    for (const auto& [name, entry] : tensors.entries()) {
      if (entry.dtype != DType::f64) throw Error(sums.string(), "the tensor " + name + " is not float64");
      auto tensor = at::empty(std::vector<std::int64_t>(entry.shape.begin(), entry.shape.end()), at::kDouble);
      tensors.read(entry, tensor.data_ptr());
      position.sums.emplace_back(name, std::move(tensor));
    }
  }
  if (const Node* names = root.find("totals")) {  // before format 6
    Totals totals;
    for (const auto& [name, value, line, column] : names->members)
      if (value.items.size() == 2)
        totals.emplace_back(
            name, Measure{detail::read_number(value.items[0], false), detail::read_number(value.items[1], false)});
    for (const auto* prefix : {"epoch", "steps"})
      for (auto& entry : detail::Sums::of_names(totals, std::string(prefix) + ".").saved(prefix))
        position.sums.push_back(std::move(entry));
  }
  return position;
}

QUIX_INLINE void load_checkpoint(const std::filesystem::path& checkpoint, const Saved& into) {
  load_tensors(checkpoint / "model.safetensors", into.model);
  const auto file = checkpoint / "optim.safetensors";
  auto optim = into.optim;
  if (!io::Safetensors(file).entries().contains("unit"))  // before format 6: it was 1
    std::erase_if(optim, [](auto& entry) {
      if (entry.first != "unit") return false;
      entry.second.fill_(1.0);
      return true;
    });
  load_tensors(file, optim);
  const auto states = generator_states(into.device);  // copies
  for (const auto& state : states)
    if (const auto file = checkpoint / detail::generator_file(state.first); std::filesystem::exists(file))
      load_tensors(file, {state});
  set_generator_states(into.device, states);
}

QUIX_INLINE std::vector<std::string> load_weights(const std::filesystem::path& checkpoint, const NamedTensors& model,
                                                  bool strict) {
  if (!std::filesystem::is_directory(checkpoint))
    return load_weights_file(checkpoint, model, strict,
                             "--weights.strict false loads only what fits, and lists the rest");
  const auto averaged = checkpoint / "averaged.safetensors";
  return load_weights_file(std::filesystem::exists(averaged) ? averaged : checkpoint / "model.safetensors", model,
                           strict);
}

QUIX_INLINE void seed_generator(std::uint64_t seed) { at::manual_seed(seed); }

QUIX_INLINE void set_compute_threads(unsigned threads) { at::set_num_threads(static_cast<int>(threads)); }

}  // namespace quix
