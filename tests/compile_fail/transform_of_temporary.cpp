// error: quix: sample_transform points to the pipeline; pass a variable that outlives the split, not a temporary
#include <quix/data/augment.hpp>
auto transform = quix::sample_transform(quix::CenterCrop{.size = 2});
