#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/pfr/core.hpp>

#include <quix/data/array.hpp>
#include <quix/data/class_folders.hpp>
#include <quix/data/fields.hpp>  // what samples are made of
#include <quix/data/on_error.hpp>
#include <quix/data/sample.hpp>
#include <quix/data/split_data.hpp>

namespace quix {

/// A split with samples of type `S`.
template <class S>
class Split : public SplitData {
  static_assert(((void)detail::is_sample<S>, true));  // reports its own error

 public:
  static constexpr std::size_t fields = boost::pfr::tuple_size_v<S>;
  template <std::size_t I>
  using Field = boost::pfr::tuple_element_t<I, S>;

  Split(const std::filesystem::path& dataset, std::string_view split, OnError on_error = OnError::stop)
      : SplitData(dataset, split, detail::codecs_of<S>, on_error) {}
  explicit Split(ClassFolders folders) : SplitData(std::move(folders), detail::codecs_of<S>) {}
  Split(std::string name, std::vector<Array> arrays)
      : SplitData(std::move(name), std::move(arrays), detail::codecs_of<S>) {}

  template <class F>
  static void for_each_field(F&& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (f.template operator()<I>(), ...); }
    (std::make_index_sequence<fields>{});
  }
};
template <class S>
using Fold [[deprecated("renamed quix::Split")]] = Split<S>;

}  // namespace quix
