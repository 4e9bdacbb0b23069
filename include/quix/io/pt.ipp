#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include <quix/io/format.hpp>
#include <quix/io/pt.hpp>

namespace quix::io {
namespace detail {

/// `torch.FloatStorage`, `torch.float32`: the element type; none for types that quix lacks.
inline std::optional<DType> pt_dtype(std::string_view name) {
  constexpr struct {
    std::string_view storage, dtype;
    DType type;
  } types[] = {
      {"torch.FloatStorage", "torch.float32", DType::f32},
      {"torch.DoubleStorage", "torch.float64", DType::f64},
      {"torch.HalfStorage", "torch.float16", DType::f16},
      {"torch.BFloat16Storage", "torch.bfloat16", DType::bf16},
      {"torch.LongStorage", "torch.int64", DType::i64},
      {"torch.IntStorage", "torch.int32", DType::i32},
      {"torch.ShortStorage", "torch.int16", DType::i16},
      {"torch.CharStorage", "torch.int8", DType::i8},
      {"torch.ByteStorage", "torch.uint8", DType::u8},
      {"torch.BoolStorage", "torch.bool", DType::b8},
      {"torch.ComplexFloatStorage", "torch.complex64", DType::c64},
      {"torch.ComplexDoubleStorage", "torch.complex128", DType::c128},
      {"", "torch.uint16", DType::u16},
      {"", "torch.uint32", DType::u32},
      {"", "torch.uint64", DType::u64},
  };
  for (const auto& type : types)
    if (name == type.storage || name == type.dtype) return type.type;
  return {};
}

}  // namespace detail

QUIX_INLINE void PtFile::fail(const std::string& what) const { throw Error(path().string(), what); }

QUIX_INLINE PtFile::PtFile(const std::filesystem::path& path)
    : zip_([&] {
        const File file(path);
        refuse_stand_in(file);
        char begin[2] = {};
        file.read(0, begin, 2);
        if (begin[0] == '\x80' && begin[1] == '\2')
          throw Error(path.string(), "format before torch 1.6; convert it in Python:  torch.save(torch.load(f), f)");
        return StoredZip(path);
      }()) {
  const auto pickle = std::find_if(zip_.members().begin(), zip_.members().end(), [](const auto& member) {
    const auto& name = member.first;
    return name.ends_with("/data.pkl") && name.find('/') == name.size() - 9;
  });
  if (pickle == zip_.members().end()) fail("a ZIP archive that torch.save did not write: data.pkl not found");
  folder_ = pickle->first.substr(0, pickle->first.size() - 8);
  const auto text = [&](const StoredZip::Member& member) {
    std::string out(member.size, '\0');
    zip_.file().read_all(member.offset, out.data(), out.size());
    return out;
  };
  const auto order = zip_.members().find(folder_ + "byteorder");
  if (order != zip_.members().end() && order->second.size < 16 && text(order->second) != "little")
    fail("big-endian byte order is not supported; save the file on a little-endian machine");
  try {
    const Pickle data(text(pickle->second));
    most_visits_ = 1'000'000 + data.size();  // values may be shared, and cycles never end
    collect(data.root(), "", 0);
  } catch (const Error& error) {
    if (!error.problems().front().where.empty()) throw;
    fail(error.problems().front().what);
  }
}

QUIX_INLINE void PtFile::collect(const Pickle::Value& value, const std::string& name, int depth) {
  using Kind = Pickle::Value::Kind;
  if (depth > 64 || ++visited_ > most_visits_) fail("values are nested too deeply, or in a cycle");
  const auto below = [&](const std::string& key) { return name.empty() ? key : name + "." + key; };
  switch (value.kind) {
    case Kind::tuple:
    case Kind::list:
      for (std::size_t i = 0; i < value.items.size(); ++i)
        collect(*value.items[i], below(std::to_string(i)), depth + 1);
      return;
    case Kind::dict:
      for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) {
        const auto& key = *value.items[i];
        if (key.kind == Kind::text || key.kind == Kind::integer)
          collect(*value.items[i + 1], below(key.kind == Kind::text ? key.text : std::to_string(key.integer)),
                  depth + 1);
      }
      return;
    case Kind::call:
      if (add_tensor(value, name, depth)) return;
      if (value.filled) collect(*value.filled, name, depth + 1);
      // A Python object keeps its parameters, buffers and modules in separate dicts.
      if (value.state && value.state->kind == Kind::dict) {
        const auto& items = value.state->items;
        for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
          const auto& key = items[i]->text;
          const bool inner = key == "_parameters" || key == "_buffers" || key == "_modules";
          collect(*items[i + 1], inner ? name : below(key), depth + 1);
        }
      } else if (value.state) {
        collect(*value.state, name, depth + 1);
      }
      return;
    default: return;
  }
}

