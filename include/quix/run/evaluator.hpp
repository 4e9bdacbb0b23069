#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <quix/run/runner.hpp>

// How a Runner evaluates: the part of it that a user may read alone.

namespace quix {

template <class Exp>
void Runner<Exp>::check_layouts(const OpenFold& fold, const std::string& name) const {
  OpenFold::for_each_field([&]<std::size_t I>() {
    if (fold.size() == 0 || fold.layout(I) == train_.layout(I)) return;
    constexpr bool input = OpenFold::template Field<I>::use == Use::input;
    throw Error("data.path", "the " + name + " samples are " + fold.layout(I).shape.text() + ", the training samples " +
                                 train_.layout(I).shape.text() +
                                 (input ? "; images of several sizes need quix::Resize in augment" : ""));
  });
}

template <class Exp>
Evaluated Runner<Exp>::evaluate(ProgressBar& bar, const std::string& label, const std::string& name) {
  std::optional<OpenFold> other;
  if (name != "train" && name != "val") {
    if (!config_.data(name).has(name)) throw Error("--split", "the data has no split " + name);
    other.emplace(config_.data(name).open(name));
    other->augment(sample_transform(config_[role::augment]));
    check_layouts(*other, name);
  } else if (name == "val" && !val_) {
    throw Error("--split", "the data has no split val; to evaluate on the training data:  --split train");
  }
  const auto& fold = other ? *other : name == "val" ? *val_ : train_;
  const auto evaluating = processor_.evaluation();
  auto loading = loader_options(name);
  if (loading.on_error == OnError::replace) loading.on_error = OnError::skip;  // every sample counts once
  Loader<S> loader(fold, loading);
  bar.start(label, fold.size());
  model_->eval();
  const detail::AtEnd back([&] { model_->train(); });
  detail::Sums sums;
  std::uint64_t seen = 0;
  SkippedSamples skipped(label);
  auto samples = loader.epoch();
  detail::DeviceBatches batches(samples, tensors_, copies_, {});
  while (batches.next()) {
    const auto& batch = batches.batch();
    for (const auto& bad : batch.bad) skipped.add(bad.what);
    if (batch.good_size() == 0) continue;
    const auto [inputs, targets] = [&] {
      const NoAutocast precise(device_.type());
      return batches.tensors();
    }();
    const auto outputs = forward(inputs);
    batches.look_ahead();
    const auto value = loss(outputs, targets);
    sums +=
        {.loss = measure_of(value, batch.good_size()), .parts = parts_of(value), .metrics = metrics(outputs, targets)};
    bar.update(seen += batch.size, std::string_view{});
    if (stop_signal()) return {};
  }
  bar.clear();
  return {values(sums), arrays(sums), fold.size()};
}

}  // namespace quix
