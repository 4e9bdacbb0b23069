#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <quix/data/fingerprint.hpp>
#include <quix/data/order.hpp>
#include <quix/data/task.hpp>
#include <quix/run/checks.hpp>
#include <quix/run/config.hpp>

namespace quix::detail {

/// The splits that training needs, and what they tell.
template <class Exp>
class Splits {
 public:
  using C = Config<Exp>;
  using OpenSplit = decltype(std::declval<const typename C::Data&>().open("train"));

  /// Opens them. Throws Error. `config` must outlive this. `classes`: their number in an earlier run, whose weights are
  /// to be loaded; 0: that of the data (`SplitData::classes`).
  Splits(const C& config, std::int64_t classes)
      : config_(config), train_(config.data("train").open("train")), val_(open_val()), task_(describe(classes)) {}

  const OpenSplit& train() const { return train_; }
  const std::optional<OpenSplit>& val() const { return val_; }
  const TaskInfo& task() const { return task_; }
  /// The shape of each field of a sample.
  std::vector<Dims> shapes() const {
    std::vector<Dims> out;
    OpenSplit::for_each_field([&]<std::size_t I>() { out.push_back(train_.layout(I).shape); });
    return out;
  }

  /// What the splits leave out, each sentence with its split.
  std::vector<std::string> remarks() const {
    std::vector<std::string> out;
    add_remarks("train", train_, out);
    if (val_) add_remarks("val", *val_, out);
    return out;
  }
  static void add_remarks(const std::string& name, const OpenSplit& split, std::vector<std::string>& out) {
    if constexpr (requires { split.remarks(); })
      for (const auto& remark : split.remarks()) out.push_back(name + ": " + remark);
  }
  /// What the samples are that a run trains and validates on.
  DataFingerprint fingerprint() const {
    DataFingerprint out{train_.fingerprint("train")};
    if (val_) out.push_back(val_->fingerprint("val"));
    return out;
  }
  /// The order of an epoch of training, and its number of samples: the data policy may leave some out, or repeat them.
  Order order(std::uint64_t epoch) const {
    return config_.data("train").order(train_, static_cast<std::uint64_t>(config_[role::train].seed), epoch);
  }
  std::size_t samples_in(const Order& order) const { return order.empty() ? train_.size() : order.size(); }

 private:
  std::optional<OpenSplit> open_val() const {
    if (!config_.data("val").has("val")) return std::nullopt;
    std::optional<OpenSplit> split(config_.data("val").open("val"));
    if (split->size() == 0) split.reset();
    return split;
  }

  TaskInfo describe(std::int64_t classes) {
    train_.augment(sample_transform(config_[role::augment]));
    if (val_) val_->augment(sample_transform(config_[role::augment]));
    if (train_.size() == 0) throw Error("data.path", "no samples in the split train");
    TaskInfo task{.shape = {}, .train_samples = train_.size(), .val_samples = val_ ? val_->size() : 0};
    OpenSplit::for_each_field([&]<std::size_t I>() {
      using F = typename OpenSplit::template Field<I>;
      const auto& layout = train_.layout(I);
      if (F::use == Use::input && task.inputs == 0) {
        task.shape.assign(layout.shape.begin(), layout.shape.end());
        task.inputs = layout.shape.count();
      }
      if constexpr (is_class_field<F>)
        if (task.classes == 0) describe_classes(task, train_, val_ ? &*val_ : nullptr, I, classes);
    });
    if (val_) check_layouts();
    return task;
  }

  /// Throws Error unless the samples of validation look like those of training.
  void check_layouts() const {
    OpenSplit::for_each_field([&]<std::size_t I>() {
      if (val_->layout(I) == train_.layout(I)) return;
      refuse_layout("validation", val_->layout(I).shape, train_.layout(I).shape,
                    OpenSplit::template Field<I>::use == Use::input);
    });
  }

  const C& config_;
  OpenSplit train_;
  std::optional<OpenSplit> val_;
  TaskInfo task_;
};

}  // namespace quix::detail
