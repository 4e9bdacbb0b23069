// error: quix: crop is the transform Crop, whose evaluate\(\) is never called as declared; write  void evaluate
// errors: 1
#include <quix/data.hpp>
struct Crop {
  void apply(quix::ImageSample&, quix::Rng&) const {}
  void evaluate(quix::ImageSample&, quix::Rng&) const {}
};
struct Steps {
  Crop crop{};
};
const Steps steps{};
auto transform = quix::sample_transform(steps);
