#include <check.hpp>

#include <fstream>

#include <quix/cfg.hpp>

namespace {

enum class Mode { fast, slow_and_safe };
struct Model {
  int hidden = 256;
  float dropout = 0.1f;
  static constexpr std::array notes = {quix::note<&Model::hidden>("width", {.min = 1, .flag = 'w'}),
                                       quix::note<&Model::dropout>("", {.min = 0, .below = 1})};
};
struct Optim {
  float lr = 1e-3f;
  float weight_decay = 0;
};
struct Exp {
  Model model{};
  Optim optim{};
  Optim critic{};
  std::vector<int> sizes{1};
  std::array<float, 2> betas{0, 0};
  bool verbose = false, checks = true;
  Mode mode = Mode::fast;
  std::string text{};
  std::filesystem::path path{};
  std::optional<float> clip{};
};

struct Twice {
  int one = 1, two = 2;
  static constexpr std::array notes = {quix::note<&Twice::one>("", {.flag = 'n'}),
                                       quix::note<&Twice::two>("", {.flag = 'n'})};
};

Exp parse(std::initializer_list<const char*> args) {
  return quix::cfg::parse<Exp>(std::span<const char* const>(args.begin(), args.size()));
}

struct Places {
  std::filesystem::path from{};
  int n = 0;
  std::vector<std::string> rest{}, two{};
  static constexpr std::array notes = {
      quix::note<&Places::from>("where", {.required = true, .positional = true}),
      quix::note<&Places::rest>("what", {.positional = true}),
      quix::note<&Places::two>("", {.words = 2}),
  };
};

void values() {
  CHECK_EQ(parse({"--model.hidden", "3"}).model.hidden, 3);
  CHECK_EQ(parse({"--model.hidden=3"}).model.hidden, 3);
  CHECK_EQ(parse({"--hidden", "3"}).model.hidden, 3);
  CHECK_EQ(parse({"-w", "3"}).model.hidden, 3);
  CHECK_EQ(parse({"-w3"}).model.hidden, 3);
  CHECK_EQ(parse({"-w=3"}).model.hidden, 3);
  CHECK_EQ(parse({"-w", "3", "--"}).model.hidden, 3);
  CHECK_EQ(parse({"--config.model.hidden", "3"}).model.hidden, 3);
  CHECK_EQ(parse({"--optim.weight-decay", "0.5"}).optim.weight_decay, 0.5f);
  CHECK_EQ(parse({"--optim.lr", "-1e-2"}).optim.lr, -1e-2f);
  CHECK_EQ(parse({"--hidden", "3", "--hidden", "4"}).model.hidden, 4);
  CHECK(parse({"--verbose"}).verbose);
  CHECK(!parse({"--verbose", "--no-verbose"}).verbose);
  CHECK(!parse({"--no-checks"}).checks);
  CHECK(!parse({"--checks", "false"}).checks);
  CHECK(!parse({"--checks=false"}).checks);
  CHECK_EQ(parse({"--sizes", "3,4,5"}).sizes.size(), 3u);
  CHECK_EQ(parse({"--sizes", "3", "--sizes", "4,5"}).sizes[2], 5);
  CHECK_EQ(parse({"--sizes", "[7, 8]"}).sizes[1], 8);
  CHECK(parse({"--sizes="}).sizes.empty());
  CHECK(parse({"--sizes", "[]"}).sizes.empty());
  CHECK_EQ(parse({"--betas", "0.9,0.99"}).betas[1], 0.99f);
  CHECK(parse({"--mode", "slow-and-safe"}).mode == Mode::slow_and_safe);
  CHECK_EQ(parse({"--text", "a,b [c]"}).text, "a,b [c]");
  CHECK_EQ(parse({"--text", "3"}).text, "3");
  CHECK_EQ(parse({"--clip", "2"}).clip.value(), 2.0f);
  CHECK(!parse({"--clip", "2", "--clip", "none"}).clip);
}

/// A flag wins over a file, wherever it stands; the later file wins over the earlier.
void flags_and_files(const std::filesystem::path& folder) {
  const auto a = (folder / "a.yaml").string(), b = (folder / "b.json").string();
  std::ofstream(a) << "model: {hidden: 10}\noptim: {lr: 0.5}\ncritic: {lr: 0.25}\n";
  std::ofstream(b) << "{\"model\": {\"hidden\": 20}, \"optim\": {\"lr\": 0.75}}";
  const auto exp = parse({"--hidden", "30", a.c_str(), b.c_str()});
  CHECK_EQ(exp.model.hidden, 30);
  CHECK_EQ(exp.optim.lr, 0.75f);
  CHECK_EQ(exp.critic.lr, 0.25f);
}

/// All of them, with the flag as typed and a suggestion.
void errors() {
  CHECK_ERROR(parse({"--hiden", "3"}), "--hiden: no such option; did you mean --model.hidden?");
  CHECK_ERROR(parse({"--model.lr", "3"}), "did you mean --optim.lr or --critic.lr?");
  CHECK_ERROR(parse({"--lr", "3"}), "--lr: is ambiguous: it matches --optim.lr, --critic.lr");
  CHECK_ERROR(parse({"--hidden", "3.5"}), "--hidden: expected an integer, got 3.5 (model.hidden)");
  CHECK_ERROR(parse({"--model.hidden", "99999999999"}), "an integer between -2147483648 and 2147483647");
  CHECK_ERROR(parse({"--dropout", "1"}), "0 or more, less than 1");
  CHECK(parse({"--verbose", "True"}).verbose && parse({"--verbose=TRUE"}).verbose);
  CHECK(!parse({"--checks", "False"}).checks && !parse({"--checks=FALSE"}).checks);
  CHECK_ERROR(parse({"--verbose=fALSE"}), "expected true or false, got fALSE");
  for (const auto* word : {"yes", "No", "on", "OFF", "1", "0"})
    CHECK_ERROR(parse({"--verbose", word}), std::string("--verbose: expected true or false, got ") + word);
  CHECK(!parse({"--clip", "None"}).clip);
  CHECK_ERROR(parse({"--mode", "fats"}), "did you mean fast?");
  CHECK_ERROR(parse({"--betas", "1"}), "expected 2 values, got 1");
  CHECK_ERROR(parse({"--sizes", "1,x"}), "expected an integer, got x");
  CHECK_ERROR(parse({"--hidden"}), "--hidden: needs a value: int");
  CHECK_ERROR(parse({"--hidden", "--verbose"}), "--hidden: needs a value");
  CHECK_ERROR(parse({"--model", "3"}), "--model: is a group");
  CHECK_ERROR(parse({"--no-verbose=true"}), "--no-verbose: takes no value; write --verbose=true");
  CHECK_ERROR(parse({"--", "--hidden"}), "--hidden: expected a file");
  CHECK_ERROR(parse({"--sizes", "[1, \"x\"]"}), "--sizes: expected an integer, got \"x\" (sizes[1])");
  CHECK_ERROR(parse({"stray"}), "stray: expected a file");
  CHECK_ERROR(parse({"-z"}), "-z: no such option");
  CHECK_ERROR(parse({"--hiden", "3", "--dropuot", "x", "--mode", "none"}), "--hiden",
              "--dropuot: no such option; did you mean --model.dropout?", "--mode");
  CHECK_ERROR(parse({"/nowhere/x.yaml"}), "/nowhere/x.yaml", "No such file");
}

/// A command is one only before the files.
void command_before_files() {
  Exp exp2;
  quix::Table table;
  table.add(exp2);
  std::vector<quix::Problem> problems;
  const std::string_view commands[] = {"train", "eval"};
  const char* first[] = {"eval", "a.yaml"};
  CHECK_EQ(quix::read_arguments(first, table, commands, problems).command, "eval");
  CHECK(problems.empty());
  const char* last[] = {"a.yaml", "eval"};
  quix::read_arguments(last, table, commands, problems);
  CHECK_EQ(problems.size(), 1u);
}

/// Words without a flag, in the order of the fields; a list takes the rest. A flag of several words.
void positional_words() {
  const auto read = [](std::initializer_list<const char*> words, Places& places) {
    quix::Table table;
    table.add(places);
    std::vector<quix::Problem> problems;
    const std::vector<const char*> args(words);
    quix::Layers layers(table, problems);
    quix::add_flags(quix::read_arguments(args, table, {}, problems), layers, false);
    table.settle(layers.take(), problems);
    if (!problems.empty()) throw quix::Error(std::move(problems));
    return 0;
  };
  Places places;
  read({"--n", "3", "a.yaml", "--two", "x", "y", "--n=4", "-", "b", "c"}, places);
  CHECK(places.from == "a.yaml" && places.n == 4 && places.rest == std::vector<std::string>({"-", "b", "c"}));
  CHECK(places.two == std::vector<std::string>({"x", "y"}));
  Places named;
  read({"--rest", "a,b", "--from", "here", "--two", "x", "--n", "5"}, named);
  CHECK(named.from == "here" && named.rest.size() == 2 && named.two.size() == 1 && named.n == 5);
  CHECK_ERROR(read({"--n", "3"}, named), "FROM: is required: path (where)");
  try {
    read({}, named);
  } catch (const quix::Error& error) {
    CHECK(error.problems()[0].kind == quix::ProblemKind::required && error.problems()[0].path == "from");
  }
}

void flag_of_another_command() {
  Places places;
  quix::Table table;
  table.add(places);
  table.elsewhere("split", "is a flag of eval");
  table.elsewhere("n", "is not asked");
  std::vector<quix::Problem> problems;
  const char* words[] = {"here", "--split", "val", "--n", "3"};
  const auto arguments = quix::read_arguments(words, table, {}, problems);
  CHECK(problems.size() == 1 && problems[0].text() == "--split: is a flag of eval");
  CHECK_EQ(arguments.assignments.size(), 2u);  // val is no place
}

/// Mistakes of the program's author.
void wrong_declarations() {
  const auto defaults = [](auto options) {
    quix::Table table;
    table.add(options);
    table.check_defaults();
    return 0;
  };
  CHECK_ERROR(defaults(Twice{}), "-n stands for both one and two");
  CHECK_ERROR(defaults(Model{.hidden = 0}), "the default of hidden breaks its own limits", "1 or more, got 0");
}

}  // namespace

TESTS {
  const test::Folder folder("command_line");
  values(), flags_and_files(folder.path), errors(), command_before_files(), positional_words(),
      flag_of_another_command(), wrong_declarations();
  return 0;
}
