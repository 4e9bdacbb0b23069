#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <quix/data/codec.hpp>
#include <quix/data/pool.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// Fills batches by worker threads, in a fixed order and with bounded prefetch.
///
/// Workers claim runs of samples from one counter; a batch is a slot of memory with a counter of finished samples; the
/// consumer waits for that, takes the slot's memory and releases the slot. No queue, no lock; the row of a sample does
/// not depend on the threads.
class Pipeline {
 public:
  /// A sample that could not be decoded, and the action taken.
  struct Bad {
    std::size_t row = 0;
    std::string what;  ///< shard, member, offset and reason
    bool replaced = false;
  };
  /// Receives the failures of a chunk of samples.
  class Failures {
   public:
    /// Records a failed sample; the batch continues without it.
    void note(Bad bad) {
      const std::lock_guard lock(mutex_);
      bad_.push_back(std::move(bad));
    }
    /// Called in a handler: records the exception of the sample at this position.
    void add(std::uint64_t position) {
      const std::lock_guard lock(mutex_);
      if (position < at_) at_ = position, what_ = std::current_exception();
    }

   private:
    friend class Pipeline;
    std::mutex mutex_;
    std::uint64_t at_ = ~std::uint64_t{0};
    std::exception_ptr what_;
    std::vector<Bad> bad_;
  };
  /// Writes the samples at `position` … `position + count - 1` into the rows `row` … of a batch's memory.
  using Decode = void (*)(const void* context, std::uint64_t position, std::size_t row, std::size_t count,
                          std::byte* memory, Scratch& scratch, Failures& failures);

  struct Plan {
    Decode decode = nullptr;
    const void* context = nullptr;
    std::uint64_t begin = 0;  ///< first position
    std::uint64_t end = 0;    ///< one past the last
    std::size_t batch = 1;    ///< samples of a batch; the last one may have fewer
    unsigned threads = 1;     ///< 0: decode in next(), on the caller's thread
    unsigned prefetch = 4;    ///< batches in flight
    std::size_t run = 32;     ///< maximum samples per claim: few if one takes long
  };

  struct Filled {
    std::shared_ptr<std::byte> memory;  ///< null: no more batches
    std::size_t size = 0;
    std::uint64_t first = 0;  ///< position of the first sample
    std::vector<Bad> bad{};   ///< in the order of rows
  };

  /// Starts the threads. Throws Error when one cannot be started.
  Pipeline(const Plan& plan, Pool& pool);
  /// Stops the workers and waits for them.
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// The next batch. Throws the decoder's exception: of several failures in a batch, that of the lowest position.
  Filled next();

 private:
  struct Slot {
    std::shared_ptr<std::byte> memory;
    std::atomic<std::uint32_t> done{0};
    Failures failures;
  };

  std::size_t size_of_batch(std::uint64_t batch) const;
  void work();
  void stop();
  void decode_run(Slot& slot, std::uint64_t batch, std::size_t from, std::size_t to, Scratch& scratch);

  Plan plan_;
  Pool& pool_;
  std::size_t run_ = 1;  // samples of a claim
  std::uint64_t runs_per_batch_ = 1;
  std::uint64_t batches_ = 0;
  std::uint64_t taken_ = 0;  // batches handed out
  std::vector<Slot> slots_;
  Scratch scratch_;
  std::atomic<std::uint64_t> claims_{0};
  std::atomic<std::uint32_t> released_{0};  // batches whose slot may be filled again; jumps when stopping
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/pipeline.ipp>
#endif
