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
expect 0 "00000078 is damaged (model.safetensors does not have the hash
00000075 is damaged (optim.safetensors does not have
resumed at step 70" "$tiny" --resume --name damaged
same_run whole damaged

# What may change when resuming, and what may not.
expect 0 "resumed at step 78" "$tiny" --resume --name whole --epochs 7
expect 2 "optim.lr was 0.01 in the run that is resumed, and cannot become 0.5 halfway" "$tiny" --resume --name whole --lr 0.5
expect 0 "nothing left to do" "$tiny" --resume --name again
# Without a name: the newest run.
expect 0 "runs/tiny/again" "$tiny" --resume
expect 2 "holds no run to resume" "$tiny" --resume --name never
finish
