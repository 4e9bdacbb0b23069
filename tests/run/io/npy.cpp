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

  // What other writers write.
  const auto header = [&](std::string_view text, char version = 1) {
    auto file = file_of(text, version);
    file.resize(file.size() + 64);
    return io::read_npy_header(file);
  };
  CHECK_EQ(header("{'descr': '=i4', 'fortran_order': False, 'shape': (2, 2)}").data_bytes(), 16u);
  CHECK(!header("{'descr': '=i4', 'fortran_order': False, 'shape': (2, 2)}").swapped);
  CHECK_EQ(header("{'shape': (2L, 3L), 'fortran_order': True, 'descr': '|u1', }").shape, Dims({2, 3}));  // Python 2
  CHECK_EQ(header("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1)}").shape.size(), 8u);
  CHECK_ERROR(header("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1)}"),
              "more than eight dimensions");
  CHECK_ERROR(header("{'descr': '|u1', 'shape': (1,)}"), "lacks descr, fortran_order or shape");
  CHECK_ERROR(header("{'descr': '|u1' 'fortran_order': False, 'shape': (1,)}"), "a comma is missing");
  CHECK_ERROR(header("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'more': 1}"), "has the unknown key more");
  CHECK_ERROR(header(dict, 4), "version 4");
  CHECK_ERROR(header(dict, 0), "version 0");
  CHECK_ERROR(io::write_npy(DType::bf16, {1}, whole.data()), "NumPy has no bfloat16");
  return 0;
}
