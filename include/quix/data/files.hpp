#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quix/data/class_folders.hpp>
#include <quix/data/shards.hpp>

namespace quix {

/// Samples as other programs leave them; which of these a folder holds for a fold is seen from what is there:
///
///     FOLD.safetensors, FOLD.pt         a tensor [N, …] for each field, named by the field's suffix. A .pt whose
///                                       tensors have no names (a list, a TensorDataset) is taken in the fields' order
///     FOLD.csv                          a column for a field whose suffix is the column's name; all other columns
///                                       together, [N, columns] of float32, for an Npy field of another suffix, in
///                                       the order of train.csv's
///     train-images-idx3-ubyte[.gz], …   IDX, as MNIST is published; val is t10k
///     FOLD/CLASS/7.jpg, …               directories of images by class (ClassTree): a field that reads the file, and
///     its
///                                       class. They win over FOLD.csv and FOLD_….csv next to them; where such a table
///                                       names images that exist, which one holds the labels is an error
///
/// One directory that wraps all of it is entered.
struct FoldSource {
  enum class Kind : std::uint8_t { none, safetensors, pt, csv, idx, folders };
  Kind kind = Kind::none;
  std::filesystem::path path;  ///< of the file or folder
};

/// What a folder holds for a fold: FOLD.safetensors, FOLD.pt or FOLD.csv, IDX files, else the last of the files
/// FOLD_….safetensors, FOLD_….pt and FOLD_….csv (pytorch-quik's train_tensor_DATE.pt), else class directories. Of a
/// `format` other than none, nothing else is looked for. Throws Error when it is not clear what is meant.
FoldSource find_source(const std::filesystem::path& folder, std::string_view fold, const TreeOptions& options = {},
                       FoldSource::Kind format = FoldSource::Kind::none);

namespace detail {

/// `train-images-idx3-ubyte` or `train-images.idx3-ubyte`, of the splits val and test t10k, with or without `.gz`;
/// empty when there is none.
std::filesystem::path find_idx(const std::filesystem::path& folder, std::string_view fold, std::string_view what);

}  // namespace detail

/// Arrays for the fields of a sample. What a table leaves unclear is added to `remarks`. Throws Error.
std::vector<Array> read_arrays(const FoldSource& source, const std::filesystem::path& folder, std::string_view fold,
                               std::span<const detail::FieldCodec> codecs, std::vector<std::string>* remarks = nullptr);
/// The class directories of a split, numbered as those of training.
ClassFolders read_class_folders(const std::filesystem::path& folder, std::string_view fold,
                                const TreeOptions& options = {});
/// The directory `path` (find_dataset) with what a Files policy reads. Throws Error, with both paths, when it holds no
/// data and hides one of that name that does.
std::filesystem::path find_files(const std::filesystem::path& path);

/// The data policy for such samples. Tensors are read into memory whole; images in folders are read when they are due.
template <class S>
struct Files {
  std::filesystem::path path{};
  std::optional<int> threads{};
  int prefetch = 4;
  bool shuffle = true;
  bool balanced = false;
  std::map<std::string, std::string> map{};
  std::vector<std::string> ignore{};
  std::optional<FoldSource::Kind> format{};

  using sample = S;
  static constexpr OnError on_error = OnError::stop;

  Fold<S> open(std::string_view fold) const {
    const auto folder = find_files(path);
    const auto source = find(folder, fold);
    if (source.kind == FoldSource::Kind::folders) return Fold<S>(read_class_folders(folder, fold, tree_options()));
    std::vector<std::string> remarks;
    Fold<S> out(source.path.string(), read_arrays(source, folder, fold, detail::codecs_of<S>, &remarks));
    for (auto& remark : remarks) out.add_remark(std::move(remark));
    return out;
  }
  bool has(std::string_view fold) const { return find(find_files(path), fold).kind != FoldSource::Kind::none; }
  Order order(const Fold<S>& fold, std::uint64_t seed, std::uint64_t epoch) const {
    return fold.order({.shuffle = shuffle ? Shuffle::full : Shuffle::none, .balanced = balanced}, seed, epoch);
  }
  TreeOptions tree_options() const { return {map, ignore}; }
  FoldSource find(const std::filesystem::path& folder, std::string_view fold) const {
    return find_source(folder, fold, tree_options(), format.value_or(FoldSource::Kind::none));
  }

  [[maybe_unused]] static constexpr std::array notes = {
      quix::note<&Files::path>(
          "folder of train.safetensors, train.pt, train.csv, IDX files or train/CLASS/, here, in data/ or in "
          "$QUIX_DATA",
          {.resumable = true}),
      quix::note<&Files::threads>("threads that fill batches; none: chosen from the cores",
                                  {.min = 0, .max = 1024, .resumable = true}),
      quix::note<&Files::prefetch>("batches filled ahead", {.min = 1, .max = 1024, .resumable = true}),
      quix::note<&Files::shuffle>("draw a new order in each epoch of training"),
      quix::note<&Files::balanced>("draw classes equally often, with replacement"),
      quix::note<&Files::map>("directories of splits, where their names do not show them: train=Training,val=Held"),
      quix::note<&Files::ignore>("directories to leave out"),
      quix::note<&Files::format>("what to read, where a directory holds several; none: detect it"),
  };
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/files.ipp>
#endif
