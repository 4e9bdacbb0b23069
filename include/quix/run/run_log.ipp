#pragma once

#include <cstddef>
#include <cstdio>

#include <quix/cfg/error.hpp>
#include <quix/data/image.hpp>
#include <quix/io/file.hpp>
#include <quix/run/open_run.hpp>
#include <quix/run/run_log.hpp>

namespace quix {
namespace detail {

QUIX_INLINE std::vector<std::byte> png_of(const at::Tensor& image) {
  const auto is_channels = [](std::int64_t n) { return n == 1 || n == 3 || n == 4; };
  auto x = image.detach().to(at::kCPU);
  if (x.dim() == 2)
    x = x.unsqueeze(-1);
  else if (x.dim() == 3 && is_channels(x.size(0)))
    x = x.permute({1, 2, 0});
  if (x.dim() != 3 || !is_channels(x.size(2)) || x.numel() == 0) {
    std::string shape;
    for (const auto d : image.sizes()) shape += (shape.empty() ? "" : ", ") + std::to_string(d);
    throw Error("log_image", "expected [H, W], [C, H, W] or [H, W, C] with 1, 3 or 4 channels, got [" + shape +
                                 "]; of a batch take one image,  images[0]");
  }
  if (at::isFloatingType(x.scalar_type()))
    x = x.to(at::kFloat).nan_to_num(0, 1, 0).clamp(0, 1).mul(255).round().to(at::kByte);
  else if (x.scalar_type() == at::kBool)
    x = x.to(at::kByte).mul(255);
  else if (x.scalar_type() != at::kByte)
    throw Error("log_image",
                "expected uint8, bool, or floats from 0 to 1, got " + std::string(at::toString(x.scalar_type())));
  x = x.contiguous();
  const auto channels = x.size(2) == 1 ? Channels::gray : x.size(2) == 3 ? Channels::rgb : Channels::rgba;
  return encode_png(reinterpret_cast<const std::byte*>(x.const_data_ptr<std::uint8_t>()), channels,
                    {.width = x.size(1), .height = x.size(0)});
}

}  // namespace detail

QUIX_INLINE void RunLog::print(const std::string& line, std::string_view name) const {
  if (name.find('/') != name.npos || name.starts_with('.'))
    throw Error("print", "expected the plain name of a log, got " + std::string(name));
  if (!run_) {
    std::fputs((line + "\n").c_str(), stdout);
    return;
  }
  run_->console.say(line);
  if (name.empty()) return;
  const auto folder = run_->folder.path() / "logs";
  io::make_folder(folder);
  io::Sink(folder / (std::string(name) + ".txt"), /*append=*/true).write(line + "\n");
}

QUIX_INLINE std::filesystem::path RunLog::log_image(const std::string& tag, const at::Tensor& image) const {
  const std::filesystem::path path(tag);
  bool plain = !path.empty() && path.is_relative() && path.has_filename();
  for (const auto& part : path) plain &= part != ".." && part != ".";
  if (!plain) throw Error("log_image", "expected a tag like  samples/first,  got " + (tag.empty() ? "nothing" : tag));
  const auto png = detail::png_of(image);
  if (!run_) return {};
  auto step = std::to_string(step_);
  step.insert(0, step.size() < 8 ? 8 - step.size() : 0, '0');
  const auto file = run_->folder.path() / "plots" / (tag + "_step_" + step + ".png");
  io::make_folder(file.parent_path());
  io::replace(file, {reinterpret_cast<const char*>(png.data()), png.size()});
  return file;
}

}  // namespace quix
