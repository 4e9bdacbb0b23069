// The JSON reader runs at compile time.
#include <quix/cfg/json.hpp>

using quix::json::Cursor;
static_assert(Cursor::is_literal("0") && Cursor::is_literal("-1.5e-3") && Cursor::is_literal("true") &&
              Cursor::is_literal("null") && Cursor::is_literal("1E+9"));
static_assert(!Cursor::is_literal("01") && !Cursor::is_literal("1.") && !Cursor::is_literal(".5") &&
              !Cursor::is_literal("+1") && !Cursor::is_literal("1e") && !Cursor::is_literal("NaN") &&
              !Cursor::is_literal(""));

constexpr bool skips() {
  Cursor cursor{.text = "  // a comment\n /* two\n lines */ {"};
  return cursor.take('{') && cursor.line == 3 && cursor.done() && !cursor.problem;
}
static_assert(skips());

constexpr bool finds_the_end() {
  Cursor cursor{.text = "\"never closed\n"};
  cursor.raw_string();
  return cursor.problem != nullptr && cursor.column() == 1;
}
static_assert(finds_the_end());
