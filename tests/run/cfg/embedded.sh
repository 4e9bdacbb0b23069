# A configuration that is built into a program is checked by the compiler: errors have the file's own line and column.
source "$TESTS/run/lib.sh"
embed=$(find "$BUILD" -name quix_embed -type f | head -1)
[ -n "$embed" ] || { echo "skipped: quix_embed is not built"; exit 77; }
python3 - "$BUILD" "$TESTS/run/cfg/program.cpp" >compile <<'PY'
import json, shlex, sys
command = next(c for c in json.load(open(sys.argv[1] + "/compile_commands.json")) if c["file"] == sys.argv[2])["command"]
words = shlex.split(command)
first = next(i for i, w in enumerate(words) if w.startswith(("-D", "-I")))
print(" ".join(shlex.quote(w) for w in words[first - 1:words.index("-o")]))
PY
cat >check.cpp <<'CPP'
#include <quix/cfg.hpp>
#include <quix/cfg/checked.hpp>
#include <quix/detail/build_facts.hpp>
#include "embedded.hpp"
struct Model {
  int hidden = 8;
  float dropout = 0;
  static constexpr std::array notes = {quix::note<&Model::dropout>("of units", {.min = 0, .below = 1})};
};
struct Exp {
  Model model{};
  std::string title{};
  float lr = 0;
  bool bias = false;
};
using namespace quix::detail;
inline constexpr auto findings = DocumentCheck(Shapes<Piece<"", Exp>>::span(), embedded_configs[0].name, embedded_configs[0].checked).all();
static_assert((report_findings<findings>(), true));
CPP
# compiled "the first error, or nothing if it is right" FILE
compiled() {
  "$embed" embedded.hpp . "$2" || { bad "quix_embed $2"; return; }
  if eval "$(cat compile) -I. -fsyntax-only check.cpp" 2>log; then
    [ -z "$1" ] || bad "$2 compiles, but should not: $(cat "$2")"
  else
    grep -m1 'error:' log | grep -qF -- "${1:-nothing}" || bad "$2: wanted '$1' in the first error, got $(grep -m2 error: log)"
  fi
}
printf 'title: no\nmodel:\n  hidden: 1_6\n' >a.yaml;         compiled "a.yaml:3:11: " a.yaml
printf 'title: no\nmodel:\n  hidden: 16\n' >b.yaml;          compiled "" b.yaml
printf '\xef\xbb\xbf{"model": {"hidden": 4}}' >bom.json;   compiled "" bom.json
printf '\xef\xbb\xbfbias: True\nmodel:\n  dropout: .5\n' >bom.yaml; compiled "" bom.yaml
printf 'bias: FALSE\n' >upper.yaml;             compiled "" upper.yaml
printf 'bias: "True"\n' >quoted.yaml;           compiled "quoted.yaml:1:7: bias: expected true or false" quoted.yaml
printf 'bias: tRUE\n' >mixed.yaml;              compiled "mixed.yaml:1:7: bias: expected true or false" mixed.yaml
printf 'lr: 1.\nmodel:\n  hidden: +5\n' >signs.yaml;                  compiled "" signs.yaml
printf 'model:\n  hidden: 5e\n' >half.yaml;                compiled "half.yaml:2:11: model.hidden: expected an integer" half.yaml
printf '# first\nmodel:\n  hiden: 16\n' >c.yaml;             compiled "c.yaml:3:3: no option model.hiden; did you mean model.hidden" c.yaml
printf 'model:\n  hidden: 4\n  dropout: 1.0\n' >d.yaml;      compiled "d.yaml:3:12: " d.yaml
# README.md shows what this prints.
cp c.yaml base.yaml
compiled "base.yaml:3:3: no option model.hiden; did you mean model.hidden? Options here: hidden dropout" base.yaml
shown=$(grep -m1 error: log | sed 's/.*error: /error: /')
case $shown in *‘sizeof’*)  # g++ 12, whose line it is
  grep -qF -- "$shown" "$SOURCE/README.md" || bad "README.md does not show: $shown" ;;
esac
# All mistakes of a file at once.
printf 'lr: fast\nmodel: {hiden: 3, hidden: 4.5}\nlrr: 1\n' >many.yaml
compiled "many.yaml:1:5: lr: expected a number" many.yaml
for piece in "many.yaml:2:9: no option model.hiden" "many.yaml:2:27: model.hidden: expected an integer" "many.yaml:3:1: no option lrr"; do
  grep 'error:' log | grep -qF -- "$piece" || bad "many.yaml: no error says $piece"
done
[ "$(grep -c 'error:' log)" -eq 4 ] || bad "many.yaml: $(grep -c 'error:' log) errors"
printf '{"model": {\n  "hidden": 4.5}}' >e.json;             compiled "e.json:2:13: " e.json
printf 'model: [\n' >g.yaml
expect 2 "g.yaml:" "$embed" embedded.hpp . g.yaml
printf 'model: {hidden: 4, hidden: 5}\n' >f.yaml
expect 2 "f.yaml:1:20" "$embed" embedded.hpp . f.yaml
finish
