# Exact resume: whole run = run killed with -9, resumed, bit for bit; Ctrl-C; damaged checkpoints; changed options.
source "$TESTS/run/lib.sh"
make_shapes idx
"$quix" data import idx data/shapes >/dev/null || exit 1
options=(--epochs 6 --checkpoint.every_steps 5 --checkpoint.keep 0)
same() { cmp "runs/tiny/$1" "runs/tiny/$2" || bad "$1 and $2 differ"; }
same_run() { # A B: everything that a run is
  for file in model optim rng; do same "$1/checkpoints/00000078/$file.safetensors" "$2/checkpoints/00000078/$file.safetensors"; done
  same "$1/metrics.jsonl" "$2/metrics.jsonl"
}

expect 0 "val accuracy" "$tiny" "${options[@]}" --name whole
grep -q '"state": "finished"' runs/tiny/whole/run.json || bad "run.json does not say finished"

# Equal runs are equal, with any number of decoding threads.
expect 0 "" "$tiny" "${options[@]}" --name again
same_run whole again

# Each place to die: the run is put back to a checkpoint in the middle of an epoch, with records that are further on, as
# kill -9 leaves them.
for step in 00000005 00000026 00000040; do
  cp -r runs/tiny/whole runs/tiny/cut$step
  for folder in runs/tiny/cut$step/checkpoints/*; do [[ $(basename "$folder") > $step ]] && rm -r "$folder"; done
  mkdir runs/tiny/cut$step/checkpoints/.part-99   # half a checkpoint
  expect 0 "resumed at step" "$tiny" --resume --name cut$step
  same_run whole cut$step
done

# A real kill -9, whenever it comes. run.json is written last: a folder without it is no run yet, and the name is free.
for delay in 0.25 0.32 0.4; do
  rm -rf runs/tiny/killed
  "$tiny" "${options[@]}" --name killed >/dev/null 2>&1 & pid=$!
  sleep $delay; kill -9 $pid 2>/dev/null; wait $pid 2>/dev/null
  if [ -f runs/tiny/killed/run.json ]; then
    expect 0 "" "$tiny" --resume --name killed
  else
    expect 0 "" "$tiny" "${options[@]}" --name killed
  fi
  same_run whole killed
done

# Ctrl-C: a checkpoint, exit code 130, and the rest of the run later.
"$tiny" --epochs 400 --checkpoint.every_epochs 50 --name interrupted >int.txt 2>&1 & pid=$!
for _ in $(seq 100); do [ -s runs/tiny/interrupted/timing.jsonl ] && break; sleep 0.1; done
kill -INT $pid; wait $pid; rc=$?
[ $rc -eq 130 ] || bad "Ctrl-C: exit code $rc, expected 130: $(cat int.txt)"
grep -q "Continue with:  --resume --name interrupted" int.txt || bad "Ctrl-C: no word on how to continue: $(cat int.txt)"
grep -q '"state": "interrupted"' runs/tiny/interrupted/run.json || bad "run.json does not say interrupted"
ls runs/tiny/interrupted/checkpoints/*/manifest.json >/dev/null || bad "Ctrl-C left no checkpoint"

# A damaged checkpoint is passed over, with a word, and the run still ends the same.
cp -r runs/tiny/whole runs/tiny/damaged
printf x >>runs/tiny/damaged/checkpoints/00000078/model.safetensors
printf '\x01' | dd of=runs/tiny/damaged/checkpoints/00000075/optim.safetensors bs=1 seek=900 conv=notrunc 2>/dev/null
expect 0 "00000078: corrupt checkpoint (model.safetensors does not match its hash
00000075: corrupt checkpoint (optim.safetensors does not match
resumed at step 70" "$tiny" --resume --name damaged
same_run whole damaged

# Checkpoints that are gone: it does not begin anew over its records.
for run in damaged interrupted; do
  before=$(cat runs/tiny/$run/metrics.jsonl | sha256sum); mv runs/tiny/$run/checkpoints away
  expect 2 "runs/tiny/$run/checkpoints: is empty, and the run is
its checkpoints are missing; restore them, or use --overwrite or a new --name" "$tiny" --resume --name $run
  [ "$before" = "$(cat runs/tiny/$run/metrics.jsonl | sha256sum)" ] || bad "$run: metrics.jsonl was cut"
  rmdir runs/tiny/$run/checkpoints; mv away runs/tiny/$run/checkpoints
done

# run.json as people edit it.
edited() {  # SCRIPT PIECES WORDS…: what a program says of a run.json that Python changed
  cp -r runs/tiny/whole runs/tiny/edited
  python3 -c "import json; p = 'runs/tiny/edited/run.json'; r = json.load(open(p)); $1; json.dump(r, open(p, 'w'))"
  expect 2 "$2" "$tiny" "${@:3}"
  rm -r runs/tiny/edited
}
for value in -4 2.5 '"four"' 99999999999999999999 '[4]'; do
  edited "r['task']['classes'] = $value" "run.json:1: task.classes: expected a non-negative integer" eval --from runs/tiny/edited
  edited "r['classes'] = $value" "run.json:1: classes: expected a non-negative integer" --resume --name edited --epochs 7
done
edited "r['task']['fields'][0] = [1 << 40, 1 << 40]" "task.fields[0]: expected a shape" eval --from runs/tiny/edited
edited "r['task']['fields'][0] = [1] * 9" "task.fields[0]: expected a shape" eval --from runs/tiny/edited
edited "r['task']['shape'] = 'wide'" "task.shape: expected a list" eval --from runs/tiny/edited
edited "r['task']['class_names'] = [1]" "task.class_names[0]: expected text in quotes" eval --from runs/tiny/edited
edited "del r['task']['fields']" "task: expected a group with the entry fields" eval --from runs/tiny/edited
for command in "--resume --name edited" "eval --from runs/tiny/edited"; do
  edited "r['format'] = 3" "run.json: format 3 of a newer quix, but this program reads up to 2" $command
done
# Runs and checkpoints that are no such thing for --from.
expect 2 ": not a run directory: config.yaml not found; the weights of a checkpoint:  --weights runs/tiny/whole/checkpoints/00000078" "$tiny" eval --from runs/tiny/whole/checkpoints/00000078
cp -r runs/tiny/whole runs/tiny/others && sed -i 's/"experiment": "tiny"/"experiment": "pendulum"/' runs/tiny/others/run.json && echo "swing: 3" >>runs/tiny/others/config.yaml
expect 2 "runs/tiny/others is a run of pendulum, and this program trains tiny" "$tiny" eval --from runs/tiny/others
rm -r runs/tiny/others

# What may change when resuming, and what may not.
expect 0 "resumed at step 78" "$tiny" --resume --name whole --epochs 7
expect 2 "optim.lr was 0.01 in the run that is resumed, and cannot become 0.5 halfway" "$tiny" --resume --name whole --lr 0.5
expect 0 "epochs complete; for more:  --resume --train.epochs N" "$tiny" --resume --name again
# Without a name: the newest run.
expect 0 "runs/tiny/again" "$tiny" --resume
expect 2 "no run to resume: config.yaml not found; pass --name NAME" "$tiny" --resume --name never
finish
