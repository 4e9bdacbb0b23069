// What a dataset's fingerprint depends on: samples, keys, sizes, labels, their order; not on where they lie.
#include <check.hpp>

#include <functional>

#include <quix/cfg/json.hpp>
#include <quix/data.hpp>

using namespace quix;

namespace {

struct Numbered {
  Npy<"npy", float> x;
  Class<"cls"> label;
};

struct Set {
  int count = 100, shard = 40;
  std::string prefix = "train";
  std::function<std::string(int)> key = [](int i) { return std::to_string(i); };
  std::function<int(int)> label = [](int i) { return i % 7; };
  std::function<std::size_t(int)> padding = [](int) { return 0; };
};

SplitFingerprint of(const std::filesystem::path& folder, const Set& set) {
  std::filesystem::remove_all(folder);
  {
    Writer writer(folder, {.max_samples = static_cast<std::size_t>(set.shard)});
    for (int i = 0; i < set.count; ++i) {
      std::string head = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
      head.resize(117 + set.padding(i), ' ');
      head += '\n';
      std::string npy = std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(head.size()) + '\0' + head;
      npy.append(4, static_cast<char>(i));
      const auto label = std::to_string(set.label(i));
      writer.write(set.prefix, set.key(i),
                   {{"npy", std::as_bytes(std::span(npy))}, {"cls", std::as_bytes(std::span(label))}});
    }
    writer.finish();
  }
  return Split<Numbered>(folder, "train").fingerprint("train");
}

}  // namespace

TESTS {
  const test::Folder folder("fingerprint");
  const auto base = of(folder.path / "a", {});
  CHECK(base.samples == 100 && base.keys && base.sizes && base.labels && !base.values);
  CHECK(of(folder.path / "elsewhere", {.shard = 7}) == base);
  {  // other names of the shards
    namespace fs = std::filesystem;
    fs::create_directories(folder.path / "names");
    int n = 0;
    for (const auto& shard : find_shards(folder.path / "a", "train"))
      fs::copy_file(shard, folder.path / "names" / ("train-" + std::to_string(n++) + ".tar"));
    CHECK(Split<Numbered>(folder.path / "names", "train").fingerprint("train") == base);
    // The index in a file says the same as the scan.
    TarIndex::save(folder.path / "a", "train", find_shards(folder.path / "a", "train"));
    const Split<Numbered> indexed(folder.path / "a", "train");
    CHECK_EQ(indexed.index().source(), "index");
    CHECK(indexed.fingerprint("train") == base);
  }
  const auto only = [&](const Set& set, std::uint64_t SplitFingerprint::*part, const char* text) {
    auto other = of(folder.path / "b", set);
    CHECK(other.*part != base.*part);
    CHECK_EQ(describe_change({base}, {other}), text);
    other.*part = base.*part;
    CHECK(other == base);
  };
  only({.key = [](int i) { return std::to_string(i == 57 ? 1057 : i); }}, &SplitFingerprint::keys, "train: other keys");
  only({.label = [](int i) { return i == 99 ? 3 : i % 7; }}, &SplitFingerprint::labels, "train: other labels");
  only({.padding = [](int i) { return i == 3 ? 64u : 0u; }}, &SplitFingerprint::sizes, "train: other sizes");
  // Two samples that change places.
  const auto swapped = [](int i) { return i == 20 ? 21 : i == 21 ? 20 : i; };
  const auto order = of(folder.path / "b", {.key = [&](int i) { return std::to_string(swapped(i)); },
                                            .label = [&](int i) { return swapped(i) % 7; }});
  CHECK_EQ(describe_change({base}, {order}), "train: other keys, labels");
  const auto fewer = of(folder.path / "b", {.count = 99});
  CHECK_EQ(describe_change({base}, {fewer}), "train: 99 samples, 100 before");
  // More samples than keys are read: every label still counts.
  const auto many = of(folder.path / "b", {.count = 5000, .shard = 3000});
  const auto changed =
      of(folder.path / "b", {.count = 5000, .shard = 3000, .label = [](int i) { return i == 4321 ? 6 : i % 7; }});
  CHECK_EQ(describe_change({many}, {changed}), "train: other labels");
  CHECK(of(folder.path / "b", {.count = 5000, .shard = 100}) == many);

  // Splits that come and go; nothing changed.
  auto val = base;
  val.split = "val";
  CHECK_EQ(describe_change({base}, {base, val}), "val: a new split");
  CHECK_EQ(describe_change({base, val}, {base}), "val: no longer there");
  CHECK_EQ(describe_change({base, val}, {base, val}), "");

  // Arrays in memory: their values.
  const auto array = [&](float last) {
    return Split<Numbered>("memory", {array_of<float>({3, 1}, {1, 2, last}), array_of<std::int64_t>({3}, {0, 1, 0})})
        .fingerprint("train");
  };
  CHECK(array(3) == array(3));
  CHECK_EQ(describe_change({array(3)}, {array(4)}), "train: other values");

  // In a file and back.
  const DataFingerprint both{base, val};
  const auto text = json::write(to_node(both));
  CHECK(read_fingerprint(json::parse(text, "x"), "x") == both);
  CHECK_ERROR(read_fingerprint(json::parse(R"({"train": {}})", "x"), "x.json"), "x.json",
              "train lacks the entry samples");
  CHECK_ERROR(read_fingerprint(json::parse(R"({"train": {"samples": 3, "keys": "xyz"}})", "x"), "x.json"), "xyz");
  return 0;
}
