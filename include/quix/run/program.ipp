#pragma once

#include <cstdio>
#include <exception>

#include <unistd.h>

#include <quix/cfg/terminal.hpp>
#include <quix/detail/build_facts.hpp>
#include <quix/run/program.hpp>
#include <quix/torch/version.hpp>

namespace quix {

QUIX_INLINE RunFacts run_facts(std::string_view experiment, const std::string& name, const std::string& command_line,
                               std::uint64_t seed) {
  RunFacts facts{.experiment = std::string(experiment),
                 .name = name,
                 .command = command_line,
                 .folder = std::filesystem::current_path().string(),
                 .git = "",
                 .compiler = "g++ " __VERSION__,
                 .flags = "",
                 .libtorch = libtorch_version,
                 .dirty = false,
                 .seed = seed};
  if (&detail::quix_build_facts) {
    facts.git = detail::quix_build_facts.git, facts.dirty = detail::quix_build_facts.dirty;
    facts.compiler = detail::quix_build_facts.compiler, facts.flags = detail::quix_build_facts.flags;
  }
  return facts;
}

QUIX_INLINE void leave(const std::function<int()>& body) {
  int code = 1;
  const auto say = [](const std::string& text) { std::fputs(("quix: " + text + "\n").c_str(), stderr); };
  try {
    code = body();
    if (code < 128) detail::require_stdout();
  } catch (const Error& error) {
    const auto n = error.problems().size();
    if (n > 1) say(std::to_string(n) + " problems");
    for (const auto& problem : error.problems()) {
      if (n > 1)
        std::fputs(("  " + problem.text() + "\n").c_str(), stderr);
      else
        say(problem.text());
    }
    code = 2;
  } catch (const std::filesystem::filesystem_error& error) {
    say(error.path1().string() + ": " + error.code().message());
    code = 2;
  } catch (const std::exception& error) {
    // LibTorch appends a stack trace after the sentence.
    const std::string_view what = error.what();
    say(std::string(what.substr(0, what.find("\nException raised from"))));
  }
  std::fflush(nullptr);
  ::_exit(code);
}

}  // namespace quix
