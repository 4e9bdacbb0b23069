// What TOML's reader refuses before toml++ sees it, with places; and that it refuses nothing else.
#include <check.hpp>

#include <map>

#include <quix/cfg.hpp>

using namespace quix;

namespace {

struct Table3 {
  std::vector<std::vector<int>> rows{};
  std::string text = "";
  std::map<std::string, int> names{};
  int last = 0;
};

Table3 read(const std::string& text) { return cfg::from_toml<Table3>(text); }

}  // namespace

TESTS {
  // Brackets that begin lines inside values; strings and comments that hold anything.
  const auto value = read(
      "# [ = \xc3\xbc\nrows = [\n  [1, 2],\n[+3],\n[ -4 ], # ]\n  []\n]\ntext = \"\"\"\n[ = \xc3\xbc\n[[\n\"\"\"\n"
      "[ names ] # header\n\"\xc3\xbc[\" = 5\n'a]' = 6\n");
  CHECK(value.rows == std::vector<std::vector<int>>({{1, 2}, {3}, {-4}, {}}));
  CHECK_EQ(value.text, "[ = \xc3\xbc\n[[\n");
  CHECK(value.names == std::map<std::string, int>({{"\xc3\xbc[", 5}, {"a]", 6}}));
  CHECK_EQ(read("\xef\xbb\xbflast = 3\r\n").last, 3);
  CHECK_EQ(read("names = {a = 1, b = 2}\nlast = 4").last, 4);
  CHECK_EQ(read("text = '''a''''\nlast = 5").last, 5);
  CHECK_EQ(read("text = \"a \\\" [\" \nlast = 6").last, 6);

  CHECK_ERROR(read("last = 1\ntext = \"a\x01\""), ":2:10", "TOML has no control characters");
  CHECK_ERROR(read(std::string("last = 1\n[\0x]", 12)), ":2:2", "TOML has no control characters");
  CHECK_ERROR(read("last = 1\n\xc3\xbc = 2"), ":2:1", "a key that is not ASCII needs quotes");
  CHECK_ERROR(read("[ = 3]"), ":1:3", "the name of a table is missing");
  CHECK_ERROR(read("last = 1\n  [[ {"), ":2:6", "the name of a table is missing");
  CHECK_ERROR(read("[\n]"), ":1:2", "the name of a table is missing");
  CHECK_ERROR(read("[[  \r\n"), ":1:5", "the name of a table is missing");
  CHECK_ERROR(read("[]"), "1:");
  CHECK_ERROR(read("[[a]"), "1:");
  CHECK_ERROR(read("rows = [\n[1, \n"), ":");
  CHECK_ERROR(read("text = \"a\n[ = 1\n"), "1:");
  return 0;
}
