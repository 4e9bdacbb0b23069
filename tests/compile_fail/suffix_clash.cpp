// error: quix: two fields of a sample name the same tar member\.
#include <quix/data.hpp>
struct Pair {
  quix::Image<"png"> left;
  quix::Image<"png"> right;
};
quix::Fold<Pair> fold("pairs", "train");
