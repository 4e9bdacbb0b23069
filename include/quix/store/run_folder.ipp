#pragma once

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <ctime>

#include <fcntl.h>
#include <unistd.h>

#include <quix/cfg/json.hpp>
#include <quix/io/safetensors.hpp>
#include <quix/io/sha256.hpp>
#include <quix/store/entry.hpp>
#include <quix/store/run_folder.hpp>

namespace quix {
namespace detail {

inline std::string time_text(const char* format) {
  const auto now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

inline void put(Node& map, std::string_view key, Node value) {
  for (auto& member : map.members)
    if (member.key == key) {
      member.value = std::move(value);
      return;
    }
  map.members.push_back({.key = std::string(key), .value = std::move(value)});
}

/// Removes only the run's files: the directory may also contain a user's files.
inline void remove_run_files(const std::filesystem::path& run) {
  for (const char* file : {"run.json", "config.yaml", "metrics.jsonl", "timing.jsonl", "log.txt"})
    std::filesystem::remove(run / file);
  for (const char* folder : {"logs", "plots", "checkpoints"}) std::filesystem::remove_all(run / folder);
}

/// Removes the parts of checkpoints that killed processes were writing or removing.
inline void remove_parts(const std::filesystem::path& checkpoints) {
  std::vector<std::filesystem::path> parts;
  for (const auto& entry : std::filesystem::directory_iterator(checkpoints))
    if (entry.path().filename().string().starts_with(".part-")) parts.push_back(entry.path());
  std::error_code ignored;
  for (const auto& part : parts) std::filesystem::remove_all(part, ignored);
}

}  // namespace detail

QUIX_INLINE void check_run_name(std::string_view name) {
  const bool control = std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos || name.front() == '-' || control)
    throw Error("--name", "expected a plain directory name" +
                              std::string(control ? " without control characters" : "") + ", got " +
                              (name.empty() ? "nothing" : printable(name)));
}

QUIX_INLINE std::string fresh_run_name(const std::filesystem::path& runs, std::string_view experiment) {
  const auto stem = detail::time_text("%Y-%m-%d_%H%M%S");
  auto name = stem;
  for (int i = 2; std::filesystem::exists(runs / experiment / name); ++i) name = stem + "_" + std::to_string(i);
  return name;
}

QUIX_INLINE RunFolder RunFolder::create(const std::filesystem::path& runs, const RunFacts& facts, bool replace) {
  namespace fs = std::filesystem;
  RunFolder run;
  run.path_ = runs / facts.experiment / facts.name;
  const auto require_new = [&] {
    if (fs::exists(run.path_ / "run.json") && !replace)
      throw Error(
          run.path_.string(),
          "this run exists already; continue it with --resume, replace it with --overwrite, or use a new --name");
  };
  require_new();
  io::make_folder(run.path_);
  // Also if a replacement was interrupted: its leftover files would look like the new run's.
  const bool old_run = replace || fs::exists(run.path_ / ".lock");
  run.lock_ = RunLock(run.path_);
  require_new();  // another process may have created it, and ended, since the first check
  if (old_run) detail::remove_run_files(run.path_);
  io::make_folder(run.checkpoints());
  auto& r = run.record_;
  r.kind = Node::Kind::map;
  const auto text = [&](const char* key, const std::string& value) { detail::put(r, key, Node::quoted(value)); };
  text("experiment", facts.experiment);
  text("name", facts.name);
  text("state", "starting");
  text("started", detail::time_text("%Y-%m-%dT%H:%M:%S%z"));
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  text("host", host);
  text("folder", facts.folder);
  text("command", facts.command);
  detail::put(r, "seed", Node::plain(std::to_string(facts.seed)));
  detail::put(r, "format", Node::plain(std::to_string(run_format)));
  text("git", facts.git);
  detail::put(r, "dirty", Node::plain(facts.dirty ? "true" : "false"));
  text("compiler", facts.compiler);
  text("flags", facts.flags);
  text("libtorch", facts.libtorch);
  return run;
}

QUIX_INLINE RunFolder RunFolder::reopen(const std::filesystem::path& folder, double lock_wait, void (*waiting)()) {
  RunFolder run;
  run.path_ = folder;
  const auto require_run = [&] {
    if (!std::filesystem::exists(folder / "run.json"))
      throw Error(
          folder.string(),
          "no run found (no run.json); name a run of this experiment with --name, or start one without --resume");
  };
  require_run();  // no lock in a directory without a run
  run.lock_ = RunLock(folder, lock_wait, waiting);
  require_run();
  run.record_ = *record_of_run(folder);
  io::make_folder(run.checkpoints());
  detail::remove_parts(run.checkpoints());  // nobody else writes there, under the lock
  return run;
}

QUIX_INLINE void RunFolder::note(std::string_view key, Node value) { detail::put(record_, key, std::move(value)); }

QUIX_INLINE void RunFolder::note_config(std::string_view yaml) {
  Node hashes{.kind = Node::Kind::list};
  if (const auto* known = record_.find("config_sha256"); known && !known->items.empty())
    hashes.items.push_back(known->items.back());
  hashes.items.push_back(Node::quoted(io::Sha256::of(yaml)));
  note("config_sha256", std::move(hashes));
}

QUIX_INLINE void RunFolder::check_config() const {
  const auto* known = record_.find("config_sha256");
  const auto file = path_ / "config.yaml";
  if (!known || known->items.empty()) return;  // of an older program
  const auto now = io::Sha256::of(io::read_text(file));
  if (std::none_of(known->items.begin(), known->items.end(), [&](const Node& hash) { return hash.text == now; }))
    throw Error(file.string(), "changed since the run wrote it; restore it, or start a new run from it with  --from " +
                                   path_.string());
}

QUIX_INLINE void RunFolder::remove() {
  require_here();
  detail::remove_run_files(path_);
  std::error_code ignored;
  std::filesystem::remove(path_ / ".lock", ignored);
  // Directories that hold nothing else: of the run, of the experiment's runs, of all.
  auto folder = path_;
  for (int i = 0; i < 3 && std::filesystem::remove(folder, ignored); ++i) folder = folder.parent_path();
}

QUIX_INLINE void RunFolder::require_here() const {
  if (!lock_.still_held())
    throw Error(path_.string(),
                "renamed or removed while this process trains in it; nothing more is saved. Its checkpoints are in the "
                "renamed directory");
}

QUIX_INLINE void RunFolder::set_state(std::string_view state) {
  require_here();
  detail::put(record_, "state", Node::quoted(std::string(state)));
  detail::put(record_, "changed", Node::quoted(detail::time_text("%Y-%m-%dT%H:%M:%S%z")));
  io::replace(path_ / "run.json", json::write(record_) + "\n");
}

QUIX_INLINE std::optional<Node> record_of_run(const std::filesystem::path& folder) {
  const auto file = folder / "run.json";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::nullopt;
  auto record = json::parse(io::read_text(file), file.string());
  if (record.kind != Node::Kind::map) throw Error(file.string(), "not a record of a run: expected a group");
  const auto* format = record.find("format");
  if (const auto found = format ? detail::Entry(file, "format", *format).number() : 1; found > run_format)
    throw Error(file.string(), "format " + std::to_string(found) + " of a newer quix, but this program reads up to " +
                                   std::to_string(run_format) + "; rebuild it with the newer quix");
  return record;
}

namespace detail {

/// An integer in run.json; `otherwise` if not recorded.
QUIX_INLINE std::int64_t number_of_run(const std::filesystem::path& folder, const char* name, std::int64_t otherwise) {
  const auto record = record_of_run(folder);
  const auto* value = record ? record->find(name) : nullptr;
  return value ? Entry(folder / "run.json", name, *value).number() : otherwise;
}

}  // namespace detail

QUIX_INLINE std::int64_t classes_of_run(const std::filesystem::path& folder) {
  return detail::number_of_run(folder, "classes", 0);
}
QUIX_INLINE std::string state_of_run(const std::filesystem::path& folder) {
  const auto record = record_of_run(folder);
  const auto* value = record ? record->find("state") : nullptr;
  return value ? value->text : std::string();
}
QUIX_INLINE std::int64_t format_of_run(const std::filesystem::path& folder) {
  return detail::number_of_run(folder, "format", 1);
}

QUIX_INLINE std::filesystem::path newest_run(const std::filesystem::path& runs, std::string_view experiment) {
  namespace fs = std::filesystem;
  std::pair<fs::file_time_type, fs::path> newest(fs::file_time_type::min(), "");
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(runs / experiment, code)) {
    if (!fs::exists(entry.path() / "run.json")) continue;
    auto last = fs::last_write_time(entry.path() / "run.json", code);
    // A directory's time is that of the last added or removed checkpoint.
    if (const auto wrote = fs::last_write_time(entry.path() / "checkpoints", code); !code) last = std::max(last, wrote);
    newest = std::max(newest, std::pair(last, entry.path()));
  }
  if (newest.second.empty()) throw Error((runs / experiment).string(), "no run yet; start one without --resume");
  return newest.second;
}

