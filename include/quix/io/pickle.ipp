#pragma once

#include <bit>
#include <unordered_map>

#include <quix/io/pickle.hpp>

namespace quix::io {

/// The stack machine of pickle's opcodes (Python's Lib/pickletools.py describes them).
class Pickle::Reader {
 public:
  Reader(std::string_view bytes, std::deque<Value>& values) : bytes_(bytes), values_(values) {}

  const Value* run() {
    for (;;) {
      const auto op = static_cast<unsigned char>(take(1)[0]);
      switch (op) {
        case 0x80: {  // PROTO
          const auto protocol = number(1);
          if (protocol < 2 || protocol > 5)
            fail("has the protocol " + std::to_string(protocol) + "; 2 to 5 are supported");
          break;
        }
        case 0x95: number(8); break;  // FRAME
        case '.': return pop();
        case '(': marks_.push_back(stack_.size()); break;
        case '0': pop(); break;
        case '1': above_mark(); break;
        case '2': push(top()); break;
        case 'N': make(Value::Kind::none); break;
        case 0x88: make(Value::Kind::boolean).integer = 1; break;
        case 0x89: make(Value::Kind::boolean); break;
        case 'J': make(Value::Kind::integer).integer = static_cast<std::int32_t>(number(4)); break;
        case 'K': make(Value::Kind::integer).integer = static_cast<std::int64_t>(number(1)); break;
        case 'M': make(Value::Kind::integer).integer = static_cast<std::int64_t>(number(2)); break;
        case 0x8a: long_integer(number(1)); break;
        case 0x8b: long_integer(number(4)); break;
        case 'G': make(Value::Kind::real).real = real(); break;
        case 'X':
        case 'B':
        case 'T': text(number(4)); break;
        case 0x8c:
        case 'C':
        case 'U': text(number(1)); break;
        case 0x8d:
        case 0x8e: text(number(8)); break;
        case 'c': {
          const auto module = line();
          make(Value::Kind::global).text = std::string(module) + "." + std::string(line());
          break;
        }
        case 0x93: {  // STACK_GLOBAL
          const auto *name = pop(), *module = pop();
          // Texts alone: a global of globals would double its name again and again.
          if (name->kind != Value::Kind::text || module->kind != Value::Kind::text) fail("a global without a name");
          make(Value::Kind::global).text = module->text + "." + name->text;
          break;
        }
        case 'q': memo_[number(1)] = top(); break;
        case 'r': memo_[number(4)] = top(); break;
        case 0x94: memo_.emplace(memo_.size(), top()); break;
        case 'h': recall(number(1)); break;
        case 'j': recall(number(4)); break;
        case ')': make(Value::Kind::tuple); break;
        case 't': collect(Value::Kind::tuple, above_mark()); break;
        case 0x85: collect(Value::Kind::tuple, last(1)); break;
        case 0x86: collect(Value::Kind::tuple, last(2)); break;
        case 0x87: collect(Value::Kind::tuple, last(3)); break;
        case ']':
        case 0x8f: make(Value::Kind::list); break;  // a set is a list here
        case 'l': collect(Value::Kind::list, above_mark()); break;
        case '}': make(Value::Kind::dict); break;
        case 'd': collect(Value::Kind::dict, above_mark()); break;
        case 'a': extend(Value::Kind::list, last(1)); break;
        case 'e':
        case 0x90: extend(Value::Kind::list, above_mark()); break;
        case 's': extend(Value::Kind::dict, last(2)); break;
        case 'u': extend(Value::Kind::dict, above_mark()); break;
        case 'Q': collect(Value::Kind::storage, last(1)); break;
        case 'R':
        case 0x81: call(last(2)); break;
        case 0x92: call(last(3)); break;
        case 'b': {
          auto* state = pop();
          top()->state = state;
          break;
        }
        default: fail("has the opcode " + std::to_string(op) + ", which tensors do not need");
      }
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error("", "its pickle " + what + " (at byte " + std::to_string(at_) + ")");
  }

  std::string_view take(std::uint64_t n) {
    if (n > bytes_.size() - at_) fail("ends early");
    const auto out = bytes_.substr(at_, n);
    at_ += n;
    return out;
  }
  std::uint64_t number(int n) {
    const auto bytes = take(static_cast<std::uint64_t>(n));
    std::uint64_t value = 0;
    while (n-- > 0) value = value << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(n)]);
    return value;
  }
  double real() {  // the one number whose highest byte comes first
    std::uint64_t bits = 0;
    for (const char c : take(8)) bits = bits << 8 | static_cast<unsigned char>(c);
    return std::bit_cast<double>(bits);
  }
  std::string_view line() {
    const auto end = bytes_.find('\n', at_);
    if (end == bytes_.npos) fail("ends early");
    const auto out = take(end - at_);
    ++at_;
    return out;
  }

