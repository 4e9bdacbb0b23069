#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>
#include <quix/proc/progress.hpp>
#include <quix/torch/tensor.hpp>

namespace quix {

/// Parameters with the same optimizer options.
struct ParameterGroup {
  std::string name = "all";
  NamedTensors parameters{};
  double lr_factor = 1;                  ///< factor of the learning rate
  std::optional<double> weight_decay{};  ///< overrides the optimizer's
  TrainTime start{};                     ///< the parameters are frozen until then
  std::size_t schedule = 0;              ///< index among the schedules of a PerGroup
};

/// The parameters of an optimizer, in groups. Plain parameters are one group.
struct ParameterGroups : std::vector<ParameterGroup> {
  ParameterGroups() = default;
  ParameterGroups(std::initializer_list<NamedTensors::value_type> parameters)
      : ParameterGroups(NamedTensors(parameters)) {}
  ParameterGroups(NamedTensors parameters)  // NOLINT: build(parameters)
      : std::vector<ParameterGroup>{{.parameters = std::move(parameters)}} {}
};

/// The role `groups`: weight decay, learning rate and freezing by parameter name. In a name pattern `*` matches any
/// text and `?` one character: `backbone.*`, `*.bias`.
struct Groups {
  bool decay_norms = false;
  bool decay_biases = false;
  std::map<std::string, float> weight_decay{};
  std::map<std::string, float> lr_factor{};
  std::map<std::string, TrainTime> start{};
  float layer_decay = 1;
  std::vector<std::string> freeze{};

  static constexpr std::array notes = {
      quix::note<&Groups::decay_norms>("apply weight decay to normalization weights (1-D, not biases)"),
      quix::note<&Groups::decay_biases>("apply weight decay to biases"),
      quix::note<&Groups::weight_decay>("weight decay by pattern of parameter names: 'head.*=0.1'",
                                        {.min = 0, .was = "decay"}),
      quix::note<&Groups::lr_factor>("learning rate factor by pattern: 'backbone.*=0.1'", {.min = 0, .was = "rate"}),
      quix::note<&Groups::start>("freeze matching parameters until this point: 'backbone.*=2epochs'"),
      quix::note<&Groups::layer_decay>("layer-wise learning rate decay: factor per layer, from last to first",
                                       {.min = 0, .max = 1}),
      quix::note<&Groups::freeze>("name patterns of parameters to freeze"),
  };

  /// Throws Error for a pattern that matches nothing, and for a parameter that two patterns of one option match. Frozen
  /// parameters are in no group, and require no gradient from now on.
  ///
  /// For layer_decay, a parameter's layer is its name up to the first part that ends in a digit, with the numbers that
  /// follow it (`blocks.3`, `layer2.0`, `encoder.layers.encoder_layer_7`), else the first part of the name (`head`).
  /// Layers are in the order of the parameters. Position separates names without a number: `encoder.ln` after the
  /// blocks and `encoder.pos_embedding` before them are different layers.
  ParameterGroups split(const NamedTensors& parameters) const;
};

/// A policy for the role `groups`: divides parameters into groups, each with a learning rate factor and weight decay.
template <class G>
concept GroupsPolicy = requires(const G& policy, const NamedTensors& parameters) {
  { policy.split(parameters) } -> std::convertible_to<ParameterGroups>;
};

/// Formats the groups as a table: one line each, with sizes, learning rate factor and weight decay.
std::string describe(const ParameterGroups& groups, double weight_decay);

namespace detail {

/// Throws Error, with a suggestion, for a pattern that matches no name.
void require_match(const NamedTensors& parameters, const std::string& pattern, const std::string& option);
/// Moves the parameters that match patterns into groups of a schedule; `all` has every name. Throws Error.
void assign_schedule(ParameterGroups& groups, const NamedTensors& all, const std::vector<std::string>& patterns,
                     std::size_t schedule, const std::string& option);
/// Whether a pattern with `*` and `?` matches the whole text.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/groups.ipp>
#endif
