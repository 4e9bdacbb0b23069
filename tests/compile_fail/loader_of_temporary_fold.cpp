// error: quix: a Loader refers to its split; pass a variable that outlives the Loader, not a temporary
#include <quix/data.hpp>
struct Photo {
  quix::Image<"jpg"> image;
};
quix::Loader loader(quix::Split<Photo>("photos", "train"), {});
