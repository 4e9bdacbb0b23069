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
# A choice of models whose modules differ in type, by name; the run keeps it.
expect 0 "val auroc" "$program" --name deep --model deep
expect 0 "first  Linear  weight 12×16, bias 12" "$program" summary --from $runs/deep
expect 0 "auroc" "$program" eval --from $runs/deep
cp -r $runs/deep $runs/deep_cut && rm -r $runs/deep_cut/checkpoints/*16
expect 0 "resumed at step 8" "$program" --resume --name deep_cut
cmp $runs/deep{,_cut}/checkpoints/00000016/model.safetensors || bad "a resumed choice of models differs"
expect 2 "none of its 4 tensors fits the model" "$program" --name other --weights $runs/deep
# A clipping policy that needs the norm gets it, also where nothing else asks for it.
expect 0 "val auroc" "$program" --name norm --step.non_finite.gradients false
# A role with one policy says that there is no choice.
expect 2 "--precision: is fixed to Bf16 in this program; to choose, declare  quix::Choice<Fp32, Bf16> precision{}" "$program" --precision fp32
expect 2 "--schedule: is fixed to LinearDecay in this program; to choose, declare  quix::Choice<LinearDecay, …> schedule{}" "$program" --schedule cosine
printf 'precision: fp32\nschedule: {name: cosine}\nstep: plain\n' >fixed.yaml
expect 2 "3 problems
fixed.yaml:1:1: precision is fixed to Bf16 in this program
fixed.yaml:2:12: schedule.name is fixed to LinearDecay in this program
fixed.yaml:3:7: step: expected the options of this group by name" "$program" fixed.yaml
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
