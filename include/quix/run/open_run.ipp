#pragma once

#include <filesystem>

#include <quix/run/open_run.hpp>

namespace quix {

QUIX_INLINE void OpenRun::begin(const Position& at, std::string_view config_yaml,
                                const std::vector<std::string>& header) {
  recorder = Recorder(folder.path(), at);
  drop_checkpoints_after(folder.checkpoints(), at.step);  // damaged ones, which were passed over
  console.open_log(folder.path() / "log.txt");
  // A resume must find a configuration that run.json knows, whenever this ends; and run.json is what makes a run.
  folder.note_config(config_yaml);
  if (std::filesystem::exists(folder.path() / "run.json")) folder.set_state("running");
  io::replace(folder.path() / "config.yaml", config_yaml);
  folder.set_state("running");
  for (const auto& line : header) console.say(line);
}

}  // namespace quix
