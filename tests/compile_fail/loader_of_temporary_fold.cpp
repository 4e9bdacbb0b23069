// error: quix: a Loader refers to its fold; pass a variable that outlives the Loader, not a temporary
#include <quix/data.hpp>
struct Photo {
  quix::Image<"jpg"> image;
};
quix::Loader loader(quix::Fold<Photo>("photos", "train"), {});
