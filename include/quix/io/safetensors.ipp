#pragma once

#include <algorithm>
#include <charconv>
#include <cstring>
#include <numeric>
#include <optional>

#include <quix/cfg/json.hpp>
#include <quix/io/format.hpp>
#include <quix/io/safetensors.hpp>
#include <quix/io/sha256.hpp>

namespace quix::io {

QUIX_INLINE std::string safetensors_header(const std::vector<TensorView>& tensors, const Metadata& metadata,
                                           std::vector<std::size_t>& order) {
  order.resize(tensors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto sa = size_of(tensors[a].dtype), sb = size_of(tensors[b].dtype);
    return sa != sb ? sa > sb : tensors[a].name < tensors[b].name;
  });
  std::string json = "{";
  if (!metadata.empty()) {
    json += "\"__metadata__\":{";
    for (bool first = true; const auto& [key, value] : metadata) {
      json += (first ? "" : ",") + json::quote(key) + ":" + json::quote(value);
      first = false;
    }
    json += "}";
  }
  std::uint64_t offset = 0;
  for (auto i : order) {
    const auto& t = tensors[i];
    json += (json.size() > 1 ? "," : "") + json::quote(t.name) + ":{\"dtype\":\"" + std::string(name_of(t.dtype)) +
            "\",\"shape\":[";
    for (std::size_t d = 0; d < t.shape.size(); ++d) json += (d ? "," : "") + std::to_string(t.shape[d]);
    json += "],\"data_offsets\":[" + std::to_string(offset) + "," + std::to_string(offset + t.bytes()) + "]}";
    offset += t.bytes();
  }
  json += "}";
  json.resize((json.size() + 7) / 8 * 8, ' ');
  std::string header(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) header[i] = static_cast<char>(json.size() >> (8 * i));
  return header + json;
}

QUIX_INLINE std::string write_safetensors(const std::filesystem::path& path, const std::vector<TensorView>& tensors,
                                          const Metadata& metadata) {
  std::vector<std::size_t> order;
  const auto header = safetensors_header(tensors, metadata, order);
  Sink sink(path);
  Sha256 hash;
  const auto put = [&](const void* data, std::size_t size) {
    hash.update(data, size);
    sink.write(data, size);
  };
  put(header.data(), header.size());
  for (auto i : order) put(tensors[i].data, tensors[i].bytes());
  sink.sync();
  return hash.hex();
}

QUIX_INLINE Safetensors::Safetensors(const std::filesystem::path& path) : file_(path) {
  const auto fail = [&](const std::string& what) { throw Error(path.string(), "invalid safetensors file: " + what); };
  refuse_stand_in(file_);
  unsigned char length[8]{};
  if (file_.size() < 8) fail("it has " + std::to_string(file_.size()) + " bytes");
  file_.read_all(0, length, 8);
  std::uint64_t size = 0;
  for (int i = 7; i >= 0; --i) size = size << 8 | length[i];
  if (size > 100'000'000 || size > file_.size() - 8)
    fail("its header would be " + std::to_string(size) + " bytes long");
  std::string text(size, '\0');
  file_.read_all(8, text.data(), size);
  if (!text.starts_with('{')) fail("its header is not JSON");
  const auto header = json::parse(text, path.string());
  const auto integer = [&](const Node& node) -> std::uint64_t {
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
    if (node.kind != Node::Kind::plain || code != std::errc{} || end != node.text.data() + node.text.size())
      fail("a size or offset is not an integer");
    return value;
  };
  const std::uint64_t begin = 8 + size;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> spans;
  for (const auto& [name, value, line, column] : header.members) {
    if (name == "__metadata__") {
      for (const auto& member : value.members) metadata_[member.key] = member.value.text;
      continue;
    }
    const Node *dtype = value.find("dtype"), *shape = value.find("shape"), *offsets = value.find("data_offsets");
    if (!dtype || !shape || !offsets || shape->kind != Node::Kind::list || offsets->items.size() != 2)
      fail(name + " lacks dtype, shape or data_offsets");
    Entry entry;
    std::optional<DType> known;
    for (int i = 0; i < dtype_count; ++i)
      if (name_of(static_cast<DType>(i)) == dtype->text) known = static_cast<DType>(i);
    if (!known) fail(name + " has the element type " + dtype->text + ", which quix does not support");
    entry.dtype = *known;
    std::uint64_t bytes = size_of(entry.dtype);
    for (const auto& d : shape->items) {
      const auto dim = integer(d);
      if (dim != 0 && bytes > file_.size() / dim) fail(name + " is larger than the file");
      bytes *= dim;
      entry.shape.push_back(static_cast<std::int64_t>(dim));
    }
    const auto from = integer(offsets->items[0]), to = integer(offsets->items[1]);
    if (from > to || to - from != bytes)
      fail(name + ": its shape needs " + std::to_string(bytes) + " bytes, but its offsets differ");
    entry.offset = begin + from, entry.bytes = bytes;
    spans.emplace_back(from, to);
    entries_.emplace(name, std::move(entry));
  }
  std::sort(spans.begin(), spans.end());
  std::uint64_t end = 0;
  for (auto [from, to] : spans) {
    if (from != end) fail("tensors overlap or leave a hole at byte " + std::to_string(end) + " of the data");
    end = to;
  }
  if (begin + end != file_.size())
    fail("its data is " + std::to_string(file_.size() - begin) + " bytes, but the header describes " +
         std::to_string(end));
}

QUIX_INLINE std::string hash_file(const std::filesystem::path& path) {
  const File file(path);
  Sha256 hash;
  std::vector<char> block(1 << 20);
  for (std::uint64_t at = 0; at < file.size();) {
    const auto n = file.read(at, block.data(), block.size());
    if (n == 0) break;
    hash.update(block.data(), n);
    at += n;
  }
  return hash.hex();
}

}  // namespace quix::io
