#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>
#include <c10/util/Exception.h>
#include <boost/pfr/core.hpp>

#include <quix/cfg/error.hpp>
#include <quix/data/augment.hpp>
#include <quix/data/shards.hpp>
#include <quix/torch/tensor.hpp>
#include <quix/zoo/augment.hpp>

namespace quix::detail {

/// Calls a model. Where LibTorch says that it cannot, an Error says it with the shapes of what the model was given.
inline at::Tensor described(const std::function<at::Tensor()>& forward, const std::vector<at::Tensor>& inputs) {
  try {
    return forward();
  } catch (const c10::OutOfMemoryError&) {
    throw;
  } catch (const c10::Error& error) {
    std::string shapes;
    for (const auto& input : inputs) {
      shapes += (shapes.empty() ? "[" : ", [");
      for (std::int64_t d = 0; d < input.dim(); ++d) shapes += (d ? ", " : "") + std::to_string(input.size(d));
      shapes += "]";
    }
    const std::string what = error.what_without_backtrace();
    throw Error("model", "does not take a batch " + shapes + ": " + what.substr(0, what.find('\n')));
  }
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
  auto finish(const Copied& copied, const Moment& moment) const {
    auto out = copied;
    auto& [inputs, targets] = out;
    std::apply([&](auto&... input) { ((input = augment_tensor(augment_, input)), ...); }, inputs);
    if constexpr (count<Use::input> != 0 && count<Use::target> != 0)
      if (moment.train) mix_batch(augment_, std::get<0>(inputs), std::get<0>(targets), classes_, moment);
    return out;
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
