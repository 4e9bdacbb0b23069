// error: quix: Pair::left and Pair::right read the same tar member png; give each its own suffix
// errors: 1
#include <quix/data.hpp>
struct Pair {
  quix::Image<"png"> left;
  quix::Image<"png"> right;
};
quix::Split<Pair> split("pairs", "train");
