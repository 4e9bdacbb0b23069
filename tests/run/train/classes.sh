# The number of classes: that of the run, else what config.json declares, else the labels; names where people read.
source "$TESTS/run/lib.sh"
make_shapes idx
"$quix" data import idx data/shapes --classes "cat,naïve,d<o>g,eel" >/dev/null || exit 1
program=$BUILD/tests/augmented
expect 0 "4 classes" "$program" --name run --epochs 1
grep -q '"classes": 4' runs/augmented/run/run.json || bad "run.json: $(cat runs/augmented/run/run.json)"

# One row for each class, with its name; the columns below one another.
"$program" eval --from runs/augmented/run --svg names.svg >table || bad "eval: $(cat table)"
python3 - <<'PYTHON' || bad "the names: $(cat table names.svg)"
import re, xml.etree.ElementTree as tree
head, *rows = open("table", encoding="utf-8").read().split("predicted class)\n")[1].splitlines()[:5]
assert [row.split()[:2] for row in rows] == [["0", "cat"], ["1", "naïve"], ["2", "d<o>g"], ["3", "eel"]], rows
assert len({len(row) for row in rows}) == 1, rows
texts = [t.text for t in tree.parse("names.svg").getroot().findall("{http://www.w3.org/2000/svg}text")]
assert {"cat 0", "naïve 1", "d<o>g 2", "eel 3"} <= set(texts), texts
PYTHON

grep -qE '^  accuracy_by_class/2 \(d<o>g\) [01]' table || bad "eval does not name the classes of a vector: $(cat table)"

# Data that lack some classes, have one only, or a label that cannot be meant. No config.json declares anything here.
python3 - <<'PYTHON'
import io, os, tarfile
def make(name, keep, relabel=None):
    os.makedirs(f"data/{name}")
    with tarfile.open("data/shapes/train_0000.tar") as source, tarfile.open(f"data/{name}/train_0000.tar", "w") as out:
        samples = {}
        for m in source:
            samples.setdefault(m.name.split(".")[0], []).append((m, source.extractfile(m).read()))
        for i, members in enumerate(samples.values()):
            if int(next(d for m, d in members if m.name.endswith(".cls"))) not in keep: continue
            for m, data in members:
                if m.name.endswith(".cls") and relabel and i == relabel[0]: data = relabel[1]; m.size = len(data)
                out.addfile(m, io.BytesIO(data))
make("few", {0, 1}); make("one", {0}); make("huge", {0, 1, 2, 3}, (7, b"999999999")); make("five", {0, 1, 2, 3}, (7, b"4"))
PYTHON
expect 0 "rows: true class, columns: predicted class
      3 " "$program" eval --from runs/augmented/run --data.path few --split train
expect 0 "rows: true class, columns: predicted class
      3 " "$program" eval --weights runs/augmented/run --data.path few --split train
# The task of the model is in run.json: eval opens the split that it evaluates, and builds no optimizer. Of a run from
# before that, the training data says it.
"$program" eval --from runs/augmented/run --split train >whole
mkdir data/lone && cp data/few/train_0000.tar data/lone/test_0000.tar
expect 0 "2 samples of test
      3 " "$program" eval --from runs/augmented/run --data.path lone --split test
expect 2 "--split: the data has no split val; to evaluate on the training data:  --split train" "$program" eval --from runs/augmented/run --data.path lone
cp -r runs/augmented/run runs/augmented/before && python3 - <<'PYTHON'
import json
path = "runs/augmented/before/run.json"
record = json.load(open(path))
assert record["task"]["classes"] == 4 and record["task"]["class_names"] and record["task"]["shape"] == [3, 6, 6], record["task"]
del record["task"]
json.dump(record, open(path, "w"))
PYTHON
"$program" eval --from runs/augmented/before --split train >old
diff <(sed 's/before/run/' old) whole || bad "eval of a run without a task says something else"
expect 2 "split train not found" "$program" eval --from runs/augmented/before --data.path lone --split test
expect 2 "quix: data/five/train_0000.tar, member 000007.cls
class 4, but the run has 4 classes" "$program" eval --from runs/augmented/run --data.path five --split train
expect 0 "5 classes" "$program" --name five --data.path five --epochs 1
for data in one huge; do
  case $data in
    one) text="data.path: all samples have class 0, and classification needs two classes or more" ;;
    huge) text="data/huge/train_0000.tar, member 000007.cls
class 999999999 among only 410 samples" ;;
  esac
  expect 2 "$text" "$program" --data.path $data --name $data
  [ "$(wc -l <<<"$out")" -eq 1 ] || bad "$data: more than one line: $out"
  [ ! -e runs/augmented/$data ] || bad "$data: a run was left behind"
done

# What config.json declares counts before the labels, also when the data are replaced before a resume.
echo '{"metadata": {"classes": 6}}' >data/few/config.json
expect 0 "6 classes" "$program" --name declared --data.path few --epochs 1
echo '{}' >data/few/config.json
expect 0 "6 classes
resumed" "$program" --resume --name declared --data.path few --epochs 2
finish
