#include "output.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "interrupt.hpp"

namespace quix::tool {

namespace fs = std::filesystem;

namespace {

/// "set.new.1234": next to the dataset, and nobody else's.
fs::path beside(fs::path path, const std::string& word) {
  path += "." + word + "." + std::to_string(::getpid());
  return path;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// The names in a directory, sorted; none where there is no directory.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code code;
  if (!fs::is_directory(folder, code)) return out;
  fs::directory_iterator at(folder, code);
  for (; !code && at != fs::directory_iterator(); at.increment(code)) out.push_back(at->path().filename().string());
  if (code) throw Error(folder.string(), "cannot be read: " + code.message());
  std::sort(out.begin(), out.end());
  return out;
}

/// What a dataset consists of, by its config.json: that, the shards, and the indices of its splits.
class Parts {
 public:
  explicit Parts(const fs::path& dataset) : dataset_(dataset) {
    const auto config = dataset / "config.json";
    if (!is_there(config)) return;
    try {
      const auto root = json::parse(io::read_text(config), config.string());
      const auto* extensions = root.find("extensions");
      is_dataset_ = extensions && extensions->kind == Node::Kind::list;
      for (const auto& [split, pattern] : detail::listed_splits(dataset)) {
        is_dataset_ = true;
        splits_.insert(split);
        for (const auto& name : expand_braces(pattern.substr(pattern.starts_with('/') ? 1 : 0))) shards_.insert(name);
      }
    } catch (const Error&) {
      is_dataset_ = false;  // of something else
    }
  }

  bool contain(std::string name) const {
    std::error_code ignored;
    if (!is_dataset_ || !fs::is_regular_file(dataset_ / name, ignored)) return false;
    if (name.ends_with(".part")) name.resize(name.size() - 5);  // of a writer that did not end
    if (name == "config.json" || shards_.contains(name)) return true;
    return std::any_of(splits_.begin(), splits_.end(), [&](const std::string& split) {
      if (!name.starts_with(split)) return false;
      const auto rest = std::string_view(name).substr(split.size());
      const auto digits = rest.substr(0, rest.find('.'));
      return rest == ".index" || rest == ".idx.json" ||
             (rest == std::string(digits) + ".tar" && digits.size() > 1 && digits[0] == '_' &&
              digits.find_first_not_of("0123456789", 1) == digits.npos);  // one that a writer did not list yet
    });
  }

 private:
  fs::path dataset_;
  bool is_dataset_ = false;
  std::set<std::string> splits_, shards_;
};

/// Throws Error when a directory that is to be replaced holds something else than a dataset.
void require_only_parts(const fs::path& dataset) {
  const Parts parts(dataset);
  for (const auto& name : names_in(dataset))
    if (!parts.contain(name))
      throw Error("--overwrite", dataset.string() + " holds " + name + ", which is not part of a dataset" +
                                     (name == "config.json" ? " (its config.json names no shards)" : "") +
                                     "; move it elsewhere, or write to another directory");
}

/// Whether a path is a directory or is in it.
bool is_within(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

/// Without links, dots and a slash at the end.
fs::path plain(const fs::path& path) {
  auto out = fs::weakly_canonical(fs::absolute(path));
  return out.filename().empty() && out.has_relative_path() ? out.parent_path() : out;
}

}  // namespace

void require_apart(const fs::path& destination, const std::vector<fs::path>& sources) {
  if (destination.empty()) throw Error("DATASET", "expected a directory, got nothing");
  const auto to = plain(destination);
  for (const auto& source : sources) {
    const auto from = plain(source);
    const bool within = is_within(to, from), around = is_within(from, to);
    if (!within && !around) continue;
    throw Error(destination.string(),
                (within && around ? "is the source itself"
                                  : (within ? "is in the source " : "holds the source ") + source.string()) +
                    "; write to a directory apart from it");
  }
}

void require_split_name(const std::string& option, const std::string& name) {
  if (const auto problem = detail::split_name_problem(name); !problem.empty())
    throw Error(option, "the name of the split \"" + name + "\" " + problem + "; write letters and digits");
}

DirectoryLock::DirectoryLock(const fs::path& folder) : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  // Where a file system cannot lock a directory, two writers are told apart when they move their shards into it.
  if (fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(fd_);
    throw Error(folder.string(), "is being written by another process; wait for it, or write to another directory");
  }
}

DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) ::close(fd_);
}

