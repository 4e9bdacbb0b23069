#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/data/order.hpp>

// The samples of an epoch, as orders: pure functions of their arguments; no data is copied.

namespace quix {

/// The positions from `begin` up to `end` of an order.
inline Order subset(const Order& order, std::size_t begin, std::size_t end) {
  end = std::min(end, order.size()), begin = std::min(begin, end);
  return {order.begin() + static_cast<std::ptrdiff_t>(begin), order.begin() + static_cast<std::ptrdiff_t>(end)};
}

/// An epoch of another length: truncated, or repeated as often as needed (Python quix's mod_length).
inline Order with_length(const Order& order, std::size_t length) {
  if (order.empty() && length > 0)
    throw Error("", "an empty split has no epoch of " + std::to_string(length) + " samples");
  Order out(length);
  for (std::size_t i = 0; i < length; ++i) out[i] = order[i % order.size()];
  return out;
}

/// The samples of an order for which `keep(sample)` is true.
template <class Keep>
Order filtered(const Order& order, Keep&& keep) {
  Order out;
  for (const auto sample : order)
    if (keep(sample)) out.push_back(sample);
  return out;
}

/// Repeats each sample `times` times in a row; the length of the epoch does not change: `times` augmentations of a
/// sample in one batch (Hoffer et al., Augment your batch, 2020; torchvision's RASampler on one rank).
inline Order repeated(const Order& order, std::uint32_t times) {
  Order out(order.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = order[i / std::max(times, 1u)];
  return out;
}

/// Rng `length` samples with replacement, with every class equally likely.
inline Order balanced(std::span<const std::int64_t> classes, std::size_t length, std::uint64_t seed,
                      std::uint64_t epoch) {
  std::vector<std::pair<std::int64_t, std::uint32_t>> by_class;
  for (std::uint32_t i = 0; i < classes.size(); ++i) by_class.emplace_back(classes[i], i);
  std::sort(by_class.begin(), by_class.end());
  std::vector<std::size_t> begins;
  for (std::size_t i = 0; i < by_class.size(); ++i)
    if (i == 0 || by_class[i].first != by_class[i - 1].first) begins.push_back(i);
  if (begins.empty() && length > 0) throw Error("", "an empty split cannot be sampled");
  begins.push_back(by_class.size());
  Rng draws(seed, RngStream::sample, epoch);
  Order out(length);
  for (auto& sample : out) {
    const auto c = draws.below(static_cast<std::uint32_t>(begins.size() - 1));
    sample = by_class[begins[c] + draws.below(static_cast<std::uint32_t>(begins[c + 1] - begins[c]))].second;
  }
  return out;
}

/// Splits the samples into parts with these fractions of each class, to within one sample per class; each part in
/// stored order. Fractions sum to 1.
inline std::vector<Order> stratified_split(std::span<const std::int64_t> classes, std::span<const double> shares,
                                           std::uint64_t seed) {
  double total = 0;
  for (const double share : shares) {
    if (!(share >= 0)) throw Error("", "a fraction of a split must be at least 0");
    total += share;
  }
  if (std::abs(total - 1) > 1e-6)
    throw Error("", "the fractions of a split must sum to 1, got " + std::to_string(total));
  std::vector<std::pair<std::int64_t, std::uint32_t>> by_class;
  for (const auto i : shuffled(static_cast<std::uint32_t>(classes.size()), seed, 0))
    by_class.emplace_back(classes[i], i);
  std::stable_sort(by_class.begin(), by_class.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Order> parts(shares.size());
  for (std::size_t begin = 0, end = 0; begin < by_class.size(); begin = end) {
    while (end < by_class.size() && by_class[end].first == by_class[begin].first) ++end;
    double sum = 0;
    auto at = begin;
    for (std::size_t p = 0; p < shares.size(); ++p) {
      sum += shares[p];
      const auto stop = p + 1 == shares.size()
                            ? end
                            : begin + static_cast<std::size_t>(sum / total * static_cast<double>(end - begin) + 0.5);
      for (; at < stop; ++at) parts[p].push_back(by_class[at].second);
    }
  }
  for (auto& part : parts) std::sort(part.begin(), part.end());
  return parts;
}

/// The offsets of several sources in a common numbering (a split of several roots).
inline std::vector<std::uint32_t> begins_of(std::span<const std::uint32_t> sizes) {
  std::vector<std::uint32_t> out{0};
  for (const auto size : sizes) out.push_back(out.back() + size);
  return out;
}

/// One sample of each source in turn, until all are exhausted; exhausted sources are skipped.
inline Order interleaved(std::span<const std::uint32_t> sizes) {
  const auto begins = begins_of(sizes);
  Order out;
  out.reserve(begins.back());
  for (std::uint32_t i = 0; out.size() < begins.back(); ++i)
    for (std::size_t s = 0; s < sizes.size(); ++s)
      if (i < sizes[s]) out.push_back(begins[s] + i);
  return out;
}

/// `length` samples, each from a source drawn by weight; within a source every sample comes once before any repeats.
inline Order mixed(std::span<const std::uint32_t> sizes, std::span<const double> weights, std::size_t length,
                   std::uint64_t seed, std::uint64_t epoch) {
  if (weights.size() != sizes.size())
    throw Error("", "a mix needs one weight for each of its " + std::to_string(sizes.size()) + " sources");
  double total = 0;
  for (std::size_t s = 0; s < sizes.size(); ++s) {
    if (!(weights[s] >= 0) || (weights[s] > 0 && sizes[s] == 0))
      throw Error("", "a weight must be at least 0, and 0 for an empty source");
    total += weights[s];
  }
  if (!(total > 0)) throw Error("", "at least one weight of a mix must be above 0");
  const auto begins = begins_of(sizes);
  std::vector<Order> orders(sizes.size());
  std::vector<std::uint64_t> used(sizes.size());
  Rng draws(seed, RngStream::sample, epoch);
  Order out(length);
  for (auto& sample : out) {
    double at = static_cast<double>(draws.next()) / 4294967296.0 * total;
    std::size_t s = 0;
    while (s + 1 < sizes.size() && (at >= weights[s] || weights[s] == 0)) at -= weights[s++];
    while (weights[s] == 0) --s;
    const auto i = used[s]++;
    if (i % sizes[s] == 0) orders[s] = shuffled(sizes[s], seed + s, epoch * 0x10000 + i / sizes[s]);
    sample = begins[s] + orders[s][i % sizes[s]];
  }
  return out;
}

/// A rank's part of an epoch's order: every `world_size`-th position. For evaluation every sample comes exactly once,
/// so that ranks may differ by one. For training all ranks take the same number: samples from the epoch's beginning
/// complete the last round, or with `drop` the incomplete last round is dropped.
enum class RankEnd : std::uint8_t { exact, pad, drop };

inline Order of_rank(const Order& order, std::uint32_t rank, std::uint32_t world_size, RankEnd end) {
  if (world_size == 0 || rank >= world_size)
    throw Error("", "rank " + std::to_string(rank) + " is not below the world size " + std::to_string(world_size));
  const auto n = order.size();
  const auto rounds = end == RankEnd::drop ? n / world_size : (n + world_size - 1) / world_size;
  Order out;
  out.reserve(rounds);
  for (std::size_t r = 0; r < rounds; ++r) {
    const auto position = r * world_size + rank;
    if (position < n)
      out.push_back(order[position]);
    else if (end == RankEnd::pad)
      out.push_back(order[position % n]);
  }
  return out;
}

/// Number of samples that of_rank() returns for `samples`.
constexpr std::uint64_t samples_of_rank(std::uint64_t samples, std::uint32_t rank, std::uint32_t world_size,
                                        RankEnd end) {
  const auto whole = samples / world_size, rest = samples % world_size;
  return whole + (end == RankEnd::pad ? rest > 0 : end == RankEnd::exact ? rank < rest : false);
}

}  // namespace quix
