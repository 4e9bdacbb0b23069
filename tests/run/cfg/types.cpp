// Every type of option, as text and back: random values come back equal through YAML, JSON and flags.
#include <check.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>

#include <quix/cfg.hpp>

namespace {

enum class Colour { red, green, blue };

struct Everything {
  bool flag = false;
  std::int8_t i8 = 0;
  std::uint8_t u8 = 0;
  std::int64_t i64 = 0;
  std::uint64_t u64 = 0;
  float f32 = 0;
  double f64 = 0;
  std::string text{};
  std::filesystem::path path{};
  Colour colour = Colour::red;
  std::optional<double> maybe{};
  std::vector<std::string> words{};
  std::vector<std::vector<int>> nested{};
  std::array<float, 3> three{};
};

struct Bad {
  float lr = 3;
  static constexpr std::array notes = {quix::note<&Bad::lr>("rate", {.max = 1})};
};

template <class T>
T bits(std::mt19937_64& random) {
  if constexpr (sizeof(T) == 4)
    return std::bit_cast<T>(static_cast<std::uint32_t>(random()));
  else
    return std::bit_cast<T>(random());
}

bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b));
}

std::string word(std::mt19937_64& random) {
  const std::string_view letters = "abzAZ09 _-.:/#'\"\\\n\t{}[],&*!|>%@`~=?\x7f";
  std::string out;
  for (auto n = random() % 12; n > 0; --n) out += letters[random() % letters.size()];
  return out;
}

}  // namespace

TESTS {
  std::mt19937_64 random(3);
  for (int round = 0; round < 2000; ++round) {
    Everything e;
    e.flag = random() % 2, e.i8 = static_cast<std::int8_t>(random()), e.u8 = static_cast<std::uint8_t>(random());
    e.i64 = static_cast<std::int64_t>(random()), e.u64 = random();
    e.f32 = bits<float>(random), e.f64 = bits<double>(random);
    e.text = word(random), e.path = word(random);
    e.colour = static_cast<Colour>(random() % 3);
    if (random() % 2) e.maybe = static_cast<double>(random() % 1000) / 8;
    for (auto n = random() % 3; n > 0; --n)
      e.words.push_back(word(random)), e.nested.push_back({1, static_cast<int>(n)});
    for (auto& f : e.three) f = bits<float>(random);

    quix::Table from;
    from.add(e);
    for (const char* format : {"yaml", "json"}) {
      Everything back;
      quix::Table to;
      to.add(back);
      std::string text;
      if (std::string_view(format) == "yaml") {
        text = quix::yaml::write(from);
      } else {
        quix::Node root{.kind = quix::Node::Kind::map};
        for (const auto& row : from.rows()) root.members.push_back({.key = row.path, .value = row.write(row.value)});
        text = quix::json::write(root);
      }
      std::vector<quix::Problem> problems;
      quix::apply(quix::parse_document(std::string("x.") + format, text), to, problems);
      if (!problems.empty()) test::fail(__FILE__, __LINE__, problems.front().text() + "\n" + text);
      CHECK(back.flag == e.flag && back.i8 == e.i8 && back.u8 == e.u8 && back.i64 == e.i64 && back.u64 == e.u64);
      CHECK(same(back.f32, e.f32));
      CHECK(same(back.f64, e.f64));
      CHECK_EQ(back.text, e.text);
      CHECK_EQ(back.path, e.path);
      CHECK(back.colour == e.colour && back.maybe == e.maybe && back.words == e.words && back.nested == e.nested);
      for (int i = 0; i < 3; ++i)
        CHECK(same(back.three[static_cast<std::size_t>(i)], e.three[static_cast<std::size_t>(i)]));
      if (test::failures > 3) return 1;
    }
  }

  // Numbers are written as a person would.
  CHECK_EQ(quix::detail::write_number(0.001f, true), "0.001");
  CHECK_EQ(quix::detail::write_number(1e-4f, true), "1e-4");
  CHECK_EQ(quix::detail::write_number(3e10, false), "3e10");
  CHECK_EQ(quix::detail::write_number(0.1, false), "0.1");

  // Limits that the defaults break are found before anything runs.
  Bad bad;
  quix::Table table;
  table.add(bad);
  CHECK_ERROR(table.check_defaults(), "the default of lr breaks its own limits", "1 or less, got 3");

  // 200 fields are fine; nothing is rounded on the way to a float or an int.
  const auto read = [](auto type, const char* text) {
    auto node = quix::Node::plain(text);
    return quix::Leaf<decltype(type)>::read(node);
  };
  CHECK_EQ(read(std::int8_t{}, "-128"), -128);
  CHECK_ERROR(read(std::int8_t{}, "128"), "between -128 and 127");
  CHECK_ERROR(read(std::uint8_t{}, "-1"), "between 0 and 255");
  CHECK_ERROR(read(std::uint64_t{}, "18446744073709551616"), "between 0 and 18446744073709551615");
  CHECK_ERROR(read(0, "1e3"), "expected an integer");
  CHECK_ERROR(read(0, ""), "expected an integer, got nothing");
  CHECK_ERROR(read(0, "0x10"), "expected an integer");
  CHECK_ERROR(read(0.0f, "1e39"), "that a float can hold");
  CHECK_EQ(read(0.0f, "1e-60"), 0.0f);
  CHECK_ERROR(read(0.0, "1.5x"), "expected a number");
  CHECK_ERROR(read(0.0, "--1"), "expected a number");
  CHECK_ERROR(read(true, "1"), "expected true or false");
  return 0;
}
