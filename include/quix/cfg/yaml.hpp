#pragma once

#include <string>
#include <string_view>

#include <quix/cfg/error.hpp>
#include <quix/cfg/node.hpp>
#include <quix/cfg/table.hpp>

namespace quix::yaml {

/// Reads one YAML document (anchors and aliases included; scalars get their meaning from the option's type, so `no` is
/// a string and `1e-3` a number). Throws Error at `file:line:column`.
Node parse(std::string_view text, const std::string& file);

/// Writes the experiment's options as YAML, groups nested, notes as comments on request. Reads back equal.
std::string write(const Table& table, bool comments = true);

/// A scalar or list in YAML's one-line form.
std::string write_value(const Node& node);

}  // namespace quix::yaml

#ifndef QUIX_SEPARATE
#include <quix/cfg/yaml.ipp>
#endif
