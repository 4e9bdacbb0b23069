// How many classes there are, and their names: what a run knows, then what the dataset declares, then the labels.
#include <check.hpp>

#include <quix/cfg/json.hpp>
#include <quix/data.hpp>

using namespace quix;

namespace {

struct Sample {
  Text<"txt"> text;
  Class<"cls"> label;
};

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

/// A dataset of these labels; what is declared of classes goes into config.json as it is.
Split<Sample> dataset(const std::filesystem::path& folder, const std::vector<std::string>& labels,
                      const std::string& classes = "") {
  Writer writer(folder);
  for (std::size_t i = 0; i < labels.size(); ++i)
    writer.write("train", std::to_string(i), {{"txt", bytes("x")}, {"cls", bytes(labels[i])}});
  if (!classes.empty()) writer.describe("classes", json::parse(classes, "classes"));
  writer.finish();
  return Split<Sample>(folder, "train");
}

}  // namespace

TESTS {
  const test::Folder folder("classes");
  const auto& root = folder.path;
  CHECK_EQ(dataset(root / "labels", {"0", "3", "1"}).classes(1), 4);
  CHECK_EQ(dataset(root / "labels2", {"0", "3", "1"}).classes(1, 7), 7);
  CHECK_ERROR(dataset(root / "labels3", {"0", "3", "1"}).classes(1, 3), "train_0000.tar, member 1.cls",
              "class 3, but the run has 3 classes, numbered from 0");

  const auto named = dataset(root / "named", {"0", "1"}, R"(["cat", "dog", "naïve eel"])");
  CHECK_EQ(named.classes(1), 3);
  CHECK_EQ(named.classes(1, 4), 4);
  CHECK(named.declared().names == std::vector<std::string>({"cat", "dog", "naïve eel"}));
  CHECK_ERROR(dataset(root / "more", {"0", "3"}, R"(["a", "b"])").classes(1), "member 1.cls",
              "class 3, but the dataset declares 2 classes");
  CHECK_EQ(dataset(root / "count", {"0", "1"}, "12").classes(1), 12);
  CHECK(dataset(root / "map", {"0"}, R"({"dog": 1, "cat": 0})").declared().names ==
        std::vector<std::string>({"cat", "dog"}));
  CHECK_ERROR(dataset(root / "gap", {"0"}, R"({"dog": 2, "cat": 0})"), "config.json, classes",
              "the class dog has the index 2; write each index from 0 to 1 once");
  CHECK_ERROR(dataset(root / "none", {"0"}, "0"), "expected a number of classes, 1 or more, got 0");
  CHECK_EQ(dataset(root / "own", {"0", "1"}, R"("as in the paper")").classes(1), 2);

  // A label out of all proportion is a mistake, not a model of that size.
  CHECK_ERROR(dataset(root / "large", {"0", "999999999"}).classes(1), "train_0000.tar, member 1.cls",
              "class 999999999 among only 2 samples", "\"classes\": N");
  CHECK_EQ(dataset(root / "larger", {"0", "999999999"}, "1000000000").classes(1), 1'000'000'000);
  CHECK_EQ(dataset(root / "sparse", {"0", "50000"}).classes(1), 50001);

  // Joined datasets agree; parts that declare nothing are fine.
  const auto joined = [&](const char* a, const char* b) {
    return declared_classes((root / a).string() + "::" + (root / b).string()).count;
  };
  CHECK_EQ(joined("named", "labels"), 3);
  CHECK_EQ(joined("labels", "named"), 3);
  CHECK_ERROR(joined("named", "map"), "map/config.json", "declares 2 classes, ", "named/config.json 3");
  CHECK_ERROR(joined("more", "map"), "map/config.json", "names class 0 cat, ", "more/config.json a");
  CHECK_EQ(declared_classes((root / "named/train_*.tar")).count, 0);

  // The suffix that names belong to.
  io::Sink(root / "named/config.json").write(R"({"extensions": [".a.cls", "png"], "classes": ["x", "y"]})");
  CHECK_EQ(declared_classes(root / "named").suffix, "a.cls");
  io::Sink(root / "named/config.json").write(R"({"extensions": ["a.cls", "b.cls"], "num_classes": 4})");
  CHECK(declared_classes(root / "named") == (DeclaredClasses{.count = 4, .names = {}, .suffix = "cls"}));
  CHECK_EQ(class_text(1, {"cat", "dog"}), "1 (dog)");
  CHECK_EQ(class_text(2, {"cat", "dog"}), "2");
  return 0;
}
