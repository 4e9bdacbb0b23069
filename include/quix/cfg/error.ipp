#pragma once

#include <utility>

#include <quix/cfg/error.hpp>

namespace quix {

QUIX_INLINE std::string Problem::text() const {
  auto line = where.empty() ? what : where + ": " + what;
  if (!excerpt.empty()) line += "\n" + excerpt;
  return line;
}

QUIX_INLINE Error::Error(std::vector<Problem> problems) : problems_(std::move(problems)) {
  for (const auto& problem : problems_) text_ += (text_.empty() ? "" : "\n") + problem.text();
}

QUIX_INLINE Error::Error(std::string where, std::string what)
    : Error(std::vector{Problem{std::move(where), std::move(what), {}}}) {}

}  // namespace quix
