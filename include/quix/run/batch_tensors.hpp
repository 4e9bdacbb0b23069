#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>
#include <boost/pfr/core.hpp>

#include <quix/data/augment.hpp>
#include <quix/data/shards.hpp>
#include <quix/torch/tensor.hpp>
#include <quix/zoo/augment.hpp>

namespace quix::detail {

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

  /// A pair of tuples: inputs and targets of the samples that count, mixed when training.
  auto operator()(const Batch<S>& batch, const Moment& moment) const {
    // Of a batch with samples that were left out, only the others count.
    at::Tensor rows;
    if (!batch.all_good()) rows = at::tensor(batch.good_rows(), at::kLong);
    std::pair out(pick<Use::input>(batch, rows), pick<Use::target>(batch, rows));
    if constexpr (count<Use::input> != 0 && count<Use::target> != 0)
      if (moment.train) mix_batch(augment_, std::get<0>(out.first), std::get<0>(out.second), classes_, moment);
    return out;
  }

 private:
  /// The fields of one use; inputs pass the augmentation.
  template <Use U>
  auto pick(const Batch<S>& batch, const at::Tensor& rows) const {
    const auto one = [&]<std::size_t I>() {
      if constexpr (Field<I>::use != U) {
        return std::tuple<>();
      } else {
        auto tensor = *boost::pfr::get<I>(static_cast<const S&>(batch));
        if (rows.defined()) tensor = tensor.index_select(0, rows);
        // From page-locked memory the CPU does not wait for a copy; the loss, when it is read, has.
        tensor = tensor.to(device_, /*non_blocking=*/true);
        if constexpr (U == Use::input) tensor = augment_tensor(augment_, tensor);
        return std::tuple(std::move(tensor));
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
