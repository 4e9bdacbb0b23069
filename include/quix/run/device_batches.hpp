#pragma once

#include <cstdint>
#include <exception>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <quix/data/loader.hpp>
#include <quix/run/batch_tensors.hpp>
#include <quix/torch/copy_stream.hpp>

namespace quix::detail {

/// The batches of an epoch with their tensors on a device. On a GPU the next batch is copied while this one is
/// computed: on a separate stream, from prefetch() on.
///
///     while (batches.next()) {
///       const auto [inputs, targets] = batches.tensors();
///       outputs = forward(inputs);   // queued on the GPU, which works on it
///       batches.prefetch();        // meanwhile the next batch is fetched and copied
///     }
template <class S, class Augment>
class DeviceBatches {
 public:
  using Tensors = BatchTensors<S, Augment>;
  using Epoch = typename Loader<S>::Epoch;

  /// `epoch`, `tensors` and `copies` must outlive this. `moment` is what is drawn for the epoch. One stream serves all
  /// epochs: the memory of its tensors is its own.
  DeviceBatches(Epoch& epoch, const Tensors& tensors, const CopyStream& copies, const RngKey& moment)
      : DeviceBatches(epoch, tensors, copies, moment, copies.is_async()) {}
  DeviceBatches(Epoch& epoch, const Tensors& tensors, const CopyStream& copies, const RngKey& moment, bool ahead)
      : epoch_(epoch), tensors_(tensors), copies_(copies), moment_(moment), ahead_(ahead) {}

  /// Goes to the next batch; false at the end. Throws what decoding it threw.
  bool next() {
    now_.reset();
    if (!looked_) fetch();
    looked_ = false;
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    now_ = std::move(following_);
    following_.reset();
    if (now_ && copies_.is_async())
      std::apply([&](const auto&... list) { copies_.join(now_->pending, together(list...)); }, now_->tensors);
    return now_.has_value();
  }

  /// Begins to copy the next batch, where that is of use. An error waits for next(): this batch is good.
  void prefetch() {
    if (!ahead_ || looked_) return;
    looked_ = true;
    try {
      fetch();
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  const Batch<S>& batch() const { return now_->batch; }
  /// Inputs and targets of the batch: see BatchTensors.
  auto tensors() const {
    auto moment = moment_;
    moment.position = epoch_.global(now_->batch.first);
    return tensors_.finish(now_->tensors, moment);
  }
  /// Its targets, from tensors(), as metrics take them.
  template <class Targets>
  auto scored(const Targets& targets) const {
    return tensors_.scored(now_->tensors, targets);
  }

 private:
  struct Copied {
    Batch<S> batch;
    decltype(std::declval<const Tensors&>().copy(std::declval<const Batch<S>&>())) tensors{};
    PendingCopies pending{};  // last: it waits for copies from the batch
  };

  void fetch() {
    if (!at_)
      at_.emplace(epoch_.begin());
    else
      ++*at_;
    if (*at_ == std::default_sentinel) return;
    following_.emplace(Copied{.batch = std::move(**at_)});
    following_->pending = copies_.run([&] { following_->tensors = tensors_.copy(following_->batch); });
  }

  template <class... Lists>
  static std::vector<at::Tensor> together(const Lists&... lists) {
    std::vector<at::Tensor> out;
    (std::apply([&](const auto&... tensor) { (out.push_back(tensor), ...); }, lists), ...);
    return out;
  }

  Epoch& epoch_;
  const Tensors& tensors_;
  const CopyStream& copies_;
  RngKey moment_;
  bool ahead_, looked_ = false;
  std::exception_ptr error_;
  std::optional<typename Epoch::Iterator> at_;
  std::optional<Copied> now_, following_;
};

}  // namespace quix::detail
