#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <quix/detail/separate.hpp>

namespace quix {

/// "0.8941"
std::string fixed_text(double value, int digits);
/// "1,234,567"
std::string grouped(std::uint64_t n);
/// "11.7M", "3.2K", "64"
std::string short_count(std::uint64_t n);
/// "0.52 s", "12.3 s", "3 min 20 s", "2 h 05 min"
std::string duration_text(double seconds);

/// The number of characters of a UTF-8 text.
std::size_t text_width(std::string_view text);
/// Text padded with blanks to a number of characters, after it or before it.
std::string left_aligned(const std::string& text, std::size_t width);
std::string right_aligned(const std::string& text, std::size_t width);

/// Seconds since it was made, or started again.
class Timer {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }
  void start() { started_ = Clock::now(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point started_ = Clock::now();
};

/// A progress bar on standard error: only on a terminal, at most ten times a second.
///
///     epoch 2/5 ━━━━━━━━━━━━━━━━──────────  61 %  41,200/s  0:00:03 left  loss 0.412
class ProgressBar {
 public:
  explicit ProgressBar(bool wanted);
  ~ProgressBar() { clear(); }

  void start(std::string label, std::uint64_t total, std::uint64_t done = 0);
  void update(std::uint64_t done, std::string_view suffix = {}) {
    if (due()) draw(done, suffix);
  }
  /// The same with a function that gives the suffix: called when the bar is drawn.
  template <std::invocable F>
  void update(std::uint64_t done, F&& suffix) {
    if (due()) draw(done, suffix());
  }
  void clear();
  bool shown() const { return shown_; }

 private:
  using Clock = std::chrono::steady_clock;
  bool due();
  void draw(std::uint64_t done, std::string_view suffix);

  bool shown_ = false;
  bool drawn_ = false;
  std::string label_;
  std::uint64_t total_ = 0, begin_ = 0;
  Clock::time_point started_{}, last_{};
};

/// A table that grows by a line at a time, columns aligned to the right.
class TextTable {
 public:
  struct Column {
    std::string title;
    std::size_t width;
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  std::string header() const;
  std::string row(const std::vector<std::string>& cells) const;

 private:
  std::vector<Column> columns_;
};

namespace detail {

/// "0.25", "1e-05"
std::string short_number(double value);
/// Writes what is still to be printed. Throws Error unless all that was printed has been written.
void require_stdout();

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/cfg/terminal.ipp>
#endif