  void push(Value* value) { stack_.push_back(value); }
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  Value* top() const {
    if (stack_.size() <= floor()) fail("takes more values than it has");
    return stack_.back();
  }
  Value* pop() {
    auto* value = top();
    stack_.pop_back();
    return value;
  }
  Value& make(Value::Kind kind) {
    values_.push_back({.kind = kind});
    push(&values_.back());
    return values_.back();
  }
  std::vector<Value*> from(std::size_t begin) {
    std::vector<Value*> out(stack_.begin() + static_cast<std::ptrdiff_t>(begin), stack_.end());
    stack_.resize(begin);
    return out;
  }
  std::vector<Value*> last(std::size_t n) {
    if (stack_.size() < floor() + n) fail("takes more values than it has");
    return from(stack_.size() - n);
  }
  std::vector<Value*> above_mark() {
    if (marks_.empty()) fail("takes more values than it has");
    const auto begin = marks_.back();
    marks_.pop_back();
    return from(begin);
  }

  void text(std::uint64_t n) {
    const auto bytes = take(n);
    make(Value::Kind::text).text = bytes;
  }
  void long_integer(std::uint64_t n) {
    const auto bytes = take(n);
    if (n > 8) {  // the state of NumPy's generator, say: no tensor needs it
      make(Value::Kind::none);
      return;
    }
    std::uint64_t value = n > 0 && static_cast<unsigned char>(bytes[n - 1]) >= 0x80 ? ~std::uint64_t{0} : 0;
    for (auto i = n; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    make(Value::Kind::integer).integer = static_cast<std::int64_t>(value);
  }
  void recall(std::uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail("reads a memo entry that it never stored");
    push(found->second);
  }
  void collect(Value::Kind kind, std::vector<Value*> items) {
    if (kind == Value::Kind::dict && items.size() % 2) fail("has a key without a value");
    make(kind).items = std::move(items);
  }
  void extend(Value::Kind kind, std::vector<Value*> items) {
    auto* to = top();
    // An OrderedDict is made by a call, and filled then.
    if (to->kind != kind && to->kind != Value::Kind::call) fail("fills a value that is neither list nor dict");
    if (kind == Value::Kind::dict && items.size() % 2) fail("has a key without a value");
    if (to->kind == Value::Kind::call) {
      if (!to->filled) values_.push_back({.kind = kind}), to->filled = &values_.back();
      to = to->filled;
      if (to->kind != kind) fail("fills one value as a list and as a dict");
    }
    to->items.insert(to->items.end(), items.begin(), items.end());
  }
  void call(std::vector<Value*> items) {
    if (items[0]->kind != Value::Kind::global || items[1]->kind != Value::Kind::tuple)
      fail("calls a value that is not a name, or without a tuple");
    collect(Value::Kind::call, std::move(items));
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::deque<Value>& values_;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, Value*> memo_;
};

QUIX_INLINE Pickle::Pickle(std::string_view bytes) { root_ = Reader(bytes, values_).run(); }

}  // namespace quix::io
