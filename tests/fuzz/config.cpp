// Any bytes as a configuration: JSON, YAML, TOML or a command line, applied to a struct with every kind of option. What
// is accepted prints, and reads back to the same print. Under clang this is a libFuzzer target (tools/check --fuzz);
// else a program that mutates its seeds.
// libraries: -lyaml-cpp
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <quix/cfg/containers.hpp>
#include <quix/cfg/json.hpp>
#include <quix/cfg/parse.hpp>
#include <quix/cfg/toml.hpp>
#include <quix/cfg/yaml.hpp>

namespace {

struct Adam {
  float lr = 1e-3f;
  std::array<float, 2> betas{0.9f, 0.999f};
};
struct Sgd {
  float lr = 0.1f, momentum = 0;
};
struct Layer {
  int width = 8;
  std::optional<std::string> name{};
};
struct Exp {
  std::vector<Layer> layers{{8}};
  std::map<std::string, double> weights{};
  std::vector<int> sizes{1};
  std::pair<int, std::string> pair{};
  std::chrono::milliseconds every{90};
  quix::ByteSize cache{1 << 20};
  quix::Choice<Adam, Sgd> optim{};
  std::optional<Sgd> extra{};
  std::string text = "x";
  double rate = 1;
  std::uint8_t small = 1;
  bool flag = false;
};

[[noreturn]] void broken(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s:\n%s\n", what, text.c_str());
  std::abort();
}

void one(std::string_view input) {
  using namespace quix::cfg;
  if (input.empty()) return;
  const char kind = input[0];
  std::string text(input.substr(1));
  Exp exp;
  try {
    switch (kind % 4) {
      case 0: exp = from_json<Exp>(text); break;
      case 1: exp = from_yaml<Exp>(text); break;
      case 2: exp = from_toml<Exp>(text); break;
      default: {
        std::vector<const char*> words;
        for (std::size_t begin = 0; begin < text.size(); ++begin) {  // one word a line
          words.push_back(text.data() + begin);
          begin = std::min(text.find('\n', begin), text.size());
          if (begin < text.size()) text[begin] = '\0';
        }
        for (const char* word : words)
          if (std::string_view(word).find('@') != std::string_view::npos || quix::is_document(word)) return;
        exp = parse<Exp>(words);
      }
    }
  } catch (const quix::Error& error) {
    if (error.problems().empty() || *error.what() == '\0') broken("an error without words", text);
    return;
  }
  // JSON holds every value; YAML and TOML are text in UTF-8.
  const auto print = to_json(exp);
  try {
    if (to_json(from_json<Exp>(print)) != print) broken("what is printed reads back as something else", print);
  } catch (const quix::Error& error) {
    broken(error.what(), print);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  one({reinterpret_cast<const char*>(data), size});
  return 0;
}

#ifndef QUIX_LIBFUZZER
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

int main() {
  const auto* golden = std::getenv("QUIX_GOLDEN");
  std::vector<std::string> seeds;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(golden ? golden : ".") / "../fuzz/seeds/config")) {
    std::ifstream stream(entry.path(), std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    one(seeds.back());
  }
  const std::string_view pieces[] = {"{",        "}",    "[",    "]",   "\"", ":",     ",",   "\n",      "  ", "${",
                                     "$${",      "null", "none", "1e9", "-",  "name",  "+=",  "include", "&a", "*a",
                                     "!include", "'",    "#",    "=",   "--", "optim", "nan", "\xff"};
  std::mt19937 random(5);
  for (int round = 0; round < 60000; ++round) {
    auto text = seeds[random() % seeds.size()];
    for (auto n = random() % 4 + 1; n > 0; --n) {
      const auto at = 1 + random() % text.size();
      switch (random() % 4) {
        case 0: text.insert(at, pieces[random() % std::size(pieces)]); break;
        case 1: text.erase(std::min(at, text.size()), random() % 5 + 1); break;
        case 2: {  // a part of another seed
          const auto& other = seeds[random() % seeds.size()];
          text.insert(at, other.substr(random() % other.size(), random() % 20));
          break;
        }
        default:
          if (at < text.size()) text[at] = static_cast<char>(random());
      }
    }
    one(text);
  }
}
#endif
