#include <check.hpp>

#include <quix/cfg.hpp>

namespace {
struct Model {
  int hidden = 256;
  float dropout = 0.1f;
  int secret = 0;
  static constexpr std::array notes = {
      quix::note<&Model::hidden>(
          "width of the hidden layer, a sentence that is long enough to be wrapped at eighty columns for certain",
          {.min = 1, .flag = 'w'}),
      quix::note<&Model::dropout>("probability", {.min = 0, .below = 1}),
      quix::note<&Model::secret>("not for users", {.hidden = true}),
  };
};
struct Exp {
  Model model{};
  bool verbose = false;
  std::optional<int> limit{};
};
}  // namespace

TESTS {
  Exp exp;
  quix::Table table;
  table.add(exp);
  const auto text = quix::help_text(table, {.width = 80, .colour = false});
  const auto has = [](const std::string& all, std::string_view part) { return all.find(part) != std::string::npos; };
  CHECK(has(text, "model\n  --model.hidden, -w int"));
  CHECK(has(text, "[256]"));
  CHECK(has(text, "--model.dropout float"));
  CHECK(has(text, "probability; 0 or more, less than 1 [0.1]"));
  CHECK(has(text, "--limit int or none"));
  CHECK(!has(text, "secret"));
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    CHECK(end - begin <= 80);
    begin = end + 1;
  }
  CHECK(!has(text, "\033"));
  CHECK(has(quix::help_text(table, {.width = 80, .colour = true}), "\033[1mmodel\033[0m"));
  const auto group = quix::help_text(table, {}, "model");
  CHECK(has(group, "--model.hidden") && !has(group, "--verbose"));

  // Lines are measured in characters, not in bytes.
  CHECK_EQ(quix::wrapped("ééééé ééééé ééééé", 0, 11), "ééééé ééééé\nééééé");
  CHECK_EQ(quix::wrapped("aaaaa bbbbb", 2, 12), "aaaaa\n  bbbbb");

  using quix::detail::limits_text;
  CHECK_EQ(limits_text({.min = 1}), "1 or more");
  CHECK_EQ(limits_text({.max = 1}), "1 or less");
  CHECK_EQ(limits_text({.min = 1, .max = 2}), "between 1 and 2");
  CHECK_EQ(limits_text({.min = 1, .below = 2}), "1 or more, less than 2");
  CHECK_EQ(limits_text({.max = 2, .above = 1}), "greater than 1, at most 2");
  CHECK_EQ(limits_text({.above = 1, .below = 2}), "greater than 1 and less than 2");
  CHECK_EQ(limits_text({}), "");
  return 0;
}
