#pragma once

#include <functional>
#include <string_view>

#include <quix/cfg/node.hpp>
#include <quix/detail/separate.hpp>

namespace quix::detail {

/// What a name inside `${…}` stands for; throws Error without a place.
using Lookup = std::function<Node(std::string_view path)>;

/// The value with every `${…}` in it computed: `${train.batch_size * 2}`, `run-${train.seed}`, `${env:HOME}`,
/// `${env:HOME:/tmp}` with a default. Numbers know + - * / % and parentheses; integers stay integers where the result
/// is one. `$${` is the text `${`.
Node computed(const Node& node, const Lookup& lookup);

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/cfg/expression.ipp>
#endif
