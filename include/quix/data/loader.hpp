#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <quix/data/batch.hpp>
#include <quix/data/list.hpp>
#include <quix/data/on_error.hpp>
#include <quix/data/order.hpp>
#include <quix/data/pipeline.hpp>
#include <quix/data/pool.hpp>
#include <quix/data/sampling.hpp>
#include <quix/data/split.hpp>
#include <quix/detail/refused.hpp>

namespace quix {

struct LoaderOptions {
  std::size_t batch_size = 128;
  unsigned threads = 1;   ///< decoding threads; 0 decodes on the caller's thread
  unsigned prefetch = 4;  ///< batches
  OnError on_error = OnError::stop;
  /// The part of each epoch that this process loads, of `world_size` parts.
  std::uint32_t rank = 0, world_size = 1;
  RankEnd rank_end = RankEnd::pad;
  Allocate allocate = allocate_host;  ///< memory for batches: `quix::allocate_pinned` for batches copied to a GPU
};

/// Batches of a split, decoded by threads directly into batch memory.
///
///     quix::Split<Fashion> split("fashion-mnist", "train");
///     quix::Loader loader(split, {.batch_size = 128, .threads = 2});
///     for (auto& batch : loader.epoch(quix::shuffled(split.size(), seed, e))) use(batch.image, batch.label);
template <class S>
class Loader {
 public:
  Loader(const Split<S>& split, LoaderOptions options)
      : split_(split),
        options_(options),
        offsets_(split.field_offsets(options.batch_size)),
        pool_(split.pool(offsets_, options.batch_size, options.allocate)) {
    if (options.batch_size == 0) throw Error("batch_size", "must be at least 1");
  }
  Loader(const Split<S>&& split, LoaderOptions options) : Loader(split, options) {
    static_assert(detail::refused<S>,
                  "quix: a Loader refers to its split; pass a variable that outlives the Loader, not a temporary:  "
                  "quix::Split<Photo> split(\"photos\", \"train\");  quix::Loader loader(split, {});");
  }

  const LoaderOptions& options() const { return options_; }
  /// Batches of this rank in `epochs` epochs over all samples.
  std::uint64_t batches(std::uint64_t epochs = 1) const {
    const auto n = samples_of_rank(split_.size(), options_.rank, options_.world_size, options_.rank_end);
    return epochs * ((n + options_.batch_size - 1) / options_.batch_size);
  }

  /// One pass over the samples. Owns its threads: leaving the loop early, or by an exception, stops and joins them.
  class Epoch {
   public:
    class Iterator {
     public:
      using value_type = Batch<S>;
      using difference_type = std::ptrdiff_t;
      explicit Iterator(Epoch* epoch) : epoch_(epoch) {}
      Batch<S>& operator*() const { return *epoch_->batch_; }
      Iterator& operator++() {
        epoch_->advance();
        return *this;
      }
      void operator++(int) { ++*this; }
      bool operator==(std::default_sentinel_t) const { return !epoch_->batch_; }

     private:
      Epoch* epoch_;
    };

    Iterator begin() {
      advance();
      return Iterator(this);
    }
    std::default_sentinel_t end() { return {}; }

    /// Batches of the whole epoch, from its first position.
    std::uint64_t batches() const {
      const auto n = order_.empty() ? loader_.split_.size() : order_.size();
      return (n + loader_.options_.batch_size - 1) / loader_.options_.batch_size;
    }
    /// A position of this rank, as one in the epoch of all ranks: what is drawn for it depends on that.
    std::uint64_t global(std::uint64_t position) const {
      return position * loader_.options_.world_size + loader_.options_.rank;
    }
    /// The sample at a position of the epoch.
    std::size_t sample(std::uint64_t position) const {
      return order_.empty() ? static_cast<std::size_t>(position) : order_[position];
    }

   private:
    friend class Loader;
    Epoch(Loader& loader, Order order, std::uint64_t begin, std::uint64_t end, RngKey moment)
        : loader_(loader),
          order_(std::move(order)),
          moment_(moment),
          pipeline_({.decode = &decode,
                     .context = this,
                     .begin = begin,
                     .end = end,
                     .batch = loader.options_.batch_size,
                     .threads = loader.options_.threads,
                     .prefetch = loader.options_.prefetch,
                     .run = loader.split_.chunk_size()},
                    loader.pool_) {}

