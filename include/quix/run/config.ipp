#pragma once

#include <quix/run/config.hpp>

namespace quix {

#ifdef QUIX_SEPARATE
#define QUIX_TABLE(Policy) template void Table::add(Policy&, const std::string&, bool);
#include <quix/run/tables.inc>
#undef QUIX_TABLE
#endif

}  // namespace quix
