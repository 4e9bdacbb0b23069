# Bad input: one clear line, exit code 2, nothing half-written.
source "$TESTS/run/lib.sh"
make_shapes idx
"$quix" data import idx data/shapes >/dev/null || exit 1

nothing_written() { [ ! -e runs ] || { bad "$1: left $(find runs | head -5 | tr '\n' ' ')"; rm -rf runs; }; }
one_line() { [ "$(wc -l <<<"$out")" -eq 1 ] || bad "$1: more than one line: $out"; }

expect 2 "quix: data.path: dataset nowhere not found; searched nowhere, data/nowhere" "$tiny" --data.path nowhere
one_line "missing dataset"; nothing_written "missing dataset"

cp -r data/shapes data/cut; truncate -s 40000 data/cut/train_0000.tar
expect 2 "quix: data/cut/train_0000.tar: the tar archive is truncated" "$tiny" --data.path cut
one_line "truncated tar"; nothing_written "truncated tar"

rm -rf data/notar; cp -r data/shapes data/notar; head -c 20480 /dev/urandom >data/notar/val_0000.tar
expect 2 "data/notar/val_0000.tar: not a tar archive" "$tiny" --data.path notar
one_line "no tar"; nothing_written "no tar"

mkdir data/pointer; printf 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n' >data/pointer/train_0000.tar
expect 2 "quix: data/pointer/train_0000.tar: a Git LFS pointer, not the file itself; fetch that with  git lfs pull" "$tiny" --data.path pointer
one_line "LFS pointer"; nothing_written "LFS pointer"

mkdir -p data/nopng/in
for i in 0 1 2 3 4 5 6 7; do printf 'GIF89a' >data/nopng/in/$i.png; printf 1 >data/nopng/in/$i.cls; done
(cd data/nopng/in && tar -cf ../train_0000.tar --sort=name 0.png 0.cls 1.png 1.cls)
expect 2 "data/nopng/train_0000.tar, member 0.png (offset 512): not a JPEG, PNG or WebP image but a GIF" "$tiny" --data.path nopng
one_line "no PNG"; nothing_written "no PNG"

# A negative class.
python3 - <<'PY'
import io, os, tarfile
os.makedirs("data/negative")
source = tarfile.open("data/shapes/val_0000.tar")
with tarfile.open("data/negative/train_0000.tar", "w") as out:
    for member in source:
        data = source.extractfile(member).read()
        if member.name == "000003.cls":
            data, member.size = b"-1", 2
        out.addfile(member, io.BytesIO(data))
PY
expect 2 "data/negative/train_0000.tar, member 000003.cls: class -1; class indices start at 0" "$tiny" --data.path negative
nothing_written "negative class"

# Names and places that are none.
expect 2 "--name: expected a plain directory name without control characters, got a\\nb" "$tiny" --name $'a\nb'
one_line "a name of two lines"; nothing_written "a name of two lines"
ln -s loop loop
expect 2 "loop" "$tiny" --runs loop --name x
one_line "a symbolic link to itself"; nothing_written "a symbolic link to itself"
expect 2 "got 1e-400" "$tiny" --optim.lr 1e-400
nothing_written "a rate too small"

# What the first batch shows leaves no run either.
expect 2 "got 2" "$tiny" --loss.class_weights 1,2 --name weighted
nothing_written "two weights for four classes"

# Steps that cannot be divided: said before anything is opened or written.
for words in "" --plot-lr config; do
  expect 2 "step.accumulate: must divide train.batch_size, got 3 and 32; set it to 2 or 4, or train.batch_size to 33" "$tiny" $words --step.accumulate 3 --data.path nowhere
  one_line "accumulate 3"; nothing_written "accumulate 3"
done

# In the middle of the data: the run fails at that batch, and says where.
python3 - <<'PY'
import io, tarfile
source, target = tarfile.open("data/shapes/train_0000.tar"), None
import os
os.makedirs("data/midway")
with tarfile.open("data/midway/train_0000.tar", "w") as out:
    for i, member in enumerate(source):
        data = source.extractfile(member).read()
        if member.name == "000200.png":
            data = data[:40]
            member.size = len(data)
        out.addfile(member, io.BytesIO(data))
PY
expect 2 "data/midway/train_0000.tar, member 000200.png (offset 
the PNG is corrupt" "$tiny" --data.path midway --name midway
grep -q '"state": "failed"' runs/tiny/midway/run.json || bad "a failed run does not say so"
rm -rf runs

# A folder that cannot be written. Root may write anywhere, so the folder is one that no one can make.
touch file
expect 2 "quix: file/tiny/x: cannot be created: Not a directory" "$tiny" --runs file --name x
one_line "unwritable run directory"
expect 2 "/proc/none/tiny/x: cannot be created" "$tiny" --runs /proc/none --name x

