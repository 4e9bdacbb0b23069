#pragma once

#include <algorithm>
#include <cstring>
#include <exception>

#include <quix/data/shards.hpp>

namespace quix {
namespace detail {

inline std::vector<TarIndex::Column> columns(std::span<const FieldCodec> codecs) {
  std::vector<TarIndex::Column> out;
  for (const auto& codec : codecs)
    if (codec.has_member())
      out.push_back({std::string(codec.suffix), codec.kind == FieldCodec::Kind::label, codec.mapped});
  return out;
}

/// Images [N, C, H, W] with the channels of a pixel beside one another, as batches have them: [N, H, W, C] in memory.
inline Array channels_last(const Array& images) {
  const auto& shape = images.shape();
  const auto n = static_cast<std::size_t>(shape[0]), c = static_cast<std::size_t>(shape[1]),
             pixels = static_cast<std::size_t>(shape[2] * shape[3]);
  auto out = new_array({.dtype = images.dtype(), .shape = shape, .strides = images.strides()});
  auto* to = out.data();
  for (const auto *from = images.data(), *end = from + n * c * pixels; from != end; from += c * pixels)
    for (std::size_t p = 0; p < pixels; ++p)
      for (std::size_t k = 0; k < c; ++k) *to++ = from[k * pixels + p];
  return out;
}

}  // namespace detail

QUIX_INLINE FoldData::FoldData(const std::filesystem::path& dataset, std::string_view fold,
                               std::span<const detail::FieldCodec> codecs, OnError on_error)
    : codecs_(codecs),
      index_(TarIndex::open(dataset, fold, detail::columns(codecs), {.skip_bad = on_error != OnError::stop})),
      declared_(declared_classes(dataset)),
      layouts_(codecs.size()),
      on_error_(on_error) {
  using Kind = detail::FieldCodec::Kind;
  for (const auto& cause : index_.left_out_by_cause()) remarks_.push_back(cause.text());
  for (const auto& shard : unlisted_shards(dataset, fold))
    remarks_.push_back(shard.string() + " is not read: config.json does not list it");
  std::size_t column = 0;
  for (const auto& codec : codecs) {
    columns_.push_back(codec.has_member() ? column++ : 0);
    heavy_ |= codec.has_member() && codec.kind != Kind::label && !codec.mapped;
  }
  inspect_first();
}

QUIX_INLINE FoldData::FoldData(ClassFolders folders, std::span<const detail::FieldCodec> codecs)
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
      throw Error(folders_.path(0).string(), "is all that a sample has in folders of classes; it cannot be both " +
                                                 std::string(reads->suffix) + " and " + std::string(codec.suffix));
    reads = &codec;
  }
  for (const auto& one : folders_.left_out()) remarks_.push_back("left out: " + one.text());
  inspect_first();
}

QUIX_INLINE void FoldData::inspect(std::size_t sample) {
  using Kind = detail::FieldCodec::Kind;
  std::vector<std::byte> buffer;
  for (std::size_t i = 0; i < codecs_.size(); ++i) {
    if (codecs_[i].kind != Kind::array) continue;
    try {
      layouts_[i] = codecs_[i].inspect(read(sample, i, buffer));
      if (layouts_[i].shape.size() > 7)
        throw Error("", "is " + layouts_[i].shape.text() + "; a field has at most seven dimensions, a batch one more");
      if (layouts_[i].bytes() > max_sample_bytes)
        throw Error("", "claims to be " + layouts_[i].shape.text() + " " + std::string(name_of(layouts_[i].dtype)) +
                            "; a sample's field has at most 1 GiB");
    } catch (const Error& error) {
      rethrow(error, sample, i);
    }
  }
}

