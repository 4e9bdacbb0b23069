#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quix/data.hpp>

namespace quix::tool {

/// What a member holds, by the last part of its suffix.
enum class Kind { image, cls, npy, rle, mask, json, text, refused, other };
Kind kind_of(std::string_view suffix);
/// The parts of a suffix between its dots, in lower case.
std::vector<std::string> parts_of(std::string_view suffix);
/// Whether a suffix is a usual name of labels for pixels: a part that begins with seg, mask, label, depth and the like.
bool names_mask(std::string_view suffix);
/// Whether it is a PNG that a mask can be read from.
bool is_label_png(ByteView bytes);

/// A decoded member in a few words, and what statistics need.
struct Decoded {
  std::string words;  ///< "37x53", "class 5", "F32 [3, 5]"
  std::optional<std::int64_t> number;
  int orientation = 1;  ///< of an image: its EXIF orientation
};
/// Decodes a member as its suffix says. Pixels of an image go to `image`. Throws Error when it is damaged.
Decoded decode_member(std::string_view suffix, ByteView bytes, ImageDecoder& decoder, ImageBuffer& image);

/// A dataset as training names it: a folder, an archive, a pattern of shards, or several joined by `::`. Throws Error
/// when it holds no shards.
struct Dataset {
  explicit Dataset(const std::string& name);

  std::filesystem::path path;  ///< of a folder: where it was found
  std::vector<std::string> splits;

  /// "data/photos/train" of a folder; else "photos.tar, train".
  std::string split_name(const std::string& split) const;
  /// The directories that are read, and the shards that a pattern or an archive names.
  std::vector<std::filesystem::path> sources() const;
  /// The split that a command shows: the one asked for, else train, else the first.
  std::string split_or_train(const std::optional<std::string>& asked) const;
};

/// Calls `sample(key, members)` for each sample of a shard, compressed or not; suffixes are in lower case. Prints to
/// stderr what of the archive is not part of a sample.
using Members = std::vector<std::pair<std::string, std::vector<std::byte>>>;
void each_sample(const std::filesystem::path& shard,
                 const std::function<void(const std::string& key, Members& members)>& sample);

/// "000042"
std::string numbered(std::uint64_t i);

}  // namespace quix::tool