    static void decode(const void* context, std::uint64_t position, std::size_t row, std::size_t count,
                       std::byte* memory, Scratch& scratch, Pipeline::Failures& failures) {
      const auto& epoch = *static_cast<const Epoch*>(context);
      const auto& split = epoch.loader_.split_;
      constexpr std::size_t far = 16, near = 8;  // samples ahead: their rows, then their data
      for (std::size_t i = 0; i < count; ++i) {
        if (i + far < count) split.prefetch(epoch.sample(position + i + far));
        if (i + near < count) split.prefetch_data(epoch.sample(position + i + near));
        try {
          try {
            split.decode(epoch.sample(position + i), memory, epoch.loader_.offsets_, row + i, scratch,
                         epoch.moment(position + i));
          } catch (const Error& error) {
            if (epoch.loader_.options_.on_error == OnError::stop) throw;
            failures.note(epoch.without(error.what(), position + i, row + i, memory, scratch));
          }
        } catch (...) {  // of the sample, or of the one in its place
          failures.add(position + i);
        }
      }
    }

    RngKey moment(std::uint64_t position) const {
      auto moment = moment_;
      moment.position = global(position);
      return moment;
    }

    /// Replaces a bad sample, or leaves its row empty.
    Pipeline::Bad without(const char* what, std::uint64_t position, std::size_t row, std::byte* memory,
                          Scratch& scratch) const {
      const auto& split = loader_.split_;
      const auto n = static_cast<std::uint32_t>(order_.empty() ? split.size() : order_.size());
      Rng draws(0, RngStream::replace, position);
      for (int tries = 0; loader_.options_.on_error == OnError::replace && tries < 16; ++tries) {
        try {
          split.decode(sample(draws.below(n)), memory, loader_.offsets_, row, scratch, moment(position));
          return {row, what, true};
        } catch (const Error&) {}  // that one is bad too
      }
      split.blank(memory, loader_.offsets_, row);
      return {row, what, false};
    }

    void advance() {
      batch_.reset();  // its memory can be reused, if no tensor holds it
      auto filled = pipeline_.next();
      if (!filled.memory) return;
      batch_.emplace();
      batch_->size = filled.size, batch_->first = filled.first, batch_->bad = std::move(filled.bad);
      S& sample = *batch_;
      Split<S>::for_each_field([&]<std::size_t I>() {
        auto& field = boost::pfr::get<I>(sample);
        if constexpr (requires { typename std::remove_reference_t<decltype(field)>::value_type; }) {
          using T = typename std::remove_reference_t<decltype(field)>::value_type;
          static_cast<List<T>&>(field) = {filled.memory,
                                          reinterpret_cast<T*>(filled.memory.get() + loader_.offsets_[I]), filled.size};
        } else {
          static_cast<Array&>(field) = loader_.split_.batch_field(I, filled.memory, loader_.offsets_[I], filled.size);
        }
      });
    }

    Loader& loader_;
    Order order_;
    RngKey moment_;
    std::optional<Batch<S>> batch_;
    Pipeline pipeline_;  // last: its threads read the members above
  };

  /// The samples in this order (empty: stored order), or this rank's part of it, from position `begin` (for resuming)
  /// up to `end`. The moment seeds the augmentations. The Loader must outlive the epoch. Throws Error for an index
  /// beyond the split.
  Epoch epoch(Order order = {}, std::uint64_t begin = 0, std::uint64_t end = ~std::uint64_t{0}, RngKey moment = {}) & {
    if (!order.empty())
      if (const auto most = *std::max_element(order.begin(), order.end()); most >= split_.size())
        throw Error("data", "the order of an epoch names sample " + std::to_string(most) + ", but there are " +
                                std::to_string(split_.size()));
    if (options_.world_size != 1) {
      if (order.empty()) order = in_order(static_cast<std::uint32_t>(split_.size()));
      order = of_rank(order, options_.rank, options_.world_size, options_.rank_end);
      if (order.empty()) end = 0;
    }
    end = std::min<std::uint64_t>(end, order.empty() ? split_.size() : order.size());
    return Epoch(*this, std::move(order), std::min(begin, end), end, moment);
  }
  Epoch epoch(Order order = {}, std::uint64_t begin = 0, std::uint64_t end = ~std::uint64_t{0}, RngKey moment = {}) && {
    static_assert(detail::refused<S>,
                  "quix: an epoch refers to its Loader; call epoch() of a variable that outlives it, not of a "
                  "temporary:  quix::Loader loader(split, {});  for (auto& batch : loader.epoch()) …");
    return epoch(std::move(order), begin, end, moment);
  }

 private:
  const Split<S>& split_;
  LoaderOptions options_;
  std::vector<std::size_t> offsets_;
  Pool pool_;
};

}  // namespace quix
