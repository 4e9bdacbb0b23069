# What a step is made of, from the command line: a whole run equals a resumed one with all of it on; averages are what
# evaluation uses; a run that diverges skips, stops or rolls back.
source "$TESTS/run/lib.sh"
make_shapes idx
"$quix" data import idx data/shapes >/dev/null || exit 1
options=(--epochs 4 --batch_size 24 --step.accumulate 3 --checkpoint.every_steps 5 --checkpoint.keep 0 --average ema
  --average.decay 0.9 --average.ramp --average.buffers average --step.clip norm --groups.layer_decay 0.8 --data.shuffle blocks)
for precision in fp32 fp16; do
  runs=runs/tiny
  expect 0 "val accuracy" "$tiny" "${options[@]}" --precision $precision --name whole_$precision
  for step in 00000005 00000030; do
    cp -r $runs/whole_$precision $runs/cut
    for folder in $runs/cut/checkpoints/*; do [[ $(basename "$folder") > $step ]] && rm -r "$folder"; done
    expect 0 "resumed at step" "$tiny" --resume --name cut
    last=$(ls $runs/cut/checkpoints | tail -1)
    [ "$last" = 00000072 ] || bad "410 samples in batches of 8, three to a step, are 18 steps; 4 epochs end at $last"
    for file in metrics.jsonl checkpoints/$last/{model,optim,averaged,rng}.safetensors; do
      cmp $runs/cut/$file $runs/whole_$precision/$file || bad "$precision, from $step: $file differs"
    done
    rm -r $runs/cut
  done
done
# Evaluating takes the average: the loss of the last epoch again.
loss=$(grep '"kind": *"epoch"' runs/tiny/whole_fp32/metrics.jsonl | tail -1 | sed 's/.*"val": *{"loss": *\([0-9.e-]*\).*/\1/')
expect 0 "loss ${loss:0:6}" "$tiny" eval --from runs/tiny/whole_fp32
cmp -s runs/tiny/whole_fp32/checkpoints/00000072/{model,averaged}.safetensors && bad "the average is the model"

# drop_last leaves out the step of 2 samples that 410 have beyond 17 × 24.
expect 0 "" "$tiny" --epochs 1 --batch_size 24 --step.accumulate 3 --train.drop_last --name whole_steps
[ "$(ls runs/tiny/whole_steps/checkpoints)" = 00000017 ] || bad "drop_last: 17 whole steps, not $(ls runs/tiny/whole_steps/checkpoints)"

# Policies that look at progress: evaluation stands where its checkpoint stood, at the end of training here.
fragile=$BUILD/tests/fragile
expect 0 "" "$fragile" --lr 0.01 --epochs 2 --loss.warms true --name warms
"$fragile" eval --from runs/overshoot/warms --split train >one; "$fragile" eval --from runs/overshoot/warms --split train --loss.warms false >two
cmp one two || bad "eval does not stand where the checkpoint stood: $(cat one two)"
# A metric that is not there is an error before anything is trained, and leaves no run.
expect 2 "metric acuracy not found" "$fragile" --schedule plateau --schedule.metric acuracy --name typo
[ ! -e runs/overshoot/typo ] || bad "a typo in schedule.metric left a run"

