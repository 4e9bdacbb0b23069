#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <typeinfo>
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
#include <quix/zoo/shapes.hpp>

namespace quix::detail {

/// "[128, 1, 28, 28], [128, 3]"
inline std::string shapes_text(const std::vector<at::Tensor>& tensors) {
  std::string out;
  for (const auto& tensor : tensors) {
    out += out.empty() ? "[" : ", [";
    for (std::int64_t d = 0; d < tensor.dim(); ++d) out += (d ? ", " : "") + std::to_string(tensor.size(d));
    out += "]";
  }
  return out;
}

/// Calls a model. Where one of LibTorch's operations refuses its arguments, an Error says so with the shapes of what
/// the model was given; failures of a device, of memory or of a computation stay what they are.
inline at::Tensor described(const std::function<at::Tensor()>& forward, const std::vector<at::Tensor>& inputs) {
  const auto fail = [&](const std::string& what) {
    if (what.find("more than 1 value per channel when training") != what.npos)
      throw Error("model", "batch normalization needs more than one sample, and this batch is " + shapes_text(inputs) +
                               "; leave an epoch's last, smaller batch out by  train.drop_last true,  or change "
                               "train.batch_size");
    throw Error("model", "failed on a batch " + shapes_text(inputs) + ": " + what);
  };
  try {
    return forward();
  } catch (const c10::Error& error) {
    const std::string what = error.what_without_backtrace();
    const bool refused = typeid(error) == typeid(c10::Error) || typeid(error) == typeid(c10::IndexError);
    const bool device = what.starts_with("CUDA") || what.starts_with("cuDNN") || what.starts_with("[enforce fail");
    if (!refused || device) throw;
    fail(what.substr(0, what.find('\n')));
  } catch (const std::runtime_error& error) {
    // TorchScript: the reason is the last line of many.
    const std::string_view what = error.what();
    constexpr std::string_view mark = "RuntimeError: ";
    const auto reason = what.rfind(mark);
    if (what.find("TorchScript interpreter") == what.npos || reason == what.npos) throw;
    fail(std::string(what.substr(reason + mark.size(), what.find('\n', reason) - reason - mark.size())));
  }
  return {};
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
