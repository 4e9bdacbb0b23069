// The binary index and scanning give the same samples; an index that is stale, damaged or of other shards is not used.
#include <check.hpp>

#include <chrono>
#include <random>

#include <quix/data.hpp>

using namespace quix;
namespace fs = std::filesystem;

namespace {

ByteView bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

void fill(const fs::path& folder, WriterOptions options = {.max_samples = 40}, int begin = 0, int end = 100) {
  Writer writer(folder, options);
  for (int i = begin; i < end; ++i) {
    std::vector<Writer::Member> members;
    const auto text = std::string(static_cast<std::size_t>(i * 37 % 1500), 'x'), cls = std::to_string(i % 7);
    members.emplace_back("txt", bytes(text));
    members.emplace_back("cls", bytes(cls));
    if (i % 5 == 0) members.emplace_back("a.npy", bytes("extra"));
    writer.write("train", (i % 9 == 0 ? std::string(120, 'k') : "k") + std::to_string(i), members);
  }
  writer.finish();
}

using Columns = std::vector<TarIndex::Column>;
const Columns columns{{"txt", false, false}, {"cls", true, false}};

TarIndex open(const fs::path& folder, const Columns& asked = columns) {
  return TarIndex::open(folder, "train", find_shards(folder, "train"), asked, {});
}

bool same(const TarIndex& a, const TarIndex& b) {
  if (a.size() != b.size() || a.left_out() != b.left_out()) return false;
  std::vector<std::byte> one, two;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a.key(i) != b.key(i) || a.shard_of(i) != b.shard_of(i)) return false;
    for (std::size_t c = 0; c < a.columns().size(); ++c) {
      if (a.columns()[c].is_class
              ? a.class_of(i, c) != b.class_of(i, c)
              : a.span(i, c).offset != b.span(i, c).offset || a.span(i, c).size != b.span(i, c).size)
        return false;
    }
  }
  return true;
}

/// Gives a file back its time after its bytes were changed.
void overwrite(const fs::path& path, const std::string& text) {
  const auto time = fs::last_write_time(path);
  io::Sink(path).write(text);
  fs::last_write_time(path, time);
}

using Paths = std::vector<fs::path>;

struct Number {
  Class<"cls"> label;
  Index index;
};

void index_and_scan(const fs::path& set, const Paths& shards) {
  CHECK_EQ(shards.size(), 3u);
  for (const auto& asked : {columns, Columns{{"a.npy", false, false}, {"cls", true, false}},
                            Columns{{"cls", true, false}}, Columns{{"txt", false, true}}}) {
    const TarIndex scan(shards, asked);
    CHECK_EQ(open(set, asked).source(), "index");
    CHECK(same(open(set, asked), scan));
    for (const unsigned threads : {1u, 5u}) CHECK(same(TarIndex(shards, asked, {.threads = threads}), scan));
  }
  CHECK_EQ(TarIndex(shards, {{"a.npy", false, false}}).left_out(), 80u);
  // A class number asked for as bytes is in no index; the shards have it.
  CHECK_EQ(open(set, {{"cls", false, false}}).source(), "scan");
  std::vector<std::byte> buffer;
  CHECK(open(set, {{"cls", false, false}}).read(3, 0, buffer)[0] == std::byte{'3'});
  const auto partial =
      TarIndex::open(set, "train", shards, {{"a.npy", false, false}}, {.threads = 1, .keep_partial = true});
  CHECK(partial.size() == 100 && partial.has(5, 0) && !partial.has(6, 0));
  CHECK_ERROR(open(set, {{"png", false, false}}),
              "no sample has all of the members png; the shards hold members ending in txt, cls, a.npy");
}

/// Damage anywhere in the binary index: it is passed over, and the rest is right.
void damaged_index(const fs::path& set, const TarIndex& scan, std::mt19937& random) {
  const auto whole = io::read_text(set / "train.index");
  for (int round = 0; round < 300; ++round) {
    auto text = whole;
    if (round % 3 == 0)
      text.resize(random() % text.size());
    else
      text[round < 150 ? random() % 200 : random() % text.size()] ^= static_cast<char>(1 + random() % 255);
    io::Sink(set / "train.index").write(text);
    const auto index = open(set);
    if (text == whole ? index.source() != "index" : index.source() == "index" || !same(index, scan)) {
      test::fail(__FILE__, __LINE__, "a damaged index was taken, round " + std::to_string(round));
      break;
    }
  }
}

/// Python quix's JSON is read as it is written here; what is damaged counts fewer members, or is refused.
void damaged_json(const fs::path& folder, const fs::path& set, std::mt19937& random) {
  const auto json = io::read_text(set / "train.idx.json");
  CHECK_EQ(TarIndex::parse_json(set / "train.idx.json"), 220u);
  for (int round = 0; round < 300; ++round) {
    auto text = json;
    if (round % 3 == 0)
      text.resize(random() % text.size());
    else
      text[random() % text.size()] = static_cast<char>(" {}\",:0129k\\"[random() % 13]);
    io::Sink(folder / "json").write(text);
    try {
      if (TarIndex::parse_json(folder / "json") > 220) test::fail(__FILE__, __LINE__, "members out of nothing");
    } catch (const Error&) {}
  }
}