QUIX_INLINE CheckpointWriter::CheckpointWriter(std::filesystem::path checkpoints, std::uint64_t step)
    : checkpoints_(std::move(checkpoints)), aside_(checkpoints_ / (".part-" + std::to_string(step))), step_(step) {
  std::error_code ignored;
  std::filesystem::remove_all(aside_, ignored);
  std::error_code code;  // its entry need not last: commit() renames it
  std::filesystem::create_directory(aside_, code);
  if (code) throw Error(aside_.string(), "cannot be created: " + code.message());
  manifest_.kind = Node::Kind::map;
}

QUIX_INLINE void CheckpointWriter::add(const std::string& file, const std::string& sha256) {
  detail::put(manifest_, file, Node::quoted(sha256));
}

QUIX_INLINE void CheckpointWriter::add_text(const std::string& file, std::string_view text) {
  io::Sink sink(aside_ / file);
  sink.write(text);
  sink.sync();
  add(file, io::Sha256::of(text));
}

QUIX_INLINE void CheckpointWriter::commit(const Retention& retention) {
  namespace fs = std::filesystem;
  {
    io::Sink sink(aside_ / "manifest.json");
    sink.write(json::write(manifest_) + "\n");
    sink.sync();
  }
  io::sync_folder(aside_);
  const auto target = checkpoint_folder(checkpoints_, step_);
  std::error_code code;
  // The same step again, after a resume, a rollback, or a corrupt one: swap the two, so that one is intact at any time.
  if (::renameat2(AT_FDCWD, aside_.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) {
    fs::remove_all(aside_, code);
  } else {
    if (errno != ENOENT) remove_checkpoint(target);  // a file system that cannot exchange
    fs::rename(aside_, target, code);
    if (code) throw Error(target.string(), "cannot be renamed: " + code.message());
  }
  io::sync_folder(checkpoints_);
  for (const auto step : retention.dropped(checkpoint_steps(checkpoints_)))
    if (step != step_) remove_checkpoint(checkpoint_folder(checkpoints_, step));
}

QUIX_INLINE std::filesystem::path checkpoint_folder(const std::filesystem::path& checkpoints, std::uint64_t step) {
  auto digits = std::to_string(step);
  if (digits.size() < 8) digits.insert(0, 8 - digits.size(), '0');
  return checkpoints / digits;
}

QUIX_INLINE void remove_checkpoint(const std::filesystem::path& checkpoint) {
  namespace fs = std::filesystem;
  std::error_code ignored, failed;
  const auto aside = checkpoint.parent_path() / (".part-removed-" + checkpoint.filename().string());
  fs::remove_all(aside, ignored);
  fs::rename(checkpoint, aside, failed);
  fs::remove_all(failed ? checkpoint : aside, ignored);
}

QUIX_INLINE void drop_checkpoints_after(const std::filesystem::path& checkpoints, std::uint64_t step) {
  const auto steps = checkpoint_steps(checkpoints);
  for (auto later = steps.rbegin(); later != steps.rend() && *later > step; ++later)  // the newest first
    remove_checkpoint(checkpoint_folder(checkpoints, *later));
}

QUIX_INLINE std::vector<std::uint64_t> checkpoint_steps(const std::filesystem::path& checkpoints) {
  std::vector<std::uint64_t> steps;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(checkpoints, code)) {
    const auto name = entry.path().filename().string();
    std::uint64_t step = 0;
    const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), step);
    if (bad == std::errc{} && end == name.data() + name.size()) steps.push_back(step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

namespace detail {

/// Throws Error when files of a checkpoint exist and cannot be read: they are not corrupt, and the cause may be
/// temporary.
inline void require_readable(const std::filesystem::path& checkpoint) {
  const auto check = [](const std::filesystem::path& path, int flags) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
    if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
      io::fail(path, "cannot be read (restore access to it, or remove this checkpoint)");
    if (fd >= 0) ::close(fd);
  };
  check(checkpoint, O_DIRECTORY);
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(checkpoint, code)) check(entry.path(), 0);
}

}  // namespace detail

