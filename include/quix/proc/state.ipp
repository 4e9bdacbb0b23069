#pragma once

#include <cstring>
#include <utility>

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <quix/io/safetensors.hpp>
#include <quix/proc/state.hpp>

namespace quix {

QUIX_INLINE void StateList::add_number(std::string name, void* memory, std::size_t count, at::ScalarType type,
                                       bool scalar) {
  const auto shape = scalar ? std::vector<std::int64_t>{} : std::vector<std::int64_t>{static_cast<std::int64_t>(count)};
  numbers_.push_back({tensors_.size(), memory, count * 8});
  tensors_.emplace_back(std::move(name), at::empty(shape, at::TensorOptions(type)));
}

QUIX_INLINE void StateList::add(std::string name, std::uint64_t& number) {
  add_number(std::move(name), &number, 1, at::kLong, true);
}
QUIX_INLINE void StateList::add(std::string name, std::int64_t& number) {
  add_number(std::move(name), &number, 1, at::kLong, true);
}
QUIX_INLINE void StateList::add(std::string name, double& number) {
  add_number(std::move(name), &number, 1, at::kDouble, true);
}
QUIX_INLINE void StateList::add(std::string name, std::span<double> numbers) {
  add_number(std::move(name), numbers.data(), numbers.size(), at::kDouble, false);
}

QUIX_INLINE NamedTensors StateList::tensors() const {
  auto out = tensors_;
  for (const auto& number : numbers_) {
    auto& tensor = out[number.index].second;
    tensor = at::empty_like(tensor);
    std::memcpy(tensor.data_ptr(), number.memory, number.bytes);
  }
  return out;
}

QUIX_INLINE void StateList::set_numbers(const NamedTensors& tensors) const {
  for (const auto& number : numbers_)
    std::memcpy(number.memory, tensors.at(number.index).second.const_data_ptr(), number.bytes);
}

QUIX_INLINE void StateList::load(const std::filesystem::path& file, std::string_view optional) const {
  const auto all = tensors();
  auto wanted = all;
  if (!optional.empty() && !io::Safetensors(file).entries().contains(std::string(optional)))
    std::erase_if(wanted, [&](auto& entry) {
      if (entry.first == optional) entry.second.fill_(1);
      return entry.first == optional;
    });
  load_tensors(file, wanted);
  set_numbers(all);
}

}  // namespace quix
