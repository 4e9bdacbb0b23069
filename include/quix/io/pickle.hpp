#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>

namespace quix::io {

/// Reads pickles of tensors without running code: a class or function is a name, a call keeps its arguments.
class Pickle {
 public:
  struct Value {
    enum class Kind : std::uint8_t {
      none,
      boolean,
      integer,
      real,
      text,
      tuple,
      list,
      dict,    ///< items: key, value, key, value, …
      global,  ///< text: "module.name"
      call,    ///< items: function, arguments; filled, state: added and set after the call
      storage  ///< a persistent id; items[0] is it
    };
    Kind kind = Kind::none;
    std::int64_t integer = 0;
    double real = 0;
    std::string text{};
    std::vector<Value*> items{};
    Value* filled = nullptr;  ///< a list or dict: an OrderedDict's items
    Value* state = nullptr;   ///< a dict: an object's attributes

    bool is_sequence() const { return kind == Kind::tuple || kind == Kind::list; }
  };

  /// Reads the whole pickle; root() is its value. Throws Error, with an empty location, for corrupt bytes and for
  /// anything but protocols 2 to 5 as PyTorch uses them.
  explicit Pickle(std::string_view bytes);

  const Value& root() const { return *root_; }
  /// Number of values.
  std::size_t size() const { return values_.size(); }

 private:
  class Reader;
  std::deque<Value> values_;  // values may refer to one another in circles
  const Value* root_ = nullptr;
};

}  // namespace quix::io

#ifndef QUIX_SEPARATE
#include <quix/io/pickle.ipp>
#endif
