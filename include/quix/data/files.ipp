#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <optional>

#include <quix/data/csv.hpp>
#include <quix/data/dataset.hpp>
#include <quix/data/files.hpp>
#include <quix/data/idx.hpp>
#include <quix/data/listing.hpp>
#include <quix/io/pt.hpp>
#include <quix/io/safetensors.hpp>

namespace quix {
namespace detail {

/// A new array, filled by `fill(memory)`.
template <class Fill>
Array filled_array(DType dtype, const Dims& shape, Fill&& fill) {
  auto out = new_array({.dtype = dtype, .shape = shape, .strides = strides_of(shape)});
  fill(out.data());
  return out;
}

/// The shape of a tensor of samples. Throws Error.
template <class Shape>
Dims dims_of(const std::filesystem::path& path, const std::string& name, const Shape& shape) {
  if (shape.size() == 0) throw Error(path.string(), "the tensor " + name + " is a single number");
  if (shape.size() > 8) throw Error(path.string(), "the tensor " + name + " has more than eight dimensions");
  Dims out;
  for (const auto d : shape) out.push_back(d);
  return out;
}

/// The tensor of each field, by its suffix, or by position among tensors without names.
template <class File>
std::vector<Array> arrays_of_file(const File& file, std::span<const FieldCodec> codecs) {
  std::vector<Array> out(codecs.size());
  const auto& entries = file.entries();
  const bool unnamed = !entries.empty() && std::all_of(entries.begin(), entries.end(), [](const auto& entry) {
    const auto last = entry.first.rfind('.') + 1;
    return entry.first.find_first_not_of("0123456789", last) == std::string::npos;
  });
  std::size_t place = 0;
  for (std::size_t i = 0; i < codecs.size(); ++i) {
    if (!codecs[i].has_member()) continue;
    auto found = entries.find(std::string(codecs[i].suffix));
    if (found == entries.end() && unnamed)
      found = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
        const auto number = entry.first.substr(entry.first.rfind('.') + 1);
        return number == std::to_string(place) || (number.empty() && place == 0);
      });
    ++place;
    if (found == entries.end()) {
      std::string names;
      for (const auto& [name, entry] : entries) names += (names.empty() ? "" : ", ") + name;
      throw Error(file.path().string(), "tensor " + std::string(codecs[i].suffix) + " not found; tensors: " + names);
    }
    const auto& name = found->first;
    const auto& entry = found->second;
    out[i] = filled_array(entry.dtype, dims_of(file.path(), name, entry.shape),
                          [&](std::byte* memory) { file.read(entry, memory); });
  }
  return out;
}

/// Throws Error unless a table has the columns of the training table, in whatever order.
inline void require_columns(const CsvTable& table, const CsvTable& training) {
  for (const auto& name : training.columns) table.column(name);
  for (const auto& name : table.columns)
    if (std::find(training.columns.begin(), training.columns.end(), name) == training.columns.end())
      throw Error(table.path.string(), "unexpected column " + name + ", which " + training.path.string() +
                                           " does not have; remove it, or add it there");
}

/// Columns of a table, in the order of the training table, where that is another one; classes by name are numbered by
/// its words.
inline std::vector<Array> arrays_of_csv(const CsvTable& table, const std::optional<CsvTable>& other,
                                        std::span<const FieldCodec> codecs, std::vector<std::string>* remarks) {
  const auto& training = other ? *other : table;
  std::vector<Array> out(codecs.size());
  const auto rows = static_cast<std::int64_t>(table.rows.size());
  std::vector<bool> taken(table.columns.size());
  const auto named = [&](const FieldCodec& codec) {
    return std::find(training.columns.begin(), training.columns.end(), codec.suffix) != training.columns.end();
  };
  if (other && std::any_of(codecs.begin(), codecs.end(), [&](const auto& codec) {
        return codec.kind == FieldCodec::Kind::array && codec.view == FieldCodec::AugmentKind::none && !named(codec);
      }))
    require_columns(table, training);
  for (const auto& codec : codecs)
    if (codec.kind == FieldCodec::Kind::label || named(codec)) taken[table.column(codec.suffix)] = true;
  for (std::size_t i = 0; i < codecs.size(); ++i) {
    const auto& codec = codecs[i];
    if (codec.kind == FieldCodec::Kind::label) {
      const auto column = table.column(codec.suffix);
      const CsvClasses classes(training, training.column(codec.suffix));
      if (remarks && !other) remarks->insert(remarks->end(), classes.merged().begin(), classes.merged().end());
      out[i] = filled_array(DType::i64, {rows}, [&](std::byte* memory) {
        auto* to = reinterpret_cast<std::int64_t*>(memory);
        for (std::size_t r = 0; r < table.rows.size(); ++r) to[r] = classes.number(table, r, column);
      });
    } else if (codec.kind == FieldCodec::Kind::array && codec.view == FieldCodec::AugmentKind::none) {
      std::vector<std::size_t> columns;
      if (named(codec))
        columns.push_back(table.column(codec.suffix));
      else
        for (const auto& name : training.columns)
          if (const auto c = table.column(name); !taken[c]) columns.push_back(c);
      table.refuse_images(columns);
      const Dims shape = named(codec) ? Dims{rows} : Dims{rows, static_cast<std::int64_t>(columns.size())};
      out[i] = filled_array(DType::f32, shape, [&](std::byte* memory) {
        auto* to = reinterpret_cast<float*>(memory);
        for (std::size_t r = 0; r < table.rows.size(); ++r)
          for (const auto c : columns) *to++ = table.number(r, c);
      });
      if (remarks)
        for (auto& remark : table.remarks(columns)) remarks->push_back(std::move(remark));
    } else if (codec.has_member()) {
      throw Error(table.path.string(), "a CSV table has no member " + std::string(codec.suffix) +
                                           "; its fields are  Npy<\"x\", float>  and  Class<\"COLUMN\">");
    }
  }
  return out;
}

