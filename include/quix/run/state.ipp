#pragma once

#include <map>
#include <utility>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <quix/cfg/json.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/run/state.hpp>
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

QUIX_INLINE Snapshot view(Position position, const RunState& state) {
  return {.position = std::move(position),
          .model = state.model,
          .training = state.training.tensors(),
          .averaged = state.averaged,
          .generators = generator_states(state.device)};
}

QUIX_INLINE Snapshot snapshot(Position position, const RunState& state) {
  auto out = view(std::move(position), state);
  const at::NoGradGuard no_grad;
  const auto own = [](NamedTensors& tensors) {
    // One that is there twice stays one: it is written once.
    std::map<std::pair<const void*, std::vector<std::int64_t>>, at::Tensor> copies;
    for (auto& [name, tensor] : tensors) {
      auto& copy = copies[{tensor.const_data_ptr(), tensor.sizes().vec()}];
      if (!copy.defined()) copy = tensor.detach().to(at::kCPU, /*non_blocking=*/false, /*copy=*/true);
      tensor = copy;
    }
  };
  own(out.model), own(out.training);
  if (out.averaged) own(*out.averaged);
  own(out.position.sums);
  return out;
}

namespace detail {

/// The numbers of a position by their names in state.json: listed once, for saving and for loading.
struct PositionNumber {
  const char* name;
  std::uint64_t Position::*number;
  bool since_5 = false;  ///< whether checkpoints of format 4 lack it
};
inline constexpr PositionNumber position_numbers[] = {{"step", &Position::step},
                                                      {"epoch", &Position::epoch},
                                                      {"step_in_epoch", &Position::step_in_epoch},
                                                      {"metrics_bytes", &Position::metrics_bytes},
                                                      {"timing_bytes", &Position::timing_bytes, true},
                                                      {"taken", &Position::taken, true},
                                                      {"compute_threads", &Position::compute_threads},
                                                      {"rollbacks", &Position::rollbacks},
                                                      {"oldest_return", &Position::oldest_return},
                                                      {"first_step", &Position::first_step, true},
                                                      {"first_epoch", &Position::first_epoch, true}};

}  // namespace detail

QUIX_INLINE void save_checkpoint(const std::filesystem::path& checkpoints, const Snapshot& what,
                                 const Retention& retention) {
  const auto& position = what.position;
  CheckpointWriter writer(checkpoints, position.step);
  const auto save = [&](const std::string& file, const NamedTensors& tensors) {
    writer.add(file, save_tensors(writer.folder() / file, tensors));
  };
  save("model.safetensors", what.model);
  save("optim.safetensors", what.training);
  if (!position.sums.empty()) save("sums.safetensors", position.sums);
  if (what.averaged) save("averaged.safetensors", *what.averaged);
  for (const auto& state : what.generators) save(detail::generator_file(state.first), {state});
  Node root{.kind = Node::Kind::map};
  root.put("format", Node::plain("6"));
  for (const auto& one : detail::position_numbers)
    root.put(one.name, Node::plain(std::to_string(position.*one.number)));
  if (position.data) root.put("data", to_node(*position.data));
  writer.add_text("state.json", json::write(root) + "\n");
  writer.commit(retention);
}

namespace detail {

inline void read_sums(const std::filesystem::path& checkpoint, const Node& root, Position& position) {
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
        totals.emplace_back(name, Measure{read_number(value.items[0], false), read_number(value.items[1], false)});
    for (const auto* prefix : {"epoch", "steps"})
      for (auto& entry : Sums::of_names(totals, std::string(prefix) + ".").saved(prefix))
        position.sums.push_back(std::move(entry));
  }
}

}  // namespace detail

QUIX_INLINE Position read_position(const std::filesystem::path& checkpoint) {
  const auto file = (checkpoint / "state.json").string();
  const auto root = json::parse(io::read_text(file), file);
  const auto format = detail::unsigned_of(root, "format", file);
  if (format < 4 || format > 6)
    throw Error(file, "has format " + std::to_string(format) + "; this program reads the formats 4 to 6");
  Position position;
  for (const auto& one : detail::position_numbers)
    if (format > 4 || !one.since_5) position.*one.number = detail::unsigned_of(root, one.name, file);
  if (position.compute_threads == 0) throw Error(file, "compute_threads: expected a number from 1, got 0");
  if (format == 4) {
    position.taken = position.step;             // it did not say
    position.timing_bytes = ~std::uint64_t{0};  // leaves timing.jsonl as it is
  }
  if (const Node* data = root.find("data"); data && format > 4) position.data = read_fingerprint(*data, file);
  detail::read_sums(checkpoint, root, position);
  return position;
}

QUIX_INLINE void load_checkpoint(const std::filesystem::path& checkpoint, const RunState& into) {
  load_tensors(checkpoint / "model.safetensors", into.model);
  into.training.load(checkpoint / "optim.safetensors", "unit");  // before format 6 it was 1
  const auto states = generator_states(into.device);             // copies
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
