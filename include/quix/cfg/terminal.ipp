#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <sys/ioctl.h>
#include <unistd.h>

#include <quix/cfg/error.hpp>
#include <quix/cfg/terminal.hpp>

namespace quix {

QUIX_INLINE std::string fixed_text(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

QUIX_INLINE std::string grouped(std::uint64_t n) {
  auto text = std::to_string(n);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

QUIX_INLINE std::string short_count(std::uint64_t n) {
  double value = static_cast<double>(n);
  const char* unit = "";
  // What would be written "1000.0K" is a million.
  for (const char* next : {"K", "M", "G", "T"}) {
    if (value < (*unit ? 999.95 : 1000)) break;
    value /= 1000, unit = next;
  }
  return *unit ? fixed_text(value, 1) + unit : std::to_string(n);
}

QUIX_INLINE std::string duration_text(double seconds) {
  char text[48];
  const auto whole = static_cast<unsigned long>(std::max(0.0, seconds));
  if (seconds < 10)
    std::snprintf(text, sizeof text, "%.2f s", seconds);
  else if (seconds < 60)
    std::snprintf(text, sizeof text, "%.1f s", seconds);
  else if (seconds < 3600)
    std::snprintf(text, sizeof text, "%lu min %02lu s", whole / 60, whole % 60);
  else
    std::snprintf(text, sizeof text, "%lu h %02lu min", whole / 3600, whole / 60 % 60);
  return text;
}

QUIX_INLINE std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

namespace detail {

inline std::string blanks_to(std::string_view text, std::size_t width) {
  const auto characters = text_width(text);
  return std::string(width > characters ? width - characters : 0, ' ');
}

}  // namespace detail

QUIX_INLINE std::string left_aligned(const std::string& text, std::size_t width) {
  return text + detail::blanks_to(text, width);
}
QUIX_INLINE std::string right_aligned(const std::string& text, std::size_t width) {
  return detail::blanks_to(text, width) + text;
}

QUIX_INLINE ProgressBar::ProgressBar(bool wanted) {
  const char* terminal = std::getenv("TERM");
  shown_ = wanted && isatty(STDERR_FILENO) && terminal && std::string_view(terminal) != "dumb";
}

QUIX_INLINE void ProgressBar::start(std::string label, std::uint64_t total, std::uint64_t done) {
  label_ = std::move(label), total_ = std::max<std::uint64_t>(total, 1), begin_ = done;
  started_ = Clock::now(), last_ = {};
}

QUIX_INLINE bool ProgressBar::due() {
  if (!shown_) return false;
  const auto now = Clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) return false;
  last_ = now;
  return true;
}

QUIX_INLINE void ProgressBar::draw(std::uint64_t done, std::string_view suffix) {
  winsize size{};
  const std::size_t width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
  const double rate = seconds > 0 ? static_cast<double>(done - begin_) / seconds : 0;
  const auto left =
      rate > 0 ? static_cast<std::uint64_t>(static_cast<double>(total_ - std::min(done, total_)) / rate + 0.5) : 0;
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, " %3u %%  %s/s  %llu:%02llu:%02llu left",
                static_cast<unsigned>(100 * std::min(done, total_) / total_),
                grouped(static_cast<std::uint64_t>(rate)).c_str(), static_cast<unsigned long long>(left / 3600),
                static_cast<unsigned long long>(left / 60 % 60), static_cast<unsigned long long>(left % 60));
  const auto text = numbers + (suffix.empty() ? "" : "  " + std::string(suffix));
  const std::size_t taken = label_.size() + 1 + text.size() + 1;
  std::string line = "\r\033[K" + label_ + " ";
  if (width > taken + 8) {
    const std::size_t cells = std::min<std::size_t>(width - taken, 40), full = cells * std::min(done, total_) / total_;
    for (std::size_t i = 0; i < cells; ++i) line += i < full ? "━" : "─";
  }
  line += width > taken ? text : text.substr(0, width > label_.size() + 2 ? width - label_.size() - 2 : 0);
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

QUIX_INLINE void ProgressBar::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr), std::fflush(stderr);
  drawn_ = false;
}

QUIX_INLINE std::string TextTable::header() const {
  std::string out;
  for (const auto& [title, width] : columns_) out += right_aligned(" " + title, width);
  return out;
}

QUIX_INLINE std::string TextTable::row(const std::vector<std::string>& cells) const {
  std::string out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    out += right_aligned(" " + (i < cells.size() ? cells[i] : std::string()), columns_[i].width);
  }
  return out;
}

namespace detail {

QUIX_INLINE std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

QUIX_INLINE void require_stdout() {
  const bool failed = std::ferror(stdout) != 0;
  errno = 0;
  if (std::fflush(stdout) == 0 && !failed) return;
  throw Error("stdout", "cannot be written" + (errno ? std::string(": ") + std::strerror(errno) : std::string()));
}

}  // namespace detail
}  // namespace quix
