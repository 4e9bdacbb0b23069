// error: quix: an epoch refers to its Loader; call epoch\(\) of a variable that outlives it, not of a temporary
#include <quix/data.hpp>
struct Photo {
  quix::Image<"jpg"> image;
};
void f(const quix::Fold<Photo>& fold) {
  for (auto& batch : quix::Loader(fold, {}).epoch()) (void)batch;
}
