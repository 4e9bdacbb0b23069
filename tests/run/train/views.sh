# The command `config` of an experiment, its schema and completion; a choice of optimizers; weights of another run.
source "$TESTS/run/lib.sh"
make_shapes idx
"$quix" data import idx data/shapes >/dev/null || exit 1
for format in json toml yaml; do
  "$tiny" config --hidden 7 --optim sgd --momentum 0.5 --data.val.prefetch 2 --$format >shown.$format || bad "config --$format"
  "$tiny" config shown.$format >again.yaml || bad "config --$format does not read back"
  cmp -s shown.yaml again.yaml || { [ $format != yaml ] || bad "yaml reads back as something else"; }
done
"$tiny" config shown.json --yaml >a; "$tiny" config shown.toml --yaml >b; cmp a b && cmp a shown.yaml || bad "formats differ"
grep -q '    prefetch: 2' shown.yaml || bad "a refinement is not printed: $(cat shown.yaml)"

expect 0 "model.hidden = 7
shown.yaml:
default" "$tiny" config shown.yaml --explain hidden
expect 0 "optim.momentum is not used: optim is adamw
dropped" "$tiny" config shown.yaml --optim adamw --explain optim.momentum
expect 0 "no difference" "$tiny" config --diff shown.json shown.toml
expect 0 "optim.name: adamw → sgd
optim.betas: 0.9,0.999 → —
model.hidden: 16 → 7
data.val.prefetch: — → 2" "$tiny" config --diff shown.yaml
expect 0 "model.hidden: 4 → 7" "$tiny" config --diff small shown.yaml
for words in config "config --completion bash" --help "config --schema"; do
  rc=0; "$tiny" $words >/dev/full 2>said || rc=$?
  [ $rc = 2 ] && grep -q "quix: stdout: cannot be written" said || bad "tiny $words on a full disk: $rc, $(cat said)"
done
expect 2 "--diff: needs a value" "$tiny" config --diff
expect 2 "config: prints one format; give one of --yaml, --json, --toml and --schema" "$tiny" config --json --toml
# A command has its own flags, and its own help.
expect 0 "--split text
The options of the program below are those of eval" "$tiny" eval --help
grep -q -- --resume <<<"$out" && bad "eval --help shows flags of train"
for words in "--json" "train --schema" "eval --explain hidden --weights x" "--diff a b"; do
  flag=$(grep -o -- '--[a-z]*' <<<"$words" | head -1)
  expect 2 "$flag: is a flag of the command config, not of $([[ $words == eval* ]] && echo eval || echo train)" "$tiny" $words
done
for flag in --resume --plot-lr "--name x" --overwrite "--lock-wait 3"; do
  expect 2 "${flag%% *}: is a flag of the command" "$tiny" eval --weights nowhere $flag
done
expect 2 "eval: command after a flag that may take it for its value; write it first" "$tiny" --plot-lr eval
expect 0 "  hidden: 7" "$tiny" --hidden=7 config
for flag in name runs from weights svg completion; do
  expect 2 "--$flag: expected a value, got nothing" "$tiny" --$flag ""
done
expect 2 "--completion: expected bash, zsh, fish or a folder, got tcsh" "$tiny" config --completion tcsh
for command in "" train eval summary; do
  cmp -s <("$tiny" $command --completion zsh) <("$tiny" config --completion=zsh) || bad "$command --completion zsh"
done
expect 2 "--completion: expected bash, zsh, fish or a folder, got tcsh" "$tiny" --completion tcsh
[ ! -e runs ] || bad "--completion left a run"
expect 2 "--config: no configuration smal is built in; did you mean small?" "$tiny" config --config smal
for words in "small --hidden 3" "small fast.json --config small"; do
  expect 2 "--diff: compares what it names alone; drop the other files and options" "$tiny" config --diff $words
