// Every type of option: random values come back equal through YAML, JSON, TOML and flags.
#include <check.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>

#include <quix/cfg.hpp>

namespace {

enum class Colour { red, green, blue };

struct Adam {
  double lr = 1e-3;
  std::vector<double> betas{0.9, 0.999};
  bool operator==(const Adam&) const = default;
};
struct Sgd {
  double lr = 0.1;
  double momentum = 0;
  std::optional<int> warmup{};
  bool operator==(const Sgd&) const = default;
};
struct Frozen {
  bool operator==(const Frozen&) const = default;
};
struct Clip {
  double norm = 1;
  std::string how = "norm";
  bool operator==(const Clip&) const = default;
};
struct Layer {
  int width = 1;
  Colour colour = Colour::red;
  quix::Choice<Sgd, Frozen> optim{};
  bool operator==(const Layer&) const = default;
};

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
  std::optional<std::string> word{};
  std::vector<std::string> words{};
  std::vector<std::vector<int>> nested{};
  std::array<double, 3> three{};
  std::map<std::string, double> weights{};
  std::map<std::string, std::vector<int>> lists{};
  std::pair<int, std::string> pair{};
  std::tuple<double, bool, Colour> tuple{};
  std::variant<bool, int, std::string> either{};
  std::chrono::seconds seconds{};
  std::chrono::duration<double> real{};
  std::chrono::milliseconds millis{};
  quix::ByteSize size{};
  quix::Choice<Adam, Sgd, Frozen> optim{};
  std::variant<Sgd, Adam> plain{};
  std::optional<Clip> clip{};
  std::optional<Frozen> empty{};
  std::vector<Layer> layers{};
  std::map<std::string, Layer> named{};
  bool operator==(const Everything&) const = default;
};

struct Numbers {
  float f32 = 0;
  double f64 = 0;
  std::vector<float> list{};
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
  static const std::string special[] = {"none", "null", "true", "1e3", "${x}",      "$${",
                                        "@a",   "{",    "[1",   "~",   "!include x"};
  if (random() % 8 == 0) return special[random() % std::size(special)];
  const std::string_view letters = "abzAZ09 _-.:/#'\"\\\n\t{}[],&*!|>%@`~=?$\x7f";
  std::string out;
  for (auto n = random() % 12; n > 0; --n) out += letters[random() % letters.size()];
  if (random() % 8 == 0) out += "ř😀";
  return out;
}

Everything draw(std::mt19937_64& random) {
  const auto number = [&] { return static_cast<double>(static_cast<std::int64_t>(random() % 20001) - 10000) / 64; };
  const auto sgd = [&] {
    Sgd s{.lr = number(), .momentum = number()};
    if (random() % 2) s.warmup = static_cast<int>(random() % 9);
    return s;
  };
  const auto layer = [&] {
    Layer l{.width = static_cast<int>(random() % 99), .colour = static_cast<Colour>(random() % 3)};
    if (random() % 2)
      l.optim = sgd();
    else
      l.optim = Frozen{};
    return l;
  };
  Everything e;
  e.flag = random() % 2, e.i8 = static_cast<std::int8_t>(random()), e.u8 = static_cast<std::uint8_t>(random());
  e.i64 = static_cast<std::int64_t>(random()), e.u64 = random();
  e.f32 = static_cast<float>(number()), e.f64 = number();
  e.text = word(random), e.path = word(random);
  e.colour = static_cast<Colour>(random() % 3);
  if (random() % 2) e.maybe = number();
  if (random() % 2) e.word = word(random);
  for (auto n = random() % 3; n > 0; --n) e.words.push_back(word(random)), e.nested.push_back({1, static_cast<int>(n)});
  for (auto& f : e.three) f = number();
  for (auto n = random() % 3; n > 0; --n)
    e.weights[word(random)] = number(), e.lists["k" + std::to_string(n)] = {1, static_cast<int>(random() % 5)};
  e.pair = {static_cast<int>(random()), word(random)};
  e.tuple = {number(), random() % 2, static_cast<Colour>(random() % 3)};
  switch (random() % 3) {
    case 0: e.either = true; break;
    case 1: e.either = static_cast<int>(random()); break;
    default: e.either = word(random);
  }
  e.seconds = std::chrono::seconds(random() % 1'000'000);
  e.real = std::chrono::duration<double>(number());
  e.millis = std::chrono::milliseconds(static_cast<std::int64_t>(random() % 2'000'000) - 1'000'000);
  e.size = {random() % 2 ? random() : random() % 4096 << 20};
  switch (random() % 3) {
    case 0: e.optim = Adam{.lr = number(), .betas = {number()}}; break;
    case 1: e.optim = sgd(); break;
    default: e.optim = Frozen{};
  }
  if (random() % 2)
    e.plain = sgd();
  else
    e.plain = Adam{.lr = number(), .betas = {}};
  if (random() % 2) e.clip = Clip{.norm = number(), .how = word(random)};
  if (random() % 2) e.empty.emplace();
  for (auto n = random() % 3; n > 0; --n) e.layers.push_back(layer());
  for (auto n = random() % 3; n > 0; --n) e.named[word(random)] = layer();
  return e;
}

