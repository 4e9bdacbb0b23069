// Orders of an epoch: Python quix's permutations, blocks, samplers, splits, mixes, ranks.
#include <check.hpp>

#include <map>
#include <set>

#include <quix/data/sampling.hpp>

using namespace quix;

namespace {

bool permutation(Order order) {
  std::sort(order.begin(), order.end());
  for (std::uint32_t i = 0; i < order.size(); ++i)
    if (order[i] != i) return false;
  return true;
}

std::vector<std::int64_t> uneven_classes() {
  std::vector<std::int64_t> classes;
  for (int i = 0; i < 1000; ++i) classes.push_back(i < 900 ? 7 : i < 990 ? 3 : -1);
  return classes;
}

/// Golden values, seen in the Python package (and torch.randperm(10), seed 0).
void golden_values() {
  const std::uint32_t counts[] = {3, 2, 4};
  CHECK(shuffled_by_shard(counts, 42, 0) == Order({1, 0, 2, 7, 8, 5, 6, 3, 4}));
  CHECK(shuffled_by_shard(counts, 42, 1) == Order({4, 3, 1, 2, 0, 7, 6, 8, 5}));
  CHECK(shuffled_by_shard(counts, 0, 0) == Order({6, 5, 8, 7, 0, 2, 1, 4, 3}));
  std::mt19937 random(0);
  Order ten(10);
  quix::detail::randperm(ten.data(), 10, random);
  CHECK(ten == Order({4, 1, 7, 5, 3, 9, 0, 8, 6, 2}));
  CHECK(shuffled_by_shard({}, 1, 1).empty());
}

/// Blocks: permutations of any size, contiguous reads, and the stated quality.
void blocks_and_quality() {
  for (const std::uint32_t n : {0u, 1u, 7u, 256u, 1000u})
    for (const std::uint32_t block : {1u, 3u, 64u, 5000u})
      for (const std::uint32_t window : {1u, 4u, 999u}) CHECK(permutation(shuffled_blocks(n, block, window, 3, 1)));
  CHECK(shuffled_blocks(1000, 10, 4, 3, 1) == shuffled_blocks(1000, 10, 4, 3, 1));
  CHECK(shuffled_blocks(1000, 10, 4, 3, 1) != shuffled_blocks(1000, 10, 4, 3, 2));
  CHECK(shuffle_quality(in_order(100000)) < 1e-9);
  CHECK(std::abs(shuffle_quality(shuffled(100000, 1, 0)) - 1) < 0.02);
  for (const std::uint32_t window : {2u, 8u, 64u}) {
    double quality = 0;
    for (std::uint64_t e = 0; e < 20; ++e) quality += shuffle_quality(shuffled_blocks(100000, 100, window, 7, e)) / 20;
    CHECK(quality >= 1 - 1.0 / window - 0.02 && quality < 1.05);
    const auto order = shuffled_blocks(100000, 100, window, 7, 0);
    for (std::size_t begin = 0; begin < order.size(); begin += std::size_t{100} * window) {
      std::set<std::uint32_t> blocks;
      for (auto i = begin; i < std::min<std::size_t>(begin + std::size_t{100} * window, order.size()); ++i)
        blocks.insert(order[i] / 100);
      CHECK(blocks.size() <= window);
    }
  }
  const std::uint32_t even[] = {25000, 25000, 25000, 25000};
  CHECK(shuffle_quality(shuffled_by_shard(even, 1, 0)) < 0.3);  // what blocks are better than
}

void samplers() {
  CHECK(with_length({5, 6, 7}, 7) == Order({5, 6, 7, 5, 6, 7, 5}));
  CHECK(with_length({5, 6, 7}, 2) == Order({5, 6}));
  CHECK_ERROR(with_length({}, 1), "an empty split has no epoch of 1 samples");
  CHECK(subset({1, 2, 3, 4}, 1, 3) == Order({2, 3}));
  CHECK(subset({1, 2}, 5, 9).empty());
  CHECK(filtered({1, 2, 3, 4}, [](std::uint32_t i) { return i % 2 == 0; }) == Order({2, 4}));
  CHECK(repeated({4, 5, 6, 7, 8}, 2) == Order({4, 4, 5, 5, 6}));
  const auto classes = uneven_classes();
  std::map<std::int64_t, int> drawn;
  const auto fair = balanced(classes, 30000, 1, 0);
  for (const auto i : fair) ++drawn[classes[i]];
  for (const auto& [c, n] : drawn) CHECK(std::abs(n - 10000) < 400);  // five standard deviations
  CHECK_EQ(drawn.size(), 3u);
  CHECK(fair == balanced(classes, 30000, 1, 0) && fair != balanced(classes, 30000, 1, 1));
}

/// Splits: disjoint, complete, and of each class its share.
void stratified_parts() {
  const auto classes = uneven_classes();
  const double shares[] = {0.8, 0.1, 0.1};
  const auto parts = stratified_split(classes, shares, 5);
  Order all;
  for (std::size_t p = 0; p < 3; ++p) {
    std::map<std::int64_t, int> of;
    for (const auto i : parts[p]) ++of[classes[i]];
    for (const auto& [c, n] : std::map<std::int64_t, int>{{7, 900}, {3, 90}, {-1, 10}})
      CHECK(std::abs(of[c] - shares[p] * n) <= 1);
    CHECK(std::is_sorted(parts[p].begin(), parts[p].end()));
    all.insert(all.end(), parts[p].begin(), parts[p].end());
  }
  CHECK(permutation(all) && all.size() == 1000);
  CHECK(stratified_split(classes, shares, 5) == parts && stratified_split(classes, shares, 6) != parts);
  const double negative[] = {1.5, -0.5};
  CHECK_ERROR(stratified_split(classes, negative, 1), "a fraction of a split must be at least 0");
  const double wrong[] = {0.5, 0.4};
  CHECK_ERROR(stratified_split(classes, wrong, 1), "must sum to 1, got 0.900000");
}

void several_sources() {
  const std::uint32_t sizes[] = {3, 1, 2};
  CHECK(interleaved(sizes) == Order({0, 3, 4, 1, 5, 2}));
  CHECK(begins_of(sizes) == std::vector<std::uint32_t>({0, 3, 4, 6}));
  const std::uint32_t two[] = {100, 10, 5};
  const double weights[] = {3, 1, 0};
  const auto mix = mixed(two, weights, 40000, 2, 0);
  std::vector<int> times(115);
  for (const auto i : mix) ++times[i];
  int first = 0;
  for (int i = 0; i < 100; ++i) first += times[static_cast<std::size_t>(i)];
  CHECK(std::abs(first - 30000) < 500);
  for (int i = 110; i < 115; ++i) CHECK_EQ(times[static_cast<std::size_t>(i)], 0);
  // Once each before any comes again.
  const auto [least, most] = std::minmax_element(times.begin(), times.begin() + 100);
  CHECK(*most - *least <= 1);
  const std::uint32_t one_source[] = {20}, with_empty[] = {20, 0};
  const double one_weight[] = {1}, two_weights[] = {1, 1};
  const auto rounds = mixed(one_source, one_weight, 40, 2, 0);
  CHECK(!std::equal(rounds.begin(), rounds.begin() + 20, rounds.begin() + 20));  // another order each time
  CHECK_ERROR(mixed(with_empty, two_weights, 1, 1, 1), "0 for an empty source");
  CHECK_ERROR(mixed(two, one_weight, 1, 1, 1), "one weight for each of its 3 sources");
  const double none[] = {0, 0, 0};
  CHECK_ERROR(mixed(two, none, 1, 1, 1), "at least one weight of a mix must be above 0");
}

/// Ranks: exact covers every sample once; pad and drop give all ranks as many.
void parts_of_ranks() {
  for (const std::uint32_t n : {0u, 1u, 10u, 17u})
    for (const std::uint32_t world : {1u, 2u, 4u, 7u}) {
      Order seen;
      std::set<std::size_t> padded, dropped;
      for (std::uint32_t r = 0; r < world; ++r) {
        const auto part = of_rank(in_order(n), r, world, RankEnd::exact);
        seen.insert(seen.end(), part.begin(), part.end());
        padded.insert(of_rank(in_order(n), r, world, RankEnd::pad).size());
        dropped.insert(of_rank(in_order(n), r, world, RankEnd::drop).size());
      }
      CHECK(permutation(seen) && seen.size() == n);
      CHECK(padded.size() == 1 && *padded.begin() == (n + world - 1) / world);
      CHECK(dropped.size() == 1 && *dropped.begin() == n / world);
    }
  CHECK(of_rank({9, 8, 7}, 1, 2, RankEnd::pad) == Order({8, 9}));
  CHECK_ERROR(of_rank({}, 2, 2, RankEnd::pad), "rank 2 is not below the world size 2");
}

}  // namespace

TESTS {
  golden_values();
  blocks_and_quality();
  samplers();
  stratified_parts();
  several_sources();
  parts_of_ranks();
  return 0;
}
