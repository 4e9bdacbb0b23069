// Where values come from: precedence, composition, what a branch or a refinement makes of them.
#include <cstdlib>

#include "exp.hpp"

namespace {

struct Memory {
  int size = 1;
};
struct Reader {
  std::string file{};
  int rows = 0;
  static constexpr std::array notes = {quix::note<&Reader::rows>("to read", {.required = true})};
  std::optional<quix::Conflict> check() const {
    if (file.empty()) return quix::conflict<&Reader::file>("names no file");
    return {};
  }
};
struct Strict {
  quix::Choice<Memory, Reader> from{};
  std::vector<std::string> kinds{"a"};
  static constexpr std::array notes = {quix::note<&Strict::kinds>("", {.choices = {"a", "b"}})};
};
struct Splits {
  Reader data{.file = "x"};
};

void strict() {
  const auto parse = [](std::initializer_list<const char*> args) {
    return quix::cfg::parse<Strict>(std::span(args.begin(), args.size()));
  };
  CHECK(parse({}).from.is<Memory>());
  CHECK_ERROR(parse({"--from", "reader"}), "--from.rows: is required: int (to read)");
  CHECK_ERROR(parse({"--from", "reader", "--rows", "3"}), "names no file");
  CHECK_EQ(parse({"--from", "reader", "--rows", "3", "--file", "x"}).from.as<Reader>().rows, 3);
  CHECK_EQ(parse({"--kinds", "b,a"}).kinds.size(), 2u);
  CHECK_ERROR(parse({"--kinds", "b,z"}), "expected one of a, b, got \"z\"");

  // Of the data's options, a split has its own only if it is given them.
  Splits splits;
  Reader val;
  quix::Table table;
  table.add(splits);
  table.refine(val, "data", "val");
  std::vector<quix::Problem> problems;
  const char* args[] = {"--data.rows", "3"};
  const auto arguments = quix::read_arguments(args, table, {}, problems);
  quix::Layers layers(table, problems);
  quix::add_flags(arguments, layers, false);
  table.settle(layers.take(), problems);
  CHECK(problems.empty() && splits.data.rows == 3 && val.rows == 3);
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

struct Two {
  Adam one{}, two{};
};

/// A byte order mark is no part of a file's text; other encodings are named.
void byte_order_marks(const Files& file) {
  CHECK_EQ(quix::cfg::from_file<Data>(file("mark.json", "\xef\xbb\xbf{\"threads\": 7}")).threads, 7);
  CHECK_EQ(quix::cfg::from_file<Data>(file("mark.yaml", "\xef\xbb\xbfthreads: 7\n")).threads, 7);
  CHECK_EQ(quix::cfg::from_file<Data>(file("mark.toml", "\xef\xbb\xbfthreads = 7\n")).threads, 7);
  for (const auto* name : {"wrong.json", "wrong.yaml", "wrong.toml"}) {
    const std::string text = name[6] == 'j' ? "{\"thread\": 7}" : name[6] == 'y' ? "thread: 7" : "thread = 7";
    const auto said = [&](const std::string& whole) {
      try {
        return (void)quix::cfg::from_file<Data>(file(name, whole.c_str())), std::string();
      } catch (const quix::Error& error) {
        return std::string(error.what());
      }
    };
    CHECK_EQ(said("\xef\xbb\xbf" + text), said(text));
    CHECK(said(text).find("thread") != std::string::npos);
  }
  CHECK_ERROR(quix::cfg::from_file<Data>(file("wide.yaml", "\xff\xfet")),
              "wide.yaml: is encoded as UTF-16; save it as UTF-8");
}

/// Defaults < environment < files in order < flags.
void precedence(const Files& file) {
  const auto low = file("low.yaml", "train: {batch_size: 16, epochs: 4}\nmodel: {width: 5}\n");
  const auto high = file("high.toml", "[train]\nepochs = 5\n");
  ::setenv("QUIX_TEST_BATCH", "77", 1);
  CHECK_EQ(run({}).exp.train.batch_size, 77);
  CHECK_EQ(run({low.c_str()}).exp.train.batch_size, 16);
  ::setenv("QUIX_TEST_BATCH", "many", 1);
  CHECK_ERROR(run({}), "$QUIX_TEST_BATCH: train.batch_size: expected an integer, got many");
  ::setenv("QUIX_TEST_BATCH", "", 1);
  CHECK_EQ(run({}).exp.train.batch_size, 128);
  CHECK_EQ(run({low.c_str(), high.c_str()}).exp.train.epochs, 5);
  CHECK_EQ(run({high.c_str(), low.c_str()}).exp.train.epochs, 4);
  CHECK_EQ(run({"--epochs", "9", low.c_str()}).exp.train.epochs, 9);
}

/// By name, as a map, by JSON; letters and dashes alike.
void choices() {
  CHECK(run({"--optim", "sgd", "--optim.momentum", "0.5"}).exp.optim.as<Sgd>().momentum == 0.5f);
  CHECK(run({"--optim.momentum", "0.5", "--optim", "SGD"}).exp.optim.as<Sgd>().momentum == 0.5f);
  CHECK(run({"--optim", R"({"name": "sgd", "momentum": 0.25})"}).exp.optim.as<Sgd>().momentum == 0.25f);
  CHECK(run({"--optim.name=sgd"}).exp.optim.is<Sgd>());
  CHECK(run({"--lr", "0.5"}).exp.optim.as<Adam>().lr == 0.5f);
  CHECK_EQ(run({"--optim", "sgd"}).exp.optim.name(), "SGD");
  CHECK_ERROR(run({"--optim", "sdg"}), "--optim: no such choice: sdg; did you mean SGD?", "adam, SGD");
  CHECK_ERROR(run({"--optim", "0.1"}), "expected one of adam, SGD");
}

/// The highest source that names a branch decides; below it options of others are dropped, at or above it they are
/// errors.
void branches(const Files& file) {
  const auto sgd = file("sgd.yaml", "optim: {name: sgd, momentum: 0.9, lr: 0.5}\n");
  CHECK(run({sgd.c_str()}).exp.optim.as<Sgd>().lr == 0.5f);
  CHECK(run({sgd.c_str(), "--optim", "adam"}).exp.optim.as<Adam>().lr == 0.5f);  // both have a rate
  CHECK(has(run({sgd.c_str(), "--optim", "adam"}, "optim.momentum").explained, "dropped"));
  CHECK_ERROR(run({sgd.c_str(), "--optim", "adam", "--optim.momentum", "0.1"}),
              "--optim.momentum: optim.momentum is an option of SGD, and optim is adam (--optim)");
  CHECK_ERROR(run({sgd.c_str(), "--optim.eps", "0.1"}), "optim.eps is an option of adam, and optim is SGD",
              "sgd.yaml:1:15");
  CHECK_ERROR(run({"--optim.momentum", "0.1"}), "optim is adam (its default)");
  const auto mixed = file("mixed.yaml", "optim:\n  name: adam\n  momentum: 0.9\n");
  CHECK_ERROR(run({mixed.c_str()}), "mixed.yaml:3:3: optim.momentum is an option of SGD");
  CHECK_ERROR(run({"--optim.momntum", "0.1"}), "did you mean --optim.momentum (of SGD)?");
}

void optional_groups(const Files& file) {
  CHECK(!run({}).exp.clip);
  CHECK_EQ(run({"--clip.norm", "2"}).exp.clip->norm, 2.0f);
  CHECK_EQ(run({"--clip", "{}"}).exp.clip->norm, 1.0f);
  const auto clip = file("clip.yaml", "clip: {norm: 3}\n");
  CHECK_EQ(run({clip.c_str()}).exp.clip->norm, 3.0f);
  CHECK(!run({clip.c_str(), "--clip", "none"}).exp.clip);
  const auto noclip = file("noclip.yaml", "clip: null\n");
  CHECK_EQ(run({noclip.c_str(), "--clip.norm", "2"}).exp.clip->norm, 2.0f);
}

/// Include below, !include and @file in place.
void composition(const Files& file) {
  const auto wide = file("parts/wide.yaml", "width: 64\nkind: cnn\n");
  file("parts/base.json", R"({"train": {"epochs": 7, "batch_size": 8}, "sizes": [5]})");
  const auto all = file("all.yaml", "include: parts/base.json\ntrain: {epochs: 8}\nmodel: !include parts/wide.yaml\n");
  const auto exp = run({all.c_str()}).exp;
  CHECK(exp.train.epochs == 8 && exp.train.batch_size == 8 && exp.model.width == 64 && exp.model.kind == "cnn");
  const auto json =
      file("all.json", R"({"include": ["all.yaml"], "model": {"include": "parts/wide.yaml", "width": 3}})");
  CHECK_EQ(run({json.c_str()}).exp.model.width, 3);
  CHECK_EQ(run({json.c_str()}).exp.train.epochs, 8);
  CHECK_EQ(run({"--model", ("@" + wide).c_str(), "--width", "65"}).exp.model.width, 65);
  CHECK_EQ(run({"--model", ("@" + wide).c_str()}).exp.model.kind, "cnn");
  const auto lower = file("lower.yaml", "include: sgd.yaml\noptim: adam\n");
  CHECK(run({lower.c_str()}).exp.optim.is<Adam>());
}

/// Cycles are told, and parts that do not fit.
void wrong_parts(const Files& file) {
  const auto a = file("a.yaml", "include: b.yaml\n");
  file("b.yaml", "\ninclude: [a.yaml]\n");
  CHECK_ERROR(run({a.c_str()}), "b.yaml:2:11: includes itself: a.yaml → b.yaml → a.yaml");
  CHECK_ERROR(run({file("gone.yaml", "model: !include nowhere.yaml\n").c_str()}),
              "gone.yaml:1:", "nowhere.yaml: cannot be read");
  CHECK_ERROR(run({file("badpart.yaml", "model: !include all.yaml\n").c_str()}), "all.yaml:2:1: no option model.train");
  CHECK_ERROR(run({file("leafpart.yaml", "label: !include all.yaml\n").c_str()}),
              "label is one option; !include stands for a group");
  CHECK_ERROR(run({"--model", "@/nowhere.yaml"}), "/nowhere.yaml: cannot be read");
  CHECK_ERROR(run({"--model", "wide"}), "--model: is a group, not an option; it takes a file (@model.yaml) or JSON");
}

/// Lists replace; += appends, in files and on the command line.
void lists_and_maps(const Files& file) {
  const auto more = file("more.yaml", "sizes+=: [7]\nweights+=: {dog: 2}\n");
  CHECK((run({more.c_str()}).exp.sizes == std::vector<int>{1, 2, 7}));
  CHECK((run({more.c_str(), "--sizes+=8,9"}).exp.sizes == std::vector<int>{1, 2, 7, 8, 9}));
  CHECK((run({more.c_str(), "--sizes", "+=", "8"}).exp.sizes == std::vector<int>{1, 2, 7, 8}));
  CHECK((run({more.c_str(), "--sizes", "8"}).exp.sizes == std::vector<int>{8}));
  CHECK_EQ(run({more.c_str()}).exp.weights.size(), 2u);
  CHECK_EQ(run({"--weights.dog", "3"}).exp.weights.at("dog"), 3.0f);
  CHECK_EQ(run({"--weights.dog", "3"}).exp.weights.at("cat"), 1.0f);
  CHECK_EQ(run({"--weights", "dog=3,owl=4"}).exp.weights.size(), 2u);
  CHECK_EQ(run({"--weights", R"({"x-y": 2})"}).exp.weights.at("x-y"), 2.0f);
  CHECK_ERROR(run({"--epochs+=3"}), "+= is for lists of any length");
  CHECK((run({"--weights+=cat=5,dog=2"}).exp.weights == std::map<std::string, float>{{"cat", 5}, {"dog", 2}}));
  CHECK((run({"--sizes", "8", "--sizes+=9"}).exp.sizes == std::vector<int>{8, 9}));
  CHECK((run({"--sizes+=9", "--sizes", "8"}).exp.sizes == std::vector<int>{8}));
  const auto computed = file("computed.yaml", "sizes: [\"${train.epochs}\"]\n");
  CHECK((run({computed.c_str(), "--sizes+=9"}).exp.sizes == std::vector<int>{3, 9}));
}

/// One split refines the data's options.
void refined_splits() {
  auto r = run({"--data.val.threads", "5", "--data.path", "other", "--data.train.tags+=b"});
  CHECK(r.exp.data.threads == 2 && r.train_data.threads == 2 && r.val_data.threads == 5);
  CHECK(r.train_data.path == "other" && r.val_data.path == "other");
  CHECK((r.train_data.tags == std::vector<std::string>{"a", "b"}) && r.val_data.tags.size() == 1);
  r = run({"--data.tags", "x,y", "--data.train.tags+=b"});
  CHECK((r.train_data.tags == std::vector<std::string>{"x", "y", "b"} && r.val_data.tags == r.exp.data.tags));
  CHECK_EQ(run({"--threads", "7"}).val_data.threads, 7);  // a short name means all splits
  CHECK(has(run({"--threads", "7"}, "data.val.threads").explained, "as data.threads"));
}

/// Old names, deprecated options, checks across fields.
void notices_and_checks(const Files& file) {
  const auto low = file.path("low.yaml");
  auto r = run({file("old.yaml", "train: {max_epochs: 6}\n").c_str()});
  CHECK_EQ(r.exp.train.epochs, 6);
  CHECK(r.notices.size() == 1 && has(r.notices[0], "old.yaml:1:9: train.max_epochs is now called train.epochs"));
  r = run({"--train.max_epochs", "6"});
  CHECK(r.exp.train.epochs == 6 && r.notices.size() == 1);
  CHECK(has(run({"--seed", "3"}).notices.at(0), "--seed: train.seed is deprecated; use run.seed"));
  CHECK_ERROR(run({"--epochs", "1000", low.c_str(), "--batch_size", "1000"}),
              "train.epochs = 1000 (--epochs), train.batch_size = 1000 (--batch_size): this takes too long");
  CHECK_ERROR(run({"--kind", "mpl"}), "--kind: expected one of mlp, cnn, got \"mpl\"; did you mean \"mlp\"");
}

/// A name twice, in two spellings.
void spellings(const Files& file) {
  CHECK_ERROR(run({file("twice.yaml", "train: {batch-size: 3, batch_size: 4}\n").c_str()}), "twice.yaml:1:9",
              "duplicate key batch_size");
  CHECK_EQ(run({file("dash.yaml", "train: {batch-size: 3}\n").c_str()}).exp.train.batch_size, 3);
}

/// Every problem of every source at once.
void all_problems(const Files& file) {
  try {
    run({file("many.yaml", "modle: {}\ntrain: {epochs: 0}\nsizes: [x, 3, y]\nlimit: 90\n").c_str(), "--nope", "3",
         "--rate=x"});
    test::fail(__FILE__, __LINE__, "no error");
  } catch (const quix::Error& error) {
    CHECK_EQ(error.problems().size(), 7u);
    CHECK(has(error.what(), "many.yaml:3:15: sizes[2]: expected an integer, got y"));
    CHECK(has(error.what(), "many.yaml:4:8: limit: expected a duration with its unit"));
  }
}

void explanations(const Files& file) {
  const auto low = file.path("low.yaml");
  const auto text = run({low.c_str(), "--epochs", "9"}, "train.epochs").explained;
  CHECK(has(text, "train.epochs = 9\n  --epochs"));
  CHECK(has(text, "low.yaml:1:33  4  overridden"));
  CHECK(has(text, "  3  overridden\n  int; 1 or more; passes"));
  CHECK_ERROR(run({}, "epohcs"), "epohcs: no such option; did you mean train.epochs?");
}

/// What += keeps is extended, what lies below a list in full is not.
void extended_lists(const Files& file) {
  const auto more = file.path("more.yaml");
  const auto list = file("list.yaml", "sizes: [4]\n");
  const auto extended = run({more.c_str(), "--sizes+=8"}, "sizes").explained;
  CHECK(has(extended, "sizes = 1,2,7,8\n  --sizes"));
  CHECK(has(extended, "+= 7  extended\n") && has(extended, "1,2   extended\n") && !has(extended, "overridden"));
  const auto replaced = run({more.c_str(), list.c_str(), "--sizes+=8"}, "sizes").explained;
  CHECK(has(replaced, "sizes = 4,8\n") && has(replaced, "4     extended\n"));
  CHECK(has(replaced, "+= 7  overridden\n") && has(replaced, "1,2   overridden\n"));
}

void ambiguous_names() {
  Two two;
  quix::Table ambiguous;
  ambiguous.add(two);
  CHECK_ERROR(quix::explain(ambiguous, "lr"), "lr: is ambiguous: it matches one.lr, two.lr");
}

/// What two configurations differ in; an option of a branch that the other has not taken is a dash there.
void differences() {
  Exp left, right;
  right.train.epochs = 4, right.optim = Sgd{};
  quix::Table a_table, b_table;
  a_table.add(left), b_table.add(right);
  CHECK(quix::difference(a_table, b_table) ==
        std::vector<std::string>({"optim.name: adam → SGD", "optim.lr: 0.001 → 0.1", "optim.eps: 1e-8 → —",
                                  "train.epochs: 3 → 4", "optim.momentum: — → 0"}));
  CHECK(quix::difference(a_table, a_table).empty());
}

}  // namespace

TESTS {
  strict();
  const test::Folder folder("sources");
  const Files file{folder.path};
  byte_order_marks(file), precedence(file), choices(), branches(file), optional_groups(file), composition(file),
      wrong_parts(file), lists_and_maps(file), refined_splits(), notices_and_checks(file), spellings(file),
      all_problems(file), explanations(file), extended_lists(file), ambiguous_names(), differences();
  return 0;
}
