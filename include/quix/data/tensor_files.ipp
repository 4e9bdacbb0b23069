#pragma once

#include <quix/data/tensor_files.hpp>

namespace quix {

QUIX_INLINE std::vector<Array> read_tensor_file(const std::filesystem::path& path,
                                                std::span<const detail::FieldCodec> codecs) {
  const io::Safetensors file(path);
  std::vector<Array> out(codecs.size());
  for (std::size_t i = 0; i < codecs.size(); ++i) {
    if (!codecs[i].has_member()) continue;
    const auto found = file.entries().find(std::string(codecs[i].suffix));
    if (found == file.entries().end()) {
      std::string names;
      for (const auto& [name, entry] : file.entries()) names += (names.empty() ? "" : ", ") + name;
      throw Error(path.string(), "has no tensor " + std::string(codecs[i].suffix) + "; there are " + names);
    }
    const auto& entry = found->second;
    if (entry.shape.size() > 8)
      throw Error(path.string(), "the tensor " + found->first + " has more than eight dimensions");
    Dims shape;
    for (const auto d : entry.shape) shape.push_back(d);
    std::shared_ptr<std::byte> memory(new std::byte[entry.bytes ? entry.bytes : 1], std::default_delete<std::byte[]>());
    file.read(entry, memory.get());
    auto* at = memory.get();
    out[i] = Array(std::move(memory), at, {.dtype = entry.dtype, .shape = shape, .strides = detail::strides_of(shape)});
  }
  return out;
}

}  // namespace quix
