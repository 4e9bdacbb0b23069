#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <quix/cfg/terminal.hpp>
#include <quix/data/parallel.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "members.hpp"
#include "survey.hpp"

// verify and stat: both look at every member of every shard, shards in parallel.

namespace quix::tool {
namespace {

namespace fs = std::filesystem;

struct Options {
  fs::path dataset{};
  int threads = 0;
  bool progress = true;
  int limit = 50;
  std::vector<std::string> members{};

  static constexpr std::array notes = {
      quix::note<&Options::dataset>("name, directory, archive or pattern", {.required = true, .positional = true}),
      quix::note<&Options::threads>("reader threads; 0: one per core", {.min = 0, .max = 1024}),
      quix::note<&Options::progress>("show a progress bar on a terminal"),
      quix::note<&Options::limit>("problems to show per split", {.min = 1}),
      quix::note<&Options::members>("suffixes that every sample needs; default: all that occur"),
  };
};

/// The moments of a channel's values.
struct Channel {
  double sum = 0, square = 0, count = 0;
};

struct Suffix {
  std::uint64_t members = 0, bytes = 0, turned = 0;  ///< turned: images whose EXIF orientation is not upright
  std::map<std::int64_t, std::uint64_t> classes;
  std::int64_t top = -1;  ///< the greatest class
  std::string top_at;     ///< its member
  std::map<std::string, std::uint64_t> words;
  std::array<Channel, 3> channels{};

