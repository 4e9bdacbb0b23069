#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "members.hpp"

namespace quix::tool {

struct ResizeOptions {
  int short_side = 0;    ///< pixels; 0: no image is shrunk
  int quality = 90;      ///< of JPEGs that are written
  bool upright = false;  ///< apply the EXIF orientation; else it is kept
  // Suffixes that are settled by hand.
  std::vector<std::string> images{}, masks{}, boxes{}, copy{};
};

/// "; leave it as it is with  --copy SUFFIX  or out with  --drop SUFFIX"
std::string leave_text(const std::string& suffix);

/// Shrinks the images of a sample, and with them all that belongs to their pixels.
///
/// Masks take the nearest pixel, as Pillow's NEAREST, and stay PNG of their depth and palette. An image is a mask by
/// its name (seg*, mask, label, depth and the like), by its format (PNG of a palette, of 16 bits, of less than 8), or,
/// next to another image, as a gray PNG or with at most 256 colors, in all samples; so are arrays of the image's size.
/// Boxes are scaled with their image. Coordinates in other forms are refused, with the options that settle it;
/// everything else is copied.
///
/// The EXIF orientation of an image is kept next to its stored pixels, and with it the relation of masks and boxes to
/// them. With `upright` it is applied, and masks and boxes belong to the upright image.
class SampleResizer {
 public:
  explicit SampleResizer(ResizeOptions options) : options_(std::move(options)) {}

  /// Throws Error whose `where` is the member's suffix.
  void operator()(Members& members);
  /// A line for each suffix: what was done, and how often.
  std::vector<std::string> report() const;

 private:
  enum class Role { image, copied_image, mask, npy, rle, json, xml, other };
  /// An image before and after.
  struct Frame {
    ImageSize stored{}, shown{}, to{};  ///< in the file; as it belongs to labels; what the latter becomes
    int turn = 1;                       ///< the EXIF orientation
    bool changed = false;

    bool shrunk() const { return to != shown; }
  };

  bool listed(const std::vector<std::string>& list, std::string_view suffix) const;
  std::vector<Role> roles_of(const Members& members);
  Role role_of(const std::string& suffix, ByteView bytes) const;  ///< of what is not an image
  bool has_few_colors(ByteView bytes);
  bool is_boxes(const std::string& suffix) const;
  /// Throw Error where an array, or a JSON or XML text, has coordinates that are not scaled.
  void refuse_coordinates(const std::string& suffix, const Dims& shape) const;
  void refuse_coordinates(const std::string& suffix, Role role, ByteView bytes) const;
  Frame frame_of(ByteView bytes) const;
  void resize_image(std::vector<std::byte>& bytes, const Frame& frame, const std::string& suffix);
  void resize_mask(std::vector<std::byte>& bytes, const std::vector<Frame>& frames, const std::string& suffix);
  void resize_array(std::vector<std::byte>& bytes, const std::vector<Frame>& frames, const std::string& suffix,
                    bool rle);
  void scale_boxes(std::vector<std::byte>& bytes, const std::vector<Frame>& frames, const std::string& suffix);
  void count(const std::string& suffix, std::string_view what) { ++done_[suffix][std::string(what)]; }

  ResizeOptions options_;
  ImageDecoder decoder_;
  ImageBuffer pixels_, small_;
  ResizeScratch scratch_;
  std::map<std::string, Role> guesses_;  ///< by company: the same in all samples
  std::map<std::string, std::map<std::string, std::uint64_t>> done_;
};

}  // namespace quix::tool
