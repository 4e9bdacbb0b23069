#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quix/cfg/note.hpp>
#include <quix/data/array.hpp>
#include <quix/data/class_folders.hpp>
#include <quix/data/class_tree.hpp>
#include <quix/data/codec.hpp>
#include <quix/data/on_error.hpp>
#include <quix/data/order.hpp>
#include <quix/data/sample.hpp>
#include <quix/data/shuffle.hpp>
#include <quix/data/split.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// Samples in files of other programs. The format of a split is detected from the files:
///
///     SPLIT.safetensors, SPLIT.pt         a tensor [N, …] for each field, named by the field's suffix. A .pt whose
///                                       tensors have no names (a list, a TensorDataset) is taken in the fields' order
///     SPLIT.csv                          a column for a field whose suffix is the column's name; all other columns
///                                       together, [N, columns] of float32, for an Npy field of another suffix, in
///                                       the order of train.csv's
///     train-images-idx3-ubyte[.gz], …   IDX, as MNIST is published; val is t10k
///     SPLIT/CLASS/7.jpg, …               directories of images by class (ClassTree): a field that reads the file, and
///                                       its class. They take precedence over SPLIT.csv and FOLD_….csv next to them; if
///                                       such a table names images that exist, the labels are ambiguous: an error
///
/// A single directory that wraps them is entered.
struct SplitSource {
  enum class Kind : std::uint8_t { none, safetensors, pt, csv, idx, folders };
  Kind kind = Kind::none;
  std::filesystem::path path;  ///< of the file or folder
};

/// The files of a split in a directory: SPLIT.safetensors, SPLIT.pt or SPLIT.csv, IDX files, else the last of the files
/// FOLD_….safetensors, FOLD_….pt and FOLD_….csv (pytorch-quik's train_tensor_DATE.pt), else class directories. A
/// `format` other than none restricts the search to it. Throws Error when the files are ambiguous.
SplitSource find_source(const std::filesystem::path& folder, std::string_view split, const TreeOptions& options = {},
                        SplitSource::Kind format = SplitSource::Kind::none);

namespace detail {

/// `train-images-idx3-ubyte` or `train-images.idx3-ubyte`, of the splits val and test t10k, with or without `.gz`;
/// empty when there is none.
std::filesystem::path find_idx(const std::filesystem::path& folder, std::string_view split, std::string_view what);

}  // namespace detail

/// Arrays for the fields of a sample. Adds a table's oddities to `remarks`. Throws Error.
std::vector<Array> read_arrays(const SplitSource& source, const std::filesystem::path& folder, std::string_view split,
                               std::span<const detail::FieldCodec> codecs, std::vector<std::string>* remarks = nullptr);
/// The class directories of a split, with training's class indices.
ClassFolders read_class_folders(const std::filesystem::path& folder, std::string_view split,
                                const TreeOptions& options = {});
/// The directory `path` (find_dataset) of a Files policy. Throws Error, with both paths, when it has no data and hides
/// one of that name that does.
std::filesystem::path find_files(const std::filesystem::path& path);

/// The data policy for files of other programs. Tensors are read completely into memory; images are read on demand.
template <class S>
struct Files {
  std::filesystem::path path{};
  std::optional<int> threads{};
  int prefetch = 4;
  bool shuffle = true;
  bool balanced = false;
  std::map<std::string, std::string> map{};
  std::vector<std::string> ignore{};
  std::optional<SplitSource::Kind> format{};

  using sample = S;
  static constexpr OnError on_error = OnError::stop;

  Split<S> open(std::string_view split) const {
    const auto folder = find_files(path);
    const auto source = find(folder, split);
    if (source.kind == SplitSource::Kind::folders) return Split<S>(read_class_folders(folder, split, tree_options()));
    std::vector<std::string> remarks;
    Split<S> out(source.path.string(), read_arrays(source, folder, split, detail::codecs_of<S>, &remarks));
    for (auto& remark : remarks) out.add_remark(std::move(remark));
    return out;
  }
  bool has(std::string_view split) const { return find(find_files(path), split).kind != SplitSource::Kind::none; }
  Order order(const Split<S>& split, std::uint64_t seed, std::uint64_t epoch) const {
    return split.order({.shuffle = shuffle ? Shuffle::full : Shuffle::none, .balanced = balanced}, seed, epoch);
  }
  TreeOptions tree_options() const { return {map, ignore}; }
  SplitSource find(const std::filesystem::path& folder, std::string_view split) const {
    return find_source(folder, split, tree_options(), format.value_or(SplitSource::Kind::none));
  }

  [[maybe_unused]] static constexpr std::array notes = {
      quix::note<&Files::path>(
          "directory (in ., data/ or $QUIX_DATA) of train.safetensors, train.pt, train.csv, IDX files or train/CLASS/",
          {.resumable = true}),
      quix::note<&Files::threads>("threads that fill batches; none: chosen from the number of cores",
                                  {.min = 0, .max = 1024, .resumable = true}),
      quix::note<&Files::prefetch>("batches to prefetch", {.min = 1, .max = 1024, .resumable = true}),
      quix::note<&Files::shuffle>("shuffle the training samples in each epoch"),
      quix::note<&Files::balanced>("sample classes uniformly, with replacement"),
      quix::note<&Files::map>("directories of splits whose names do not show them: train=Training,val=Held"),
      quix::note<&Files::ignore>("directories to leave out"),
      quix::note<&Files::format>("format to read if a directory contains several; none: detect it"),
  };
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/files.ipp>
#endif
