#pragma once

// What every program with tensors includes, for the one precompiled header of a build tree.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/pfr/core.hpp>
#include <boost/pfr/core_name.hpp>

#include <torch/types.h>

#include <c10/core/InferenceMode.h>

#include <quix/torch/modules.hpp>