template <class T>
void check_formats(const T& value, auto&& equal) {
  using namespace quix::cfg;
  const auto report = [&](const char* format, const std::string& text, auto&& read) {
    try {
      if (!equal(read(text), value))
        test::fail(__FILE__, __LINE__, std::string(format).append(" changed it:\n").append(text));
    } catch (const quix::Error& error) {
      test::fail(__FILE__, __LINE__, std::string(format).append(": ").append(error.what()).append("\n").append(text));
    }
  };
  report("yaml", to_yaml(value), [](const std::string& text) { return from_yaml<T>(text); });
  report("json", to_json(value), [](const std::string& text) { return from_json<T>(text); });
  report("toml", to_toml(value), [](const std::string& text) { return from_toml<T>(text); });
}

/// The value through flags: `--path=text`, JSON for structures.
Everything through_flags(Everything value) {
  quix::Table table;
  table.add(value);
  std::vector<std::string> words;
  for (const auto& row : table.options()) {
    if (!table.shown(row)) continue;
    const auto node = row.now();
    const bool structure = node.kind == quix::Node::Kind::list || node.kind == quix::Node::Kind::map;
    words.push_back("--" + row.path + "=" + (structure ? quix::json::write(node, 0) : quix::detail::one_line(node)));
  }
  std::vector<const char*> args;
  for (const auto& word : words) args.push_back(word.c_str());
  return quix::cfg::parse<Everything>(args);
}

}  // namespace

