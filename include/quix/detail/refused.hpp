#pragma once

namespace quix::detail {

/// False, for every type. An overload for temporaries stops with it where an object keeps a reference to its argument:
/// `static_assert(refused<T>, "quix: …")`.
template <class>
inline constexpr bool refused = false;

}  // namespace quix::detail
