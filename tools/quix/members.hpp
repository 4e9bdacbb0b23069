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

/// A decoded member in a few words, and what statistics need.
struct Decoded {
  std::string words;  ///< "37x53", "class 5", "F32 [3, 5]"
  std::optional<std::int64_t> number;
};
/// Decodes a member as its suffix says. Pixels of an image go to `image`. Throws Error when it is damaged.
Decoded decode_member(std::string_view suffix, ByteView bytes, ImageDecoder& decoder, Picture& image);

/// Calls `sample(key, members)` for each sample of a shard, compressed or not.
using Members = std::vector<std::pair<std::string, std::vector<std::byte>>>;
void each_sample(const std::filesystem::path& shard,
                 const std::function<void(const std::string& key, Members& members)>& sample);

/// "000042"
std::string numbered(std::uint64_t i);

}  // namespace quix::tool
