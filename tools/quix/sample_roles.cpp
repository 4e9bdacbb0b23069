#include <algorithm>
#include <cstring>
#include <set>

#include <quix/cfg/json.hpp>

#include "raw_png.hpp"
#include "resize_sample.hpp"

// What the members of a sample are: images, masks, boxes, or what must not be copied next to a smaller image.

namespace quix::tool {
namespace {

std::string option(const char* name, const std::string& suffix) { return "--" + std::string(name) + " " + suffix; }

bool is_image(ByteView bytes) {
  try {
    image_format(bytes);
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool begins(ByteView bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

/// Whether a PNG is a mask by its format: indices of a palette, 16 bits, or less than 8.
bool is_mask_format(ByteView bytes) {
  if (image_format(bytes) != ImageFormat::png) return false;
  spng_ihdr header{};
  open_png(bytes, header);
  return header.color_type == SPNG_COLOR_TYPE_INDEXED || header.bit_depth != 8;
}

bool is_gray_png(ByteView bytes) {
  if (image_format(bytes) != ImageFormat::png) return false;
  spng_ihdr header{};
  open_png(bytes, header);
  return header.color_type == SPNG_COLOR_TYPE_GRAYSCALE;
}

/// The first key of an annotation that names coordinates; empty where there is none.
std::string coordinates_in(const Node& node) {
  constexpr std::string_view words[] = {"bbox",   "box",       "segmentation", "keypoint", "landmark",
                                        "points", "polygon",   "polyline",     "contour",  "xmin",
                                        "rle",    "rectangle", "vertices"};
  for (const auto& member : node.members) {
    const auto key = detail::lower_case(member.key);
    for (const auto word : words)
      if (key.starts_with(word) || key.ends_with(word)) return member.key;
    if (auto below = coordinates_in(member.value); !below.empty()) return below;
  }
  for (const auto& item : node.items)
    if (auto below = coordinates_in(item); !below.empty()) return below;
  return {};
}

/// Whether a suffix has one of the words in it.
bool has_word(const std::string& suffix, std::initializer_list<const char*> words) {
  const auto parts = parts_of(suffix);
  return std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
    return std::any_of(words.begin(), words.end(), [&](const char* word) { return part.find(word) != part.npos; });
  });
}

}  // namespace

std::string leave_text(const std::string& suffix) {
  return "; leave it as it is with  " + option("copy", suffix) + "  or out with  " + option("drop", suffix);
}

bool SampleResizer::listed(const std::vector<std::string>& list, std::string_view suffix) const {
  return std::find(list.begin(), list.end(), suffix) != list.end();
}

bool SampleResizer::has_few_colors(ByteView bytes) {
  if (image_format(bytes) == ImageFormat::jpeg) return false;
  const auto size = image_size(bytes);
  pixels_.reset(size, 4);
  decoder_.decode(bytes, rgba, size, reinterpret_cast<std::byte*>(pixels_.data()));
  std::set<std::uint32_t> colors;
  std::uint32_t last = 0;
  const auto few = std::min<std::size_t>(256, pixels_.bytes() / 16);  // of a tiny image all pixels may differ
  for (std::size_t i = 0; i < pixels_.bytes() && colors.size() <= few; i += 4) {
    std::uint32_t color = 0;
    std::memcpy(&color, pixels_.data() + i, 4);
    if (i == 0 || color != last) colors.insert(color);
    last = color;
  }
  return colors.size() <= few;
}

std::vector<SampleResizer::Role> SampleResizer::roles_of(const Members& members) {
  std::vector<Role> roles;
  std::vector<std::size_t> gray, colored;  // images that neither an option, nor name or format, settles
  bool settled = false;                    // another image is there
  const auto settle = [&](std::size_t i, auto&& f) {
    try {
      return f(members[i].first, members[i].second);
    } catch (const Error& error) {
      throw Error(members[i].first, error.problems().front().what);
    }
  };
  // A palette is a mask's where there is something that it can be the mask of.
  const auto images = std::count_if(members.begin(), members.end(), [](const auto& member) {
    return is_image(member.second) || begins(member.second, "\x93NUMPY");
  });
  for (std::size_t i = 0; i < members.size(); ++i)
    roles.push_back(settle(i, [&](const std::string& suffix, ByteView bytes) {
      const bool copied = listed(options_.copy, suffix);
      if (!is_image(bytes)) return copied ? Role::other : role_of(suffix, bytes);
      const bool image = listed(options_.images, suffix);
      const bool mask = listed(options_.masks, suffix) || names_mask(suffix);
      if (!image && (mask || (images > 1 && is_mask_format(bytes)))) return copied ? Role::other : Role::mask;
      settled |= image || copied;
      if (image || copied) return copied ? Role::copied_image : Role::image;
      (is_gray_png(bytes) ? gray : colored).push_back(i);
      return Role::image;
    }));
  if (gray.size() + colored.size() + settled < 2) return roles;  // alone it is an image
  std::vector<std::size_t> few;
  for (const auto i : colored)
    if (settle(i, [&](const std::string&, ByteView bytes) { return has_few_colors(bytes); })) few.push_back(i);
  if (colored.size() == 1 && !settled) few.clear();  // the only one that the gray ones can be masks of
  const bool pictures = settled || few.size() < colored.size();
  const auto unclear = [&](std::size_t i, const std::string& what) {
    const auto& suffix = members[i].first;
    throw Error(suffix, what + ", an image or a mask: name it by  " + option("images", suffix) + "  or  " +
                            option("masks", suffix));
  };
  if (!pictures) unclear(gray.empty() ? few[0] : gray[0], "is one of several PNGs in gray or of few colors");
  for (const auto* masks : {&gray, &few})
    for (const auto i : *masks) roles[i] = Role::mask;
  for (const auto* all : {&gray, &colored})
    for (const auto i : *all)
      if (guesses_.emplace(members[i].first, roles[i]).first->second != roles[i])
        unclear(i, "looks like an image in one sample and like a mask in another");
  return roles;
}

SampleResizer::Role SampleResizer::role_of(const std::string& suffix, ByteView bytes) const {
  const auto last = parts_of(suffix).back();
  if (begins(bytes, "\x93NUMPY")) return Role::npy;
  if (last == "rle") return Role::rle;
  if (last == "json" || last == "jsn") return Role::json;
  if (last == "xml") return Role::xml;
  if (listed(options_.images, suffix) || listed(options_.masks, suffix) || kind_of(suffix) == Kind::image ||
      kind_of(suffix) == Kind::mask)
    image_format(bytes);  // throws, and says what it begins with
  for (const auto* format : {"tif", "tiff", "bmp", "gif", "jp2", "exr", "pgm", "ppm", "avif", "heic", "jxl"})
    if (last == format) throw Error(suffix, "is an image of a format that is not read" + leave_text(suffix));
  return Role::other;
}

bool SampleResizer::is_boxes(const std::string& suffix) const {
  return listed(options_.boxes, suffix) || has_word(suffix, {"box", "rect", "rois"});
}

void SampleResizer::refuse_coordinates(const std::string& suffix, const Dims& shape) const {
  if (has_word(suffix, {"keypoint", "landmark", "point", "polygon", "joint", "contour"}))
    throw Error(suffix, "has coordinates by its name, which would no longer fit the image" + leave_text(suffix));
  if (shape.size() == 2 && shape[1] == 4)
    throw Error(suffix, "is an array " + shape.text() + ": boxes are named by  " + option("boxes", suffix) +
                            ",  other numbers by  " + option("copy", suffix));
}

void SampleResizer::refuse_coordinates(const std::string& suffix, Role role, ByteView bytes) const {
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::string found;
  if (role == Role::json) {
    try {
      found = coordinates_in(json::parse(text, ""));
    } catch (const Error&) {
      throw Error(suffix, "is not valid JSON, and may have coordinates" + leave_text(suffix));
    }
  } else {
    for (const auto* word : {"<bndbox", "<polygon", "<points", "<keypoint", "<box"})
      if (found.empty() && text.find(word) != text.npos) found = std::string(word) + ">";
  }
  if (!found.empty())
    throw Error(suffix, "has coordinates (" + found + "), which would no longer fit the image" + leave_text(suffix));
}

}  // namespace quix::tool
