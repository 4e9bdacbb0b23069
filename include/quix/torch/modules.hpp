#pragma once

// The most common modules, by their narrow headers: <torch/nn.h> costs four seconds more in every program.

#include <memory>

#include <torch/nn/module.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/any.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/modules/pooling.h>

#include <quix/detail/separate.hpp>

// Every module brings templates along: Cloneable<M>, and AnyModule's holder when it goes into a Sequential. With a
// precompiled header the compiler instantiates those of all modules at the end of every source, used or not. So they
// are instantiated once per build tree (modules.ipp), and only declared here: 2 of 9.6 seconds for example 01.
#ifdef QUIX_SEPARATE
#define QUIX_EXTERN_MODULE extern template
#include <quix/torch/modules.inc>
#undef QUIX_EXTERN_MODULE
#endif
