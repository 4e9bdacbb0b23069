#pragma once

// Code that does not depend on the experiment's type lives in *.ipp files. Included by their headers it is
// inline; under quix_add_experiment() QUIX_SEPARATE is defined and each *.ipp is compiled once per build tree.
#ifdef QUIX_SEPARATE
#define QUIX_INLINE
#else
#define QUIX_INLINE inline
#endif
