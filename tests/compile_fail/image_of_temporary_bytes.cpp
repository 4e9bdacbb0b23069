// error: quix: add_image keeps a view of the encoded bytes; pass a variable that outlives the sample, not a temporary
#include <quix/data.hpp>
void f(quix::ImageSample& views, quix::ImageDecoder& decoder, const std::byte* pixels) {
  views.add_image(quix::encode_jpeg(pixels, quix::rgb, {8, 8}), quix::rgb, decoder);
}
