// error: quix: Scene::depth: the codec Depth lacks, or declares differently,  static std::vector<std::byte>
// errors: 1
// also: encode\(const quix::Array& array\)
#include <quix/data.hpp>
struct Depth : quix::Array {
  static constexpr std::string_view suffix = "depth";
  static constexpr quix::Use use = quix::Use::target;
  static quix::Layout inspect(quix::ByteView) { return {}; }
  static void decode(quix::ByteView, const quix::Layout&, std::byte*) {}
};
struct Scene {
  quix::Image<"png"> image;
  Depth depth;
};
quix::Split<Scene> split("scenes", "train");
