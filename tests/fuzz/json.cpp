// Mutated JSON and YAML: every text is read or refused with a place; nothing else happens.
#include <check.hpp>

#include <cstdlib>
#include <random>

#include <quix/cfg/json.hpp>
#include <quix/cfg/yaml.hpp>

TESTS {
  const std::string seeds[] = {
      R"({"a": [1, 2.5e-7, "x\u00e9\ud83d\ude00"], /* c */ "b": {"c": null, "d": true,},}// end)",
      "a: &x [1, 'two', \"three\"]\nb:\n  c: *x\n  d: |\n    text\n  ? e\n  : {f: g}\n"};
  const std::string_view letters = "{}[]\",:'\\/*-&|>?!#\n\t u0159eE.tfn\x80\xff";
  std::mt19937 random(11);
  int read = 0, refused = 0;
  for (int round = 0; round < 40000; ++round) {
    auto text = seeds[random() % 2];
    for (auto n = random() % 4 + 1; n > 0; --n) {
      const auto at = random() % (text.size() + 1);
      switch (random() % 3) {
        case 0: text.insert(at, 1, letters[random() % letters.size()]); break;
        case 1:
          if (at < text.size()) text.erase(at, random() % 5 + 1);
          break;
        default:
          if (at < text.size()) text[at] = letters[random() % letters.size()];
      }
    }
    for (const bool yaml : {false, true}) {
      try {
        const auto node = yaml ? quix::yaml::parse(text, "f") : quix::json::parse(text, "f");
        ++read;
        // What was read can be written, and reads back the same.
        const auto again = quix::json::write(node, 0);
        if (!yaml && quix::json::write(quix::json::parse(again, "g"), 0) != again)
          test::fail(__FILE__, __LINE__, "not stable: " + again);
      } catch (const quix::Error& error) {
        ++refused;
        if (!std::string_view(error.what()).starts_with("f"))
          test::fail(__FILE__, __LINE__, "no place in: " + std::string(error.what()));
      }
    }
    if (test::failures > 3) break;
  }
  CHECK(read > 1000 && refused > 1000);
  return 0;
}