TESTS {
  std::mt19937_64 random(3);
  for (int round = 0; round < 1500 && test::failures < 3; ++round) {
    auto e = draw(random);
    check_formats(e, [](const auto& a, const auto& b) { return a == b; });
    // A flag has one spelling for nothing and for the word; and text in a union of types means the first that fits.
    if (e.word == "none" || e.word == "null") e.word.reset();
    if (std::holds_alternative<std::string>(e.either)) e.either = 7;
    try {
      const auto back = through_flags(e);
      if (!(back == e))
        test::fail(__FILE__, __LINE__, "flags changed " + quix::cfg::to_yaml(e) + "\n" + quix::cfg::to_yaml(back));
    } catch (const quix::Error& error) {
      test::fail(__FILE__, __LINE__, std::string("flags: ").append(error.what()));
    }
  }
  for (int round = 0; round < 3000 && test::failures < 3; ++round) {
    Numbers n{bits<float>(random), bits<double>(random), {bits<float>(random)}};
    check_formats(n, [](const Numbers& a, const Numbers& b) {
      return same(a.f32, b.f32) && same(a.f64, b.f64) && same(a.list.at(0), b.list.at(0));
    });
  }

  // Numbers are written as a person would.
  CHECK_EQ(quix::detail::write_number(0.001f, true), "0.001");
  CHECK_EQ(quix::detail::write_number(1e-4f, true), "1e-4");
  CHECK_EQ(quix::detail::write_number(3e10, false), "3e10");
  CHECK_EQ(quix::detail::write_number(0.1, false), "0.1");

  // Durations and sizes too, in the largest unit in which they are whole.
  for (const auto& [seconds, text] : std::initializer_list<std::pair<double, const char*>>{
           {0, "0s"}, {90, "1m30s"}, {86400, "1d"}, {0.25, "250ms"}, {2.5e-4, "250us"}, {-60, "-1m"}, {1.5, "1.5s"}})
    CHECK_EQ(quix::detail::write_duration(seconds), text);
  for (const auto& [bytes, text] : std::initializer_list<std::pair<std::uint64_t, const char*>>{{0, "0B"},
                                                                                                {1, "1B"},
                                                                                                {1024, "1KiB"},
                                                                                                {1000, "1kB"},
                                                                                                {1 << 20, "1MiB"},
                                                                                                {3'000'000'000, "3GB"},
                                                                                                {1536, "1536B"}})
    CHECK_EQ(quix::detail::write_bytes(bytes), text);

  // Nothing is rounded on the way to a float or an int.
  const auto read = [](auto type, const char* text) {
    auto node = quix::Node::plain(text);
    node.loose = true;
    return quix::Leaf<decltype(type)>::read(node);
  };
  CHECK_EQ(read(std::int8_t{}, "-128"), -128);
  CHECK_ERROR(read(std::int8_t{}, "128"), "between -128 and 127");
  CHECK_ERROR(read(std::uint8_t{}, "-1"), "between 0 and 255");
  CHECK_ERROR(quix::Leaf<std::uint64_t>::read(quix::Node::quoted("5")), "expected an integer, got \"5\"");
  CHECK_EQ(quix::Leaf<std::uint64_t>::read(quix::Node::quoted("18446744073709551615")), ~0ull);
  CHECK_ERROR(read(std::uint64_t{}, "18446744073709551616"), "between 0 and 18446744073709551615");
  CHECK_ERROR(read(0, "1e3"), "expected an integer");
  CHECK_ERROR(read(0, ""), "expected an integer, got nothing");
  CHECK_ERROR(read(0, "0x10"), "expected an integer");
  CHECK_ERROR(read(0.0f, "1e39"), "that a float can hold");
  CHECK_ERROR(read(0.0f, "1e-60"), "that a float can hold, got 1e-60");
  CHECK_ERROR(read(0.0, "-1e-400"), "that a double can hold, got -1e-400");
  CHECK_EQ(read(0.0f, "1e-45"), 1e-45f);
  CHECK_EQ(read(0.0, "4.94065645841246544e-324"), std::numeric_limits<double>::denorm_min());
  CHECK_EQ(read(0.0f, "0.000e-999"), 0.0f);
  CHECK_ERROR(read(0.0, "1.5x"), "expected a number");
  CHECK_ERROR(read(0.0, "--1"), "expected a number");
  CHECK_ERROR(read(true, "1"), "expected true or false");

  // Durations and sizes need their unit, and say so.
  using namespace std::chrono_literals;
  CHECK(read(0s, "90s") == 90s);
  CHECK(read(0s, "1h30m") == 90min);
  CHECK(read(0s, "2d") == 48h);
  CHECK(read(0s, "-5m") == -5min);
  CHECK(read(0ms, "1.5s") == 1500ms);
  CHECK(read(0ms, "250ms") == 250ms);
  CHECK(read(0us, "1s250us") == 1000250us);
  CHECK_EQ(read(std::chrono::duration<double>{}, "0.1s").count(), 0.1);
  CHECK_ERROR(read(0s, "90"), "expected a duration with its unit, like 90s, 1h30m or 250ms, got 90");
  CHECK_ERROR(read(0s, "1.5s"), "1.5s is no whole number of 1s");
  CHECK_ERROR(read(0s, "30m1h"), "expected a duration");
  CHECK_ERROR(read(0s, "1h1h"), "expected a duration");
  CHECK_ERROR(read(0s, "1s40ms"), "1s40ms is no whole number of 1s");
  CHECK_ERROR(read(0s, "1x"), "expected a duration");
  CHECK_ERROR(read(0s, ""), "expected a duration");
  CHECK_EQ(read(quix::ByteSize{}, "512MiB").bytes, 512ull << 20);
  CHECK_EQ(read(quix::ByteSize{}, "10kB").bytes, 10000u);
  CHECK_EQ(read(quix::ByteSize{}, "1.5KiB").bytes, 1536u);
  CHECK_EQ(read(quix::ByteSize{}, "18446744073709551615B").bytes, ~0ull);
  CHECK_ERROR(read(quix::ByteSize{}, "512"), "expected a size with its unit");
  CHECK_ERROR(read(quix::ByteSize{}, "1GiB1MiB"), "expected a size with its unit");
  CHECK_ERROR(read(quix::ByteSize{}, "-1B"), "expected a size");
  CHECK_ERROR(read(quix::ByteSize{}, "0.3B"), "a whole number of bytes");
  CHECK_ERROR(read(quix::ByteSize{}, "1mb"), "expected a size");
  CHECK_ERROR(read(quix::ByteSize{}, "99999999TiB"), "below 16 EiB");
  return 0;
}
