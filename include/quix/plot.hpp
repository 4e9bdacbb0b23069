#pragma once

// Curves and matrices, in the terminal and as SVG. No torch.

#include <quix/plot/confusion.hpp>
#include <quix/plot/curve.hpp>
#include <quix/plot/svg.hpp>
