#pragma once

// A test is a program: it checks, says where a check failed, and ends with the number of failures.

#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>

#include <unistd.h>

#include <quix/cfg/error.hpp>

namespace test {

inline int failures = 0;

inline void fail(const char* file, int line, const std::string& what, const char* more = "") {
  ++failures;
  std::fprintf(stderr, "%s:%d: %s %s\n", file, line, what.c_str(), more);
}

template <class T>
std::string show(const T& value) {
  if constexpr (requires(std::ostringstream & out) { out << value; }) {
    std::ostringstream out;
    out << value;
    return out.str();
  } else {
    return "?";
  }
}

template <class A, class B>
void equal(const char* file, int line, const char* text, const A& a, const B& b) {
  if (!(a == b))
    fail(file, line, std::string(text).append("\n  left:  ").append(show(a)).append("\n  right: ").append(show(b)));
}

template <class F, class... Pieces>
void throws(const char* file, int line, const char* text, F&& f, const Pieces&... pieces) {
  try {
    f();
  } catch (const quix::Error& error) {
    const std::string_view what = error.what();
    const auto look = [&](std::string_view piece) {
      if (what.find(piece) == what.npos)
        fail(file, line, std::string(piece).append(": this is not said by the error: ").append(what));
    };
    (look(pieces), ...);
    return;
  }
  fail(file, line, text, "no error was thrown");
}

/// A folder that is gone when the test ends.
struct Folder {
  std::filesystem::path path;
  explicit Folder(std::string_view name)
      : path(std::filesystem::temp_directory_path() /
             ("quix_" + std::string(name) + "_" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
};

}  // namespace test

// c10 has macros of these names, for other purposes.
#undef CHECK
#undef CHECK_EQ

#define CHECK(...)                                                               \
  do {                                                                           \
    if (!(__VA_ARGS__)) test::fail(__FILE__, __LINE__, "failed: " #__VA_ARGS__); \
  } while (false)

#define CHECK_EQ(a, b) test::equal(__FILE__, __LINE__, #a " == " #b, a, b)

/// The expression throws a quix::Error whose text holds every one of the pieces.
#define CHECK_ERROR(expression, ...) \
  test::throws(                      \
      __FILE__, __LINE__, #expression, [&] { (void)(expression); }, __VA_ARGS__)

/// Returns 77 for a test that this machine cannot run, else 0.
int run_tests();
int main() {
  int result = 0;
  try {
    result = run_tests();
  } catch (const std::exception& error) {
    test::fail("", 0, std::string("unexpected exception: ") + error.what());
  }
  return test::failures == 0 ? result : 1;
}
#define TESTS int run_tests()
