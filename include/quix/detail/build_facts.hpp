#pragma once

namespace quix::detail {

struct EmbeddedConfig {
  const char* name;  ///< "base.yaml"
  const char* text;
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
/// Ends with a null name.
[[gnu::weak]] extern const EmbeddedConfig quix_embedded_configs[];
}

}  // namespace quix::detail
