#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quix/detail/separate.hpp>

namespace quix {

/// What kind of problem it is, for programs that treat some in another way.
enum class ProblemKind : std::uint8_t { other, required };

/// One thing that is wrong: where, what, and (often) what to write instead.
struct Problem {
  std::string where;       ///< `base.yaml:3:7`, `--optim.lr`, a file, a tar member
  std::string what;        ///< the sentence, without a full stop
  std::string excerpt;     ///< the line of the file with a caret below, or nothing
  std::uint32_t line = 0;  ///< of a value inside a file, where the reader of the value knows it; else 0
  std::uint32_t column = 0;
  ProblemKind kind = ProblemKind::other;
  std::string path{};  ///< of the option, where it is about one that is missing

  std::string text() const;
};

/// Text for a terminal or log: control characters are escaped, as \\n and \\x1b, so that names cannot add lines or
/// colors.
std::string printable(std::string_view text);

/// The one exception of the library: bad input, a missing file, a damaged archive. Programs end with exit code 2.
class Error : public std::exception {
 public:
  explicit Error(std::vector<Problem> problems);
  Error(std::string where, std::string what);

  const char* what() const noexcept override { return text_.c_str(); }
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
  std::string text_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/cfg/error.ipp>
#endif
