#pragma once

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <initializer_list>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <quix/data/class_folders.hpp>
#include <quix/io/file.hpp>

namespace quix {

QUIX_INLINE std::vector<std::string> folders_in(const std::filesystem::path& folder) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (auto name = entry.path().filename().string(); entry.is_directory() && !name.starts_with('.'))
      out.push_back(std::move(name));
  std::sort(out.begin(), out.end());
  return out;
}

QUIX_INLINE std::filesystem::path find_class_folder(const std::filesystem::path& root, std::string_view fold) {
  namespace fs = std::filesystem;
  const auto first = [&](std::initializer_list<const char*> names) {
    for (const auto* name : names)
      if (fs::is_directory(root / name)) return root / name;
    return fs::path();
  };
  if (fold == "val") return first({"val", "valid", "validation", "test"});
  if (fold != "train") return fs::is_directory(root / fold) ? root / fold : fs::path();
  const auto named = first({"train", "training"});
  if (!named.empty() || !fs::is_directory(root) || !find_class_folder(root, "val").empty()) return named;
  return folders_in(root).empty() ? fs::path() : root;
}

namespace detail {

/// Whether quix reads images of that name.
inline bool is_image_name(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == name.npos) return false;
  std::string suffix(name.substr(dot + 1));
  for (auto& c : suffix) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return suffix == "jpg" || suffix == "jpeg" || suffix == "png" || suffix == "webp";
}

}  // namespace detail

QUIX_INLINE ClassFolders::ClassFolders(const std::filesystem::path& folder, const std::vector<std::string>& classes)
    : folder_(folder) {
  namespace fs = std::filesystem;
  for (const auto& name : folders_in(folder)) {
    const auto number = std::find(classes.begin(), classes.end(), name);
    if (number == classes.end())
      throw Error((folder / name).string(), "is a class that the training folder does not have");
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder / name))
      if (entry.is_regular_file() && detail::is_image_name(entry.path().filename().string()))
        files.push_back(entry.path().lexically_relative(folder));
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      begins_.push_back(names_.size());
      names_ += file;
      names_ += '\0';
      classes_.push_back(number - classes.begin());
    }
  }
  begins_.push_back(names_.size());
  if (classes_.empty()) throw Error(folder.string(), "holds no images in folders of classes");
}

QUIX_INLINE ByteView ClassFolders::read(std::size_t sample, std::vector<std::byte>& buffer) const {
  // Not io::File, which keeps its name: nothing is allocated here once the buffer has grown.
  char path[4096];
  const auto& folder = folder_.native();
  const auto file = name(sample);
  if (folder.size() + file.size() + 2 > sizeof path)
    throw Error((folder_ / file).string(), "has a path of more than 4,095 characters");
  auto* end = std::copy(folder.begin(), folder.end(), path);
  *end++ = '/';
  *std::copy(file.begin(), file.end(), end) = '\0';
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  struct Closing {
    int fd;
    ~Closing() {
      if (fd >= 0) ::close(fd);
    }
  } closing{fd};
  struct ::stat info {};
  if (fd < 0 || ::fstat(fd, &info) != 0) io::fail(path, "cannot be read");
  const auto size = static_cast<std::size_t>(info.st_size);
  if (buffer.size() < size) buffer.resize(size);
  for (std::size_t done = 0; done < size;) {
    const auto n = ::read(fd, buffer.data() + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) io::fail(path, "cannot be read");
    if (n == 0) throw Error(path, "became shorter while it was read");
    done += static_cast<std::size_t>(n);
  }
  return {buffer.data(), size};
}

}  // namespace quix
