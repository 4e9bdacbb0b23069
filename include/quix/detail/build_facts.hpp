#pragma once

namespace quix::detail {

/// A configuration that is built into a program.
struct EmbeddedConfig {
  const char* name;     ///< "base.yaml"
  const char* text;     ///< as it was written
  const char* checked;  ///< the same as JSON with the places of its parts, for the compiler
};

/// What the build system knows about a program. quix_add_experiment() links a generated source that defines it; without
/// that the address is null.
struct BuildFacts {
  const char* git;
  bool dirty;
  const char* compiler;
  const char* flags;
};

extern "C" {
[[gnu::weak]] extern const BuildFacts quix_build_facts;
}

}  // namespace quix::detail
