# Epochs of another length than the split: steps, schedule, drop_last and resuming follow the order. Autocast covers the
# forward pass and the loss alone (the program checks it). A last batch that BatchNorm cannot take names drop_last.
source "$TESTS/run/lib.sh"
program=$BUILD/tests/precise
runs=runs/experiment

# steps NAME: "epochs steps steps-of-the-first-epoch last-lr" from metrics.jsonl.
steps() {
  python3 - "$runs/$1/metrics.jsonl" <<'PY'
import json, sys
records = [json.loads(line) for line in open(sys.argv[1])]
steps = [r for r in records if r["kind"] == "steps"]
epochs = [r for r in records if r["kind"] == "epoch"]
print(len(epochs), len(steps), sum(r["epoch"] == 1 for r in steps), round(steps[-1]["lr"] * len(steps) / 0.5, 4))
PY
}
# The rate falls in equal steps to 0: the last step has one of them.
check() {
  local name=$1 expected=$2; shift 2
  expect 0 "val auroc" "$program" --name "$name" "$@"
  [ "$(steps "$name")" = "$expected" ] || bad "$name: $(steps "$name") is not $expected"
}
check whole "2 16 8 1.0"
check half "2 8 4 1.0" --data.length 0.5
check half_dropped "2 6 3 1.0" --data.length 0.5 --drop_last true
check tenfold "2 150 75 1.0" --data.length 10 --checkpoint.every_steps 10 --checkpoint.keep 0
check gathered "2 20 10 1.0" --data.length 10 --batch_size 64 --step.accumulate 8
check gathered_dropped "2 18 9 1.0" --data.length 10 --batch_size 64 --step.accumulate 8 --drop_last true
# Resumed behind the end of the split, in the second epoch.
cp -r $runs/tenfold $runs/cut
for folder in $runs/cut/checkpoints/*; do [[ $(basename "$folder") > 00000130 ]] && rm -r "$folder"; done
expect 0 "resumed at step 130" "$program" --resume --name cut
cmp $runs/tenfold/metrics.jsonl $runs/cut/metrics.jsonl || bad "a resumed run differs"
cmp $runs/{tenfold,cut}/checkpoints/00000150/model.safetensors || bad "a resumed run has other weights"
expect 2 "data: the order of epoch 2 has 120 samples, and that of the first has 60" "$program" --name grows --grows true
expect 2 "data: the order of an epoch names sample" "$program" --name beyond --beyond 60
expect 2 "train.batch_size: is larger than the 6 samples of an epoch" "$program" --name short --data.length 0.1 --drop_last true
# ScheduleFree evaluates other weights than it trains: what eval says of the run is what validation said, also beside an
# average that has not begun.
for average in none "swa --average.start 1000steps"; do
  name=free_${average%% *}
  # shellcheck disable=SC2086
  expect 0 "val auroc" "$program" --name "$name" --optim schedule_free --optim.lr 0.1 --average $average --epochs 3
  expect 0 "auroc" "$program" eval --from $runs/$name
  last=$(python3 -c 'import json, sys; print("%.6g" % [json.loads(l) for l in open(sys.argv[1])][-1]["val"]["loss"])' $runs/$name/metrics.jsonl)
  grep -q "loss $last" <<<"$out" || bad "$name: validation said $last, eval: $out"
  cmp -s $runs/$name/checkpoints/*24/{model,averaged}.safetensors && bad "$name: its evaluation has the weights of training"
done
# 60 samples in batches of 59.
expect 2 "model: batch normalization needs more than one sample, and this batch is [1, 1, 4, 4]
train.drop_last true" "$program" --name last --batch_size 59
expect 0 "val auroc" "$program" --name last_dropped --batch_size 59 --drop_last true
finish
