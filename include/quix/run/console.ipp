#pragma once

#include <algorithm>
#include <cstdio>

#include <quix/run/console.hpp>

namespace quix {

QUIX_INLINE std::string detail::value_text(const Measure& measure) {
  return measure.has_value() ? fixed_text(measure.value(), 4) : "-";
}

QUIX_INLINE std::string detail::bar_text(const Sums& sums) {
  auto out = "loss " + value_text(sums.loss);
  for (const auto& [name, measure] : sums.parts) out += "  " + name + " " + value_text(measure);
  return out;
}

QUIX_INLINE void Console::open_log(const std::filesystem::path& file) { log_ = io::Sink(file, /*append=*/true); }

QUIX_INLINE void Console::say(const std::string& line) {
  bar_.clear();
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
  note(line);
}

QUIX_INLINE void Console::note(const std::string& line) { log_.write(line + "\n"); }

QUIX_INLINE void Console::say_bad(const std::vector<Pipeline::Bad>& samples) {
  for (const auto& bad : samples)
    if (++bad_samples_ <= 10)
      say(std::string(bad.replaced ? "replaced: " : "skipped: ") + bad.what +
          (bad_samples_ == 10 ? "\n(more of these are not shown)" : ""));
}

QUIX_INLINE void Console::begin_table(const EpochResult& first) {
  std::vector<TextTable::Column> columns{{"epoch", 6}};
  const auto add = [&](const char* split, const Totals& totals, std::vector<std::string>& names) {
    for (const auto& [name, measure] : totals) {
      if (detail::is_detail(name)) continue;
      columns.push_back({std::string(split) + " " + name, std::max<std::size_t>(12, name.size() + 8)});
      names.push_back(name);
    }
  };
  add("train", first.train, train_columns_), add("val", first.val, val_columns_);
  columns.push_back({"time", 10});
  columns.push_back({"samples/s", 12});
  table_.emplace_back(std::move(columns));
  say("\n" + table_.front().header());
}

QUIX_INLINE void Console::say_epoch(const EpochResult& result) {
  if (table_.empty()) begin_table(result);
  std::vector<std::string> cells{std::to_string(result.epoch)};
  for (const auto& name : train_columns_) cells.push_back(detail::value_text(find(result.train, name)));
  for (const auto& name : val_columns_) cells.push_back(detail::value_text(find(result.val, name)));
  cells.push_back(duration_text(result.seconds));
  cells.push_back(grouped(static_cast<std::uint64_t>(result.samples_per_second)));
  say(table_.front().row(cells));
}

QUIX_INLINE SkippedSamples::~SkippedSamples() {
  if (count_ > 0)
    std::fprintf(stderr, "quix: %s: %s sample%s could not be decoded and %s not count; the first: %s\n", pass_.c_str(),
                 grouped(count_).c_str(), count_ == 1 ? "" : "s", count_ == 1 ? "does" : "do", first_.c_str());
}

}  // namespace quix
