#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <tuple>
#include <utility>

#include <quix/data/loader.hpp>

namespace quix {

/// Several splits in parallel: at each position one sample of each split (Python quix's QuixUnionDataset). The epoch is
/// as long as the longest order; shorter ones repeat.
///
///     quix::Zip zip(images, captions);            // two loaders of one batch size
///     for (auto [image, caption] : zip.epoch(order_a, order_b)) use(image.image, caption.text);
template <class... S>
class Zip {
 public:
  /// Throws Error when the loaders' batches differ in size, or in their part of an epoch.
  explicit Zip(Loader<S>&... loaders) : loaders_(&loaders...) {
    const LoaderOptions all[] = {loaders.options()...};
    const auto same = [&](const char* field, const auto& value_of) {
      for (const auto& options : all)
        if (value_of(options) != value_of(all[0]))
          throw Error(field, std::string("zipped loaders must agree on it, got ") + std::to_string(value_of(all[0])) +
                                 " and " + std::to_string(value_of(options)));
    };
    same("batch_size", [](const auto& o) { return o.batch_size; });
    same("world_size", [](const auto& o) { return o.world_size; });
    same("rank", [](const auto& o) { return o.rank; });
    same("rank_end", [](const auto& o) { return static_cast<int>(o.rank_end); });
  }

  class Epoch {
   public:
    using Batches = std::tuple<Batch<S>&...>;
    class Iterator {
     public:
      using value_type = Batches;
      using difference_type = std::ptrdiff_t;
      explicit Iterator(Epoch* epoch) : epoch_(epoch) {}
      Batches operator*() const {
        return std::apply([](auto&... it) { return Batches(*it...); }, epoch_->at_);
      }
      Iterator& operator++() {
        std::apply([](auto&... it) { (++it, ...); }, epoch_->at_);
        return *this;
      }
      void operator++(int) { ++*this; }
      bool operator==(std::default_sentinel_t) const { return std::get<0>(epoch_->at_) == std::default_sentinel; }

     private:
      Epoch* epoch_;
    };

    template <class... Orders>
    Epoch(const std::tuple<Loader<S>*...>& loaders, const RngKey& moment, Orders&&... orders)
        : epochs_(std::apply(
              [&](auto*... loader) {
                return std::tuple(std::unique_ptr<typename Loader<S>::Epoch>(new typename Loader<S>::Epoch(
                    loader->epoch(std::forward<Orders>(orders), 0, ~std::uint64_t{0}, moment)))...);
              },
              loaders)),
          at_(std::apply([](auto&... epoch) { return std::tuple(epoch->begin()...); }, epochs_)) {}

    Iterator begin() { return Iterator(this); }
    std::default_sentinel_t end() { return {}; }

   private:
    std::tuple<std::unique_ptr<typename Loader<S>::Epoch>...> epochs_;
    std::tuple<typename Loader<S>::Epoch::Iterator...> at_;
  };

  /// One order per split; an empty split cannot be zipped with another. The moment seeds the augmentations.
  template <class... Orders>
  requires(sizeof...(Orders) == sizeof...(S)) Epoch epoch(const RngKey& moment, const Orders&... orders) {
    const auto length = std::max({orders.size()...});
    if (length == 0) throw Error("orders", "zipped loaders need one order each, for example in_order(n)");
    return Epoch(loaders_, moment, with_length(orders, length)...);
  }
  template <class... Orders>
  requires(sizeof...(Orders) == sizeof...(S)) Epoch epoch(const Orders&... orders) {
    return epoch(RngKey{}, orders...);
  }

 private:
  std::tuple<Loader<S>*...> loaders_;
};

}  // namespace quix
