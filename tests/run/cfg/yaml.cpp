#include <check.hpp>

#include <cmath>

#include <quix/cfg.hpp>

using quix::Node;
using quix::yaml::parse;

namespace {

struct Model {
  int hidden = 256;
  std::string kind = "mlp";
  static constexpr std::array notes = {quix::note<&Model::hidden>("width", {.min = 1})};
};
struct Exp {
  Model model{};
  double lr = 0.1;
  std::vector<std::string> tags{"a"};
  std::optional<int> limit{};
  bool deep = false;
};

Exp apply(const std::string& text) { return quix::cfg::detail::from(quix::parse_document("base.yaml", text), Exp{}); }

}  // namespace

TESTS {
  // Scalars mean what the option's type says: YAML 1.2, not the surprises of 1.1.
  const auto exp = apply("model:\n  hidden: 64\n  kind: no\nlr: 1e-3\ntags: [x, 'y z', 3]\nlimit: 5\ndeep: true\n");
  CHECK_EQ(exp.model.hidden, 64);
  CHECK_EQ(exp.model.kind, "no");
  CHECK_EQ(exp.lr, 1e-3);
  CHECK_EQ(exp.tags.size(), 3u);
  CHECK_EQ(exp.tags[1], "y z");
  CHECK_EQ(exp.limit.value(), 5);
  CHECK(exp.deep);

  for (const auto* word : {"true", "True", "TRUE"}) CHECK(apply(std::string("deep: ") + word).deep);
  for (const auto* word : {"false", "False", "FALSE"}) CHECK(!apply(std::string("deep: ") + word).deep);
  CHECK_ERROR(apply("deep: tRUE"), "base.yaml:1:7: deep: expected true or false, got tRUE");
  CHECK_ERROR(apply("deep: 'True'"), "expected true or false");
  CHECK_EQ(apply("model: {kind: True}").model.kind, "True");
  for (const auto* word : {".inf", ".Inf", ".INF"})
    CHECK_EQ(apply(std::string("lr: ") + word).lr, std::numeric_limits<double>::infinity());
  for (const auto* word : {".nan", ".NaN", ".NAN"}) CHECK(std::isnan(apply(std::string("lr: ") + word).lr));
  CHECK(!apply("limit: None").limit);
  CHECK(!apply("limit: null").limit);
  CHECK(!apply("limit: none").limit);
  CHECK(!apply("limit:").limit);
  CHECK_EQ(apply("model: {hidden: 3}").model.hidden, 3);
  CHECK_EQ(apply("").lr, 0.1);
  CHECK_EQ(apply("model:").model.hidden, 256);
  CHECK_EQ(apply("lr: .inf").lr, std::numeric_limits<double>::infinity());
  CHECK_EQ(apply("lr: &rate 0.5\ntags: [*rate]").tags[0], "0.5");

  // Every problem at once, each with its place.
  CHECK_ERROR(apply("model:\n  hiden: 3\n  hidden: 0\nlr: fast\ndeep: yes\nlimit: 3.5\n"),
              "base.yaml:2:3: no option model.hiden; did you mean model.hidden?",
              "base.yaml:3:11: model.hidden: expected a number that is 1 or more, got 0",
              "base.yaml:4:5: lr: expected a number, got fast", "base.yaml:5:7: deep: expected true or false, got yes",
              "base.yaml:6:8: limit: expected an integer, got 3.5");
  CHECK_ERROR(apply("lr: 1\nlr: 2\n"), "base.yaml:2:1", "duplicate key lr");
  // What other readers of YAML take, and ours does not.
  const auto merge = "merge keys (<<) are not supported; use an alias for a whole group (model: *base)";
  CHECK_ERROR(apply("model: &m {hidden: 3}\ntags: []\n<<: *m\n"), "base.yaml:3:1: ", merge);
  CHECK_ERROR(apply("model:\n  <<: *unknown\n"), "base.yaml:2:3: ", merge);
  CHECK_ERROR(apply("model: {<<: {hidden: 3}}\n"), "base.yaml:1:9: ", merge);
  const auto tab = "a tab is used as indentation; YAML takes only spaces";
  CHECK_ERROR(apply("model:\n\thidden: 3\n"), "base.yaml:2:1: ", tab);
  CHECK_ERROR(apply("model:\n  hidden: 3\n \tkind: a\n"), "base.yaml:3:2: ", tab);
  CHECK_ERROR(apply("tags:\n\t- a\n"), "base.yaml:2:1: ", tab);
  CHECK_EQ(apply("model:\n  hidden:\t3\n").model.hidden, 3);
  CHECK_ERROR(apply("hidden: 3"), "no option hidden; did you mean model.hidden?");
  CHECK_ERROR(apply("zzzzzz: 3"), "there are: model, lr, tags, limit, deep");
  CHECK_ERROR(apply("model: 3"), "base.yaml:1:8", "model: expected the options of this group by name");
  CHECK_ERROR(apply("lr: \"0.1\""), "expected a number, got \"0.1\"");
  CHECK_ERROR(apply("tags: x"), "expected list of text");
  CHECK_ERROR(apply("lr: [1"), "base.yaml:");
  CHECK_ERROR(apply("lr: 1\n---\nlr: 2"), "more than one YAML document");
  CHECK_ERROR(apply("lr: !weird 1"), "unknown tag");
  CHECK_ERROR(quix::parse_document("a.ini", ""), "unknown kind of file");
  CHECK_ERROR(quix::read_document("/nowhere/a.yaml"), "/nowhere/a.yaml", "No such file");

  CHECK_ERROR(apply("lr: &x [1, *x]"), "base.yaml:1:12", "stands inside the value that it names");
  CHECK_ERROR(apply("tags: " + std::string(150, '[') + std::string(150, ']')), "nested more than 100 deep");
  std::string laughs = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'h'; ++c) {
    laughs += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) laughs += std::string(i ? ", *" : "*") + static_cast<char>(c - 1);
    laughs += "]\n";
  }
  CHECK_ERROR(parse(laughs, "laughs.yaml"), "laughs.yaml", "more than a million values");

  // What other readers of YAML would take for something else than text is in quotes.
  for (std::string text :
       {"no", "Yes", "ON", "off", "y", "N", "True", "NULL", "none", "inf", "NaN", "1e3", "a:", "a #b", "-"})
    CHECK_EQ(quix::yaml::write_value(Node::quoted(text)), '"' + text + '"');
  for (std::string text : {"a", "yesterday", "path/to/x.tar", "B-2_c"})
    CHECK_EQ(quix::yaml::write_value(Node::quoted(text)), text);
  // A path is bytes: what is not UTF-8 stays as it is.
  for (std::string text : {"/data/na\xefve", "a: \xff", "\x80"})
    CHECK_EQ(parse("path: " + quix::yaml::write_value(Node::quoted(text)), "x.yaml").find("path")->text, text);

  // What is written reads back equal, strings that look like something else included.
  for (std::string text : {"", "a b", "true", "null", "No", "1e3", "0x10", "- x", "a: b", "#c", "é", "line\nbreak",
                           "\"q\"", "~", "y", "%", "@x", "path/to/x.tar", "tab\t"}) {
    Exp e;
    e.model.kind = text, e.tags = {text, "x"}, e.lr = 0.1 + 0.2, e.limit = 7;
    const auto back = apply(quix::cfg::to_yaml(e));
    CHECK_EQ(back.model.kind, text);
    CHECK_EQ(back.tags[0], text);
    CHECK_EQ(back.lr, 0.1 + 0.2);
    CHECK_EQ(back.limit.value(), 7);
  }
  return 0;
}