QUIX_INLINE std::filesystem::path find_idx(const std::filesystem::path& folder, std::string_view split,
                                           std::string_view what) {
  if (split != "train" && split != "val" && split != "test") return {};
  auto dotted = std::string(what);
  if (const auto dash = dotted.find('-'); dash != std::string::npos) dotted[dash] = '.';  // "images.idx3-ubyte"
  for (const auto& name : {std::string(what), dotted})
    for (const auto* suffix : {"", ".gz"}) {
      const auto path = folder / ((split == "train" ? "train-" : "t10k-") + name + suffix);
      std::error_code ignored;
      if (std::filesystem::is_regular_file(path, ignored)) return path;
    }
  return {};
}

inline std::vector<Array> arrays_of_idx(const std::filesystem::path& folder, std::string_view split,
                                        std::span<const FieldCodec> codecs) {
  std::vector<Array> out(codecs.size());
  for (std::size_t i = 0; i < codecs.size(); ++i) {
    if (!codecs[i].has_member()) continue;
    const bool label = codecs[i].kind == FieldCodec::Kind::label;
    const std::string what = label ? "labels-idx1-ubyte" : "images-idx3-ubyte";
    const auto path = find_idx(folder, split, what);
    if (path.empty()) throw Error(folder.string(), what + " of the split " + std::string(split) + " not found");
    const auto idx = read_idx(path);
    if (idx.shape.size() != (label ? 1u : 3u))
      throw Error(path.string(), "expected " + std::string(label ? "1 dimension" : "3 dimensions") + ", got " +
                                     std::to_string(idx.shape.size()));
    const Dims shape = label ? Dims{idx.shape[0]} : Dims{idx.shape[0], 1, idx.shape[1], idx.shape[2]};
    out[i] = filled_array(DType::u8, shape, [&](std::byte* to) { std::copy(idx.bytes.begin(), idx.bytes.end(), to); });
  }
  return out;
}

/// A file of a split, by its name. FOLD_….csv is `loose`: what else is there may be the data.
inline SplitSource find_file(const std::filesystem::path& folder, std::string_view split, SplitSource::Kind format) {
  namespace fs = std::filesystem;
  using Kind = SplitSource::Kind;
  const std::pair<const char*, Kind> kinds[] = {
      {".safetensors", Kind::safetensors}, {".pt", Kind::pt}, {".csv", Kind::csv}};
  const auto wanted = [&](Kind kind) { return format == Kind::none || format == kind; };
  for (const auto& [suffix, kind] : kinds)
    if (const auto path = folder / (std::string(split) + suffix); wanted(kind) && fs::exists(path)) return {kind, path};
  if (const auto path = find_idx(folder, split, "images-idx3-ubyte"); wanted(Kind::idx) && !path.empty())
    return {Kind::idx, path};
  SplitSource last;
  each_entry(folder, [&](const auto& entry, const std::string& name) {
    for (const auto& [suffix, kind] : kinds)
      if (wanted(kind) && name.starts_with(std::string(split) + "_") && name.ends_with(suffix) &&
          entry.path() > last.path)
        last = {kind, entry.path()};
  });
  return last;
}

