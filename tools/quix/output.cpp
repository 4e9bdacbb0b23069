#include "output.hpp"

#include <system_error>

#include <unistd.h>

namespace quix::tool {

namespace fs = std::filesystem;

namespace {

void move(const fs::path& from, const fs::path& to) {
  std::error_code code;
  fs::rename(from, to, code);
  if (code) throw Error(from.string(), "cannot be renamed to " + to.string() + ": " + code.message());
}

/// "set.new.1234": next to the dataset, and nobody else's.
fs::path beside(fs::path path, const std::string& word) {
  path += "." + word + "." + std::to_string(::getpid());
  return path;
}

}  // namespace

Output::Output(const fs::path& dataset, const WriteOptions& options) : dataset_(dataset) {
  if (options.overwrite && options.append) throw Error("--overwrite", "cannot be combined with --append; drop one");
  if (dataset_.filename().empty()) dataset_ = dataset_.parent_path();  // "set/"
  if (!options.overwrite && !options.append && fs::exists(dataset_ / "config.json"))
    throw Error(dataset_.string(),
                "holds a dataset already (config.json); replace it with --overwrite, add to it with "
                "--append, or write to another directory");
  if (!fs::exists(dataset_) || (options.overwrite && fs::exists(dataset_ / "config.json")))
    temporary_ = beside(dataset_, "new");
  writer_.emplace(
      temporary_.empty() ? dataset : temporary_,
      WriterOptions{.max_samples = static_cast<std::uint64_t>(options.shard_samples), .append = options.append});
}

Output::~Output() {
  writer_.reset();
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void Output::finish() {
  writer_->finish();
  if (temporary_.empty()) return;
  const auto old = beside(dataset_, "old");
  if (fs::exists(dataset_)) move(dataset_, old);
  move(temporary_, dataset_);
  temporary_.clear();
  fs::remove_all(old);
}

std::vector<Writer::Member> views_of(const Members& members) { return {members.begin(), members.end()}; }

}  // namespace quix::tool
