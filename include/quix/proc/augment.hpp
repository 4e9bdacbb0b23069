#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <boost/pfr/core.hpp>

#include <torch/types.h>

#include <quix/data/augment.hpp>

// What an augmentation is where a batch is a tensor. A transform is one of
//
//     void apply(quix::ImageSample& sample, quix::Rng& rng) const;              // a sample, while it is decoded
//     at::Tensor operator()(const at::Tensor& images) const;                    // a batch [B, C, H, W], on the device
//     void mix(at::Tensor& images, at::Tensor& labels, std::int64_t classes, quix::Rng& rng) const;   // of training
//
// and an augmentation is a transform, or a struct of them, which apply in order. Ready ones are in zoo/augment.hpp and
// data/augment.hpp.

namespace quix {

namespace detail {

/// Applies the transforms of a batch's tensor, in order. Without one, uint8 becomes 0 … 1.
template <class A>
at::Tensor augment_tensor(const A& pipeline, at::Tensor images) {
  if constexpr (std::is_invocable_r_v<at::Tensor, const A&, const at::Tensor&>) {
    return pipeline(images);
  } else {
    boost::pfr::for_each_field(pipeline, [&]<class O>(const O& op) {
      if constexpr (std::is_invocable_r_v<at::Tensor, const O&, const at::Tensor&>) images = op(images);
    });
    return images.scalar_type() == at::kByte ? images.to(at::kFloat).mul_(1.0 / 255.0) : images;
  }
}

template <class O>
concept BatchMix = requires(const O& op, at::Tensor& tensor, Rng& draws) {
  op.mix(tensor, tensor, 1, draws);
};

template <class O>
inline constexpr bool is_step_of_augmentation =
    std::is_invocable_r_v<at::Tensor, const O&, const at::Tensor&> || SampleOp<O> || BatchMix<O>;

template <class A>
constexpr bool is_augmentation = [] {
  if constexpr (std::is_invocable_r_v<at::Tensor, const A&, const at::Tensor&> || SampleOp<A>)
    return true;
  else if constexpr (std::is_aggregate_v<A> && std::is_class_v<A>)
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return sizeof...(I) > 0 && (is_step_of_augmentation<boost::pfr::tuple_element_t<I, A>> && ...);
    }
  (std::make_index_sequence<boost::pfr::tuple_size_v<A>>{});
  else return false;
}();

/// Applies the transforms that mix a batch.
template <class A>
void mix_batch(const A& pipeline, at::Tensor& images, at::Tensor& labels, std::int64_t classes, const RngKey& moment) {
  if constexpr (!std::is_invocable_r_v<at::Tensor, const A&, const at::Tensor&> && !SampleOp<A>)
    boost::pfr::for_each_field(pipeline, [&]<class O>(const O& op, std::size_t i) {
      if constexpr (BatchMix<O>) {
        Rng draws(moment.seed, RngStream::mix, moment.epoch, moment.position, static_cast<std::uint32_t>(i));
        op.mix(images, labels, classes, draws);
      }
    });
}

}  // namespace detail

}  // namespace quix
