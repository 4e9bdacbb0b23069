#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>
#include <boost/pfr/core.hpp>

#include <quix/data/augment.hpp>
#include <quix/data/batch.hpp>
#include <quix/proc/augment.hpp>
#include <quix/torch/tensor.hpp>
#include <quix/zoo/shapes.hpp>

namespace quix::detail {

/// Says why a model failed, called where an exception is handled. Where one of LibTorch's operations refused its
/// arguments, throws an Error with the shapes of what the model was given; failures of a device, of memory or of a
/// computation stay what they are.
[[noreturn]] void describe_failure(const std::vector<at::Tensor>& inputs);

/// Calls a model; its failures are described with the inputs' shapes.
template <class Forward, class... Input>
auto described(const Forward& forward, const Input&... inputs) {
  try {
    return forward();
  } catch (...) {
    describe_failure({inputs...});
  }
}

template <class Sequence>
struct TensorTuple;
template <std::size_t... I>
struct TensorTuple<std::index_sequence<I...>> {
  template <std::size_t>
  using One = at::Tensor;
  using type = std::tuple<One<I>...>;
};
/// As many tensors as a sequence has numbers.
template <class Sequence>
using TupleOfTensors = typename TensorTuple<Sequence>::type;

/// The same tensors one after another in memory.
template <class... T>
std::array<at::Tensor, sizeof...(T)> array_of_tensors(const std::tuple<T...>& tensors) {
  return std::apply([](const auto&... one) { return std::array<at::Tensor, sizeof...(T)>{one...}; }, tensors);
}

/// A batch of samples as its model takes it: tensors of inputs and of targets on a device, augmented.
template <class S, class Augment>
class BatchTensors {
 public:
  static constexpr std::size_t fields = boost::pfr::tuple_size_v<S>;
  template <std::size_t I>
  using Field = boost::pfr::tuple_element_t<I, S>;
  /// Fields of one use.
  template <Use U>
  static constexpr std::size_t count = []<std::size_t... I>(std::index_sequence<I...>) {
    return (std::size_t{Field<I>::use == U} + ... + 0);
  }
  (std::make_index_sequence<fields>{});
  static constexpr std::size_t inputs = count<Use::input>;
  using Inputs = TupleOfTensors<std::make_index_sequence<inputs>>;

  /// `augment` must outlive this.
  BatchTensors(const Augment& augment, at::Device device, std::int64_t classes)
      : augment_(augment), device_(device), classes_(classes) {}

  at::Device device() const { return device_; }

  /// Inputs and targets of the samples that count, on the device: a tuple of two tuples. From page-locked memory the
  /// CPU does not wait for the copy; the batch has to live until it is done.
  auto copy(const Batch<S>& batch) const {
    // Of a batch with samples that were left out, only the others count.
    at::Tensor rows;
    if (!batch.all_good()) rows = at::tensor(batch.good_rows(), at::kLong);
    return std::tuple(pick<Use::input>(batch, rows), pick<Use::target>(batch, rows));
  }
  /// What the model takes: the inputs augmented, and mixed when training.
  template <class Copied>
  auto finish(const Copied& copied, const RngKey& moment) const {
    auto out = copied;
    auto& [inputs, targets] = out;
    std::apply([&](auto&... input) { ((input = augment_tensor(augment_, input)), ...); }, inputs);
    if constexpr (count<Use::input> != 0 && count<Use::target> != 0)
      if (moment.train) mix_batch(augment_, std::get<0>(inputs), std::get<0>(targets), classes_, moment);
    return out;
  }
  /// Targets as metrics take them: where class indices were mixed to soft labels, the index of the larger share, so
  /// that training and validation compute one value.
  template <class Copied, class Targets>
  auto scored(const Copied& copied, Targets targets) const {
    if constexpr (count<Use::input> != 0 && count<Use::target> != 0) {
      const auto& before = std::get<0>(std::get<1>(copied));
      auto& now = std::get<0>(targets);
      if (before.dim() == 1 && now.dim() == 2 && at::isFloatingType(now.scalar_type())) now = largest_share(now);
    }
    return targets;
  }

 private:
  /// The fields of one use.
  template <Use U>
  auto pick(const Batch<S>& batch, const at::Tensor& rows) const {
    const auto one = [&]<std::size_t I>() {
      if constexpr (Field<I>::use != U) {
        return std::tuple<>();
      } else {
        auto tensor = *boost::pfr::get<I>(static_cast<const S&>(batch));
        if (rows.defined()) tensor = tensor.index_select(0, rows);
        return std::tuple(tensor.to(device_, /*non_blocking=*/true));
      }
    };
    return [&]<std::size_t... I>(std::index_sequence<I...>) { return std::tuple_cat(one.template operator()<I>()...); }
    (std::make_index_sequence<fields>{});
  }

  const Augment& augment_;
  at::Device device_;
  std::int64_t classes_;
};

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/run/batch_tensors.ipp>
#endif