/// `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, …)` and what wraps it.
QUIX_INLINE bool PtFile::add_tensor(const Pickle::Value& call, const std::string& name, int depth) {
  using Kind = Pickle::Value::Kind;
  const auto& function = call.items[0]->text;
  const auto& args = call.items[1]->items;
  if ((function == "torch._utils._rebuild_parameter" || function == "torch._utils._rebuild_parameter_with_state") &&
      !args.empty()) {
    collect(*args[0], name, depth + 1);
    return true;
  }
  const bool typed = function == "torch._utils._rebuild_tensor_v3";
  if (function.starts_with("torch._utils._rebuild_") && !typed && function != "torch._utils._rebuild_tensor_v2" &&
      function != "torch._utils._rebuild_tensor")
    fail("the tensor " + name + " is not a plain tensor (" + function.substr(13) + ")");
  if (!typed && function != "torch._utils._rebuild_tensor_v2" && function != "torch._utils._rebuild_tensor")
    return false;
  const auto bad = [&](const std::string& what) { fail("the tensor " + name + " " + what); };
  if (args.size() < 4 || args[0]->kind != Kind::storage || args[1]->kind != Kind::integer || !args[2]->is_sequence() ||
      !args[3]->is_sequence() || (typed && args.size() < 7))
    bad("has a malformed description");
  const auto& id = args[0]->items[0]->items;
  if (id.size() < 5 || id[0]->text != "storage" || id[2]->kind != Kind::text) bad("has no storage");
  const auto& type_name = typed ? args[6]->text : id[1]->text;
  const auto dtype = detail::pt_dtype(type_name);
  if (!dtype) bad("has the element type " + type_name + ", which quix does not support");
  const auto member = zip_.members().find(folder_ + "data/" + id[2]->text);
  if (member == zip_.members().end()) bad("has no bytes in the file (data/" + id[2]->text + ")");
  Entry entry{.dtype = *dtype, .shape = {}, .strides = {}, .offset = member->second.offset};
  const auto& sizes = args[2]->items;
  const auto& strides = args[3]->items;
  if (sizes.size() != strides.size() || sizes.size() > 8) bad("has more than eight dimensions");
  for (const auto* list : {&sizes, &strides})
    for (const auto* number : *list)
      if (number->kind != Kind::integer) bad("has a size or stride that is not a number");
  const auto room = member->second.size / size_of(*dtype);
  std::uint64_t top = 0, count = 1;  // of the elements that it reaches
  const bool empty = std::any_of(sizes.begin(), sizes.end(), [](const auto* size) { return size->integer == 0; });
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    const auto size = sizes[d]->integer, stride = strides[d]->integer;
    if (size < 0 || stride < 0) bad("has a negative size or stride");
    const auto n = static_cast<std::uint64_t>(size), step = static_cast<std::uint64_t>(stride);
    if (n > 0 && count > (std::uint64_t{1} << 40) / size_of(*dtype) / n) bad("claims more than a tebibyte");
    if (!empty && n > 1 && step > 0 && (step > room || n - 1 > room / step)) bad("lies beyond its storage");
    count *= n, top += n > 1 ? (n - 1) * step : 0;
    entry.shape.push_back(size), entry.strides.push_back(stride);
  }
  // A view may repeat its values (expand), but a few bytes must not claim all memory.
  if (count > room && count > (std::uint64_t{1} << 30) / size_of(*dtype))
    bad("repeats its values to more than a gibibyte");
  const auto first = args[1]->integer;
  if (!empty &&
      (first < 0 || static_cast<std::uint64_t>(first) >= room || top >= room - static_cast<std::uint64_t>(first)))
    bad("lies beyond its storage");
  if (!empty) entry.offset += static_cast<std::uint64_t>(first) * size_of(*dtype);
  entries_[name] = entry;
  return true;
}

QUIX_INLINE void PtFile::read(const Entry& entry, void* to) const {
  const auto size = size_of(entry.dtype);
  const auto dims = entry.shape.size();
  auto* out = static_cast<std::byte*>(to);
  if (entry.shape.count() == 0) return;
  std::int64_t expected = 1;
  bool contiguous = true;
  std::uint64_t top = 0;
  for (auto d = dims; d-- > 0;) {
    contiguous &= entry.shape[d] == 1 || entry.strides[d] == expected;
    expected *= entry.shape[d];
    top += static_cast<std::uint64_t>((entry.shape[d] - 1) * entry.strides[d]);
  }
  if (contiguous) return zip_.file().read_all(entry.offset, to, entry.bytes());
  std::vector<std::byte> storage((top + 1) * size);
  zip_.file().read_all(entry.offset, storage.data(), storage.size());
  std::vector<std::int64_t> index(dims);
  for (std::int64_t i = 0, n = entry.shape.count(); i < n; ++i) {
    std::int64_t at = 0;
    for (std::size_t d = 0; d < dims; ++d) at += index[d] * entry.strides[d];
    std::memcpy(out + static_cast<std::size_t>(i) * size, storage.data() + static_cast<std::size_t>(at) * size, size);
    for (auto d = dims; d-- > 0 && ++index[d] == entry.shape[d];) index[d] = 0;
  }
}

}  // namespace quix::io
