#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/note.hpp>
#include <quix/proc/groups.hpp>
#include <quix/proc/optim.hpp>
#include <quix/torch/tensor.hpp>

namespace quix {

class MuonState;

/// Muon (Jordan et al., 2024), with PyTorch's formula: the momentum of each matrix, orthogonalized by the Newton–Schulz
/// iteration. A convolution's weight is a matrix with one row per filter. AdamW trains parameters with fewer than two
/// dimensions, and those that match `adam`.
struct Muon {
  float lr = 2e-2f;
  float momentum = 0.95f;
  float weight_decay = 0.1f;
  bool nesterov = true;
  int ns_steps = 5;
  float adam_lr = 3e-4f;
  std::vector<std::string> adam{};

  static constexpr std::string_view name = "muon";
  static constexpr std::array notes = {
      quix::note<&Muon::lr>("peak learning rate of matrices", {.min = 0}),
      quix::note<&Muon::momentum>("momentum factor", {.min = 0, .below = 1}),
      quix::note<&Muon::weight_decay>("decoupled weight decay, times the learning rate", {.min = 0}),
      quix::note<&Muon::nesterov>("use Nesterov momentum"),
      quix::note<&Muon::ns_steps>("Newton–Schulz iterations", {.min = 1, .max = 99, .was = "iterations"}),
      quix::note<&Muon::adam_lr>("peak learning rate of all other parameters, trained with AdamW", {.min = 0}),
      quix::note<&Muon::adam>("name patterns of matrices to train with AdamW: embeddings, the last layer"),
  };

  std::vector<std::string> slots() const { return {"momentum"}; }
  void update(const detail::TensorLists& lists, const detail::StepNumbers& numbers) const;
  MuonState build(const ParameterGroups& groups) const;
  /// Throws Error for a pattern that matches none of a model's parameters, frozen ones included.
  void check_names(const NamedTensors& all) const;
};

/// Momenta of matrices, and AdamW for the others.
class MuonState {
 public:
  MuonState(const Muon& policy, const ParameterGroups& groups);
  void step(double rate, double divide = 1);
  void pace(std::size_t schedule, double factor) { matrices_.pace(schedule, factor), others_.pace(schedule, factor); }
  NamedTensors state() const;

 private:
  detail::GroupedState<Muon> matrices_;
  detail::GroupedState<AdamW> others_;
  double ratio_;  ///< of AdamW's learning rate to that of matrices
};
inline MuonState Muon::build(const ParameterGroups& groups) const { return {*this, groups}; }

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/muon.ipp>
#endif
