#pragma once

#include <string>

#include <quix/run/config.hpp>

namespace quix {

namespace detail {

QUIX_INLINE void note_fixed(Table& table, std::span<const FixedPolicy> policies) {
  for (const auto& [role, name, other] : policies) {
    if (name.empty()) continue;
    const std::string type(name);
    table.fix(std::string(role),
              "is fixed to " + type + " in this program; to choose, declare  quix::Choice<" +
                  (other.empty() || other == type ? type + ", …" : std::string(other) + ", " + type) + "> " +
                  std::string(role) + "{}");
  }
}

}  // namespace detail

#ifdef QUIX_SEPARATE
#define QUIX_TABLE(Policy) template void Table::add(Policy&, const std::string&, bool);
#include <quix/run/tables.inc>
#undef QUIX_TABLE
#endif

}  // namespace quix
