#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quix/data/shards.hpp>
#include <quix/io/safetensors.hpp>

namespace quix {

/// Arrays in memory from the tensors of a safetensors file, one for each field, which its suffix names. Throws Error.
std::vector<Array> read_tensor_file(const std::filesystem::path& path, std::span<const detail::FieldCodec> codecs);

/// The data policy for tensors that fit into memory: PATH/train.safetensors, PATH/val.safetensors, each with a tensor
/// [N, …] for each field of the sample; its suffix is the tensor's name.
template <class S>
struct TensorFiles {
  std::filesystem::path path{};
  std::optional<int> threads{};
  int prefetch = 4;
  bool shuffle = true;
  bool balanced = false;

  using sample = S;
  static constexpr OnError on_error = OnError::stop;

  Fold<S> open(std::string_view fold) const {
    const auto file = find_dataset(path) / (std::string(fold) + ".safetensors");
    return Fold<S>(file.string(), read_tensor_file(file, detail::codecs_of<S>));
  }
  bool has(std::string_view fold) const {
    return std::filesystem::exists(find_dataset(path) / (std::string(fold) + ".safetensors"));
  }
  Order order(const Fold<S>& fold, std::uint64_t seed, std::uint64_t epoch) const {
    return fold.order({.shuffle = shuffle ? Shuffle::full : Shuffle::none, .balanced = balanced}, seed, epoch);
  }

  static constexpr std::array notes = {
      quix::note<&TensorFiles::path>("folder of train.safetensors, here, in data/ or in $QUIX_DATA",
                                     {.resumable = true}),
      quix::note<&TensorFiles::threads>("threads that fill batches; none: chosen from the cores",
                                        {.min = 0, .max = 1024, .resumable = true}),
      quix::note<&TensorFiles::prefetch>("batches filled ahead", {.min = 1, .max = 1024, .resumable = true}),
      quix::note<&TensorFiles::shuffle>("draw a new order in each epoch of training"),
      quix::note<&TensorFiles::balanced>("draw classes equally often, with replacement"),
  };
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/tensor_files.ipp>
#endif