/// Whether the first rows of a table name image files that exist, in one of the directories.
inline bool names_images(const std::filesystem::path& csv, std::initializer_list<std::filesystem::path> folders) {
  std::string text(1 << 16, '\0');
  text.resize(io::File(csv).read(0, text.data(), text.size()));
  if (text.size() == 1 << 16) text.resize(text.find_last_of("\r\n") + 1);  // whole lines
  try {
    const auto table = parse_csv(std::move(text), csv);
    for (std::size_t r = 0; r < table.rows.size() && r < 64; ++r)
      for (const auto& cell : table.rows[r])
        if (is_image_name(cell) && cell.size() < 1024)
          for (const auto& folder : folders) {
            std::error_code ignored;
            if (std::filesystem::is_regular_file(folder / cell, ignored)) return true;
          }
  } catch (const Error&) {}  // it cannot be read as a table, so it is not the data
  return false;
}

}  // namespace detail

QUIX_INLINE SplitSource find_source(const std::filesystem::path& folder, std::string_view split,
                                    const TreeOptions& options, SplitSource::Kind format) {
  using Kind = SplitSource::Kind;
  auto file = format == Kind::folders ? SplitSource{} : detail::find_file(folder, split, format);
  for (auto inner = wrapped_folder(folder); file.kind == Kind::none && format != Kind::folders && !inner.empty();
       inner = wrapped_folder(inner))
    file = detail::find_file(inner, split, format);
  if ((file.kind != Kind::none && file.kind != Kind::csv) || (format != Kind::none && format != Kind::folders))
    return file;
  const auto tree = find_class_tree(folder, options);
  const auto* found = tree.find(split);
  if (!found || (found->flat && file.kind == Kind::csv)) return file;
  if (file.kind == Kind::csv && detail::names_images(file.path, {folder, found->folder, found->folder.parent_path()}))
    throw Error(file.path.string(), "names images that are also in class directories (" + found->folder.string() + "/" +
                                        found->classes[0] +
                                        "/, …); write --format folders to take the labels from the directories. A "
                                        "table that names images is not read: "
                                        "to take the labels from it, sort the images into directories by it");
  return {Kind::folders, found->folder};
}

QUIX_INLINE std::vector<Array> read_arrays(const SplitSource& source, const std::filesystem::path& folder,
                                           std::string_view split, std::span<const detail::FieldCodec> codecs,
                                           std::vector<std::string>* remarks) {
  switch (source.kind) {
    case SplitSource::Kind::safetensors: return detail::arrays_of_file(io::Safetensors(source.path), codecs);
    case SplitSource::Kind::pt: return detail::arrays_of_file(io::PtFile(source.path), codecs);
    case SplitSource::Kind::csv: {
      const auto table = read_csv(source.path);
      std::optional<CsvTable> training;
      if (const auto other = detail::find_file(source.path.parent_path(), "train", source.kind);
          split != "train" && other.kind == source.kind)
        training = read_csv(other.path);
      return detail::arrays_of_csv(table, training, codecs, remarks);
    }
    case SplitSource::Kind::idx: return detail::arrays_of_idx(source.path.parent_path(), split, codecs);
    default:
      throw Error(folder.string(), "split " + std::string(split) + " not found: neither " + std::string(split) +
                                       ".safetensors, .pt or .csv, nor IDX files, nor class directories");
  }
}

QUIX_INLINE ClassFolders read_class_folders(const std::filesystem::path& folder, std::string_view split,
                                            const TreeOptions& options) {
  const auto tree = find_class_tree(folder, options);
  const auto *found = tree.find(split), *training = tree.find("train");
  if (!found) throw Error(folder.string(), "no class directories of the split " + std::string(split));
  ClassFolders out(*found, training ? training->classes : found->classes);
  constexpr std::string_view start = "left out: ";
  if (found != training) return out;  // once, with training
  for (const auto& entry : tree.entries)
    if (entry.role.starts_with(start))
      out.leave_out("directories, " + entry.role.substr(start.size()), folder / entry.path);
  return out;
}

QUIX_INLINE std::filesystem::path find_files(const std::filesystem::path& path) {
  const auto folder = detail::find_place(path);
  const auto holds = [](const std::filesystem::path& place) {
    try {
      for (const auto* split : {"train", "val", "test"})
        if (find_source(place, split).kind != SplitSource::Kind::none) return true;
    } catch (const Error&) {
      return true;
    }  // data, but ambiguous
    return false;
  };
  for (const auto& other : detail::found_places(path))
    if (other != folder && !holds(folder) && holds(other)) detail::hides(folder, other);
  return folder;
}

}  // namespace quix
