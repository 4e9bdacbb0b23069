// error: quix: an epoch refers to its Loader; call epoch\(\) of a variable that outlives it, not of a temporary
#include <quix/data.hpp>
struct Photo {
  quix::Image<"jpg"> image;
};
void f(const quix::Split<Photo>& split) {
  for (auto& batch : quix::Loader(split, {}).epoch()) (void)batch;
}
