# Resuming on other data is noticed; the same data elsewhere, or in other shards, are the same.
source "$TESTS/run/lib.sh"
make_shapes idx
"$quix" data import idx data/shapes >/dev/null || exit 1
run=runs/tiny/run
expect 0 "" "$tiny" --name whole --checkpoint.every_steps 5 --checkpoint.keep 0
python3 -c 'import json; d = json.load(open("runs/tiny/whole/run.json"))["data"]; assert d["train"]["samples"] == 410 and set(d["val"]) == {"samples", "keys", "sizes", "labels"}' || bad "run.json has no fingerprint: $(cat runs/tiny/whole/run.json)"
cut() { # at a step in the middle of an epoch (13 steps each)
  rm -rf runs/tiny/run; cp -r runs/tiny/whole runs/tiny/run
  for folder in $run/checkpoints/*; do [[ $(basename "$folder") > $1 ]] && rm -r "$folder"; done
}

mkdir elsewhere; cp -r data/shapes elsewhere/images
"$quix" data import idx data/other_shards --shard_samples 50 >/dev/null || exit 1
for path in elsewhere/images other_shards; do
  cut 00000020
  expect 0 "resumed at step 20" "$tiny" --resume --name run --data.path $path
  cmp $run/metrics.jsonl runs/tiny/whole/metrics.jsonl || bad "resumed with the data in $path: other metrics"
done

python3 - <<'PY'
import io, os, tarfile
def copy(folder, change):
    os.makedirs("data/" + folder)
    for split in ("train", "val"):
        source = tarfile.open(f"data/shapes/{split}_0000.tar")
        with tarfile.open(f"data/{folder}/{split}_0000.tar", "w") as out:
            for member in source:
                data = source.extractfile(member).read()
                changed = change(split, member.name, data)
                if changed is None: continue
                member.name, data = changed
                member.size = len(data)
                out.addfile(member, io.BytesIO(data))
copy("label", lambda split, name, data: (name, b"%d" % ((int(data) + 1) % 4) if (split, name) == ("train", "000300.cls") else data))
copy("fewer", lambda split, name, data: None if (split, name[:6]) == ("train", "000300") else (name, data))
copy("keys", lambda split, name, data: ("x" + name, data))
copy("val", lambda split, name, data: None if split == "val" else (name, data))
PY
cut 00000020
while IFS='|' read -r name what; do
  expect 2 "quix: --resume: the dataset changed since the checkpoint: $what; restore it, or pass --allow-changed-data" "$tiny" --resume --name run --data.path "$name"
done <<'LIST'
label|train: other labels
fewer|train: 409 samples, 410 before
keys|train: other keys; val: other keys
val|val: no longer there
LIST
[ "$(ls $run/checkpoints | tail -1)" = 00000020 ] || bad "a resume that was refused changed the run"
# Allowed: from the next epoch, of which there are as many as were asked for.
expect 0 "the dataset changed since the checkpoint: train: 409 samples, 410 before; continuing with epoch 3
val loss" "$tiny" --resume --name run --data.path fewer --allow-changed-data
[ "$(ls $run/checkpoints | tail -1)" = 00000033 ] || bad "one epoch of 13 steps after step 20: $(ls $run/checkpoints)"
[ "$(grep -c '"kind": "epoch"' $run/metrics.jsonl)" = 2 ] || bad "the epoch that was left has a record: $(cat $run/metrics.jsonl)"
# From then on these are the run's data.
expect 0 "resumed at step 33" "$tiny" --resume --name run --epochs 4
expect 2 "train: 410 samples, 409 before" "$tiny" --resume --name run --epochs 5 --data.path shapes
# Stopped after the change, it is resumed as any other: bit for bit.
cut 00000020; rm -rf runs/tiny/changed
expect 0 "" "$tiny" --resume --name run --data.path fewer --allow-changed-data
cp -r $run runs/tiny/changed
for folder in runs/tiny/changed/checkpoints/*; do [[ $(basename "$folder") > 00000025 ]] && rm -r "$folder"; done
expect 0 "resumed at step 25" "$tiny" --resume --name changed
cmp $run/metrics.jsonl runs/tiny/changed/metrics.jsonl || bad "resumed after a change of data: other metrics"
cmp $run/checkpoints/00000033/model.safetensors runs/tiny/changed/checkpoints/00000033/model.safetensors || bad "resumed after a change of data: other weights"

# A position behind an end.
cut 00000020
expect 2 "quix: --resume: the checkpoint is after step 7 of epoch 2, and the run has 1 epochs; set --train.epochs to 2 or more" "$tiny" --resume --name run --epochs 1
edit_state() { # key value: of the newest checkpoint, whose manifest is made to fit
  python3 - "$run/checkpoints/$(ls $run/checkpoints | tail -1)" "$@" <<'PY'
import hashlib, json, sys
folder, changes = sys.argv[1], sys.argv[2:]
state, manifest = json.load(open(folder + "/state.json")), json.load(open(folder + "/manifest.json"))
for key, value in zip(changes[::2], changes[1::2]):
    if value == "-": del state[key]
    else: state[key] = int(value)
text = json.dumps(state)
open(folder + "/state.json", "w").write(text)
manifest["state.json"] = hashlib.sha256(text.encode()).hexdigest()
json.dump(manifest, open(folder + "/manifest.json", "w"))
PY
}
edit_state step_in_epoch 14
expect 2 "the checkpoint is after step 14 of epoch 2, and an epoch has 13 steps" "$tiny" --resume --name run
# A checkpoint of the format before is read: of its data it says nothing.
edit_state step_in_epoch 7 format 4 data - taken - timing_bytes - first_step - first_epoch -
expect 0 "resumed at step 20" "$tiny" --resume --name run
cmp $run/metrics.jsonl runs/tiny/whole/metrics.jsonl || bad "a checkpoint of format 4 is not resumed exactly"
cut 00000020; edit_state format 3
expect 2 "has format 3; this program reads the formats 4 to 6" "$tiny" --resume --name run
finish
