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

// What happens between backward and the optimizer: micro-batches, finite or not, clipping.

namespace quix {

/// The gradients of an optimizer step, before it: their norm, and what limits them.
class Gradients {
 public:
  explicit Gradients(const ParameterGroups& groups) : groups_(groups) {}

  /// The Euclidean norm of all gradients; not finite when one of them is not.
  double norm();
  /// Divides the gradients by a number and limits each of theirs to [-most, most].
  void clamp(double divide, double most);
  /// Divides them, and limits each unit's norm to a share of the norm that its weights have, at least `eps`.
  void clip_adaptive(double divide, double share, double eps);
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

/// Gradients as they are.
struct NoClip {
  double operator()(Gradients&, double divide, double) const { return divide; }
  static constexpr std::string_view name = "none";
};
/// All gradients together are made shorter, to a Euclidean norm of at most `max` (Pascanu et al., 2013).
struct ClipNorm {
  float max = 1;
  static constexpr bool needs_norm = true;
  double operator()(Gradients&, double divide, double norm) const {
    const double most = max;
    return norm > most ? divide * (norm + 1e-6) / most : divide;  // the 1e-6 is PyTorch's
  }
  static constexpr std::string_view name = "norm";
  static constexpr std::array notes = {quix::note<&ClipNorm::max>("largest norm of all gradients", {.above = 0})};
};
/// Each number of a gradient is limited.
struct ClipValue {
  float max = 1;
  double operator()(Gradients& gradients, double divide, double) const {
    gradients.clamp(divide, static_cast<double>(max));
    return 1;
  }
  static constexpr std::string_view name = "value";
  static constexpr std::array notes = {quix::note<&ClipValue::max>("largest number in a gradient", {.above = 0})};
};
/// The gradient of each unit (a row of a matrix, a filter) is at most a share of the unit's norm (Brock et al.:
/// High-performance large-scale image recognition without normalization, 2021).
struct ClipAdaptive {
  float share = 0.01f;
  float eps = 1e-3f;
  double operator()(Gradients& gradients, double divide, double) const {
    gradients.clip_adaptive(divide, static_cast<double>(share), static_cast<double>(eps));
    return 1;
  }
  static constexpr std::string_view name = "adaptive";
  static constexpr std::array notes = {
      quix::note<&ClipAdaptive::share>("of a unit's norm, that its gradient's may have", {.above = 0}),
      quix::note<&ClipAdaptive::eps>("least norm of a unit in this", {.above = 0}),
  };
};

/// What becomes of a step whose loss or gradients are not finite.
struct NonFinite {
  enum class Action : std::uint8_t {
    skip,      ///< parameters stay as they are, training goes on
    stop,      ///< the error at once
    rollback,  ///< back to the last checkpoint, with a lower rate, when skipping did not help
  };
  Action action = Action::skip;
  int patience = 25;
  bool gradients = true;
  float rollback_rate = 0.5f;
  bool detect_anomaly = false;

  /// Of the rate that a checkpoint had, at the n-th return to one.
  double rollback_factor(std::uint64_t n) const {
    return std::pow(static_cast<double>(rollback_rate), static_cast<double>(n));
  }

  static constexpr std::array notes = {
      quix::note<&NonFinite::action>("skip the step, stop, or (after many skipped ones) roll back"),
      quix::note<&NonFinite::patience>("skipped steps in a row that are too many", {.min = 0}),
      quix::note<&NonFinite::gradients>("look at gradients too, not at the loss alone"),
      quix::note<&NonFinite::rollback_rate>("factor of the learning rate at each rollback", {.max = 1, .above = 0}),
      quix::note<&NonFinite::detect_anomaly>("let autograd say which operation made it; slow"),
  };
};

/// Steps were skipped again and again, or one was to stop training.
class Diverged : public Error {
 public:
  Diverged(const std::string& where, const std::string& what, std::uint64_t last_good)
      : Error(where, what), last_good_(last_good) {}
  /// Optimizer steps before the first of those that were skipped.
  std::uint64_t last_good() const { return last_good_; }

 private:
  std::uint64_t last_good_;
};

/// The result of a batch, when its scope ends.
enum class StepOutcome : std::uint8_t {
  pending,   ///< its gradients wait for more batches of the optimizer step
  taken,     ///< the optimizer step
  skipped,   ///< the optimizer step, as something was not finite: parameters are as before
  diverged,  ///< it was skipped, and training is to stop or to go back to an older checkpoint
};

/// What the ranks exchange before an optimizer step; each rank fills in its part.
struct Vote {
  Measure loss;             ///< the sum of all
  double samples = 0;       ///< the sum of all
  bool not_finite = false;  ///< loss or gradients of any rank
  bool overflow = false;    ///< gradients of any rank
};
/// One process: its vote is all.
struct OneRank {
  void operator()(Vote&) const {}
};

/// The role `step`.
template <class Clip = Choice<NoClip, ClipNorm, ClipValue, ClipAdaptive>>
struct Eager {
  int accumulate = 1;
  Clip clip{};
  NonFinite non_finite{};
  bool cuda_graph = false;

  static constexpr std::array notes = {
      quix::note<&Eager::accumulate>(
          "equal batches into which an optimizer step's samples are divided, to need less memory",
          {.min = 1, .max = 65536}),
      quix::note<&Eager::clip>("how gradients are limited"),
      quix::note<&Eager::cuda_graph>("replay the model's forward and backward pass of whole batches as CUDA graphs; on "
                                     "the CPU they are computed. By "
                                     "the Runner; a loop of your own calls a GraphedModel"),
  };
};

/// What a step did, for the log.
struct StepReport {
  std::uint64_t step = 0;    ///< optimizer steps done, this one included
  Measure loss;              ///< of all its micro-batches
  Totals parts{};            ///< what the loss is made of, likewise; only where there is a log
  double rate = 0;           ///< the learning rate that it took
  double gradient_norm = 0;  ///< before clipping; 0 where nobody asked for it
  double loss_scale = 1;     ///< of fp16
  bool skipped = false;      ///< the parameters are as before
  std::string why{};         ///< it was skipped
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
