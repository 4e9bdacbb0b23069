#pragma once

#include <string>
#include <string_view>

#include <quix/cfg/node.hpp>
#include <quix/cfg/table.hpp>

namespace quix::toml {

/// Reads a TOML document. TOML has no null: `"none"` stands for it, `'none'` is the word. Dates are refused. Throws
/// Error at `file:line:column`.
Node parse(std::string_view text, const std::string& file);

/// Writes the experiment's options as TOML, notes as comments on request. Reads back equal.
std::string write(const Table& table, bool comments = true);

/// A value in TOML's one-line form.
std::string write_value(const Node& node);

}  // namespace quix::toml

#ifndef QUIX_SEPARATE
#include <quix/cfg/toml.ipp>
#endif
