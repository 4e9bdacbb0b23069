// Files of Python's torch.save (tests/golden/make_pt.py), read without running anything; damaged ones refused.
#include <check.hpp>

#include <cstdlib>
#include <cstring>
#include <random>

#include <quix/io.hpp>

using namespace quix;
using io::PtFile;

namespace {

std::filesystem::path golden(const char* name) {
  return std::filesystem::path(std::getenv("QUIX_GOLDEN")) / "pt" / name;
}

template <class T>
std::vector<T> values(const PtFile& file, const std::string& name) {
  const auto found = file.entries().find(name);
  if (found == file.entries().end()) {
    test::fail(__FILE__, __LINE__, "no tensor " + name);
    return {};
  }
  CHECK_EQ(size_of(found->second.dtype), sizeof(T));
  std::vector<T> out(static_cast<std::size_t>(found->second.shape.count()));
  file.read(found->second, out.data());
  return out;
}

template <class T>
std::vector<T> counted(int n) {
  std::vector<T> out;
  for (int i = 0; i < n; ++i) out.push_back(static_cast<T>(i));
  return out;
}

void nested() {
  const PtFile file(golden("nested.pt"));
  CHECK_EQ(file.entries().size(), 24u);
  CHECK_EQ(file.entries().at("model.fc.weight").shape, Dims({4, 6}));
  CHECK(values<float>(file, "model.fc.weight") == counted<float>(24));
  CHECK(values<float>(file, "model.fc.bias") == counted<float>(6));
  CHECK(values<float>(file, "views.column") == std::vector<float>({2, 8, 14, 20}));
  CHECK(values<float>(file, "views.tail") == std::vector<float>({22, 23}));
  CHECK(values<float>(file, "views.expanded") == std::vector<float>(5, 0));
  const auto transposed = values<float>(file, "views.transposed");
  CHECK_EQ(file.entries().at("views.transposed").shape, Dims({6, 4}));
  for (std::size_t i = 0; i < 24; ++i) CHECK_EQ(transposed[i], static_cast<float>(i % 4 * 6 + i / 4));
  CHECK_EQ(file.entries().at("empty").shape, Dims({0, 3}));
  CHECK(values<float>(file, "empty").empty());
  CHECK(values<float>(file, "scalar") == std::vector<float>({2.5f}));
  CHECK(values<float>(file, "3.0") == std::vector<float>({0, 1}));
  CHECK(values<float>(file, "3.1.0") == std::vector<float>({0}));
  CHECK(values<double>(file, "types.float64") == counted<double>(3));
  CHECK(values<std::int64_t>(file, "types.int64") == counted<std::int64_t>(3));
  CHECK(values<std::int32_t>(file, "types.int32") == counted<std::int32_t>(3));
  CHECK(values<std::int16_t>(file, "types.int16") == counted<std::int16_t>(3));
  CHECK(values<std::uint8_t>(file, "types.uint8") == counted<std::uint8_t>(3));
  CHECK(values<std::uint16_t>(file, "types.uint16") == counted<std::uint16_t>(3));
  CHECK(values<std::uint32_t>(file, "types.uint32") == counted<std::uint32_t>(3));
  CHECK(values<std::uint64_t>(file, "types.uint64") == counted<std::uint64_t>(3));
  CHECK(values<std::uint16_t>(file, "types.bfloat16") == std::vector<std::uint16_t>({0, 0x3f80, 0x4000}));
  CHECK(values<std::uint16_t>(file, "types.float16") == std::vector<std::uint16_t>({0, 0x3c00, 0x4000}));
  CHECK(file.entries().at("types.complex64").dtype == DType::c64 &&
        file.entries().at("types.complex128").dtype == DType::c128);
  CHECK(file.entries().at("types.bool").dtype == DType::b8 && file.entries().at("types.int8").dtype == DType::i8);
}

void others() {
  CHECK(values<float>(PtFile(golden("lone.pt")), "") == counted<float>(6));
  CHECK(values<float>(PtFile(golden("list.pt")), "0") == counted<float>(10));
  CHECK(values<std::int64_t>(PtFile(golden("dataset.pt")), "tensors.1") == std::vector<std::int64_t>({0, 1, 2, 1, 0}));
  CHECK(values<float>(PtFile(golden("protocol4.pt")), "x") == std::vector<float>({0, 1}));
  CHECK(values<float>(PtFile(golden("large_integer.pt")), "x") == std::vector<float>({0, 1}));
  for (const auto* name : {"module.pt", "state.pt", "script.pt"}) {  // keys as in state_dict()
    const PtFile file(golden(name));
    CHECK(values<float>(file, "0.weight") == counted<float>(6));
    CHECK(values<float>(file, "1.bias") == counted<float>(2));
    CHECK(values<std::int64_t>(file, "1.num_batches_tracked") == std::vector<std::int64_t>({0}));
    CHECK_EQ(file.entries().size(), 7u);
  }
  CHECK_ERROR(PtFile(golden("legacy.pt")), "legacy.pt", "before torch 1.6", "torch.save(torch.load(f), f)");
  CHECK_ERROR(PtFile(golden("sparse.pt")), "sparse.pt", "the tensor x is not a plain tensor");
  CHECK_ERROR(PtFile(golden("quantized.pt")), "quantized.pt", "the tensor x is not a plain tensor");
  CHECK_ERROR(PtFile(golden("shared.pt")), "shared.pt", "values are nested too deeply, or in a cycle");
  CHECK_ERROR(PtFile(golden("expanded.pt")), "the tensor x repeats its values to more than a gibibyte");
  CHECK_ERROR(PtFile(golden("../reference.safetensors")), "not an intact ZIP archive");
}

/// Bytes changed and files cut: read, or refused in words.
void damaged(const std::filesystem::path& folder) {
  std::mt19937 random(1);
  const auto path = folder / "x.pt";
  for (const auto* name : {"nested.pt", "dataset.pt", "script.pt"}) {
    const auto whole = io::read_text(golden(name));
    for (int i = 0; i < 600; ++i) {
      auto text = whole;
      if (i % 5 == 0) text.resize(random() % text.size());
      for (auto n = random() % 4; n > 0 && !text.empty(); --n)
        text[random() % text.size()] = static_cast<char>(random());
      io::Sink sink(path);
      sink.write(text);
      try {
        const PtFile file(path);
        std::vector<std::byte> out;
        for (const auto& [key, entry] : file.entries())
          if (entry.bytes() < 1 << 20) out.resize(entry.bytes()), file.read(entry, out.data());
      } catch (const Error& error) {
        CHECK(!error.problems().empty() && error.problems().front().where.starts_with(path.string()));
      }
    }
  }
  // A pickle that would call something keeps it as a name; one that refers to itself ends.
  const std::string evil(
      "\x80\x02"
      "cposix\nsystem\nX\x04\x00\x00\x00true\x85R.",
      29);
  const io::Pickle pickle(evil);
  CHECK(pickle.root().kind == io::Pickle::Value::Kind::call);
  CHECK_EQ(pickle.root().items[0]->text, "posix.system");
  CHECK_ERROR(io::Pickle(std::string_view("\x80\x02(", 3)), "ends early");
  CHECK_ERROR(io::Pickle(std::string_view("\x80\x02R.", 4)), "takes more values than it has");
  CHECK_ERROR(io::Pickle(std::string_view("\x80\x02i.", 4)), "has the opcode 105");
}

}  // namespace

TESTS {
  const test::Folder folder("pt");
  nested(), others(), damaged(folder.path);
  return 0;
}
