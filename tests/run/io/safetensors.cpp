#include <check.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <quix/io.hpp>

using namespace quix;
using io::Safetensors;

namespace {

std::string with_header(const std::string& json, std::size_t data) {
  std::string out(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<char>(json.size() >> (8 * i));
  return out + json + std::string(data, '\1');
}

}  // namespace

TESTS {
  const test::Folder folder("safetensors");
  const auto path = folder.path / "x.safetensors";

  // The published bytes of {"w": float32 [1, 2]} with metadata {"format": "pt"}.
  const std::string golden =
      "58000000000000007b225f5f6d657461646174615f5f223a7b22666f726d6174223a227074227d2c2277223a7b226474797065223a224633"
      "32222c227368617065223a5b325d2c22646174615f6f666673657473223a5b302c385d7d7d2020200000803f00000040";
  const float one_two[] = {1, 2};
  const auto hash = io::write_safetensors(path, {{.name = "w", .dtype = DType::f32, .shape = {2}, .data = one_two}});
  std::string hex;
  for (unsigned char c : io::read_text(path)) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", c);
    hex += two;
  }
  CHECK_EQ(hex, golden);
  CHECK_EQ(hash, io::hash_file(path));
  CHECK_EQ(hash, io::Sha256::of(io::read_text(path)));

  // A file by the safetensors package (golden/make_safetensors.py) reads, and our writer makes the same bytes of it.
  const std::filesystem::path reference = std::string(std::getenv("QUIX_GOLDEN")) + "/reference.safetensors";
  const Safetensors file(reference);
  CHECK_EQ(file.entries().size(), 6u);
  CHECK_EQ(file.metadata().at("format"), "pt");
  const auto& weight = file.entries().at("fc.weight");
  CHECK(weight.shape == std::vector<std::int64_t>({2, 3}) && weight.dtype == DType::f32);
  float values[6];
  file.read(weight, values);
  for (int i = 0; i < 6; ++i) CHECK_EQ(values[i], static_cast<float>(i));
  std::int64_t count = 0;
  file.read(file.entries().at("count"), &count);
  CHECK_EQ(count, 7);
  CHECK(file.entries().at("empty").shape == std::vector<std::int64_t>({0, 4}));

  std::vector<io::TensorView> views;
  std::vector<std::vector<std::uint8_t>> memory;
  for (const auto& [name, entry] : file.entries()) {
    memory.emplace_back(entry.bytes + 1);
    file.read(entry, memory.back().data());
    views.push_back({.name = name, .dtype = entry.dtype, .shape = entry.shape, .data = memory.back().data()});
  }
  io::write_safetensors(path, views);
  CHECK(io::read_text(path) == io::read_text(reference));

  // The order in which tensors are given does not matter; names and metadata may hold anything.
  std::reverse(views.begin(), views.end());
  io::write_safetensors(path, views);
  CHECK(io::read_text(path) == io::read_text(reference));
  io::write_safetensors(path, {{.name = "a\"\\\n", .dtype = DType::f32, .shape = {2}, .data = one_two}},
                        {{"say", "\"no\"\t"}});
  const Safetensors odd(path);
  CHECK_EQ(odd.metadata().at("say"), "\"no\"\t");
  CHECK_EQ(odd.entries().at("a\"\\\n").bytes, 8u);
  // Hashes of more than one block.
  std::string large(3'000'000, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * i >> 7);
  io::replace(path, large);
  CHECK_EQ(io::hash_file(path), io::Sha256::of(large));

  // Files that are none, or lie.
  const auto rejects = [&](const std::string& content, std::string_view what) {
    io::replace(path, content);
    CHECK_ERROR(Safetensors(path), path.string(), what);
  };
  rejects("", "it has 0 bytes");
  rejects("1234567", "it has 7 bytes");
  rejects(std::string(8, '\xff'), "its header would be");
  {
    io::Sink sparse(path);
    sparse.write(std::string("\0\0\0\x09\0\0\0\0{", 9));
    sparse.truncate(200'000'000);
  }
  CHECK_ERROR(Safetensors(path), "its header would be 150994944 bytes");
  rejects(with_header("[]", 0), "its header is not JSON");
  rejects(with_header(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7),
          "its data is 7 bytes, but the header describes 8");
  rejects(with_header(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 9), "its data is 9 bytes");
  rejects(with_header(R"({"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8), "its shape needs 12 bytes");
  rejects(with_header(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8), "overlap or leave a hole");
  rejects(
      with_header(
          R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
          6),
      "overlap");
  rejects(with_header(R"({"w":{"dtype":"Q7","shape":[1],"data_offsets":[0,8]}})", 8), "element type Q7");
  rejects(with_header(R"({"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8), "not an integer");
  rejects(with_header(R"({"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0),
          "larger than the file");
  rejects(with_header(R"({"w":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}})", 8), "not an integer");
  rejects(with_header(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}})", 8), "lacks dtype, shape or");
  rejects(with_header(R"({"w":{"dtype":"F32","shape":2,"data_offsets":[0,8]}})", 8), "lacks dtype, shape or");
  rejects(with_header(R"({"w":{"dtype":"F32","shape":[2]}})", 8), "lacks dtype, shape or data_offsets");
  rejects(
      with_header(
          R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
          2),
      "duplicate key w");
  return 0;
}
