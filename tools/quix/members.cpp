#include "members.hpp"

#include <algorithm>
#include <cstdio>

#include <quix/cfg/json.hpp>

namespace quix::tool {

namespace fs = std::filesystem;

std::vector<std::string> parts_of(std::string_view suffix) {
  std::vector<std::string> out(1);
  const auto low = detail::lower_case(suffix);
  for (const char c : low)
    if (c == '.')
      out.emplace_back();
    else
      out.back() += c;
  return out;
}

bool names_mask(std::string_view suffix) {
  constexpr std::string_view words[] = {"seg",      "mask",     "label", "annot",     "instance",
                                        "panoptic", "semantic", "depth", "disparity", "groundtruth"};
  const auto parts = parts_of(suffix);
  return std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
    return part == "gt" ||
           std::any_of(std::begin(words), std::end(words), [&](auto word) { return part.starts_with(word); });
  });
}

Kind kind_of(std::string_view suffix) {
  const auto last = detail::lower_case(suffix.substr(suffix.rfind('.') + 1));
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), last) != names.end();
  };
  if (is({"jpg", "jpeg", "png", "webp", "img"})) return names_mask(suffix) ? Kind::mask : Kind::image;
  if (detail::names_class(suffix)) return Kind::cls;
  if (is({"npy"})) return Kind::npy;
  if (is({"rle"})) return Kind::rle;
  if (is({"seg8", "seg16", "seg24", "seg32"})) return Kind::mask;
  if (is({"json", "jsn"})) return Kind::json;
  if (is({"txt", "text", "transcript"})) return Kind::text;
  if (is({"pkl", "pickle", "pyd", "mat", "pth", "pt"})) return Kind::refused;
  return Kind::other;
}

bool is_label_png(ByteView bytes) {
  try {
    mask_info(bytes, 0);
    return true;
  } catch (const Error&) {
    return false;
  }
}

Decoded decode_member(std::string_view suffix, ByteView bytes, ImageDecoder& decoder, ImageBuffer& image) {
  const auto text = [&] { return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()); };
  auto kind = kind_of(suffix);
  // Of masks without a number of bits the file says it; what is not a PNG of labels is an image.
  if (kind == Kind::mask && detail::mask_bits(suffix) == 0 && !is_label_png(bytes)) kind = Kind::image;
  switch (kind) {
    case Kind::image: {
      const auto size = image_size(bytes);
      image.reset(size, 3);
      decoder.decode(bytes, rgb, size, reinterpret_cast<std::byte*>(image.data()));
      constexpr const char* formats[] = {"JPEG", "PNG", "WebP"};
      return {
          detail::size_text(size) + " " + formats[static_cast<int>(image_format(bytes))], {}, exif_orientation(bytes)};
    }
    case Kind::cls: {
      const auto number = detail::parse_class(bytes);
      return {"class " + std::to_string(number), number};
    }
    case Kind::npy: {
      const auto header = io::read_npy_header(bytes);
      return {std::string(name_of(header.dtype)) + " " + header.shape.text(), {}};
    }
    case Kind::rle: {
      const auto header = read_rle_header(bytes);
      if (header.shape.count() > (std::int64_t{1} << 30))
        throw Error("", "the RLE bytes claim to be " + header.shape.text());
      std::vector<std::byte> out(static_cast<std::size_t>(header.shape.count()) * size_of(header.dtype));
      read_rle(bytes, header, out.data());
      return {std::string(name_of(header.dtype)) + " " + header.shape.text(), {}};
    }
    case Kind::mask: {
      const int bits = detail::mask_bits(suffix);
      const auto info = mask_info(bytes, bits);
      std::vector<std::byte> out(static_cast<std::size_t>(info.size.width * info.size.height) * 4);
      std::vector<std::byte> room;
      decode_mask(bytes, bits, info.size, 4, out.data(), room);
      return {detail::size_text(info.size) + " mask of " + std::to_string(info.bits) + " bits", {}};
    }
    case Kind::json: json::parse(text(), ""); return {"JSON of " + std::to_string(bytes.size()) + " bytes", {}};
    case Kind::text: {
      std::string line(text().substr(0, 40));
      for (auto& c : line)
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
      return {'"' + line + (bytes.size() > 40 ? "…\"" : "\""), {}};
    }
    case Kind::refused: return {std::to_string(bytes.size()) + " bytes, not decoded: reading them could run code", {}};
    case Kind::other: return {std::to_string(bytes.size()) + " bytes", {}};
  }
  return {};
}

Dataset::Dataset(const std::string& name)
    : path(is_one_folder(name) ? find_dataset(name) : fs::path(name)), splits(find_splits(path)) {
  if (!splits.empty()) return;
  if (!is_one_folder(name)) throw Error(name, "matches no shards");
  const auto nested = detail::nested_pattern(path);
  throw Error(name, nested.empty() ? "no tar shards found (names like train_0000.tar)"
                                   : "no tar shards found; subdirectories hold some: name them by  " + nested);
}

std::string Dataset::split_name(const std::string& split) const {
  return is_one_folder(path) ? (path / split).string() : path.string() + ", " + split;
}

std::vector<fs::path> Dataset::sources() const {
  std::vector<fs::path> out;
  for (const auto& part : detail::parts_of(path))
    if (is_one_folder(part)) out.push_back(find_dataset(part));
  for (const auto& split : splits)
    for (const auto& shard : find_shards(path, split)) out.push_back(shard);
  return out;
}

std::string Dataset::split_or_train(const std::optional<std::string>& asked) const {
  if (asked) return *asked;
  return std::find(splits.begin(), splits.end(), "train") != splits.end() ? "train" : splits.front();
}

void each_sample(const fs::path& shard, const std::function<void(const std::string& key, Members& members)>& sample) {
  const auto file = open_shard(shard);
  TarScan tar(file);
  std::string key;
  Members members;
  const auto flush = [&] {
    if (!members.empty()) sample(key, members);
    members.clear();
  };
  while (tar.next_member()) {
    if (tar.key() != key) {
      flush();
      key = tar.key();
    }
    members.emplace_back(tar.suffix(), std::vector<std::byte>(tar.bytes().begin(), tar.bytes().end()));
  }
  flush();
  std::vector<LeftOut> causes;
  detail::add_unread(causes, shard, tar.unread());
  for (const auto& cause : causes) std::fprintf(stderr, "quix: left out: %s\n", cause.text().c_str());
}

std::string numbered(std::uint64_t i) {
  char text[24];
  std::snprintf(text, sizeof text, "%06llu", static_cast<unsigned long long>(i));
  return text;
}

}  // namespace quix::tool
