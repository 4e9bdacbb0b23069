#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/choice.hpp>
#include <quix/cfg/error.hpp>
#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>
#include <quix/proc/groups.hpp>
#include <quix/proc/kernels.hpp>
#include <quix/proc/loss.hpp>

// Between backward pass and optimizer: micro-batches, checks for finite values, clipping.

namespace quix {

/// The gradients before an optimizer step: their norm, and functions that clip them.
class Gradients {
 public:
  explicit Gradients(const ParameterGroups& groups) : groups_(groups) {}

  /// The Euclidean norm of all gradients; not finite if one of them is not.
  double norm();
  /// Divides the gradients by a number and clamps each value to [-most, most].
  void clamp(double divide, double most);
  /// Divides the gradients, and limits the norm of each unit to `clip_factor` times its weight norm, which is at least
  /// `eps`.
  void clip_adaptive(double divide, double clip_factor, double eps);
  /// The gradients themselves, to be changed in place; parameters without one are left out.
  std::vector<at::Tensor> tensors() const;

 private:
  /// The gradients that are plain memory, and the others.
  void gather();
  const ParameterGroups& groups_;
  std::vector<detail::KernelSpan> spans_;
  std::vector<at::Tensor> others_;
};

// A clipping policy is called before each optimizer step as  double operator()(Gradients& gradients, double divide,
// double norm) const.  The gradients are sums, to be divided by `divide`; it either divides them itself and returns 1,
// or returns what the optimizer is to divide them by. `norm` is their Euclidean norm after the division, where the
// policy has  static constexpr bool needs_norm = true;  else it may be 0.

/// No clipping.
struct NoClip {
  double operator()(Gradients&, double divide, double) const { return divide; }
  static constexpr std::string_view name = "none";
};
/// Scales all gradients together to a Euclidean norm of at most `max` (Pascanu et al., 2013).
struct ClipNorm {
  float max = 1;
  static constexpr bool needs_norm = true;
  double operator()(Gradients&, double divide, double norm) const {
    const double most = max;
    return norm > most ? divide * (norm + 1e-6) / most : divide;  // the 1e-6 is PyTorch's
  }
  static constexpr std::string_view name = "norm";
  static constexpr std::array notes = {quix::note<&ClipNorm::max>("maximum norm of all gradients", {.above = 0})};
};
/// Clamps each gradient value.
struct ClipValue {
  float max = 1;
  double operator()(Gradients& gradients, double divide, double) const {
    gradients.clamp(divide, static_cast<double>(max));
    return 1;
  }
  static constexpr std::string_view name = "value";
  static constexpr std::array notes = {quix::note<&ClipValue::max>("maximum absolute gradient value", {.above = 0})};
};
/// Limits the gradient norm of each unit (a row of a matrix, a filter) to a fraction of its weight norm (Brock et al.:
/// High-performance large-scale image recognition without normalization, 2021).
struct ClipAdaptive {
  float clip_factor = 0.01f;
  float eps = 1e-3f;
  double operator()(Gradients& gradients, double divide, double) const {
    gradients.clip_adaptive(divide, static_cast<double>(clip_factor), static_cast<double>(eps));
    return 1;
  }
  static constexpr std::string_view name = "adaptive";
  static constexpr std::array notes = {
      quix::note<&ClipAdaptive::clip_factor>("maximum gradient norm per unit, as a fraction of its weight norm",
                                             {.above = 0, .was = "share"}),
      quix::note<&ClipAdaptive::eps>("lower bound on a unit's weight norm", {.above = 0}),
  };
};

/// Action for a step whose loss or gradients are not finite.
struct NonFinite {
  enum class Action : std::uint8_t {
    skip,      ///< keep the parameters and continue
    stop,      ///< throw the error at once
    rollback,  ///< return to the last checkpoint with a lower learning rate, if skipping did not help
  };
  Action action = Action::skip;
  int patience = 25;
  bool gradients = true;
  float rollback_lr_factor = 0.5f;
  bool detect_anomaly = false;

