// error: quix: Labelled::label is int, which is not a codec\. A field of a sample names its tar member
// errors: 1
#include <quix/data.hpp>
struct Labelled {
  quix::Image<"png"> image;
  int label;
};
quix::Split<Labelled> split("labelled", "train");
