# Augmented training: the same with any prefetch, and after a resume in the middle of an epoch, bit for bit; with
# every shuffle.
source "$TESTS/run/lib.sh"
make_shapes idx
"$quix" data import idx data/shapes --shard_samples 100 >/dev/null || exit 1
program=$BUILD/tests/augmented
same_run() {
  for file in model optim; do cmp runs/augmented/{$1,$2}/checkpoints/00000039/$file.safetensors || bad "$1 and $2: $file differs"; done
  cmp runs/augmented/{$1,$2}/metrics.jsonl || bad "$1 and $2: metrics differ"
}
expect 0 "val accuracy" "$program" --name whole --checkpoint.every_steps 5 --checkpoint.keep 0
expect 0 "val accuracy" "$program" --name threads --checkpoint.every_steps 5 --checkpoint.keep 0 --prefetch 1
same_run whole threads
for step in 00000005 00000020; do
  cp -r runs/augmented/whole runs/augmented/cut$step
  for folder in runs/augmented/cut$step/checkpoints/*; do [[ $(basename "$folder") > $step ]] && rm -r "$folder"; done
  expect 0 "resumed at step" "$program" --resume --name cut$step
  same_run whole cut$step
done
expect 0 "" "$program" --name seeded --seed 43
cmp -s runs/augmented/{whole,seeded}/metrics.jsonl && bad "another seed gives the same run"
expect 0 "" "$program" --name plain --augment.crop.scale 1,1 --augment.crop.ratio 1,1 --augment.rand.ops 0 --augment.jitter.brightness 0 --augment.flip.p 0 --augment.erase.p 0 --augment.mix.mixup_alpha 0 --augment.mix.cutmix_alpha 0
cmp -s runs/augmented/{whole,plain}/metrics.jsonl && bad "augmentation does nothing"
for shuffle in blocks shards none full; do
  expect 0 "val accuracy" "$program" --name $shuffle --shuffle $shuffle --shuffle_block 10 --shuffle_window 4 --epochs 1
done
cmp -s runs/augmented/{blocks,full}/metrics.jsonl && bad "shuffles are alike"
expect 0 "val accuracy" "$program" --name balanced --balanced true --repeat 2 --epochs 1
# Evaluating draws nothing.
"$program" eval --from runs/augmented/whole >one; "$program" eval --from runs/augmented/whole --seed 9 >two
cmp -s one two || bad "evaluation depends on the seed: $(cat one two)"
# The confusion matrix as a table and as a picture: the same counts, which are the validation samples.
expect 0 "rows: true class, columns: predicted class
c.svg" "$program" eval --from runs/augmented/whole --svg c.svg
"$program" eval --from runs/augmented/whole >table
python3 - <<'PYTHON' || bad "c.svg and the table differ: $(cat table)"
import xml.etree.ElementTree as tree
rows = [line.split() for line in open("table").read().split("correct\n")[1].splitlines()]
counts = [[int(n) for n in row[1:5]] for row in rows]
assert sum(map(sum, counts)) == 100 and len(counts) == 4, counts
for i, row in enumerate(rows):
    assert int(row[0]) == i and abs(float(row[5]) - 100 * counts[i][i] / sum(counts[i])) < 0.051, row
accuracy = sum(counts[i][i] for i in range(4)) / 100
assert f"accuracy {accuracy:.6g}" in open("table").read(), accuracy
import json
records = [json.loads(line) for line in open("runs/augmented/whole/metrics.jsonl")]
assert [r["val"]["confusion"] for r in records if r["kind"] == "epoch"][-1] == counts, records[-1]
by_class = [r["val"]["accuracy_by_class"] for r in records if r["kind"] == "epoch"][-1]
assert all(abs(value - row[i] / sum(row)) < 1e-12 for i, (value, row) in enumerate(zip(by_class, counts))) and len(by_class) == 4, by_class
assert all(type(value) in (int, float) for r in records if r["kind"] == "steps" for key, value in r.items() if key != "kind"), records[0]
assert not any("/" in key for r in records for key in r), records[0]
drawn = [t.text for t in tree.parse("c.svg").getroot().findall("{http://www.w3.org/2000/svg}text") if t.get("fill")]
assert [int(t) for t in drawn] == [n for row in counts for n in row if n], drawn
PYTHON
expect 2 "augment.crop.scale
minimum exceeds maximum" "$program" --augment.crop.scale 0.9,0.1
finish
