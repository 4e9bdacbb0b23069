#pragma once

#include <quix/torch/modules.hpp>

#ifdef QUIX_SEPARATE
#define QUIX_EXTERN_MODULE template
#include <quix/torch/modules.inc>
#undef QUIX_EXTERN_MODULE
#endif
