// Text of numbers, times and tables.
#include <check.hpp>

#include <quix/cfg/terminal.hpp>
#include <quix/cfg/value.hpp>

using namespace quix;

TESTS {
  CHECK_EQ(grouped(0), "0");
  CHECK_EQ(grouped(999), "999");
  CHECK_EQ(grouped(1000), "1,000");
  CHECK_EQ(grouped(18446744073709551615u), "18,446,744,073,709,551,615");
  CHECK_EQ(short_count(999), "999");
  CHECK_EQ(short_count(1000), "1.0K");
  CHECK_EQ(short_count(999'949), "999.9K");
  CHECK_EQ(short_count(999'950), "1.0M");
  CHECK_EQ(short_count(11'689'512), "11.7M");
  CHECK_EQ(fixed_text(0.89412, 4), "0.8941");
  CHECK_EQ(duration_text(0.516), "0.52 s");
  CHECK_EQ(duration_text(12.34), "12.3 s");
  CHECK_EQ(duration_text(200), "3 min 20 s");
  CHECK_EQ(duration_text(7500), "2 h 05 min");

  // Columns to the right; what is too wide is kept apart by a blank.
  const TextTable table({{"epoch", 6}, {"loss", 8}});
  CHECK_EQ(table.header(), " epoch    loss");
  CHECK_EQ(table.row({"1", "0.25"}), "     1    0.25");
  CHECK_EQ(table.row({"1"}), "     1        ");
  CHECK_EQ(table.row({"1234567", "123456789"}), " 1234567 123456789");

  // A value on one line.
  const auto list = [](std::vector<Node> items) { return Node{.kind = Node::Kind::list, .items = std::move(items)}; };
  Node map{.kind = Node::Kind::map};
  CHECK_EQ(quix::detail::one_line(map), "{}");
  map.put("a", list({Node::plain("1"), list({Node::quoted("x"), Node::plain("2")})}));
  map.put("b", Node{});
  CHECK_EQ(quix::detail::one_line(map), "{a: 1,[x,2], b: none}");
  return 0;
}