template <class Look>
void FoldData::look_at_first(Look&& look) const {
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

QUIX_INLINE void FoldData::inspect_first() {
  using Kind = detail::FieldCodec::Kind;
  for (std::size_t i = 0; i < codecs_.size(); ++i)
    if (codecs_[i].kind == Kind::label || codecs_[i].kind == Kind::index) layouts_[i] = codecs_[i].inspect({});
  Scratch scratch;
  look_at_first([&](std::size_t sample) {
    inspect(sample);
    if (on_error_ == OnError::stop) return;
    const auto offsets = place(1);  // a header may be sound where its data are not
    auto room = pool(offsets, 1, allocate_host);
    decode(sample, room.get().get(), offsets, 0, scratch);
  });
}

QUIX_INLINE FoldData::FoldData(std::string name, std::vector<Array> arrays, std::span<const detail::FieldCodec> codecs)
    : codecs_(codecs),
      source_(Source::arrays),
      name_(std::move(name)),
      arrays_(std::move(arrays)),
      columns_(codecs.size()),
      layouts_(codecs.size()) {
  using Kind = detail::FieldCodec::Kind;
  using View = detail::FieldCodec::View;
  arrays_.resize(codecs.size());
  raw_bytes_.resize(codecs.size());
  bool first = true;
  for (std::size_t i = 0; i < codecs.size(); ++i) {
    const auto& codec = codecs[i];
    const auto& array = arrays_[i];
    const auto fail = [&](const std::string& what) { throw Error(name_ + ", " + std::string(codec.suffix), what); };
    if (codec.kind == Kind::index) {
      layouts_[i] = codec.inspect({});
      continue;
    }
    if (codec.kind == Kind::key) continue;
    if (codec.is_list()) fail("is a list, and arrays in memory hold fields of one shape");
    if (array.shape().empty()) fail("is missing, or has no dimension for the samples");
    if (array.strides() != detail::strides_of(array.shape())) fail("is not contiguous");
    const auto n = static_cast<std::size_t>(array.shape()[0]);
    if (!std::exchange(first, false) && n != size_)
      fail("has " + std::to_string(n) + " samples, the field before it " + std::to_string(size_));
    size_ = n;
    Dims shape;
    for (std::size_t d = 1; d < array.shape().size(); ++d) shape.push_back(array.shape()[d]);
    if (codec.kind == Kind::label) {
      if (!shape.empty() || (array.dtype() != DType::i64 && array.dtype() != DType::i32 && array.dtype() != DType::u8))
        fail("is " + array.shape().text() + " " + std::string(name_of(array.dtype())) +
             "; class numbers are [N] of I64, I32 or U8");
      layouts_[i] = codec.inspect({});
      continue;
    }
    if (codec.dtype && array.dtype() != *codec.dtype)
      fail("holds " + std::string(name_of(array.dtype())) + ", the field's type is " +
           std::string(name_of(*codec.dtype)));
    layouts_[i] = {.dtype = array.dtype(), .shape = shape, .strides = detail::strides_of(shape)};
    raw_bytes_[i] = layouts_[i].bytes();
    if (codec.view != View::image) continue;
    if (array.dtype() != DType::u8 || shape.size() != 3 || shape[0] != channel_count(codec.channels))
      fail("is " + array.shape().text() + " " + std::string(name_of(array.dtype())) + "; images are [N, " +
           std::to_string(channel_count(codec.channels)) + ", H, W] of U8");
    layouts_[i].strides = {1, shape[2] * shape[0], shape[0]};
    if (shape[0] > 1) arrays_[i] = detail::channels_last(array);
  }
}

QUIX_INLINE void FoldData::copy(std::size_t sample, std::size_t field, std::byte* to) const {
  const auto bytes = raw_bytes_[field];
  if (bytes) std::memcpy(to, arrays_[field].data() + sample * bytes, bytes);
}

QUIX_INLINE std::int64_t FoldData::class_of(std::size_t sample, std::size_t field) const {
  if (source_ == Source::shards) return index_.class_of(sample, columns_[field]);
  if (source_ == Source::folders) return folders_.class_of(sample);
  const auto& array = arrays_[field];
  switch (array.dtype()) {
    case DType::i64: return array.data<std::int64_t>()[sample];
    case DType::i32: return array.data<std::int32_t>()[sample];
    default: return array.data<std::uint8_t>()[sample];
  }
}

QUIX_INLINE void FoldData::rethrow(const Error& error, std::size_t sample, std::size_t field) const {
  if (source_ == Source::shards) throw Error(index_.describe(sample, columns_[field]), error.problems().front().what);
  if (source_ == Source::folders) throw Error(folders_.path(sample).string(), error.problems().front().what);
  throw Error(name_ + ", " + std::string(codecs_[field].suffix) + " of sample " + std::to_string(sample),
              error.problems().front().what);
}

QUIX_INLINE Order FoldData::order(const OrderOptions& options, std::uint64_t seed, std::uint64_t epoch) const {
  const auto n = static_cast<std::uint32_t>(size());
  if (options.balanced) return repeated(balanced(class_numbers(class_field()), n, seed, epoch), options.repeat);
  Order order;
  switch (options.shuffle) {
    case Shuffle::full: order = shuffled(n, seed, epoch); break;
    case Shuffle::blocks: order = shuffled_blocks(n, options.block, options.window, seed, epoch); break;
    case Shuffle::shards: {
      const bool shards = source_ == Source::shards;
      std::vector<std::uint32_t> counts(shards ? index_.shards().size() : 1);
      for (std::size_t i = 0; i < n; ++i) ++counts[shards ? index_.shard_of(i) : 0];
      while (!counts.empty() && counts.back() == 0) counts.pop_back();
      order = shuffled_by_shard(counts, seed, epoch);
      break;
    }
    case Shuffle::none: order = in_order(n); break;
  }
  return options.repeat > 1 ? repeated(order, options.repeat) : order;
}

QUIX_INLINE std::vector<std::size_t> FoldData::place(std::size_t batch_size) const {
  std::vector<std::size_t> offsets{0};
  for (std::size_t i = 0; i < codecs_.size(); ++i)
    offsets.push_back(offsets.back() + (row_bytes(i) * batch_size + 63) / 64 * 64);
  offsets.back() = std::max<std::size_t>(offsets.back(), 64);
  return offsets;
}

QUIX_INLINE Pool FoldData::pool(const std::vector<std::size_t>& offsets, std::size_t batch_size,
                                Allocate allocate) const {
  // Lists are objects in the batch's memory: made with it, and kept for the next batch.
  const auto each = [codecs = codecs_, offsets, batch_size](bool make) {
    return [=](std::byte* memory) {
      for (std::size_t i = 0; i < codecs.size(); ++i)
        for (std::size_t row = 0; codecs[i].is_list() && row < batch_size; ++row)
          (make ? codecs[i].construct : codecs[i].destroy)(memory + offsets[i] + row * codecs[i].element);
    };
  };
  if (std::none_of(codecs_.begin(), codecs_.end(), [](const auto& codec) { return codec.is_list(); }))
    return Pool(offsets.back(), allocate);
  return Pool(offsets.back(), allocate, each(true), each(false));
}

QUIX_INLINE void FoldData::read_key(std::size_t sample, std::string& to) const {
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

QUIX_INLINE void FoldData::make_views(std::size_t sample, const Row* row, Scratch& scratch,
                                      const Moment& moment) const {
  using View = detail::FieldCodec::View;
  auto& views = scratch.views;
  views.clear();
  for (std::size_t i = 0; i < codecs_.size(); ++i) {
    const auto& codec = codecs_[i];
    if (codec.view == View::none) continue;
    try {
      if (source_ == Source::arrays) {
        const auto& shape = arrays_[i].shape();
        if (codec.view == View::mask && shape.size() != 3)
          throw Error("", "is " + shape.text() + "; masks that are augmented are [N, H, W]");
        auto& pixels = codec.view == View::image ? views.add_picture({shape[3], shape[2]}, codec.channels)
                                                 : views.add_mask({shape[2], shape[1]}, size_of(arrays_[i].dtype()));
        copy(sample, i, reinterpret_cast<std::byte*>(pixels.data()));
      } else if (codec.view == View::image) {
        views.add_image(read(sample, i, views.next_bytes()), codec.channels, scratch.images, codec.orientation);
      } else if (codec.view == View::mask) {
        const auto bytes = read(sample, i, scratch.bytes);
        const auto layout = codec.inspect(bytes);
        if (layout.shape.size() != 2)
          throw Error("", "is " + layout.shape.text() + "; a mask that is augmented is [H, W]");
        auto& mask = views.add_mask({layout.shape[1], layout.shape[0]}, size_of(layout.dtype));
        codec.decode(bytes, layout, reinterpret_cast<std::byte*>(mask.data()), scratch);
      } else if (row) {
        auto* boxes = field_of(*row, i);
        codec.decode(read(sample, i, scratch.bytes), {}, boxes, scratch);
        views.add_boxes(*reinterpret_cast<std::vector<Box>*>(boxes));
      }
    } catch (const Error& error) {
      rethrow(error, sample, i);
    }
  }
  try {
    transform_.apply(transform_.ops, views, moment);
    for (std::size_t i = 0; i < views.images(); ++i) views.image(i);
  } catch (const Error& error) {
    for (std::size_t i = 0; i < codecs_.size(); ++i)
      if (codecs_[i].view != View::none) rethrow(error, sample, i);
  }
}

QUIX_INLINE void FoldData::augment(SampleTransform transform) {
  using View = detail::FieldCodec::View;
  const bool any = std::any_of(codecs_.begin(), codecs_.end(),
                               [](const auto& codec) { return codec.view == View::image || codec.view == View::mask; });
  if (!transform || !any) return;
  transform_ = transform;
  heavy_ = true;
  if (size() == 0) return;
  Scratch scratch;
  look_at_first([&](std::size_t sample) { make_views(sample, nullptr, scratch, {}); });
  const auto size = scratch.views.size();
  for (std::size_t i = 0; i < codecs_.size(); ++i) {
    auto& layout = layouts_[i];
    if (codecs_[i].view == View::image) {
      const auto c = layout.shape[0];
      layout.shape = {c, size.height, size.width}, layout.strides = {1, size.width * c, c};
    } else if (codecs_[i].view == View::mask) {
      layout.shape = {size.height, size.width}, layout.strides = {size.width, 1};
    }
  }
}

QUIX_INLINE void FoldData::decode(std::size_t sample, std::byte* memory, const std::vector<std::size_t>& offsets,
                                  std::size_t row, Scratch& scratch, const Moment& moment) const {
  using Kind = detail::FieldCodec::Kind;
  using View = detail::FieldCodec::View;
  const Row place{memory, offsets, row};
  if (transform_) make_views(sample, &place, scratch, moment);
  std::size_t image = 0, mask = 0;
  for (std::size_t i = 0; i < codecs_.size(); ++i) {
    const auto& codec = codecs_[i];
    auto* to = field_of(place, i);
    switch (codec.kind) {
      case Kind::label: *reinterpret_cast<std::int64_t*>(to) = class_of(sample, i); continue;
      case Kind::index: *reinterpret_cast<std::int64_t*>(to) = static_cast<std::int64_t>(sample); continue;
      case Kind::key: read_key(sample, *reinterpret_cast<std::string*>(to)); continue;
      case Kind::array:
      case Kind::list: break;
    }
    try {
      if (transform_ && codec.view != View::none) {
        if (codec.view == View::boxes) continue;
        const auto& picture = codec.view == View::image ? scratch.views.image(image++) : scratch.views.mask(mask++);
        if (picture.bytes() != layouts_[i].bytes() ||
            picture.size.width != layouts_[i].shape[layouts_[i].shape.size() - 1])
          throw Error("", "is " + detail::size_text(picture.size) + " after augmentation, other samples " +
                              layouts_[i].shape.text() +
                              "; let it end in one size, with RandomResizedCrop, Resize or CenterCrop");
        std::memcpy(to, picture.data(), picture.bytes());
        continue;
      }
      if (source_ == Source::arrays)
        copy(sample, i, to);
      else
        codec.decode(read(sample, i, scratch.bytes), layouts_[i], to, scratch);
    } catch (const Error& error) {
      rethrow(error, sample, i);
    }
  }
}

QUIX_INLINE void FoldData::blank(std::byte* memory, const std::vector<std::size_t>& offsets, std::size_t row) const {
  for (std::size_t i = 0; i < codecs_.size(); ++i) {
    auto* at = field_of({memory, offsets, row}, i);
    if (codecs_[i].is_list())
      codecs_[i].destroy(at), codecs_[i].construct(at);
    else
      std::memset(at, 0, row_bytes(i));
  }
}

QUIX_INLINE Array FoldData::batch_field(std::size_t field, const std::shared_ptr<std::byte>& memory, std::size_t offset,
                                        std::size_t size) const {
  const auto& one = layouts_[field];
  Layout layout{.dtype = one.dtype, .shape = {static_cast<std::int64_t>(size)}, .strides = {one.shape.count()}};
  for (std::size_t d = 0; d < one.shape.size(); ++d)
    layout.shape.push_back(one.shape[d]), layout.strides.push_back(one.strides[d]);
  return {memory, memory.get() + offset, layout};
}

}  // namespace quix