QUIX_INLINE std::string damage(const std::filesystem::path& checkpoint) {
  try {
    const auto manifest =
        json::parse(io::read_text(checkpoint / "manifest.json"), (checkpoint / "manifest.json").string());
    if (manifest.members.empty()) return "the manifest names no files";
    for (const auto& [file, hash, line, column] : manifest.members)
      if (io::hash_file(checkpoint / file) != hash.text) return file + " does not match its hash in the manifest";
  } catch (const Error& error) {
    detail::require_readable(checkpoint);
    return error.what();
  }
  return {};
}

QUIX_INLINE std::optional<std::filesystem::path> newest_checkpoint(const std::filesystem::path& checkpoints,
                                                                   std::vector<std::string>& notices) {
  const auto steps = checkpoint_steps(checkpoints);
  std::vector<Problem> problems;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    const auto folder = checkpoint_folder(checkpoints, *step);
    const auto wrong = damage(folder);
    if (wrong.empty()) {
      for (const auto& problem : problems)
        notices.push_back(problem.where + ": " + problem.what + "; using the previous checkpoint");
      return folder;
    }
    problems.push_back({folder.string(), "corrupt checkpoint (" + wrong + ")", {}});
  }
  if (problems.empty()) return std::nullopt;
  problems.push_back(
      {checkpoints.string(), "no intact checkpoint; restore one, or use --overwrite or a new --name", {}});
  throw Error(std::move(problems));
}

}  // namespace quix
