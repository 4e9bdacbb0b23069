# Skipped steps are told as what they are: no values in place of zeros, and no run of them alone that "finished". A
# rollback finds the checkpoint that it needs.
source "$TESTS/run/lib.sh"
fragile=$BUILD/tests/fragile
# Weights of 0 give outputs of 0: the first step is good, every later one is skipped, and has no loss.
expect 0 "train loss" "$fragile" --loss.limit 0 --step.non_finite.patience 100 --log.every_steps 1 --name most
python3 - <<'PY' || bad "records of skipped steps: $(cat runs/overshoot/most/metrics.jsonl | head -20)"
import json
records = [json.loads(line) for line in open("runs/overshoot/most/metrics.jsonl")]
steps = [r for r in records if r["kind"] == "steps"]
epochs = [r for r in records if r["kind"] == "epoch"]
assert len(steps) == 60 and len(epochs) == 6, (len(steps), len(epochs))
assert "loss" in steps[0] and "mae" in steps[0], steps[0]
assert all(set(r) == {"kind", "step", "epoch", "lr"} for r in steps[1:]), steps[1]
assert "loss" in epochs[0]["train"] and all(r["train"] == {} for r in epochs[1:]), epochs
PY
grep -q "^ *2  *-  *-" runs/overshoot/most/log.txt || bad "the table shows values of epochs without any: $(cat runs/overshoot/most/log.txt)"
grep -q "loss -" <<<"$out" || bad "the last line shows a loss that there is not: $out"

# None was taken.
expect 2 "quix: train: all steps were skipped (the last one: the loss is not a number); try a lower optim.lr, or check the data" "$fragile" --loss.limit -1 --step.non_finite.patience 100 --name none
grep -q '"state": "failed"' runs/overshoot/none/run.json || bad "a run of skipped steps alone: $(cat runs/overshoot/none/run.json)"
grep -q '"loss"\|"distance"' runs/overshoot/none/metrics.jsonl && bad "skipped steps have a loss: $(cat runs/overshoot/none/metrics.jsonl)"
expect 2 "all steps were skipped" "$fragile" --resume --name none

# With a patience of 10 the checkpoints of the skipped steps push out those from before, which a rollback needs.
rolling=("$fragile" --step.non_finite.action rollback --step.non_finite.patience 10 --step.non_finite.rollback_lr_factor 0.1 --checkpoint.keep 2 --checkpoint.every_steps 1)
expect 0 "11 times in a row
rolled back to step 13; learning rate × 0.1
rolled back to step 12; learning rate × 0.01
train loss" "${rolling[@]}" --name rolls
# As a run that keeps all its checkpoints.
expect 0 "back to step" "${rolling[@]}" --checkpoint.keep 0 --name all
cmp runs/overshoot/{all,rolls}/metrics.jsonl || bad "rollback: what is kept changes the run"
# It diverges again at once, with the same rate: each time it returns to an older checkpoint, three times.
expect 2 "training diverged" "${rolling[@]}" --step.non_finite.rollback_lr_factor 1 --name again
[ "$(grep -c "back to step" <<<"$out")" = 3 ] || bad "three returns: $out"
[ "$(grep -o "rolled back to step [0-9]*" <<<"$out" | sort -u | wc -l)" = 3 ] || bad "three different checkpoints: $out"
finish
