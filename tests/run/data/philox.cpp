// The shuffle equals an independent implementation in Python (golden/make_order.py).
#include <check.hpp>

#include <algorithm>
#include <cstdlib>

#include <quix/cfg/json.hpp>
#include <quix/data/order.hpp>
#include <quix/io/file.hpp>

TESTS {
  const auto path = std::string(std::getenv("QUIX_GOLDEN")) + "/order.json";
  const auto cases = quix::json::parse(quix::io::read_text(path), path);
  CHECK_EQ(cases.items.size(), 6u);
  for (const auto& item : cases.items) {
    const auto number = [&](const char* key) { return std::stoull(item.find(key)->text); };
    const auto order = quix::shuffled(static_cast<std::uint32_t>(number("n")), number("seed"), number("epoch"));
    std::vector<std::uint32_t> expected;
    for (const auto& i : item.find("order")->items) expected.push_back(static_cast<std::uint32_t>(std::stoul(i.text)));
    CHECK(order == expected);
  }

  // A permutation, another one for every seed and epoch, and the same one every time.
  auto order = quix::shuffled(5000, 1, 2);
  CHECK(order == quix::shuffled(5000, 1, 2));
  CHECK(order != quix::shuffled(5000, 1, 3));
  CHECK(order != quix::shuffled(5000, 2, 2));
  std::sort(order.begin(), order.end());
  for (std::uint32_t i = 0; i < 5000; ++i) CHECK(order[i] == i);
  CHECK(quix::shuffled(0, 1, 1).empty());

  // Both halves of a seed count, and operations share no words, however many each draws.
  CHECK(quix::shuffled(100, 1, 0) != quix::shuffled(100, 1 + (std::uint64_t{1} << 32), 0));
  const auto words = [](std::uint64_t epoch, std::uint64_t position, std::uint32_t op) {
    quix::Rng draws(1, quix::RngStream::augment, epoch, position, op);
    std::vector<std::uint32_t> out;
    for (int i = 0; i < 400; ++i) out.push_back(draws.next());
    return out;
  };
  std::vector<std::uint32_t> all;
  for (const std::uint64_t epoch : {0, 1})
    for (const std::uint64_t position : {0, 1})
      for (const std::uint32_t op : {0u, 1u}) {
        const auto some = words(epoch, position, op);
        all.insert(all.end(), some.begin(), some.end());
      }
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());

  // Of 3 · 2^30 values none is likelier than another: without rejection every third would come twice as often.
  quix::Rng below(1, quix::RngStream::augment, 0);
  int thirds = 0;
  for (int i = 0; i < 6000; ++i) thirds += below.below(0xC0000000u) % 3 == 0;
  CHECK(std::abs(thirds - 2000) < 200);

  // Every place is as likely for every sample: chi-square over 8 × 8 counts stays below its 99.99 % point for 49
  // degrees.
  double counts[8][8] = {};
  constexpr int draws = 8000;
  for (int e = 0; e < draws; ++e) {
    const auto small = quix::shuffled(8, 9, static_cast<std::uint64_t>(e));
    for (std::size_t i = 0; i < 8; ++i) ++counts[i][small[i]];
  }
  double chi = 0;
  for (const auto& row : counts)
    for (double c : row) chi += (c - draws / 8.0) * (c - draws / 8.0) / (draws / 8.0);
  CHECK(chi < 95);
  return 0;
}