done
expect 2 "--diff: compares two configurations, got 3" "$tiny" config --diff small fast --diff small
# A real bash completes each command's own flags.
"$tiny" --completion bash >completion.bash || bad "--completion bash"
cat >drive.bash <<'BASH'
source ./completion.bash
complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _quix_tiny; printf '%s\n' "${COMPREPLY[@]}" | sort | xargs; }
complete_words tiny --plo
complete_words tiny eval --plo
complete_words tiny eval --spl
complete_words tiny summary --js
complete_words tiny config --js
complete_words tiny config --dif
complete_words tiny --weights.s
complete_words tiny summary --model.h
complete_words tiny config --runs x --sche
BASH
bash drive.bash >completed || bad "the completion script fails in bash"
diff completed - <<'TEXT' || bad "completion offers something else"
--plot_lr

--split

--json
--diff
--weights.strict
--model.hidden
--schema
TEXT
[ -s "$BUILD/tests/completions/tiny.bash" ] || bad "no completion script was written by the build"
grep -q "'small fast'" "$BUILD/tests/completions/tiny.bash" || bad "completion does not know the built-in configurations"
"$tiny" config --schema >schema.json || bad "config --schema"
python=$SOURCE/.deps/venv/bin/python
if "$python" -c 'import jsonschema' 2>/dev/null; then
  "$python" - <<'PY' || bad "the schema does not take what config prints"
import json, jsonschema
validator = jsonschema.Draft202012Validator(json.load(open("schema.json")))
validator.validate(json.load(open("shown.json")))
assert not validator.is_valid({"optim": {"name": "sgd", "eps": 1}}) and not validator.is_valid({"model": {"hiden": 1}})
PY
fi

# The other branch trains, resumes, and cannot be changed halfway.
expect 0 "val loss" "$tiny" --name sgd --optim sgd --optim.momentum 0.5 --epochs 1
expect 0 "resumed at step 13" "$tiny" --name sgd --resume --epochs 2
expect 2 "optim.name was sgd in the run that is resumed, and cannot become adamw halfway" "$tiny" --name sgd --resume --epochs 3 --optim adamw
expect 0 "val" "$tiny" eval --from runs/tiny/sgd

# --from inherits the options, --weights the weights: training starts where the other run ended.
expect 0 "momentum: 0.5" "$tiny" config --from runs/tiny/sgd
expect 0 "val loss" "$tiny" --name warm --weights runs/tiny/sgd --epochs 1 --lr 0
"$tiny" eval --from runs/tiny/sgd | sed 's/.*val: //' >one; "$tiny" eval --from runs/tiny/warm | sed 's/.*val: //' >two
python3 - <<'PY' || bad "the weights did not arrive: $(cat one two)"
import json, pathlib, struct
def tensors(run):
    data = (sorted(pathlib.Path(f"runs/tiny/{run}/checkpoints").iterdir())[-1] / "model.safetensors").read_bytes()
    n = struct.unpack("<Q", data[:8])[0]
    head = json.loads(data[8:8 + n])
    return {k: data[8 + n + v["data_offsets"][0]:8 + n + v["data_offsets"][1]] for k, v in head.items() if k != "__metadata__" and ".running" not in k and "num_batches" not in k}
a, b = tensors("sgd"), tensors("warm")
assert a.keys() == b.keys() and all(a[k] == b[k] for k in a)
PY
file=$(ls -d runs/tiny/sgd/checkpoints/* | tail -1)/model.safetensors
expect 0 "val loss" "$tiny" --name file --weights "$file" --epochs 1 --lr 0
"$tiny" eval --from runs/tiny/file | sed 's/.*val: //' >three
cmp two three || bad "the weights of a file did not arrive: $(cat two three)"
expect 2 "--weights: nowhere not found" "$tiny" --name cold --weights nowhere
expect 2 "--resume: cannot be combined with --weights: a resumed run has its own weights; drop one" "$tiny" --name sgd --resume --weights runs/tiny/sgd
[ ! -e runs/tiny/cold ] || bad "a refused run left a folder"
finish
