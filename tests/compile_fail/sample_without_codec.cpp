// error: quix: every field of a sample is a codec that names its tar member
#include <quix/data.hpp>
struct Labelled {
  quix::Image<"png"> image;
  int label;
};
quix::Fold<Labelled> fold("labelled", "train");
