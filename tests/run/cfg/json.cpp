#include <check.hpp>

#include <quix/cfg/json.hpp>

using quix::Node;
using quix::json::parse;
using quix::json::write;

TESTS {
  // Values, comments, trailing commas.
  const auto node = parse(R"({ // options
    "lr": 1e-3, "name": "a\n\u00e9\ud83d\ude00\"\\", /* more */ "list": [1, 2, [true, null],],
  })",
                          "x.json");
  CHECK_EQ(node.members.size(), 3u);
  CHECK_EQ(node.find("lr")->text, "1e-3");
  CHECK_EQ(node.find("name")->text, "a\n\xc3\xa9\xf0\x9f\x98\x80\"\\");
  CHECK_EQ(node.find("list")->items[2].items[0].text, "true");
  CHECK_EQ(parse(R"("\u0041\u07ff\u0800\u20ac\uffff")", "x").text, "A\xdf\xbf\xe0\xa0\x80\xe2\x82\xac\xef\xbf\xbf");
  CHECK(node.find("list")->items[2].items[1].kind == Node::Kind::null);
  CHECK_EQ(node.find("list")->line, 2u);
  CHECK(node.find("other") == nullptr);

  // Python's json.dumps writes the same line.
  CHECK_EQ(write(parse(R"({"a":[1,2],"b":{"c":"d/e"},"e":[]})", "x"), 0),
           R"({"a": [1, 2], "b": {"c": "d/e"}, "e": []})");
  // Writing and reading again changes nothing.
  for (const char* text :
       {R"({"a": [1, 2.5e-7, "x\ty"], "b": {}, "c": null})", "[]", "3", R"("\u0001")", R"([[1, 2], [{"a": []}]])"})
    for (int indent : {0, 2})
      CHECK_EQ(write(parse(write(parse(text, "x"), indent), "x"), 0), write(parse(text, "x"), 0));

  // A byte order mark is passed over, and counts as no column.
  CHECK_EQ(write(parse("\xef\xbb\xbf{\"a\": 1}", "x"), 0), R"({"a": 1})");
  CHECK_ERROR(parse("\xef\xbb\xbf{\"a\" 1}", "x"), "x:1:6", "expected :");
  CHECK_ERROR(parse("{\"a\": True}", "x"), "x:1:7", "JSON writes true, false and null in lower case");
  CHECK_ERROR(parse("{\"a\": None}", "x"), "x:1:7", "JSON writes true, false and null in lower case");

  // Errors: file, line, column, the line itself and a caret.
  CHECK_ERROR(parse("{\n  \"a\": 1,\n  \"a\": 2\n}", "x.json"), "x.json:3:3", "duplicate key a", "\"a\": 2\n      ^");
  CHECK_ERROR(parse("{\"a\": NaN}", "x"), "x:1:7", "write the string \"nan\"");
  CHECK_ERROR(parse("{\"a\": fast}", "x"), "x:1:7", "double quotes");
  CHECK_ERROR(parse("{\"a\" 1}", "x"), "x:1:6", "expected :");
  CHECK_ERROR(parse("{\"a\": 1 \"b\": 2}", "x"), "x:1:9", "expected , or }");
  CHECK_ERROR(parse("[1, 2", "x"), "x:1:6", "expected , or ]");
  CHECK_ERROR(parse("{} {}", "x"), "x:1:4", "expected the end");
  CHECK_ERROR(parse("\"a", "x"), "no end on its line");
  CHECK_ERROR(parse("/* a", "x"), "comment has no end");
  CHECK_ERROR(parse("\"\\ud800\"", "x"), "surrogate");
  CHECK_ERROR(parse("\"\\udc00\"", "x"), "x:1:2", "half of a surrogate pair");
  CHECK_ERROR(parse("\"\\ud800\\ud800\"", "x"), "half of a surrogate pair");
  // Bytes that are not UTF-8, as Python's surrogateescape has them.
  CHECK_EQ(quix::json::quote("na\xefve \xc3\xa9\xff"), "\"na\\udcefve \xc3\xa9\\udcff\"");
  CHECK_EQ(quix::json::quote("\xe2\x82\xac\xe2\x82"), "\"\xe2\x82\xac\\udce2\\udc82\"");
  for (const std::string text : {"na\xefve \xc3\xa9\xff", "\x80", "\xed\xa0\x80", "\xf0\x9f\x98\x80\x9f"})
    CHECK_EQ(parse(quix::json::quote(text), "x").text, text);
  CHECK_EQ(quix::json::quote("\xed\xa0\x80"), "\"\\udced\\udca0\\udc80\"");
  CHECK_ERROR(parse("\"\\udc7f\"", "x"), "half of a surrogate pair");
  CHECK_ERROR(parse("\"\\udd00\"", "x"), "half of a surrogate pair");
  CHECK_ERROR(parse("\"a\tb\"", "x"), "x:1:3", "a control character");
  CHECK_ERROR(parse("\"\\q\"", "x"), "x:1:2", "unknown escape");
  CHECK_ERROR(parse("01", "x"), "expected a value");
  CHECK_ERROR(parse("", "x"), "x:1:1", "expected a value");
  CHECK_ERROR(parse(std::string(200, '['), "x"), "more than 100 deep");

  // A long line is cut around its column, and the caret stands below it; tabs are one column wide.
  CHECK_ERROR(parse("[" + std::string(300, ' ') + "x]", "x"), "x:1:302",
              "    " + std::string(49, ' ') + "x]\n    " + std::string(49, ' ') + "^");
  CHECK_ERROR(parse("[\t\tx]", "x"), "    [  x]\n       ^");
  return 0;
}