/// An index older than a shard is not taken.
void older_index(const fs::path& set, const Paths& shards, const TarIndex& scan) {
  TarIndex::save(set, "train", shards);
  CHECK_EQ(open(set).source(), "index");
  fs::last_write_time(shards[1], fs::last_write_time(set / "train.index") + std::chrono::seconds(2));
  CHECK_EQ(open(set).source(), "scan");
  CHECK(same(open(set), scan));
}

/// A shard that is not the one of the index: longer, with an older time; another label in place, with the same time;
/// with a member more at its end.
void other_shards(const fs::path& folder, const fs::path& set, const Paths& shards) {
  for (const bool older : {false, true}) {
    TarIndex::save(set, "train", shards);
    const auto shard = io::read_text(shards[2]);
    auto label = shard;
    const auto at = label.find("k97.cls");
    CHECK(at != std::string::npos);
    const auto was = open(set).class_of(97, 1);
    label[at + 512] = static_cast<char>('0' + (was + 1) % 7);
    overwrite(shards[2], label);
    if (older) fs::last_write_time(shards[2], fs::last_write_time(shards[2]) - std::chrono::hours(1));
    CHECK_EQ(open(set).source(), "scan");
    CHECK_EQ(open(set).class_of(97, 1), (was + 1) % 7);
    fill(folder / "longer", {.max_samples = 40}, 80, 105);
    overwrite(shards[2], io::read_text(folder / "longer/train_0000.tar"));
    if (older) fs::last_write_time(shards[2], fs::last_write_time(set / "config.json") - std::chrono::hours(1));
    CHECK_EQ(open(set).source(), "scan");
    CHECK_EQ(open(set).size(), 105u);
    fs::remove_all(folder / "longer");
    overwrite(shards[2], shard);
  }
}

/// A copy, whose files changed last when they were made, has the index of its original.
void copied_set(const fs::path& folder, const fs::path& set, const Paths& shards, const TarIndex& scan) {
  TarIndex::save(set, "train", shards);
  fs::create_directories(folder / "copy");
  for (const auto& entry : fs::directory_iterator(set)) {
    fs::copy(entry.path(), folder / "copy" / entry.path().filename());
    fs::last_write_time(folder / "copy" / entry.path().filename(), fs::last_write_time(entry.path()));
  }
  CHECK_EQ(open(folder / "copy").source(), "index");
  CHECK(same(open(folder / "copy"), scan));
}

/// An index that lies: reading says so.
void lying_index(const fs::path& set, const Paths& shards) {
  TarIndex::save(set, "train", shards);
  std::vector<std::byte> buffer;
  for (const bool mapped : {false, true}) {
    auto index = open(set, {{"txt", false, mapped}});
    const auto shard = io::read_text(shards[2]);
    overwrite(shards[2], shard.substr(0, 4096));
    if (!mapped) CHECK_ERROR(index.read(99, 0, buffer), "train_0002.tar", "the file is truncated");
    overwrite(shards[2], shard);
  }
}

/// The leading slash, offsets of extended headers, ", " and ": ".
void as_python_writes(const fs::path& set) {
  const auto text = io::read_text(set / "train.idx.json");
  CHECK(text.starts_with(R"({"train_0000.tar": {".txt": {")" + std::string(120, 'k') + R"(0": 0, "k1": )"));
  auto config = io::read_text(set / "config.json");
  config.insert(config.find("train_{"), "/");
  io::replace(set / "config.json", config);
  CHECK_EQ(find_shards(set, "train").size(), 3u);
}

/// Appending continues numbers, counts and suffixes, and gives what one writer would have given.
void appending(const fs::path& folder) {
  fill(folder / "once", {.max_samples = 20}, 0, 100);
  fill(folder / "twice", {.max_samples = 20}, 0, 60);
  fill(folder / "twice", {.max_samples = 20, .append = true}, 60, 100);
  for (const auto& entry : fs::directory_iterator(folder / "once"))
    if (entry.path().extension() != ".index" &&
        io::read_text(entry.path()) != io::read_text(folder / "twice" / entry.path().filename()))
      test::fail(__FILE__, __LINE__, "appending makes another " + entry.path().filename().string());
  CHECK(same(open(folder / "once"), open(folder / "twice")));
}

/// A crash: whole shards are named, the open one is not there.
void crash_and_append(const fs::path& folder) {
  {
    Writer crashed(folder / "crash", {.max_samples = 10});
    for (int i = 0; i < 25; ++i) crashed.write("train", std::to_string(i), {{"cls", bytes("1")}});
    CHECK_EQ(crashed.samples("train"), 25u);
  }
  CHECK_EQ(open(folder / "crash", {{"cls", true, false}}).size(), 20u);
  Writer again(folder / "crash", {.max_samples = 10, .append = true});
  CHECK_EQ(again.samples("train"), 20u);
  for (int i = 20; i < 25; ++i) again.write("train", std::to_string(i), {{"cls", bytes("1")}});
  again.finish();
  CHECK_EQ(open(folder / "crash", {{"cls", true, false}}).size(), 25u);
  CHECK_ERROR(Writer(folder / "crash"), "contains a dataset already", "append");
}

