# What an experiment's program understands and shows.
source "$TESTS/run/lib.sh"
make_shapes idx
"$quix" data import idx data/shapes >/dev/null || exit 1

expect 0 "usage
--model.hidden int
--optim.lr float
--checkpoint.keep int
small.yaml
fast.json
--resume" "$tiny" --help
expect 0 "--optim.lr float" "$tiny" --help optim
grep -q -- --model.hidden <<<"$out" && bad "--help optim shows other groups"

# Defaults < built-in < files in order < flags; roles left out appear with their defaults.
printf 'model: {hidden: 5}\ntrain: {epochs: 9}\n' >a.yaml
printf '{"model": {"hidden": 6}}' >b.json
expect 0 "  hidden: 4 " "$tiny" config --config small
expect 0 "  hidden: 6 
  epochs: 9 
  lr: 0.05 
  label_smoothing: 0 " "$tiny" config --config small --config fast a.yaml b.json
expect 0 "  hidden: 7 " "$tiny" config --hidden 7 a.yaml b.json
# What is printed reads back to the same.
"$tiny" config --hidden 7 --lr 3e-4 --betas 0.5,0.75 >printed.yaml
"$tiny" config printed.yaml >again.yaml
cmp printed.yaml again.yaml || bad "the printed configuration does not read back equal"

# A run: its files, and an evaluation that says what training said.
expect 0 "Tiny: 410 training samples, 100 validation samples, each 1×6×6, 4 classes
runs/tiny/one (seed 42
val loss" "$tiny" --name one --data.threads 1
for file in run.json config.yaml metrics.jsonl timing.jsonl checkpoints/00000039/{model,optim,rng}.safetensors checkpoints/00000039/{state,manifest}.json; do
  [ -s runs/tiny/one/$file ] || bad "no $file"
done
grep -q '"command": "[^"]*tiny --name one --data.threads 1"' runs/tiny/one/run.json || bad "run.json does not hold the command: $(cat runs/tiny/one/run.json)"
grep -q '"compiler": "GNU' runs/tiny/one/run.json || bad "run.json does not hold the compiler"
python3 - <<'PY' || bad "metrics.jsonl is not what it should be"
import json
lines = [json.loads(l) for l in open("runs/tiny/one/metrics.jsonl")]
epochs = [l for l in lines if l["kind"] == "epoch"]
steps = [l for l in lines if l["kind"] == "steps"]
assert [e["epoch"] for e in epochs] == [1, 2, 3] and [e["step"] for e in epochs] == [13, 26, 39], epochs
assert [s["step"] for s in steps] == [7, 14, 21, 28, 35], steps
assert epochs[-1]["val"]["accuracy"] > 0.9, epochs[-1]
assert epochs[-1]["train"]["loss"] < epochs[0]["train"]["loss"]
PY
accuracy=$(tail -1 runs/tiny/one/metrics.jsonl | sed 's/.*"val".*"accuracy": \([0-9.]*\).*/\1/')
expect 0 "on 100 samples of val
accuracy $accuracy" "$tiny" eval --from runs/tiny/one
python3 "$TESTS/run/faults/shapes.py" big 8 && "$quix" data import big data/larger >/dev/null || bad "larger images"
expect 2 "data.path: the val samples are [1, 8, 8], the training samples [1, 6, 6]; images of several sizes need quix::Resize" "$tiny" eval --from runs/tiny/one --data.path larger
expect 0 "" "$tiny" --from runs/tiny/one --name two --epochs 1
grep -q 'epochs: 1 ' runs/tiny/two/config.yaml || bad "--from and a flag: $(cat runs/tiny/two/config.yaml)"

# What would take another run, another configuration or damaged weights without a word.
expect 2 "--resume: cannot be combined with --from" "$tiny" --resume --from runs/tiny/one
expect 2 "--weights: expected a value, got nothing" "$tiny" --weights "" --name nothing
expect 2 "--name: expected a value, got nothing" "$tiny" --resume --name ""
"$tiny" --name rated --lr 0.5 --epochs 1 >/dev/null || bad "rated"
expect 0 "lr: 0.5" "$tiny" config --resume --name rated
expect 2 "optim.lr was 0.5 in the run that is resumed" "$tiny" config --resume --name rated --lr 0.1
expect 0 "" "$tiny" --name "it's\`x\` 1" --epochs 1
python3 -c "import json, shlex; assert shlex.split(json.load(open('''runs/tiny/it\\'s\`x\` 1/run.json'''))['command'])[2] == '''it\\'s\`x\` 1'''" || bad "the command cannot be pasted: $(grep command runs/tiny/it*/run.json)"
expect 2 "eval: command after a file; write the command first" "$tiny" a.yaml eval --from runs/tiny/one
cp -r runs/tiny/rated runs/tiny/edited
sed -i 's/lr: 0.5/lr: 0.25/' runs/tiny/edited/config.yaml
expect 2 "config.yaml: changed since the run wrote it" "$tiny" --resume --name edited --epochs 2
expect 0 "resumed at step" "$tiny" --resume --name rated --epochs 2
cp -r runs/tiny/rated runs/tiny/spoilt
printf '\x01' | dd of=runs/tiny/spoilt/checkpoints/00000026/model.safetensors bs=1 seek=1500 conv=notrunc 2>/dev/null
expect 2 "00000026 is damaged" "$tiny" eval --weights runs/tiny/spoilt/checkpoints/00000026
echo '{"error": "not found"}' >page.pt
expect 2 "page.pt: text, not weights" "$tiny" eval --weights page.pt

# The learning is real: labels that say nothing are not learnt.
python3 - <<'PY'
import pathlib, random, shutil
shutil.copytree("idx", "noise_idx")
random.seed(2)
for name in ("train", "t10k"):
    path = pathlib.Path(f"noise_idx/{name}-labels-idx1-ubyte")
    data = path.read_bytes()
    path.write_bytes(data[:8] + bytes(random.randrange(4) for _ in data[8:]))
PY
"$quix" data import noise_idx data/noise >/dev/null
"$tiny" --data.path noise --name noise >/dev/null
python3 -c "
import json
last = json.loads(open('runs/tiny/noise/metrics.jsonl').read().splitlines()[-1])
assert last['val']['accuracy'] < 0.5, last" || bad "random labels were learnt"

# No progress bar, no colour and no control characters where there is no terminal.
"$tiny" --epochs 1 --name plain >out.txt 2>err.txt
[ ! -s err.txt ] || bad "standard error is not empty: $(cat err.txt)"
grep -q $'\r\|\033' out.txt && bad "control characters in a plain output"
# On one there is.
if command -v script >/dev/null; then
  TERM=xterm script -qec "$tiny --epochs 30 --name shown" /dev/null >shown.txt
  grep -q $'\033\[K.*epoch .*/30.*%.*left' shown.txt || bad "no progress bar on a terminal"
fi
finish
