#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <typeinfo>

#include <c10/util/Exception.h>

#include <quix/cfg/error.hpp>
#include <quix/run/batch_tensors.hpp>

namespace quix::detail {

/// "[128, 1, 28, 28], [128, 3]"
inline std::string shapes_text(const std::vector<at::Tensor>& tensors) {
  std::string out;
  for (const auto& tensor : tensors) out += (out.empty() ? "" : ", ") + c10::str(tensor.sizes());
  return out;
}

QUIX_INLINE void describe_failure(const std::vector<at::Tensor>& inputs) {
  const auto fail = [&](const std::string& what) {
    if (what.find("more than 1 value per channel when training") != what.npos)
      throw Error("model", "batch normalization needs more than one sample, and this batch is " + shapes_text(inputs) +
                               "; leave an epoch's last, smaller batch out by  train.drop_last true,  or change "
                               "train.batch_size or step.accumulate");
    throw Error("model", "failed on a batch " + shapes_text(inputs) + ": " + what);
  };
  try {
    throw;
  } catch (const c10::Error& error) {
    const std::string what = error.what_without_backtrace();
    const bool refused = typeid(error) == typeid(c10::Error) || typeid(error) == typeid(c10::IndexError);
    const bool device = what.starts_with("CUDA") || what.starts_with("cuDNN") || what.starts_with("[enforce fail");
    if (refused && !device) fail(what.substr(0, what.find('\n')));
    throw;
  } catch (const std::runtime_error& error) {
    // TorchScript: the reason is the last line of many.
    const std::string_view what = error.what();
    constexpr std::string_view mark = "RuntimeError: ";
    const auto reason = what.rfind(mark);
    if (what.find("TorchScript interpreter") != what.npos && reason != what.npos)
      fail(std::string(what.substr(reason + mark.size(), what.find('\n', reason) - reason - mark.size())));
    throw;
  }
}

}  // namespace quix::detail
