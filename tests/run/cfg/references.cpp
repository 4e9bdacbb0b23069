// Values that are computed from others: ${…} in files and flags.
#include <cstdlib>

#include "exp.hpp"

namespace {

/// Typed, with arithmetic and the environment.
void references(const Files& file) {
  const auto refs = file("refs.yaml",
                         "rate: ${train.batch_size * 2 / 3}\nlabel: run-${train.seed}-${model.kind}\n"
                         "model: {width: \"${(train.epochs + 1) * 4 - 6 % 4}\"}\nsizes: [1, \"${train.epochs}\"]\n"
                         "data: {path: \"${env:QUIX_TEST_ROOT:/tmp}/set\", threads: \"${train.batch_size / 64}\"}\n");
  const auto exp = run({refs.c_str(), "--batch_size", "128"}).exp;
  CHECK_EQ(exp.rate, 256.0 / 3);
  CHECK_EQ(exp.label, "run-42-mlp");
  CHECK_EQ(exp.model.width, 14);
  CHECK_EQ(exp.sizes[1], 3);
  CHECK_EQ(exp.data.path, "/tmp/set");
  CHECK_EQ(exp.data.threads, 2);
  ::setenv("QUIX_TEST_ROOT", "/big", 1);
  CHECK_EQ(run({refs.c_str()}).exp.data.path, "/big/set");
  CHECK_EQ(run({refs.c_str(), "--epochs", "5"}).exp.model.width, 22);  // what a higher source says counts
  CHECK_ERROR(run({refs.c_str(), "--batch_size", "100"}),
              "refs.yaml:5:", "data.threads: expected an integer, got 1.5625");
}

/// The usual precedence, from left to right; % as in C++; whole numbers stay whole.
void arithmetic() {
  CHECK_EQ(run({"--rate", "${1e3 / -4}"}).exp.rate, -250.0);
  for (const auto& [text, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"8 - 3 - 2", "3"},
                                                                  {"8 / 2 / 2", "2"},
                                                                  {"8 / 2 * 2", "8"},
                                                                  {"2 + 3 * 4 - 6 / 2", "11"},
                                                                  {"-2 * -3", "6"},
                                                                  {"-7 % 3", "-1"},
                                                                  {"7 % -1", "0"},
                                                                  {"7 / -1", "-7"},
                                                                  {"7.5 % 2", "1.5"},
                                                                  {"5.5 % 3", "2.5"},
                                                                  {"1 / 4", "0.25"},
                                                                  {"2.5e+1 * 2", "50"},
                                                                  {"-9223372036854775807 - 1", "-9223372036854775808"}})
    CHECK_EQ(run({"--label", ("${" + std::string(text) + "}").c_str()}).exp.label, value);
  CHECK_ERROR(run({"--label", ("${" + std::string(200, '(') + "1" + std::string(200, ')') + "}").c_str()}),
              "nested more than 100 deep");
}

/// What is no reference; cycles are told, and what cannot be computed.
void wrong_references() {
  CHECK_EQ(run({"--label", "a$${b}"}).exp.label, "a${b}");
  CHECK_EQ(run({"--label", "${train.epochs}"}).exp.label, "3");
  CHECK_ERROR(run({"--rate", "${model.width", "--width", "3"}), "--rate: this ${ has no }");
  CHECK_ERROR(run({"--rate", "${model.widht}"}),
              "there is no option model.widht to refer to; did you mean ${model.width}?");
  CHECK_ERROR(run({"--rate", "${model.kind * 2}"}), "model.kind is mlp, not a number");
  CHECK_ERROR(run({"--rate", "${1/0}"}), "divides by zero");
  CHECK_ERROR(run({"--rate", "${2 +}"}), "expected a number or an option's name at the end");
  CHECK_ERROR(run({"--rate", "${(2}"}), "expected )");
  CHECK_ERROR(run({"--width", "${9223372036854775807 + 1}"}), "too large for an integer");
  CHECK_ERROR(run({"--rate", "${env:QUIX_NO_SUCH}"}), "no variable QUIX_NO_SUCH");
  CHECK_ERROR(run({"--epochs", "${train.batch_size}", "--batch_size", "${model.width}", "--width", "${train.epochs}"}),
              "refers to itself: model.width → train.epochs → train.batch_size → model.width");
  CHECK_ERROR(run({"--epochs", "${train.epochs}"}), "refers to itself: train.epochs → train.epochs");
  CHECK_ERROR(run({"--optim", "${model.kind}"}), "a choice cannot be computed");
}

}  // namespace

TESTS {
  const test::Folder folder("references");
  references({folder.path}), arithmetic(), wrong_references();
  return 0;
}
