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

/// Parameters that an optimizer treats alike.
struct ParameterGroup {
  std::string name = "all";
  NamedTensors parameters{};
  double rate = 1;                       ///< times the learning rate
  std::optional<double> weight_decay{};  ///< in place of the optimizer's
  Extent start{};                        ///< before it the parameters stay as they are
  std::size_t schedule = 0;              ///< which one's, of those that PerGroup has
};

/// What an optimizer is built for. Plain parameters are one group.
struct ParameterGroups : std::vector<ParameterGroup> {
  ParameterGroups() = default;
  ParameterGroups(std::initializer_list<NamedTensors::value_type> parameters)
      : ParameterGroups(NamedTensors(parameters)) {}
  ParameterGroups(NamedTensors parameters)  // NOLINT: build(parameters)
      : std::vector<ParameterGroup>{{.parameters = std::move(parameters)}} {}
};

/// The role `groups`: which parameters decay, which learn slower, which not at all. A pattern is a parameter's name, in
/// which `*` stands for any text and `?` for one character: `backbone.*`, `*.bias`.
struct Groups {
  bool decay_norms = false;
  bool decay_biases = false;
  std::map<std::string, float> decay{};
  std::map<std::string, float> rate{};
  std::map<std::string, Extent> start{};
  float layer_decay = 1;
  std::vector<std::string> freeze{};

  static constexpr std::array notes = {
      quix::note<&Groups::decay_norms>("weight decay also for the parameters of norms (one dimension, no bias)"),
      quix::note<&Groups::decay_biases>("weight decay also for biases"),
      quix::note<&Groups::decay>("weight decay by pattern of parameter names: 'head.*=0.1'", {.min = 0}),
      quix::note<&Groups::rate>("factor of the learning rate by pattern: 'backbone.*=0.1'", {.min = 0}),
      quix::note<&Groups::start>("when parameters begin to learn, by pattern: 'backbone.*=2epochs'"),
      quix::note<&Groups::layer_decay>("factor of the learning rate from one layer to the one before it",
                                       {.min = 0, .max = 1}),
      quix::note<&Groups::freeze>("patterns of parameters that do not learn"),
  };

  /// Throws Error for a pattern that matches nothing, and for a parameter that two patterns of one option match. Frozen
  /// parameters are in no group, and need no gradient from now on.
  ///
  /// For layer_decay the layers are, in the order of the parameters: a name up to its first part that ends in a digit,
  /// with the numbers that follow it (`blocks.3`, `layer2.0`, `encoder.layers.encoder_layer_7`), else its first part
  /// (`head`). What has no number counts by where it stands: `encoder.ln` behind the blocks is another layer than
  /// `encoder.pos_embedding` before them.
  ParameterGroups split(const NamedTensors& parameters) const;
};

/// What plays the role `groups`: it says which parameters form a group, with which rates and decay.
template <class G>
concept GroupsPolicy = requires(const G& policy, const NamedTensors& parameters) {
  { policy.split(parameters) } -> std::convertible_to<ParameterGroups>;
};

/// The groups as a table for people: one line each, with sizes, rate and decay.
std::string describe(const ParameterGroups& groups, double weight_decay);

namespace detail {

/// Throws Error, with what may have been meant, for a pattern that matches no name.
void require_match(const NamedTensors& parameters, const std::string& pattern, const std::string& option);
/// Moves the parameters that patterns name into groups of a schedule; `all` has every name. Throws Error.
void assign_schedule(ParameterGroups& groups, const NamedTensors& all, const std::vector<std::string>& patterns,
                     std::size_t schedule, const std::string& option);
/// "0.25"
std::string short_number(double value);
/// Whether a pattern with `*` and `?` matches the whole text.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/groups.ipp>
#endif
