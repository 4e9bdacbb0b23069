#pragma once

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <quix/data/class_folders.hpp>
#include <quix/data/listing.hpp>
#include <quix/io/file.hpp>

namespace quix {

namespace detail {

inline ClassTree::Split split_in(const std::filesystem::path& folder) {
  return {.name = {}, .folder = folder, .classes = folders_in(folder)};
}

}  // namespace detail

QUIX_INLINE ClassFolders::ClassFolders(const std::filesystem::path& folder, const std::vector<std::string>& classes)
    : ClassFolders(detail::split_in(folder), classes) {}

QUIX_INLINE ClassFolders::ClassFolders(const ClassTree::Split& split, const std::vector<std::string>& classes)
    : folder_(split.folder), class_names_(classes) {
  detail::each_entry(
      folder_,
      [&](const auto& entry, const std::string& name) {
        if (!detail::is_folder(entry) && detail::is_image_name(name))
          leave_out("images outside of class directories", entry.path());
      },
      &junk_);
  for (const auto& name : split.classes) {
    std::vector<std::string> files;
    list(folder_ / name, files);
    const auto number = std::find(classes.begin(), classes.end(), name);
    if (number == classes.end() && !files.empty()) {
      const auto near = std::find_if(classes.begin(), classes.end(), [&](const auto& one) {
        return detail::lower_case(one) == detail::lower_case(name);
      });
      throw Error(
          (folder_ / name).string(),
          "class not found in the training directory" +
              (near == classes.end() ? std::string() : "; did you mean " + *near + "?") +
              (split.place.empty() ? std::string()
                                   : std::string(near == classes.end() ? "; write" : " Or write") + " --ignore " +
                                         (split.place == "." ? "" : split.place + "/") + name + " to leave it out"));
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      begins_.push_back(names_.size());
      names_ += file;
      names_ += '\0';
      classes_.push_back(number - classes.begin());
    }
  }
  begins_.push_back(names_.size());
  std::sort(left_out_.begin(), left_out_.end(),
            [](const auto& a, const auto& b) { return a.count != b.count ? a.count > b.count : a.cause < b.cause; });
  if (classes_.empty())
    throw Error(folder_.string(), split.flat
                                      ? "images without class directories; put each into a directory named after its "
                                        "class, leave the split out with --ignore " +
                                            folder_.filename().string() +
                                            ", or write --map train=. if every directory above is a class"
                                      : std::string("no images in class directories"));
}

QUIX_INLINE void ClassFolders::leave_out(const std::string& cause, const std::filesystem::path& path) {
  count_omission(left_out_, cause, path);
}

/// Images in a directory of a class and below, relative to the split's.
QUIX_INLINE void ClassFolders::list(const std::filesystem::path& below, std::vector<std::string>& files) {
  detail::each_entry(
      below,
      [&](const auto& entry, const std::string& name) {
        std::error_code ignored;
        if (detail::is_folder(entry)) {
          if (entry.is_symlink(ignored))
            leave_out("linked directories", entry.path());
          else
            list(entry.path(), files);
        } else if (!entry.is_regular_file(ignored)) {
          leave_out(entry.is_symlink(ignored) ? "links to nothing" : "special files", entry.path());
        } else if (detail::is_image_name(name)) {
          files.push_back(entry.path().lexically_relative(folder_));
        } else {
          const auto dot = name.rfind('.');
          leave_out(
              dot == name.npos ? "files without a suffix" : "files of type " + detail::lower_case(name.substr(dot)),
              entry.path());
        }
      },
      &junk_);
}

QUIX_INLINE ByteView ClassFolders::read(std::size_t sample, std::vector<std::byte>& buffer) const {
  // Not io::File, which stores its name: nothing is allocated here once the buffer has grown.
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
    if (n == 0) throw Error(path, "truncated while it was read");
    done += static_cast<std::size_t>(n);
  }
  return {buffer.data(), size};
}

}  // namespace quix
