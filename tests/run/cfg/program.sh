# A program of options alone: help, views, completion in a real bash, errors with exit code 2.
source "$TESTS/run/lib.sh"
program=$BUILD/tests/cfg_program
expect 0 "usage: cfg_program [file.yaml …] [--option value …]
A program for tests.
--optim adam|sgd
optim = sgd
--show list of yaml|json|toml|schema|bash|zsh|fish
--explain list of text" "$program" --help
grep -q secret <<<"$out" && bad "--help shows a hidden option"
expect 0 "--model.kind mlp|cnn" "$program" --help model
grep -q -- --optim.lr <<<"$out" && bad "--help model shows other groups"
expect 2 "cfg_program: --help: there is no group modle; did you mean model" "$program" --help=modle
expect 2 "cfg_program: --epochs: is required: int (passes)" "$program"
expect 2 "--optim.lr: expected a number, got fast
--mode: expected one of fast, slow_and_safe, got 3
--epochs: is required" "$program" --optim.lr fast --mode 3
grep -q $'\033' < <("$program" --help) && bad "colours without a terminal"
expect 0 "epochs: 4" env EPOCHS=9 "$program" --max_epochs 4
"$program" --epochs 4 2>err >out.yaml; [ ! -s err ] || bad "noise: $(cat err)"

# What is shown reads back to the same.
args=(--epochs 7 --optim sgd --optim.momentum 0.5 --weights a=1,b=2.5 --clip.norm 3 --model.layers '[{"width": 2}]' --pair '3,a b' --limit 4 --every 1h)
for format in yaml json toml; do
  "$program" "${args[@]}" --show $format >shown.$format || bad "--show $format"
  "$program" shown.$format --show yaml >again.yaml || bad "shown.$format does not read back"
  cmp -s shown.yaml again.yaml || bad "--show $format changes the configuration: $(diff shown.yaml again.yaml)"
done
expect 0 "epochs = 7
shown.toml:
overridden" "$program" shown.toml --epochs 7 --explain epochs
expect 2 "--explain: needs a value: list of text" "$program" --epochs 3 --explain
expect 2 "--show: no such choice: xml" "$program" --epochs 3 --show xml

# Completion: a static script that a real bash runs.
"$program" --show bash >completion.bash || bad "--show bash"
for shell in bash zsh fish; do
  cmp -s <("$program" --completion $shell) <("$program" --show $shell) || bad "--completion $shell is not --show $shell"
done
expect 2 "--completion: no such choice: tcsh" "$program" --completion tcsh
expect 2 "--completion: needs a value: bash|zsh|fish" "$program" --completion
cat >drive.bash <<'BASH'
source ./completion.bash
complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _quix_cfg_program; printf '%s\n' "${COMPREPLY[@]}" | sort | xargs; }
complete_words cfg_program --optim.m
complete_words cfg_program --optim ''
complete_words cfg_program --mode s
complete_words cfg_program --model.kind = c
complete_words cfg_program --model.kind=
complete_words cfg_program --epochs ''
complete_words cfg_program --no-v
complete_words cfg_program --help mo
complete_words cfg_program sho
complete_words cfg_program --clip n
complete_words cfg_program --path sho
BASH
bash drive.bash >completed || bad "the completion script fails in bash"
diff completed - <<'TEXT' || bad "completion offers something else"
--optim.momentum
adam sgd
slow_and_safe
cnn
cnn mlp

--no-verbose
model
shown.json shown.toml shown.yaml
none
shown.json shown.toml shown.yaml
TEXT
grep -q secret completion.bash && bad "completion offers a hidden option"
"$program" --show zsh >_cfg_program; "$program" --show fish >cfg_program.fish
! command -v zsh >/dev/null || zsh -n _cfg_program || bad "zsh does not read its script"
! command -v fish >/dev/null || fish -n cfg_program.fish || bad "fish does not read its script"

# The schema, judged by an independent validator: it takes what the program takes, and refuses what that refuses.
"$program" --show schema >schema.json || bad "--show schema"
python=$SOURCE/.deps/venv/bin/python
"$python" -c 'import jsonschema' 2>/dev/null || { echo "skipped: no jsonschema in .deps/venv"; finish; }
PROGRAM=$program "$python" - <<'PY' || bad "schema and program disagree"
import json, os, subprocess, sys
import jsonschema
schema = json.load(open("schema.json"))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
good = [
    json.load(open("shown.json")),
    {}, {"optim": "sgd"}, {"optim": {"lr": 0.5}}, {"optim": {"name": "sgd", "momentum": 0.5}}, {"clip": None}, {"clip": {"norm": "inf"}},
    {"sizes+=": [3]}, {"weights+=": {"a": 1}}, {"weights": {"a": "nan"}}, {"include": []}, {"epochs": "${small * 2}"}, {"max_epochs": 4},
    {"model": {"layers": [{"width": 3, "mode": "fast"}], "kind": "cnn", "own": {"name": "sgd"}}}, {"limit": None}, {"limit": 3},
    {"every": "1h30m"}, {"cache": "10kB"}, {"either": True}, {"pair": [1, "x"]}, {"small": 255}, {"optim": {"betas": [0.5, 0.5]}},
]
bad = [
    {"optim": "sdg"}, {"optim": {"name": "sgd", "betas": [0, 0]}}, {"optim": {"lr": -1}}, {"optim": {"betas": [0.5]}}, {"optim": {"betas": [0.5, 1]}},
    {"epochs": 0}, {"epochs": 1.5}, {"epochs": "3"}, {"epohcs": 3}, {"small": 256}, {"verbose": "true"}, {"verbose": 1}, {"mode": "Fast"},
    {"clip": {"nrm": 1}}, {"clip": 3}, {"sizes": 3}, {"sizes": ["x"]}, {"weights": {"a": "x"}}, {"weights": [1]}, {"include": 3},
    {"model": {"layers": [{"widht": 3}]}}, {"model": {"kind": "rnn"}}, {"every": "90"}, {"every": 90}, {"cache": "1mb"}, {"either": "x"},
    {"pair": [1]}, {"pair": ["x", 1]}, {"limit": "x"}, {"epochs+=": 3}, {"secret2": 1}, [1], {"optim": {"name": "adam", "momentum": 1}},
]
wrong = 0
for expected, documents in ((True, good), (False, bad)):
    for document in documents:
        json.dump(document, open("document.json", "w"))
        run = subprocess.run([os.environ["PROGRAM"], "document.json", "--show", "yaml"] + ([] if isinstance(document, dict) and any("epochs" in k or k == "include" for k in document) else ["--epochs", "3"]), capture_output=True, text=True)
        required = "is required" in run.stderr and run.stderr.count("\n") == 1
        takes = run.returncode == 0 or required
        valid = validator.is_valid(document)
        if takes != expected or valid != expected:
            wrong += 1
            print(f"{document}: program {takes}, schema {valid}, expected {expected}: {run.stderr}", file=sys.stderr)
sys.exit(wrong > 0)
PY
finish
