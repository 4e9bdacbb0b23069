// The experiment of the tests of sources: its options, and what a program sees of them.
#pragma once

#include <check.hpp>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <vector>

#include <quix/cfg.hpp>

struct Adam {
  float lr = 1e-3f, eps = 1e-8f;
  static constexpr std::array notes = {quix::note<&Adam::lr>("rate", {.min = 0})};
};
struct Sgd {
  static constexpr std::string_view name = "SGD";
  float lr = 0.1f, momentum = 0;
};
struct Clip {
  float norm = 1;
};
struct Data {
  std::filesystem::path path = "set";
  int threads = 2;
  std::vector<std::string> tags{"a"};
};
struct Train {
  int epochs = 3;
  int batch_size = 128;
  std::uint64_t seed = 42;
  static constexpr std::array notes = {
      quix::note<&Train::epochs>("passes", {.min = 1, .was = "max_epochs"}),
      quix::note<&Train::batch_size>("of a step", {.min = 1, .unit = "samples", .env = "QUIX_TEST_BATCH"}),
      quix::note<&Train::seed>("of all", {.deprecated = "use run.seed"}),
  };
  std::optional<quix::Conflict> check() const {
    if (epochs * batch_size > 100000) return quix::conflict<&Train::epochs, &Train::batch_size>("this takes too long");
    return {};
  }
};
struct Model {
  int width = 8;
  std::string kind = "mlp";
  static constexpr std::array notes = {quix::note<&Model::kind>("", {.choices = {"mlp", "cnn"}})};
};
struct Exp {
  quix::Choice<Adam, Sgd> optim{};
  std::optional<Clip> clip{};
  Data data{};
  Model model{};
  Train train{};
  std::map<std::string, float> weights{{"cat", 1}};
  std::string label = "x";
  std::vector<int> sizes{1, 2};
  double rate = 1;
  std::optional<std::chrono::seconds> limit{};
};

// What a branch demands, it demands when it is taken.
/// Everything that a program sees: the value, the notices, the explanation.
struct Result {
  Exp exp{};
  Data train_data{}, val_data{};
  std::vector<std::string> notices{};
  std::string explained{};
};

inline Result run(std::initializer_list<const char*> args, const char* explained = nullptr) {
  Result r;
  quix::Table table;
  table.add(r.exp);
  table.refine(r.train_data, "data", "train");
  table.refine(r.val_data, "data", "val");
  std::vector<quix::Problem> problems;
  const auto arguments = quix::read_arguments({args.begin(), args.size()}, table, {}, problems);
  quix::Layers layers(table, problems);
  layers.environment();
  for (const auto& file : arguments.files) layers.file(file);
  quix::add_flags(arguments, layers, false);
  table.settle(layers.take(), problems);
  r.notices = table.notices();
  if (!problems.empty()) throw quix::Error(problems);
  if (explained) r.explained = quix::explain(table, explained);
  return r;
}

/// Files of a folder, which later cases find where earlier ones wrote them.
struct Files {
  std::filesystem::path folder;
  std::string path(const char* name) const { return (folder / name).string(); }
  std::string operator()(const char* name, const char* text) const {
    auto at = path(name);
    std::filesystem::create_directories(std::filesystem::path(at).parent_path());
    std::ofstream(at) << text;
    return at;
  }
};