  void add(const Suffix& other) {
    members += other.members, bytes += other.bytes, turned += other.turned;
    for (const auto& [k, n] : other.classes) classes[k] += n;
    if (other.top > top) top = other.top, top_at = other.top_at;
    for (const auto& [k, n] : other.words) words[k] += n;
    for (std::size_t c = 0; c < 3; ++c)
      channels[c].sum += other.channels[c].sum, channels[c].square += other.channels[c].square,
          channels[c].count += other.channels[c].count;
  }
};

/// A line of the report. Those of one cause differ in names and numbers.
struct Fault {
  std::string text, cause;
};

Fault fault(const std::string& where, const std::string& what) {
  std::string cause;
  bool quoted = false;
  for (const char c : what) {
    quoted ^= c == '"';
    if (!quoted && (c < '0' || c > '9')) cause += c;
  }
  return {where + what, cause};
}

Fault fault(const Error& error) { return {error.what(), fault("", error.problems().front().what).cause}; }

/// Whether members of a suffix are classes, and not numbers of samples.
bool holds_classes(std::string_view suffix, const DeclaredClasses& declared) {
  if (declared.count > 0 && suffix == declared.suffix) return true;
  const auto last = suffix.substr(suffix.rfind('.') + 1);
  return detail::names_class(suffix) && last != "index" && last != "inx" && last != "id";
}

std::int64_t declared_count(std::string_view suffix, const DeclaredClasses& declared) {
  return suffix == declared.suffix ? declared.count : 0;
}

struct Result {
  std::map<std::string, Suffix> suffixes;
  std::uint64_t samples = 0, members = 0;
  ShardSurvey survey;
  std::vector<Fault> problems;
  std::vector<LeftOut> left_out;
};

Result read_shard(const fs::path& path, std::uint64_t memory, const DeclaredClasses& declared,
                  std::atomic<std::uint64_t>& read) {
  Result out;
  out.survey.shard = path;
  ImageDecoder decoder;
  ImageBuffer image;
  std::string key, where;
  std::vector<std::string> seen;  // in a sample
  try {
    const auto file = open_shard(path, memory);
    TarScan tar(file);
    while (tar.next_member()) {
      where = path.string() + ", member " + tar.name() + " (offset " + std::to_string(tar.span().offset) + "): ";
      read += tar.span().size + 512;
      const auto& suffix = tar.suffix();
      if (tar.name().starts_with('/') || tar.name().starts_with("../") || tar.name().find("/../") != std::string::npos)
        out.problems.push_back(fault(where, "its name leads out of the archive"));
      if (tar.key() != key) {
        seen.clear();
        key = tar.key();
      }
      ++out.members;
      out.survey.add(key, suffix);
      if (std::find(seen.begin(), seen.end(), suffix) == seen.end())
        seen.push_back(suffix);
      else
        out.problems.push_back(fault(where, "duplicate member in one sample"));
      auto& s = out.suffixes[suffix];
      ++s.members, s.bytes += tar.span().size;
      try {
        const auto decoded = decode_member(suffix, tar.bytes(), decoder, image);
        s.turned += decoded.orientation != 1;
        if (decoded.number && holds_classes(suffix, declared)) {
          const auto known = declared_count(suffix, declared);
          if (*decoded.number > s.top) s.top = *decoded.number, s.top_at = where;
          if (*decoded.number < 0 || known > 0)
            if (const auto what = detail::class_fault(*decoded.number, known, false, 0); !what.empty())
              out.problems.push_back(fault(where, what));
        }
        if (decoded.number)
          ++s.classes[*decoded.number];
        else if (s.words.size() < 100 || s.words.contains(decoded.words))
          ++s.words[decoded.words];
        if (kind_of(suffix) == Kind::image) {
          std::array<std::uint64_t, 3> sum{}, square{};
          const auto* p = image.data();
          for (std::size_t i = 0; i < image.bytes(); i += 3)
            for (std::size_t c = 0; c < 3; ++c)
              sum[c] += p[i + c], square[c] += static_cast<std::uint64_t>(p[i + c]) * p[i + c];
          for (std::size_t c = 0; c < 3; ++c) {
            s.channels[c].sum += static_cast<double>(sum[c]), s.channels[c].square += static_cast<double>(square[c]);
            s.channels[c].count += static_cast<double>(image.bytes() / 3);
          }
        }
      } catch (const Error& error) {
        out.problems.push_back(fault(where, error.problems().front().what));
      }
    }
    out.survey.unread = tar.unread();
  } catch (const Error& error) {
    out.problems.push_back(fault(error));
  }
  return out;
}

Result read_split(const Dataset& dataset, const std::string& split, const Options& options) {
  const auto shards = find_shards(dataset.path, split);
  const auto declared = declared_classes(dataset.path);
  std::uint64_t total = 0;
  for (const auto& shard : shards)
    if (fs::exists(shard)) total += fs::file_size(shard);
  std::vector<Result> results(shards.size());
  std::atomic<std::uint64_t> read{0};
  ProgressBar bar(options.progress);
  bar.start("read " + split, total >> 20);
  std::mutex mutex;
  const unsigned threads =
      options.threads > 0 ? static_cast<unsigned>(options.threads) : std::thread::hardware_concurrency();
  const auto memory = half_of_free_memory() / std::max(threads, 1u);
  detail::in_parallel(shards.size(), static_cast<unsigned>(options.threads), [&](std::size_t i) {
    results[i] = read_shard(shards[i], memory, declared, read);
    const std::lock_guard lock(mutex);
    bar.update(read >> 20, std::string_view{});
  });
  bar.clear();
  Result out;
  std::unordered_map<std::string, std::size_t> keys;
  std::vector<ShardSurvey> surveys;
  for (std::size_t i = 0; i < results.size(); ++i) {
    auto& part = results[i];
    out.samples += part.survey.size(), out.members += part.members;
    for (const auto& [suffix, s] : part.suffixes) out.suffixes[suffix].add(s);
    for (auto& problem : part.problems) out.problems.push_back(std::move(problem));
    for (const auto& sample : part.survey.samples) {
      const auto [at, fresh] = keys.emplace(sample.key, i);
      if (!fresh || sample.repeats)
        out.problems.push_back(
            {shards[i].string() + ": the key " + at->first + " is also in " + shards[at->second].filename().string(),
             "key of two samples"});
    }
    surveys.push_back(std::move(part.survey));
  }
  for (const auto& [suffix, s] : out.suffixes)  // the rule for the greatest class, as SplitData::classes has it
    if (s.top >= 0 && declared_count(suffix, declared) == 0)
      if (const auto what = detail::class_fault(s.top, 0, false, s.members); !what.empty())
        out.problems.push_back(fault(s.top_at, what));
  out.left_out = left_out(surveys, options.members);
  return out;
}

/// Python quix reads an idx.json without looking whether it fits the shards.
void check_json(const Dataset& dataset, const std::string& split, Result& result) {
  const auto path = dataset.path / (split + ".idx.json");
  if (!is_one_folder(dataset.path) || !fs::exists(path)) return;
  try {
    const auto listed = TarIndex::parse_json(path);
    if (listed != result.members)
      result.problems.push_back(fault(path.string() + ": ", "lists " + grouped(listed) + " members, the shards have " +
                                                                grouped(result.members) +
                                                                "; remove it, and Python quix makes another"));
  } catch (const Error& error) {
    result.problems.push_back(fault(error));
  }
}

constexpr std::string_view verify_about =
    "Decodes every member of every shard and reports what is damaged and what training leaves out.\n"
    "Exit code: 0 if there is nothing to report, 1 if there is, 2 if the dataset cannot be opened.\n\n"
    "reported                                    answer\n"
    "  class that training refuses               shard, member and offset; config.json declares classes\n"
    "  member that cannot be decoded             shard, member, offset and the decoder's reason\n"
    "  truncated archive, damaged header,        shard, byte and reason; members before that byte\n"
    "  missing end mark                          are checked\n"
    "  damaged compressed shard                  shard and reason; none of its members are checked\n"
    "  listed shard that does not exist          shard, \"cannot be opened\"\n"
    "  shard that config.json does not list      shard\n"
    "  file like a shard: .tar.partial, .tar.md5 file; it is not read, and no problem\n"
    "  split without samples                     split\n"
    "  sample without a suffix that others have  number of samples, the suffixes, and the first; --members\n"
    "                                            names the suffixes that are needed\n"
    "  members of a sample that are not adjacent number of samples and the first\n"
    "  member twice in a sample                  shard, member and offset\n"
    "  key of two samples                        the key and both shards\n"
    "  name without key or suffix                number of files and the first; hidden files are not data\n"
    "  name that leads out of the archive        shard, member and offset\n"
    "  link to no file of the archive            number of links and the first; other links are followed\n"
    "  device, pipe, unknown type                number of entries and the first\n"
    "  bytes after the end mark                  number of samples there, and where the first is\n"
    "  idx.json of other shards                  numbers of members; SPLIT.index is checked when it is read\n";

/// Samples of each class, with the names that the dataset declares.
void show_classes(const std::map<std::int64_t, std::uint64_t>& classes, const DeclaredClasses& declared) {
  std::uint64_t least = ~std::uint64_t{0}, most = 0, sum = 0;
  for (const auto& [c, n] : classes) least = std::min(least, n), most = std::max(most, n), sum += n;
  std::printf("    %zu classes, %lld to %lld, of %s to %s samples\n", classes.size(),
              static_cast<long long>(classes.begin()->first), static_cast<long long>(classes.rbegin()->first),
              grouped(least).c_str(), grouped(most).c_str());
  const auto name_of = [&](std::int64_t c) {
    const bool named = c >= 0 && static_cast<std::size_t>(c) < declared.names.size();
    return named ? printable(declared.names[static_cast<std::size_t>(c)]) : std::string();
  };
  std::string absent;
  for (std::int64_t c = 0, shown = 0; c < declared.count && shown <= 40; ++c)
    if (!classes.contains(c))
      absent += (absent.empty() ? "" : ", ") + (++shown > 40 ? "…" : class_text(c, declared.names));
  if (!absent.empty()) std::printf("    declared in config.json, without samples: %s\n", absent.c_str());
  if (classes.size() > 40) return;
  std::size_t width = 0;
  for (const auto& [c, n] : classes) width = std::max(width, text_width(name_of(c)));
  for (const auto& [c, n] : classes) {
    std::string bar;
    for (std::uint64_t i = 0; i < n * 30 / most; ++i) bar += "━";
    std::printf("    %5lld %s%10s  %4.1f %%  %s\n", static_cast<long long>(c),
                width ? (" " + left_aligned(name_of(c), width)).c_str() : "", grouped(n).c_str(),
                100.0 * static_cast<double>(n) / static_cast<double>(sum), bar.c_str());
  }
}

/// Prints the first three faults of each cause and the number of the others, at most `limit` faults.
void show(const std::vector<Fault>& faults, std::size_t limit) {
  std::vector<std::vector<const Fault*>> causes;
  std::unordered_map<std::string, std::size_t> places;
  for (const auto& one : faults) {
    const auto [at, fresh] = places.emplace(one.cause, causes.size());
    if (fresh) causes.emplace_back();
    causes[at->second].push_back(&one);
  }
  std::size_t shown = 0, counted = 0;
  for (const auto& cause : causes)
    for (std::size_t i = 0; i < cause.size(); ++i, ++counted, ++shown) {
      if (shown == limit) {
        std::printf("… and %s more\n", grouped(faults.size() - counted).c_str());
        return;
      }
      if (i == 3) {
        std::printf("… and %s more like this\n", grouped(cause.size() - i).c_str());
        counted += cause.size() - i;
        break;
      }
      std::printf("%s\n", printable(cause[i]->text).c_str());
    }
}

}  // namespace

int data_verify(std::span<const char* const> args) {
  Options options;
  if (!read_command(args, options, "verify", verify_about)) return 0;
  const Dataset dataset(options.dataset);
  std::size_t bad = 0;
  for (const auto& split : dataset.splits) {
    auto result = read_split(dataset, split, options);
    check_json(dataset, split, result);
    for (const auto& cause : result.left_out) result.problems.push_back({cause.text(), cause.text()});
    if (result.samples == 0)
      result.problems.push_back(fault(dataset.split_name(split) + ": ", "the split holds no samples"));
    show(result.problems, static_cast<std::size_t>(options.limit));
    bad += result.problems.size();
    std::printf(
        "%s: %s samples, %s\n", dataset.split_name(split).c_str(), grouped(result.samples).c_str(),
        result.problems.empty()
            ? "all sound"
            : (grouped(result.problems.size()) + (result.problems.size() == 1 ? " problem" : " problems")).c_str());
  }
  for (const auto& line : unlisted(dataset.path)) {
    std::printf("%s\n", printable(line).c_str());
    ++bad;
  }
  for (const auto& line : foreign(dataset.path)) std::printf("%s\n", printable(line).c_str());
  return bad ? 1 : 0;
}

int data_stat(std::span<const char* const> args) {
  Options options;
  constexpr std::string_view about =
      "Counts, sizes, class balance, shapes, and each "
      "channel's mean and standard deviation.\n";
  if (!read_command(args, options, "stat", about)) return 0;
  const Dataset dataset(options.dataset);
  const auto declared = declared_classes(dataset.path);
  for (const auto& split : dataset.splits) {
    const auto result = read_split(dataset, split, options);
    std::printf("%s: %s samples%s\n", dataset.split_name(split).c_str(), grouped(result.samples).c_str(),
                result.problems.empty()
                    ? ""
                    : ("; " + grouped(result.problems.size()) + " problems, see  quix data verify").c_str());
    for (const auto& cause : result.left_out) std::printf("  %s\n", cause.text().c_str());
    for (const auto& [suffix, s] : result.suffixes) {
      std::printf("  %s: %s members, on average of %s bytes\n", printable(suffix).c_str(), grouped(s.members).c_str(),
                  grouped(s.bytes / std::max<std::uint64_t>(s.members, 1)).c_str());
      if (!s.classes.empty()) {
        show_classes(s.classes, suffix == declared.suffix ? declared : DeclaredClasses{});
      } else {
        std::size_t shown = 0;
        for (const auto& [words, n] : s.words)
          if (kind_of(suffix) != Kind::text && shown++ < 5)
            std::printf("    %s: %s\n", words.c_str(), grouped(n).c_str());
        if (s.words.size() > 5 && kind_of(suffix) != Kind::text)
          std::printf("    and %zu other kinds%s\n", s.words.size() - 5, s.words.size() >= 100 ? " or more" : "");
      }
      if (s.turned > 0)
        std::printf("    %s with an EXIF orientation that is not upright; Orientation::apply in the codec turns them\n",
                    grouped(s.turned).c_str());
      if (s.channels[0].count > 0) {
        std::string mean, deviation;
        for (const auto& c : s.channels) {
          const double m = c.sum / c.count;
          mean += (mean.empty() ? "" : ", ") + fixed_text(m / 255, 4);
          deviation += (deviation.empty() ? "" : ", ") +
                       fixed_text(std::sqrt(std::max(0.0, c.square / c.count - m * m)) / 255, 4);
        }
        std::printf("    mean [%s], std [%s] of values in 0…1\n", mean.c_str(), deviation.c_str());
      }
    }
  }
  return 0;
}

}  // namespace quix::tool
