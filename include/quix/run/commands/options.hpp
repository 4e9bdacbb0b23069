#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <quix/cfg/note.hpp>

// The commands of an experiment's program: each a struct of options, with a sentence of help. They say what to do, and
// are no part of the experiment.

namespace quix {

/// What every command understands.
struct CommonOptions {
  std::filesystem::path runs = "runs";
  std::vector<std::string> config{};
  std::string completion{};

  static constexpr std::array notes = {
      quix::note<&CommonOptions::runs>("directory of all runs", {}),
      quix::note<&CommonOptions::config>("configurations that are built into this program", {}),
      quix::note<&CommonOptions::completion>(
          "print a completion script (bash, zsh or fish), or write all three into a folder", {}),
  };
};

/// Options of --weights, below its name.
struct WeightsOptions {
  bool strict = true;

  static constexpr std::array notes = {
      quix::note<&WeightsOptions::strict>("false: leave out tensors that do not fit the model, and list them", {})};
};

struct TrainOptions {
  static constexpr std::string_view command = "train";
  static constexpr std::string_view about =
      "train, and validate after every epoch (the default); Ctrl-C stops with a checkpoint; --plot-lr plots the "
      "learning rate and exits";

  std::string name{};
  bool resume = false;
  bool overwrite = false;
  double lock_wait = 60;
  bool allow_changed_data = false;
  std::filesystem::path from{};
  std::filesystem::path weights{};
  bool plot_lr = false;
  std::filesystem::path svg{};

  static constexpr std::array notes = {
      quix::note<&TrainOptions::name>("name of the run; default: the time it starts", {}),
      quix::note<&TrainOptions::resume>("continue the run --name, or the latest one", {}),
      quix::note<&TrainOptions::overwrite>("replace a run of this name", {}),
      quix::note<&TrainOptions::lock_wait>("--resume: seconds to wait for the process that still trains the run",
                                           {.min = 0}),
      quix::note<&TrainOptions::allow_changed_data>("--resume: accept a changed dataset; continue at the next epoch",
                                                    {}),
      quix::note<&TrainOptions::from>("run directory to take the configuration from", {}),
      quix::note<&TrainOptions::weights>("start from the weights of a run, or of a safetensors or PyTorch file", {}),
      quix::note<&TrainOptions::plot_lr>("plot the learning rate and exit", {}),
      quix::note<&TrainOptions::svg>("SVG file for --plot-lr", {}),
  };
};

struct EvalOptions {
  static constexpr std::string_view command = "eval";
  static constexpr std::string_view about =
      "loss and metrics of the validation data, or of --split, with the weights of the run --from or of --weights";

  std::filesystem::path from{};
  std::filesystem::path weights{};
  std::string split{};
  std::filesystem::path svg{};

  static constexpr std::array notes = {
      quix::note<&EvalOptions::from>("run directory to take configuration and weights from", {}),
      quix::note<&EvalOptions::weights>("weights of a run, or of a safetensors or PyTorch file", {}),
      quix::note<&EvalOptions::split>("split of the data to evaluate; default: val", {}),
      quix::note<&EvalOptions::svg>("SVG file for the confusion matrix", {}),
  };
};

struct ConfigOptions {
  static constexpr std::string_view command = "config";
  static constexpr std::string_view about =
      "print the resolved configuration; --json, --toml; --explain OPTION; --diff A [B]; --schema; --completion SHELL";

  bool yaml = false;
  bool json = false;
  bool toml = false;
  std::vector<std::string> explain{};
  std::vector<std::string> diff{};
  bool schema = false;
  std::string name{};
  bool resume = false;
  std::filesystem::path from{};

  static constexpr std::array notes = {
      quix::note<&ConfigOptions::yaml>("as YAML, the default", {}),
      quix::note<&ConfigOptions::json>("as JSON", {}),
      quix::note<&ConfigOptions::toml>("as TOML", {}),
      quix::note<&ConfigOptions::explain>("where an option's value comes from, and what it replaced", {}),
      quix::note<&ConfigOptions::diff>("what differs between two files, runs or built-in configurations, or one and "
                                       "the defaults",
                                       {.words = 2}),
      quix::note<&ConfigOptions::schema>("the JSON Schema of a configuration file", {}),
      quix::note<&ConfigOptions::name>("--resume: name of the run", {}),
      quix::note<&ConfigOptions::resume>("show the configuration with which --name, or the latest run, would resume",
                                         {}),
      quix::note<&ConfigOptions::from>("run directory to take the configuration from", {}),
  };
};

struct SummaryOptions {
  static constexpr std::string_view command = "summary";
  static constexpr std::string_view about =
      "the model's modules with their parameters, and the groups in which these are optimized";

  std::filesystem::path from{};

  static constexpr std::array notes = {
      quix::note<&SummaryOptions::from>("run directory to take the configuration from", {})};
};

namespace detail {

/// The commands, in the order in which help lists them; the first is the one that needs no name.
using AllCommands = std::tuple<TrainOptions, EvalOptions, ConfigOptions, SummaryOptions>;

/// Calls `f` with a null pointer to each command's options.
template <class F>
constexpr void each_command(F&& f) {
  [&]<class... C>(std::tuple<C...>*) { (f(static_cast<C*>(nullptr)), ...); }(static_cast<AllCommands*>(nullptr));
}

}  // namespace detail
}  // namespace quix