  /// Factor of a checkpoint's learning rate at the n-th rollback.
  double rollback_factor(std::uint64_t n) const {
    return std::pow(static_cast<double>(rollback_lr_factor), static_cast<double>(n));
  }

  static constexpr std::array notes = {
      quix::note<&NonFinite::action>("skip the step, stop, or (after many skipped ones) roll back"),
      quix::note<&NonFinite::patience>("consecutive skipped steps to tolerate", {.min = 0}),
      quix::note<&NonFinite::gradients>("check the gradients too, not only the loss"),
      quix::note<&NonFinite::rollback_lr_factor>("factor of the learning rate per rollback",
                                                 {.max = 1, .above = 0, .was = "rollback_rate"}),
      quix::note<&NonFinite::detect_anomaly>("use autograd anomaly detection; slow"),
  };
};

/// Training diverged: too many consecutive steps were skipped, or one step with the action `stop`.
class Diverged : public Error {
 public:
  Diverged(const std::string& where, const std::string& what, std::uint64_t last_good)
      : Error(where, what), last_good_(last_good) {}
  /// Optimizer steps before the first of the skipped ones.
  std::uint64_t last_good() const { return last_good_; }

 private:
  std::uint64_t last_good_;
};

/// The result of a batch, when its scope ends.
enum class StepOutcome : std::uint8_t {
  pending,   ///< gradients accumulated; the optimizer step needs more batches
  taken,     ///< the optimizer step
  skipped,   ///< the optimizer step, as loss or gradients were not finite; parameters are unchanged
  diverged,  ///< skipped, and training must stop or return to an older checkpoint
};

/// Data that ranks exchange before an optimizer step; each rank fills in its part.
struct Vote {
  Measure loss;             ///< the sum of all
  double samples = 0;       ///< the sum of all
  bool not_finite = false;  ///< loss or gradients of some rank
  bool overflow = false;    ///< gradients of some rank overflowed
};
/// A single process, whose vote is final.
struct OneRank {
  void operator()(Vote&) const {}
};

/// The role `step`: gradient accumulation, clipping, and steps that are not finite.
template <class Clip = Choice<NoClip, ClipNorm, ClipValue, ClipAdaptive>>
struct TrainStep {
  int accumulate = 1;
  Clip clip{};
  NonFinite non_finite{};
  bool cuda_graph = false;

  static constexpr std::array notes = {
      quix::note<&TrainStep::accumulate>("micro-batches per optimizer step (gradient accumulation); saves memory",
                                         {.min = 1, .max = 65536}),
      quix::note<&TrainStep::clip>("gradient clipping"),
      quix::note<&TrainStep::cuda_graph>("replay full batches as CUDA graphs (Runner only; else use GraphedModel)"),
  };
};
template <class Clip = Choice<NoClip, ClipNorm, ClipValue, ClipAdaptive>>
using Eager [[deprecated("renamed quix::TrainStep")]] = TrainStep<Clip>;

/// Report of an optimizer step, for the log.
struct StepReport {
  std::uint64_t step = 0;    ///< completed optimizer steps, including this one
  Measure loss;              ///< of all its micro-batches
  Totals parts{};            ///< loss terms, likewise; only with a log
  double rate = 0;           ///< learning rate
  double gradient_norm = 0;  ///< before clipping; 0 unless a policy needs it
  double loss_scale = 1;     ///< of fp16
  bool skipped = false;      ///< the parameters are unchanged
  std::string why{};         ///< reason for skipping
};

namespace detail {

template <class C>
inline constexpr bool is_clip = requires(const C& policy, Gradients& gradients) {
  { policy(gradients, 1.0, 1.0) } -> std::convertible_to<double>;
};
template <class... C>
inline constexpr bool is_clip<Choice<C...>> = (is_clip<C> && ...);

template <class C>
bool needs_norm(const C& policy) {
  return with_policy(policy, []<class B>(const B&) {
    if constexpr (requires { bool(B::needs_norm); })
      return bool(B::needs_norm);
    else
      return false;
  });
}

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/step.ipp>
#endif