Output::Output(const fs::path& dataset, const WriteOptions& options)
    : dataset_(dataset), overwrite_(options.overwrite) {
  if (options.overwrite && options.append) throw Error("--overwrite", "cannot be combined with --append; drop one");
  if (dataset_.filename().empty()) dataset_ = dataset_.parent_path();  // "set/"
  std::error_code ignored;
  const auto status = fs::symlink_status(dataset_, ignored);
  if (fs::is_symlink(status)) {
    if (!is_there(dataset_)) throw Error(dataset.string(), "is a link to nothing; remove it, or write elsewhere");
    dataset_ = fs::canonical(dataset_);
  }
  if (is_there(dataset_) && !fs::is_directory(dataset_, ignored))
    throw Error(dataset.string(), "is not a directory; write to another place");
  const bool is_dataset = is_there(dataset_ / "config.json");
  if (!options.overwrite && !options.append && is_dataset)
    throw Error(dataset.string(),
                "holds a dataset already (config.json); replace it with --overwrite, add to it with "
                "--append, or write to another directory");
  if (is_there(dataset_)) lock_.emplace(dataset_);
  if (options.overwrite) require_only_parts(dataset_);
  for (const auto& name : names_in(dataset_))
    if (!is_dataset && detail::resembles_shard(name))
      throw Error(dataset.string(), "holds " + name + " without a config.json; write to another directory");
  in_place_ = is_there(dataset_) && !options.overwrite;
  // In place on the dataset's own file system, which need not be that of the directory above.
  temporary_ = in_place_ ? dataset_ / (".new." + std::to_string(::getpid())) : beside(dataset_, "new");
  WriterOptions writing{.max_samples = static_cast<std::uint64_t>(options.shard_samples), .append = options.append};
  if (in_place_) writing.staging = temporary_;
  catch_interrupts();
  writer_.emplace(in_place_ ? dataset_ : temporary_, writing);
}

Output::~Output() {
  writer_.reset();
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void Output::write(const std::string& split, const fs::path& source, const std::string& key,
                   const std::vector<Writer::Member>& members) {
  std::set<std::string_view> suffixes;
  for (const auto& member : members)
    if (!suffixes.insert(member.first).second)
      throw Error(source.string() + ", member " + key + "." + member.first, "duplicate member in one sample");
  throw_interrupt();
  try {
    writer_->write(split, key, members);
    ++written_;
  } catch (const Error& error) {
    const auto& problem = error.problems().front();
    if (problem.where != (in_place_ ? dataset_ : temporary_).string()) throw;
    throw Error(source.string() + ", sample " + key, problem.what);
  }
}

void Output::finish() {
  if (written_ == 0) throw Error(dataset_.string(), "there are no samples to write");
  throw_interrupt();
  writer_->finish();
  if (in_place_) return;  // the temporary directory is empty
  if (!is_there(dataset_) || !overwrite_) {
    io::move_new(temporary_, dataset_);
    temporary_.clear();
    return;
  }
  require_only_parts(dataset_);  // something may have come meanwhile
  const auto old = beside(dataset_, "old");
  io::move_new(dataset_, old);
  try {
    io::move_new(temporary_, dataset_);
  } catch (const Error&) {
    io::move_new(old, dataset_);
    throw;
  }
  temporary_.clear();
  const Parts parts(old);
  std::error_code code;
  for (const auto& name : names_in(old))
    if (parts.contain(name)) fs::remove(old / name, code);
  if (!fs::remove(old, code))
    throw Error(old.string(), "was the dataset before, and cannot be removed: " + code.message());
}

std::vector<Writer::Member> views_of(const Members& members) { return {members.begin(), members.end()}; }

}  // namespace quix::tool
