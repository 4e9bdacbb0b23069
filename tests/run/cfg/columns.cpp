// Columns of text that is not ASCII.
#include <check.hpp>

#include <quix/cfg/terminal.hpp>

using namespace quix;

TESTS {
  CHECK_EQ(text_width("naïve"), 5u);
  CHECK_EQ(text_width("猫"), 1u);
  CHECK_EQ(left_aligned("é", 3) + "|", "é  |");
  CHECK_EQ(right_aligned("é", 3) + "|", "  é|");
  CHECK_EQ(right_aligned("wider", 3), "wider");
  const TextTable table({{"größe", 8}, {"b", 3}});
  CHECK_EQ(table.header(), "   größe  b");
  CHECK_EQ(table.row({"ä", "2"}), "       ä  2");
  CHECK_EQ(table.row({"too wide a cell", "2"}), " too wide a cell  2");
  return 0;
}
