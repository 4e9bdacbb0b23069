// Damaged NPY files: each is an error, never a read past the end.
#include <check.hpp>

#include <array>
#include <vector>

#include <quix/io/npy.hpp>

using namespace quix;

namespace {

std::vector<std::byte> file_of(std::string_view dict, char version = 1) {
  std::string text = "\x93NUMPY";
  text += {version, '\0', static_cast<char>(dict.size()), '\0'};
  if (version > 1) text += {'\0', '\0'};
  text += dict;
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

// In memory of just that size, so that the sanitizer sees a read past its end.
void every_truncation_throws(const std::vector<std::byte>& whole) {
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    try {
      io::read_npy_header(cut);
      test::fail(__FILE__, __LINE__, "no error for the first bytes of an NPY file: " + std::to_string(size));
    } catch (const Error&) {}
  }
}

}  // namespace

TESTS {
  const std::array<float, 6> values{1, 2, 3, 4, 5, 6};
  const auto whole = io::write_npy(DType::f32, {2, 3}, std::as_bytes(std::span(values)).data());
  CHECK_EQ(io::read_npy_header(whole).data_bytes(), 24u);
  every_truncation_throws(whole);

  const std::string dict = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }";
  for (const char version : {1, 2, 3}) {
    auto file = file_of(dict, version);
    file.push_back(std::byte{7});
    CHECK_EQ(io::read_npy_header(file).begin, file.size() - 1);
    every_truncation_throws(file);
  }
  return 0;
}