/// Several datasets, and patterns of shards.
void several_and_patterns(const fs::path& once, const fs::path& crash) {
  const auto size = [](const fs::path& dataset, std::string_view split = "train") {
    return has_split(dataset, split) ? TarIndex(find_shards(dataset, split), {{"cls", true, false}}).size() : 0;
  };
  CHECK_EQ(size(once.string() + "::" + crash.string()), 125u);
  CHECK_EQ(size(once / "train_{0000..0002}.tar"), 60u);
  CHECK_EQ(size(once / "train_*.tar"), 100u);
  CHECK_EQ(size(once / "{split}_*.tar"), 100u);
  CHECK_EQ(size(once / "{split}_*.tar", "val"), 0u);
  CHECK_EQ(size(once / "train_*.tar", "val"), 0u);
  CHECK_EQ(size((once / "*_000{0..1}.tar").string() + "::" + (crash / "*_0002.tar").string()), 45u);
  CHECK_EQ(size(once / "*.tar", "val"), 0u);
  CHECK_ERROR(find_shards(once / "nothing_*.tar", "train"), "no shards of the split train match");
  CHECK_ERROR(TarIndex(find_shards(once / "train_{0003..0007}.tar", "train"), {}), "train_0005.tar",
              "cannot be opened");
  const Split<Number> both(once.string() + "::" + crash.string(), "train");
  CHECK_EQ(both.size(), 125u);
  Loader<Number> loader(both, {.batch_size = 125, .threads = 1});
  for (auto& batch : loader.epoch()) CHECK_EQ(batch.index.data<std::int64_t>()[124], 124);
}

/// Compressed shards: unpacked into memory, the same samples; damaged or too large ones say so.
void compressed_shards(const fs::path& folder, const fs::path& once, const std::string& program,
                       const std::string& suffix) {
  if (std::system(("command -v " + program + " > /dev/null").c_str()) != 0) {
    std::printf("skipped: there is no %s here\n", program.c_str());
    return;
  }
  const auto packed = folder / ("packed" + suffix);
  fs::create_directories(packed);
  for (const auto& shard : find_shards(once, "train"))
    CHECK_EQ(std::system((program + " -c '" + shard.string() + "' > '" +
                          (packed / (shard.filename().string() + suffix)).string() + "'")
                             .c_str()),
             0);
  CHECK_EQ(find_shards(packed, "train").size(), find_shards(once, "train").size());
  std::vector<std::byte> buffer;
  for (const bool mapped : {false, true}) {
    const Columns asked{{"txt", false, mapped}, {"cls", true, false}};
    CHECK(same(open(packed, asked), TarIndex(find_shards(once, "train"), asked)));
    CHECK_EQ(open(packed, asked).read(57, 0, buffer).size(), open(once, asked).span(57, 0).size);
  }
  const auto first = find_shards(packed, "train").front();
  const io::File file(first);
  // Too large for the memory: unpacked into a temporary file, to the same bytes.
  const auto in_memory = unpacked(file, std::uint64_t{1} << 30), on_disk = unpacked(file, 1000);
  CHECK_EQ(in_memory.size(), on_disk.size());
  std::vector<std::byte> a(in_memory.size()), b(in_memory.size());
  in_memory.read_all(0, a.data(), a.size()), on_disk.read_all(0, b.data(), b.size());
  CHECK(a == b && !a.empty());
  CHECK_ERROR(quix::detail::open_temporary(first, ~std::uint64_t{0}), "too large when unpacked for the memory and for ",
              "set TMPDIR to a directory with more space");
  ::setenv("TMPDIR", "/proc", 1);
  CHECK_ERROR(unpacked(file, 1000), "/proc: no temporary file can be created", "set TMPDIR to");
  ::unsetenv("TMPDIR");
  const auto text = io::read_text(first);
  io::Sink(first).write(text.substr(0, text.size() / 2));
  CHECK_ERROR(open(packed), "train_0000.tar" + suffix);
}

}  // namespace

TESTS {
  const test::Folder folder("index");
  const auto set = folder.path / "set";
  fill(set);
  const auto shards = find_shards(set, "train");
  index_and_scan(set, shards);
  const TarIndex scan(shards, columns);
  std::mt19937 random(3);
  damaged_index(set, scan, random), damaged_json(folder.path, set, random);
  older_index(set, shards, scan), other_shards(folder.path, set, shards), copied_set(folder.path, set, shards, scan);
  lying_index(set, shards), as_python_writes(set);
  appending(folder.path), crash_and_append(folder.path);
  const auto once = folder.path / "once", crash = folder.path / "crash";
  several_and_patterns(once, crash);
  for (const auto& [program, suffix] : {std::pair<std::string, std::string>{"gzip", ".gz"}, {"xz", ".xz"}})
    compressed_shards(folder.path, once, program, suffix);
  return 0;
}
