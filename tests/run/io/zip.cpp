// ZIP archives made here by PKWARE's APPNOTE, large ones too, and the tensors in them; what does not fit is refused.
#include <check.hpp>

#include <cstring>
#include <utility>
#include <vector>

#include <quix/io.hpp>

using namespace quix;

namespace {

std::string little(std::uint64_t value, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

struct Member {
  std::string name, data;
  bool compressed = false;
  bool large = false;           ///< sizes and offset in a ZIP64 field
  std::string padding{};        ///< the local header's extra field, as torch aligns data
  std::uint64_t longer_by = 0;  ///< lies about both sizes
  std::uint64_t packed_by = 0;  ///< lies about one
};

std::string zip(const std::vector<Member>& members, bool large = false, const std::string& comment = "") {
  std::string out, directory;
  for (const auto& m : members) {
    const auto at = out.size(), size = m.data.size() + m.longer_by, packed = size + m.packed_by;
    const auto method = little(m.compressed ? 8 : 0, 2);
    out += "PK\3\4" + little(20, 2) + little(0, 2) + method + little(0, 4) + little(0, 4) + little(packed, 4) +
           little(size, 4) + little(m.name.size(), 2) + little(m.padding.size(), 2) + m.name + m.padding + m.data;
    const auto extra =
        m.large ? little(1, 2) + little(24, 2) + little(size, 8) + little(packed, 8) + little(at, 8) : "";
    const auto number = [&](std::uint64_t value) { return little(m.large ? 0xffffffff : value, 4); };
    directory += "PK\1\2" + little(20, 2) + little(20, 2) + little(0, 2) + method + little(0, 4) + little(0, 4) +
                 number(packed) + number(size) + little(m.name.size(), 2) + little(extra.size(), 2) + little(0, 2) +
                 little(0, 2) + little(0, 2) + little(0, 4) + number(at) + m.name + extra;
  }
  const auto at = out.size(), n = members.size();
  out += directory;
  if (large) {
    const auto end = out.size();
    out += "PK\6\6" + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 4) + little(0, 4) + little(n, 8) +
           little(n, 8) + little(directory.size(), 8) + little(at, 8);
    out += "PK\6\7" + little(0, 4) + little(end, 8) + little(1, 4);
  }
  const auto number = [&](std::uint64_t value, int bytes) { return little(large ? ~std::uint64_t{0} : value, bytes); };
  return out + "PK\5\6" + little(0, 2) + little(0, 2) + number(n, 2) + number(n, 2) + number(directory.size(), 4) +
         number(at, 4) + little(comment.size(), 2) + comment;
}

void archives(const std::filesystem::path& path) {
  const auto read = [&](const std::string& text) {
    io::replace(path, text);
    const io::StoredZip archive(path);
    std::string all;
    for (const auto& [name, member] : archive.members()) {
      std::string data(member.size, '\0');
      archive.file().read_all(member.offset, data.data(), data.size());
      all += (all.empty() ? "" : " ") + name + "=" + data;
    }
    return all;
  };
  const Member a{.name = "a", .data = "alpha"}, b{.name = "b", .data = "beta", .padding = std::string(37, 'F')};
  CHECK_EQ(read(zip({a, b})), "a=alpha b=beta");
  CHECK_EQ(read(zip({a, b}, /*large=*/true)), "a=alpha b=beta");
  CHECK_EQ(read(zip({a, b}, false, std::string(300, 'c'))), "a=alpha b=beta");
  CHECK_EQ(read(zip({a, {.name = "b", .data = "beta", .large = true}})), "a=alpha b=beta");
  CHECK_EQ(read(zip({{.name = "c", .data = "gzip", .compressed = true}, b})), "b=beta");
  CHECK_EQ(read(zip({})), "");
  CHECK_ERROR(read(zip({{.name = "a", .data = "alpha", .packed_by = 1}})), "its member a has two sizes");
  CHECK_ERROR(read(zip({{.name = "a", .data = "alpha", .longer_by = 1000}})), "its member a is truncated");
  CHECK_ERROR(read(zip({{.name = "a", .data = "alpha", .large = true, .longer_by = std::uint64_t{1} << 60}})),
              "its member a is truncated");
  const auto whole = zip({a, b});
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK_ERROR(read(whole.substr(0, n)), "not an intact ZIP archive");
  auto moved = whole;
  moved[0] = 'X';
  CHECK_ERROR(read(moved), "its member a is not where the directory says");
}

/// A pickle of one tensor of floats, as torch.save writes it.
std::string tensor(int offset, const std::vector<int>& sizes, const std::vector<int>& strides) {
  const auto text = [](std::string_view t) { return "X" + little(t.size(), 4) + std::string(t); };
  const auto number = [](int n) { return "J" + little(static_cast<std::uint32_t>(n), 4); };
  const auto tuple = [&](const std::vector<int>& numbers) {
    std::string out = "(";
    for (const int n : numbers) out += number(n);
    return out + "t";
  };
  return "\x80\x02"
         "ctorch._utils\n_rebuild_tensor_v2\n((" +
         text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + number(6) + "tQ" + number(offset) +
         tuple(sizes) + tuple(strides) + "\x89" + "ccollections\nOrderedDict\n)RtR.";
}

void tensors(const std::filesystem::path& path) {
  const float numbers[] = {0, 1, 2, 3, 4, 5};
  std::string data(sizeof numbers, '\0');
  std::memcpy(data.data(), numbers, sizeof numbers);
  const auto read = [&](const std::string& pickle, const std::string& order = "little") {
    io::replace(path, zip({{.name = "x/data.pkl", .data = pickle},
                           {.name = "x/byteorder", .data = order},
                           {.name = "x/data/0", .data = data, .padding = "pad"}}));
    const io::PtFile file(path);
    const auto& entry = file.entries().at("");
    std::vector<float> out(static_cast<std::size_t>(entry.shape.count()));
    file.read(entry, out.data());
    return out;
  };
  CHECK(read(tensor(0, {2, 3}, {3, 1})) == std::vector<float>({0, 1, 2, 3, 4, 5}));
  CHECK(read(tensor(0, {3, 2}, {1, 3})) == std::vector<float>({0, 3, 1, 4, 2, 5}));
  CHECK(read(tensor(3, {3}, {1})) == std::vector<float>({3, 4, 5}));
  CHECK(read(tensor(1, {3}, {2})) == std::vector<float>({1, 3, 5}));
  CHECK(read(tensor(5, {}, {})) == std::vector<float>({5}));
  CHECK(read(tensor(0, {0, 3}, {3, 1})).empty());
  CHECK_ERROR(read(tensor(1, {2, 3}, {3, 1})), "lies beyond its storage");
  CHECK_ERROR(read(tensor(4, {3}, {1})), "lies beyond its storage");
  CHECK_ERROR(read(tensor(6, {}, {})), "lies beyond its storage");
  CHECK_ERROR(read(tensor(7, {1}, {1})), "lies beyond its storage");
  CHECK_ERROR(read(tensor(-1, {1}, {1})), "lies beyond its storage");
  CHECK_ERROR(read(tensor(0, {-2}, {1})), "has a negative size or stride");
  CHECK_ERROR(read(tensor(5, {2}, {-1})), "has a negative size or stride");
  CHECK_ERROR(read(tensor(0, {2, 3}, {1})), "the tensor");
  CHECK_ERROR(read(tensor(0, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1})), "more than eight dimensions");
  CHECK_ERROR(read(tensor(0, {6}, {1}), "big"), "big-endian byte order is not supported");
}

}  // namespace

TESTS {
  const test::Folder folder("zip");
  archives(folder.path / "x.zip"), tensors(folder.path / "x.pt");
  return 0;
}
