// How long 60 options in six groups take: from JSON, from YAML, from TOML, and from 60 flags; parsed, checked, filled
// into the struct. bench_cfg [ROUNDS]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <quix/cfg.hpp>

namespace {

struct Group {
  int width = 8, depth = 2;
  float rate = 0.5f, decay = 0.25f;
  double scale = 1e-3;
  bool fast = true, checked = false;
  std::string kind = "plain", where = "here";
  std::vector<int> sizes{1, 2, 3};
  static constexpr std::array notes = {
      quix::note<&Group::width>("of a layer", {.min = 1}), quix::note<&Group::depth>("layers", {.min = 1, .max = 99}),
      quix::note<&Group::rate>("of learning", {.min = 0}), quix::note<&Group::scale>("of weights", {.above = 0})};
};
struct Exp {
  Group data{}, model{}, optim{}, train{}, loss{}, log{};
};

template <class F>
void measure(const char* name, int rounds, F&& f) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    if (f().log.width != 9) std::abort();
    times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
  };
  std::printf("%-22s %7.1f us   (10 %%: %.1f, 90 %%: %.1f)\n", name, at(0.5), at(0.1), at(0.9));
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5000;
  Exp exp;
  exp.log.width = 9;
  const auto json = quix::cfg::to_json(exp), yaml = quix::cfg::to_yaml(exp), toml = quix::cfg::to_toml(exp);
  quix::Table table;
  table.add(exp);
  std::vector<std::string> words;
  for (const auto& row : table.options()) words.push_back("--" + row.path + "=" + quix::detail::one_line(row.now()));
  std::vector<const char*> args;
  for (const auto& word : words) args.push_back(word.c_str());
  std::printf("%zu options, %zu bytes of JSON, %d rounds\n", table.options().size(), json.size(), rounds);
  measure("JSON", rounds, [&] { return quix::cfg::from_json<Exp>(json); });
  measure("YAML", rounds, [&] { return quix::cfg::from_yaml<Exp>(yaml); });
  measure("TOML", rounds, [&] { return quix::cfg::from_toml<Exp>(toml); });
  measure("flags", rounds, [&] { return quix::cfg::parse<Exp>(args); });
}
