// Mutated tar archives, PNG images, IDX and safetensors files: read, or refused with an Error. Run it under the
// sanitizers too.
#include <check.hpp>

#include <cstdlib>
#include <random>

#include <quix/data.hpp>
#include <quix/data/idx.hpp>
#include <quix/io.hpp>

using namespace quix;

namespace {

struct Labelled {
  Image<"png"> image;
  Class<"cls"> label;
};

template <class Read>
void fuzz(const char* what, const std::string& whole, const std::filesystem::path& path, int rounds, Read&& read) {
  std::mt19937 random(17);
  int accepted = 0, refused = 0;
  for (int round = 0; round < rounds; ++round) {
    auto bytes = whole;
    for (auto n = random() % 6 + 1; n > 0; --n) {
      const auto at = random() % bytes.size();
      switch (random() % 4) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
        case 2: bytes.resize(std::max<std::size_t>(1, at)); break;
        default:
          for (std::size_t i = at; i < bytes.size() && i < at + 8; ++i)
            bytes[i] = static_cast<char>(random() % 2 ? 0xff : 0);
      }
    }
    io::Sink(path).write(bytes);
    try {
      read();
      ++accepted;
    } catch (const Error&) {
      ++refused;
    }
  }
  if (refused < rounds / 20) test::fail(__FILE__, __LINE__, std::string(what) + ": hardly anything was refused");
  std::printf("%s: %d read, %d refused\n", what, accepted, refused);
}

}  // namespace

TESTS {
  const test::Folder folder("fuzz");
  {
    Writer writer(folder.path / "set");
    std::vector<std::byte> pixels(64 * 3, std::byte{7});
    for (int i = 0; i < 3; ++i) {
      const auto png = encode_png(pixels.data(), rgb, {8, 8});
      writer.write("train", std::string(static_cast<std::size_t>(i) * 110 + 1, 'k'),
                   {{"png", png}, {"cls", std::as_bytes(std::span("12", 2))}});
    }
    writer.finish();
  }
  const auto shard = folder.path / "set/train_0000.tar";
  const auto tar = io::read_text(shard);
  fuzz("tar and PNG", tar.substr(0, tar.size() - 4096), shard, 6000, [&] {
    const Split<Labelled> split(folder.path / "set", "train");
    Loader<Labelled> loader(split, {.batch_size = 2, .threads = 0});
    for ([[maybe_unused]] auto& batch : loader.epoch()) {}
  });

  const auto png = encode_png(std::vector<std::byte>(300, std::byte{3}).data(), rgb, {10, 10});
  const auto image = folder.path / "x.png";
  fuzz("PNG", std::string(reinterpret_cast<const char*>(png.data()), png.size()), image, 6000, [&] {
    const auto text = io::read_text(image);
    const auto bytes = std::as_bytes(std::span(text));
    std::vector<std::byte> out(300);
    if (image_size(bytes) == ImageSize{10, 10})
      ImageDecoder().decode(bytes, rgb, {10, 10}, out.data());
    else
      throw Error("", "another size");
  });

  const auto tensors = folder.path / "x.safetensors";
  const float values[12] = {};
  io::write_safetensors(tensors, {{.name = "a", .dtype = DType::f32, .shape = {3, 4}, .data = values},
                                  {.name = "b", .dtype = DType::u8, .shape = {7}, .data = values}});
  fuzz("safetensors", io::read_text(tensors), tensors, 6000, [&] {
    const io::Safetensors file(tensors);
    for (const auto& [name, entry] : file.entries()) {
      std::vector<char> data(entry.bytes + 1);
      file.read(entry, data.data());
    }
  });

  const auto idx = folder.path / "x.idx";
  io::replace(idx, std::string("\0\0\x08\x02\0\0\0\3\0\0\0\4abcdefghijkl", 24));
  fuzz("IDX", io::read_text(idx), idx, 3000, [&] { read_idx(idx); });
  return 0;
}