expect 2 "quix: --hiden: no such option; did you mean --model.hidden?" "$tiny" --hiden 3
one_line "wrong flag"; nothing_written "wrong flag"
expect 2 "--hidden: expected an integer, got x (model.hidden)" "$tiny" --hidden x
expect 2 "--model.hidden: expected a number that is 1 or more, got 0" "$tiny" --model.hidden 0
expect 2 "trian: no such command; did you mean train?" "$tiny" trian
printf 'model:\n  hiden: 3\n' >typo.yaml
expect 2 "quix: typo.yaml:2:3: no option model.hiden; did you mean model.hidden?" "$tiny" typo.yaml
expect 2 "nowhere.yaml: cannot be read: No such file" "$tiny" nowhere.yaml
expect 2 "3 problems
typo.yaml:2:3
--lr: expected a number, got fast
--epohcs: no such option; did you mean --train.epochs?" "$tiny" typo.yaml --lr fast --epohcs 3
expect 2 "expected a plain directory name" "$tiny" --name a/b
expect 2 "data.threads: 64 decoding threads leave no core for training; use at most 1" "$tiny" --data.threads 64
expect 2 "--config: no configuration smal is built in; did you mean small?" "$tiny" --config smal
expect 2 "--from: eval needs the run" "$tiny" eval
expect 2 "not a run directory: config.yaml not found" "$tiny" eval --from /tmp
nothing_written "all of these"

expect 0 "" "$tiny" --name x --epochs 1
expect 2 "runs/tiny/x: this run exists already" "$tiny" --name x
expect 0 "" "$tiny" --name x --epochs 1 --overwrite
# Weights of another model.
expect 2 "model.safetensors: tensor 1.weight is F32 [16, 36], the model has F32 [8, 36]" "$tiny" eval --from runs/tiny/x --hidden 8
# A damaged sample: training stops with its place, goes on without it, or with another; each way gives the same twice.
make_shapes damaged_idx && "$quix" data import damaged_idx data/damaged >/dev/null
python3 - <<'PY'
import pathlib
path = pathlib.Path("data/damaged/train_0000.tar"); data = bytearray(path.read_bytes())
at = data.find(b"IDAT", 20000); data[at + 4:at + 12] = b"\xff" * 8
path.write_bytes(data)
path = pathlib.Path("data/damaged/val_0000.tar"); data = bytearray(path.read_bytes())
at = data.find(b"IDAT", 20000); data[at + 4:at + 12] = b"\xff" * 8
path.write_bytes(data)
PY
expect 0 "parameters (" "$tiny" summary --data.path damaged  # of the data it reads an index and one sample
expect 2 "data/damaged/train_0000.tar, member
the PNG is corrupt" "$tiny" --data.path damaged --name stopped --epochs 1
for policy in skip replace; do
  for name in one two; do
    expect 0 "ed: data/damaged/train_0000.tar, member
1 sample could not be decoded and does not count; the first: data/damaged/val_0000.tar
val loss" "$tiny" --data.path damaged --name $policy$name --epochs 2 --data.on_error $policy
  done
  cmp -s runs/tiny/${policy}one/metrics.jsonl runs/tiny/${policy}two/metrics.jsonl || bad "on_error $policy is not the same every time"
done
cmp -s runs/tiny/skipone/metrics.jsonl runs/tiny/replaceone/metrics.jsonl && bad "skip and replace do the same"

# What is left out is in the first lines, with its cause; on_error holds for the first sample too.
python3 - <<'PY'
import io, os, tarfile
os.makedirs("data/partial")
with tarfile.open("data/shapes/val_0000.tar") as source, tarfile.open("data/partial/train_0000.tar", "w") as out:
    later = []
    for member in source:
        data = source.extractfile(member).read()
        if member.name == "000003.cls": continue
        if member.name == "000005.cls": later.append((member, data)); continue
        if member.name == "000000.png": data = b"no image"; member.size = len(data)
        out.addfile(member, io.BytesIO(data))
    for member, data in later: out.addfile(member, io.BytesIO(data))
PY
expect 2 "data/partial/train_0000.tar, member 000000.png (offset 512): not a JPEG, PNG or WebP image" "$tiny" --data.path partial --name first
expect 0 "Tiny: 98 training samples
note: train: 1 sample has members that are not adjacent in the archive (the first: data/partial/train_0000.tar, key 000005)
note: train: 1 sample lacks cls (the first: data/partial/train_0000.tar, key 000003)
skipped: data/partial/train_0000.tar, member 000000.png (offset 512)" "$tiny" --data.path partial --name first --epochs 1 --data.on_error skip
grep -q "note: train: 1 sample lacks cls" runs/tiny/first/log.txt || bad "log.txt does not say what is left out"
finish
