#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <quix/data/dataset.hpp>
#include <quix/data/split_data.hpp>

namespace quix {
namespace detail {

inline std::vector<TarIndex::Column> columns(std::span<const FieldCodec> codecs) {
  std::vector<TarIndex::Column> out;
  for (const auto& codec : codecs)
    if (codec.has_member())
      out.push_back({std::string(codec.suffix), codec.kind == FieldCodec::Kind::label, codec.mapped});
  return out;
}

}  // namespace detail

QUIX_INLINE SplitData::SplitData(const std::filesystem::path& dataset, std::string_view split,
                                 std::span<const detail::FieldCodec> codecs, OnError on_error)
    : codecs_(codecs),
      index_(TarIndex::open(dataset, split, detail::columns(codecs), {.skip_bad = on_error != OnError::stop})),
      declared_(declared_classes(dataset)),
      layouts_(codecs.size()),
      on_error_(on_error) {
  using Kind = detail::FieldCodec::Kind;
  for (const auto& cause : index_.left_out_by_cause()) remarks_.push_back(cause.text());
  for (const auto& shard : unlisted_shards(dataset, split))
    remarks_.push_back(shard.string() + " is not read: config.json does not list it");
  std::size_t column = 0;
  for (const auto& codec : codecs) {
    columns_.push_back(codec.has_member() ? column++ : 0);
    heavy_ |= codec.has_member() && codec.kind != Kind::label && !codec.mapped;
  }
  inspect_first();
}

QUIX_INLINE SplitData::SplitData(ClassFolders folders, std::span<const detail::FieldCodec> codecs)
    : codecs_(codecs),
      source_(Source::folders),
      folders_(std::move(folders)),
      size_(folders_.size()),
      columns_(codecs.size()),
      layouts_(codecs.size()),
      heavy_(true) {
  declared_.names = folders_.class_names();
  declared_.count = static_cast<std::int64_t>(declared_.names.size());
  const detail::FieldCodec* reads = nullptr;
  for (const auto& codec : codecs) {
    if (!codec.has_member() || codec.kind == detail::FieldCodec::Kind::label) continue;
    if (reads)
      throw Error(folders_.path(0).string(), "the only file of a sample in class directories; it cannot be both " +
                                                 std::string(reads->suffix) + " and " + std::string(codec.suffix));
    reads = &codec;
  }
  for (const auto& one : folders_.left_out()) remarks_.push_back("left out: " + one.text());
  inspect_first();
}

QUIX_INLINE void SplitData::inspect(std::size_t sample) {
  using Kind = detail::FieldCodec::Kind;
  std::vector<std::byte> buffer;
  for (std::size_t i = 0; i < codecs_.size(); ++i) {
    if (codecs_[i].kind != Kind::array) continue;
    try {
      layouts_[i] = codecs_[i].inspect(read(sample, i, buffer));
      if (layouts_[i].shape.size() > 7)
        throw Error("", "shape " + layouts_[i].shape.text() +
                            " has too many dimensions; a field has at most seven, a batch one more");
      if (layouts_[i].bytes() > max_sample_bytes)
        throw Error("", "claims to be " + layouts_[i].shape.text() + " " + std::string(name_of(layouts_[i].dtype)) +
                            "; the maximum for a sample's field is 1 GiB");
    } catch (const Error& error) {
      rethrow(error, sample, i);
    }
  }
}

template <class Look>
void SplitData::look_at_first(Look&& look) const {
  std::exception_ptr first;
  for (std::size_t i = 0; i < size(); ++i) {
    try {
      return look(i);
    } catch (const Error&) {
      if (on_error_ == OnError::stop) throw;
      if (!first) first = std::current_exception();
    }
  }
  if (first) std::rethrow_exception(first);
}

QUIX_INLINE void SplitData::inspect_first() {
  using Kind = detail::FieldCodec::Kind;
  for (std::size_t i = 0; i < codecs_.size(); ++i)
    if (codecs_[i].kind == Kind::label || codecs_[i].kind == Kind::index) layouts_[i] = codecs_[i].inspect({});
  Scratch scratch;
  look_at_first([&](std::size_t sample) {
    inspect(sample);
    if (on_error_ == OnError::stop) return;
    const auto offsets = field_offsets(1);  // a header may be intact when its data are not
    auto room = pool(offsets, 1, allocate_host);
    decode(sample, room.get().get(), offsets, 0, scratch);
  });
}

QUIX_INLINE void SplitData::read_key(std::size_t sample, std::string& to) const {
  switch (source_) {
    case Source::shards: return index_.key(sample, to);
    case Source::folders: {
      const auto name = folders_.name(sample);
      to.assign(name.substr(0, name.rfind('.')));
      return;
    }
    case Source::arrays: to.assign(std::to_string(sample)); return;
  }
}

QUIX_INLINE void SplitData::rethrow(const Error& error, std::size_t sample, std::size_t field) const {
  if (source_ == Source::shards) throw Error(index_.describe(sample, columns_[field]), error.problems().front().what);
  if (source_ == Source::folders) throw Error(folders_.path(sample).string(), error.problems().front().what);
  throw Error(name_ + ", " + std::string(codecs_[field].suffix) + " of sample " + std::to_string(sample),
              error.problems().front().what);
}

}  // namespace quix
