#pragma once

#include <limits>
#include <string>

#include <quix/run/known_task.hpp>
#include <quix/store/entry.hpp>
#include <quix/store/run_folder.hpp>

namespace quix::detail {

QUIX_INLINE Node to_node(const KnownTask& known) {
  const auto list = [](const auto& numbers) {
    Node out{.kind = Node::Kind::list};
    for (const auto n : numbers) out.items.push_back(Node::plain(std::to_string(n)));
    return out;
  };
  Node out{.kind = Node::Kind::map}, names{.kind = Node::Kind::list}, fields{.kind = Node::Kind::list};
  for (const auto& name : known.task.class_names) names.items.push_back(Node::quoted(name));
  for (const auto& dims : known.shapes) fields.items.push_back(list(dims));
  out.put("shape", list(known.task.shape));
  out.put("classes", Node::plain(std::to_string(known.task.classes)));
  out.put("train_samples", Node::plain(std::to_string(known.task.train_samples)));
  out.put("val_samples", Node::plain(std::to_string(known.task.val_samples)));
  out.put("class_names", std::move(names));
  out.put("fields", std::move(fields));
  return out;
}

QUIX_INLINE std::optional<KnownTask> task_of_run(const std::filesystem::path& run) {
  const auto record = record_of_run(run);
  const auto* task = record ? record->find("task") : nullptr;
  if (!task) return std::nullopt;
  const Entry entry{run / "run.json", "task", *task};
  const auto dims = [](const Entry& list) {
    Dims out;
    std::int64_t elements = 1;
    for (const auto& item : list.items()) {
      const auto d = item.number();
      if (out.size() == Dims::max || (d > 0 && elements > std::numeric_limits<std::int64_t>::max() / d))
        list.refuse("a shape");
      out.push_back(d), elements *= d;
    }
    return out;
  };
  KnownTask out{};
  const auto shape = dims(entry["shape"]);
  out.task.shape.assign(shape.begin(), shape.end());
  out.task.inputs = shape.count();
  out.task.classes = entry["classes"].number();
  out.task.train_samples = static_cast<std::size_t>(entry["train_samples"].number());
  out.task.val_samples = static_cast<std::size_t>(entry["val_samples"].number());
  for (const auto& name : entry["class_names"].items()) out.task.class_names.push_back(name.text());
  for (const auto& field : entry["fields"].items()) out.shapes.push_back(dims(field));
  return out;
}

}  // namespace quix::detail
