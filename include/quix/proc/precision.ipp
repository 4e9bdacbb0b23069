#pragma once

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <ATen/ops/_amp_update_scale.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <quix/proc/precision.hpp>

namespace quix {

QUIX_INLINE Autocast::Autocast(at::DeviceType device, at::ScalarType type)
    : device_(device),
      enabled_(at::autocast::is_autocast_enabled(device)),
      type_(at::autocast::get_autocast_dtype(device)) {
  at::autocast::set_autocast_dtype(device_, type);
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::increment_nesting();
}

QUIX_INLINE Autocast::~Autocast() {
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, enabled_);
  at::autocast::set_autocast_dtype(device_, type_);
}

QUIX_INLINE NoAutocast::NoAutocast(at::DeviceType device)
    : device_(device), enabled_(at::autocast::is_autocast_enabled(device)) {
  at::autocast::set_autocast_enabled(device_, false);
}

QUIX_INLINE NoAutocast::~NoAutocast() { at::autocast::set_autocast_enabled(device_, enabled_); }

QUIX_INLINE GradScaler::GradScaler(double init_scale, double growth_factor, double backoff_factor, int growth_interval)
    : scale_(at::full({}, init_scale, at::kFloat)),
      tracker_(at::zeros({}, at::kInt)),
      growth_(growth_factor),
      backoff_(backoff_factor),
      interval_(growth_interval) {}

QUIX_INLINE double GradScaler::scale() const { return static_cast<double>(*scale_.const_data_ptr<float>()); }

QUIX_INLINE void GradScaler::update(bool overflow) {
  const at::NoGradGuard no_grad;
  at::_amp_update_scale_(scale_, tracker_, at::full({}, overflow ? 1.0 : 0.0, at::kFloat), growth_, backoff_,
                         interval_);
}

QUIX_INLINE std::optional<at::ScalarType> Fp32::autocast() const {
  at::globalContext().setAllowTF32CuBLAS(tf32);
  at::globalContext().setAllowTF32CuDNN(tf32);  // LibTorch's default is true
  return {};
}

}  // namespace quix