# What diverges: steps are skipped, by the keys of their samples; too many in a row end it; or training goes back.
fragile=$BUILD/tests/fragile
expect 2 "skipped: the loss is not a number; samples:
, … (10, all in log.txt)
3 times in a row: training diverged; try a lower optim.lr" "$fragile" --step.non_finite.patience 2 --name skips
expect 2 "step 2 skipped: the loss is not a number; samples: 10, 11, 12, 13, 14, 15, 16, 17, … (10, all in log.txt)
the loss is not a number: training diverged" "$fragile" --step.non_finite.action stop --loss.limit 0 --data.shuffle false --name stops
grep -q "the samples of step 2 are 10, 11, 12, 13, 14, 15, 16, 17, 18, 19$" runs/overshoot/stops/log.txt || bad "log.txt does not name the samples: $(cat runs/overshoot/stops/log.txt)"
grep -q '"state": "failed"' runs/overshoot/stops/run.json || bad "run.json does not say failed"
expect 0 "rolled back to step 10; learning rate × 0.1
train loss 0.0000" "$fragile" --step.non_finite.action rollback --step.non_finite.patience 2 --step.non_finite.rollback_lr_factor 0.1 --name rolls
[ "$(grep -c '"kind": *"epoch"' runs/overshoot/rolls/metrics.jsonl)" = 6 ] || bad "six epochs have six records: $(cat runs/overshoot/rolls/metrics.jsonl)"
# Killed after it went back, it is resumed with the lower rate: the checkpoint that it went back to has been saved anew.
expect 0 "rolled back to step 10" "$fragile" --step.non_finite.action rollback --step.non_finite.patience 2 --step.non_finite.rollback_lr_factor 0.1 --checkpoint.keep 0 --name kept
cp -r runs/overshoot/kept runs/overshoot/killed
for folder in runs/overshoot/killed/checkpoints/*; do [[ $(basename "$folder") > 00000010 ]] && rm -r "$folder"; done
expect 0 "resumed at step 10" "$fragile" --resume --name killed
grep -q "back to step" <<<"$out" && bad "the resumed run diverges again"
for file in metrics.jsonl checkpoints/00000060/{model,optim}.safetensors; do
  cmp runs/overshoot/{kept,killed}/$file || bad "killed after a rollback: $file differs"
done
expect 2 "training diverged" "$fragile" --loss.limit 5 --step.non_finite.action rollback --step.non_finite.patience 2 --name nowhere

# Parts of a loss and the counts of metrics are in the records, and in a checkpoint in the middle of an epoch.
steady=("$fragile" --lr 0.1 --log.every_steps 4 --checkpoint.every_steps 7 --checkpoint.keep 0)
expect 0 "train distance
train r2" "${steady[@]}" --name steady
grep -q '"distance": *[0-9.e-]*, *"mae": *[0-9.e-]*, *"mse": *[0-9.e-]*, *"r2": ' runs/overshoot/steady/metrics.jsonl || bad "no parts or metrics: $(head -3 runs/overshoot/steady/metrics.jsonl)"
cp -r runs/overshoot/steady runs/overshoot/cut
for folder in runs/overshoot/cut/checkpoints/*; do [[ $(basename "$folder") > 00000014 ]] && rm -r "$folder"; done
expect 0 "resumed at step 14" "$fragile" --resume --name cut
cmp runs/overshoot/{steady,cut}/metrics.jsonl || bad "a resumed run has other records"
grep -q "train distance" runs/overshoot/cut/log.txt && grep -q "resumed at step 14" runs/overshoot/cut/log.txt || bad "a resumed run's log.txt lacks lines"
# CUDA graphs, which the CPU computes: the same training.
expect 0 "" "${steady[@]}" --step.cuda_graph --name graphed
cmp runs/overshoot/{steady,graphed}/metrics.jsonl || bad "--step.cuda_graph trains another model"

# Schedules with a memory, and with several rates: cut and resumed they end the same.
same_when_resumed() {
  local name=$1; shift
  expect 0 "train loss" "${steady[@]}" --name "$name" "$@"
  cp -r runs/overshoot/$name runs/overshoot/$name-cut
  for folder in runs/overshoot/$name-cut/checkpoints/*; do [[ $(basename "$folder") > 00000028 ]] && rm -r "$folder"; done
  expect 0 "resumed at step 28" "$fragile" --resume --name $name-cut
  for file in metrics.jsonl checkpoints/00000060/{model,optim}.safetensors; do
    cmp runs/overshoot/{$name,$name-cut}/$file || bad "$name, resumed: $file differs"
  done
}
same_when_resumed plateau --schedule plateau --schedule.patience 0 --schedule.gamma 0.5 --schedule.larger_is_better
python3 - <<'PYTHON' || bad "a plateau does not lower the rate"
import json
rates = [r["lr"] for r in map(json.loads, open("runs/overshoot/plateau/metrics.jsonl")) if r["kind"] == "steps"]
assert abs(rates[0] - 0.1) < 1e-6 and abs(rates[-1] - 0.1 / 16) < 1e-6 and sorted(rates, reverse=True) == rates, rates
PYTHON
same_when_resumed per_group --schedule.parameters weight --schedule.special.floor 0.5
cmp -s runs/overshoot/{steady,per_group}/metrics.jsonl && bad "a schedule of its own changes nothing"
long=$(printf 'weight%.0s*,' {1..30})weight
expect 0 "train loss" "$fragile" --lr 0.1 --epochs 1 --name long --schedule.parameters "$long"

# What a loss prints and shows.
expect 0 "the sum is 90" "$fragile" --lr 0.1 --train.epochs 2 --loss.shows --name shows
[ "$(wc -l < runs/overshoot/shows/logs/sums.txt)" = 20 ] || bad "logs/sums.txt: $(cat runs/overshoot/shows/logs/sums.txt)"
grep -q "the sum is 90" runs/overshoot/shows/log.txt && grep -q "train loss" runs/overshoot/shows/log.txt || bad "log.txt lacks lines"
ls runs/overshoot/shows/plots/lines | cmp - <(printf 'outputs_step_%08d.png\n' $(seq 20)) || bad "no picture for each step"
expect 0 "" "$fragile" --lr 0.1 --train.epochs 1 --overwrite --name shows
[ ! -e runs/overshoot/shows/plots ] && [ ! -e runs/overshoot/shows/logs ] || bad "a run that was replaced left pictures"

# The rate of the whole run as a drawing; the model and the groups of its parameters as tables.
expect 0 "0.01 ┤
72 steps, 4 epochs" "$tiny" "${options[@]}" --plot-lr --svg lr.svg
python3 - <<'PYTHON' || bad "lr.svg is no drawing of a line for each factor"
import xml.etree.ElementTree as tree
root = tree.parse("lr.svg").getroot()
lines = root.findall("{http://www.w3.org/2000/svg}polyline")
points = [[tuple(map(float, p.split(","))) for p in line.get("points").split()] for line in lines]
assert len(lines) >= 2 and all(len(p) == 72 for p in points), [len(p) for p in points]
assert points[0][0][0] < points[0][-1][0]
PYTHON
expect 0 "from step 36" "$tiny" "${options[@]}" --groups.start '1.*=2' --plot-lr
# Hours of steps are sampled; a peak at their middle stays where it is.
expect 0 "13,000,000,000 steps, 1e+09 epochs" timeout 60 "$tiny" --train.epochs 1000000000 --plot-lr --svg long.svg
[ "$(wc -c <long.svg)" -lt 100000 ] || bad "long.svg has $(wc -c <long.svg) bytes"
expect 2 "--svg: requires --plot-lr" "$tiny" --svg lr.svg
# A schedule of its own for some parameters has a drawing and a line of its own.
expect 0 "weights, schedule of weight
norms and biases" "$fragile" --schedule.parameters weight --plot-lr --svg two.svg
[ "$(grep -c polyline two.svg)" = 2 ] || bad "two.svg has not two lines"
expect 2 "schedule.parameters: no parameter matches wieght; did you mean weight?" "$fragile" --schedule.parameters wieght
expect 0 "parameters (
norms and biases" "$tiny" summary

# What does not fit.
expect 2 "train.device: unknown device gpu" "$tiny" --train.device gpu
expect 2 "train.device: cuda:77 not available" "$tiny" --train.device cuda:77
expect 2 "step.accumulate" "$tiny" --step.accumulate 0
expect 2 "step.accumulate: must divide train.batch_size, got 3 and 25; set it to 1 or 5, or train.batch_size to 27" "$tiny" --batch_size 25 --step.accumulate 3
# Runs from before batch_size counted the samples of a step say so.
cp -r runs/tiny/whole_steps runs/tiny/older && sed -i 's/"format": 2/"format": 1/; s/"name": "whole_steps"/"name": "older"/' runs/tiny/older/run.json
expect 2 "runs/tiny/older: was written when train.batch_size counted the samples of one of step.accumulate batches
--from runs/tiny/older --train.batch_size 72" "$tiny" --from runs/tiny/older --name newer
expect 2 "runs/tiny/older: was written when" "$tiny" --resume --name older
expect 0 "val accuracy" "$tiny" --from runs/tiny/older --train.batch_size 72 --name newer
expect 0 "accuracy" "$tiny" eval --from runs/tiny/older
expect 0 "accuracy" "$tiny" eval --from runs/tiny/newer --step.accumulate 7  # of no step
expect 2 "groups.freeze: no parameter matches backbone.*" "$tiny" --groups.freeze 'backbone.*' --name x
expect 2 "--precision" "$tiny" --precision fp8
finish
