# A requeue: 200 resumes against a process that trains and saves, stopped at random points. Nothing is lost: each goes on
# where the one before it stopped, and the run ends as one that was never stopped. Beside it the run is evaluated.
source "$TESTS/run/lib.sh"
fragile=$BUILD/tests/fragile
export OMP_NUM_THREADS=1
# The rate must not depend on the length of the run, which is not known before.
options=(--lr 0.01 --schedule plateau --schedule.patience 1000000 --checkpoint.every_steps 1 --checkpoint.keep 1 --log.every_steps 7)
python3 - "$fragile" "${QUIX_RESUMES:-200}" "${options[@]}" <<'PY' || bad "resumes against a saving process: see above"
import os, random, re, signal, subprocess, sys, time
program, count, options = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
random.seed(1)
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where this runs under nohup
run = "runs/overshoot/requeued"
def start(*more):
    return subprocess.Popen([program, "--name", "requeued", "--epochs", "100000", *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
def newest():
    try:
        return max((int(n) for n in os.listdir(run + "/checkpoints") if n.isdigit()), default=-1)
    except FileNotFoundError:
        return -1
process, at, lost = start(*options), 0, 0
while newest() < 0 and process.poll() is None:
    time.sleep(0.01)
evaluations = []
for i in range(count):
    # A few steps later it is told to stop, or killed; the next one starts while it still saves.
    target, end = newest() + random.randrange(4), time.monotonic() + 60
    while newest() < target and process.poll() is None and time.monotonic() < end:
        time.sleep(0.0005)
    how = random.choice([signal.SIGTERM, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP, signal.SIGKILL])
    process.send_signal(how)
    after = start("--resume")
    if i % 20 == 0:
        evaluations.append(subprocess.Popen([program, "eval", "--from", run, "--split", "train"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
    out = process.communicate()[0].decode()
    if process.returncode not in (128 + how, -how):
        print(f"process {i}: exit code {process.returncode} after signal {how}: {out[-600:]}", file=sys.stderr)
        lost += 1
    found = re.search(r"resumed at step ([\d,]+)", out)
    if i > 0 and process.returncode != -signal.SIGTERM:  # one that was stopped before it began says nothing
        if found:
            step = int(found[1].replace(",", ""))
            if step < at:
                print(f"process {i}: resumed at step {step}, after {at}", file=sys.stderr)
                lost += 1
            at = step
        elif "no checkpoint" in out or process.returncode == 2:
            print(f"process {i}: {out[-600:]}", file=sys.stderr)
            lost += 1
    process = after
process.send_signal(signal.SIGTERM)
out = process.communicate()[0].decode()
for evaluation in evaluations:
    text = evaluation.communicate()[0].decode()
    if evaluation.returncode != 0 or "corrupt" in text:
        print("eval beside it:", text, file=sys.stderr)
        lost += 1
step = newest()
if step < at or step <= 0:
    print(f"the newest checkpoint is of step {step}, {at} was seen", file=sys.stderr)
    lost += 1
open("epochs", "w").write(str(step // 10 + 1))
print(f"{count} resumes, {step} steps, {lost} lost")
sys.exit(lost > 0)
PY
epochs=$(cat epochs)
expect 0 "" "$fragile" --resume --name requeued --epochs "$epochs"
expect 0 "" "$fragile" "${options[@]}" --checkpoint.every_steps 0 --name whole --epochs "$epochs"
last=$(printf %08d $((epochs * 10)))
for file in metrics.jsonl "checkpoints/$last/model.safetensors" "checkpoints/$last/optim.safetensors"; do
  cmp "runs/overshoot/whole/$file" "runs/overshoot/requeued/$file" || bad "$file is not that of a run that was never stopped"
done
[ "$(wc -l <runs/overshoot/whole/timing.jsonl)" = "$(wc -l <runs/overshoot/requeued/timing.jsonl)" ] || bad "timing.jsonl has other epochs"

# A run that stays locked: exit code 2 after --lock_wait, and the run goes on.
"$fragile" --resume --name requeued --epochs 100000 >/dev/null 2>&1 & pid=$!
for _ in $(seq 200); do grep -q running runs/overshoot/requeued/run.json && break; sleep 0.05; done
kill -STOP $pid
expect 2 "waiting for the process that still trains this run
another process is training in this run's directory (waited 0.3 s for it); stop it, wait longer with --lock_wait" "$fragile" --resume --name requeued --lock_wait 0.3
expect 2 "another process is training" "$fragile" "${options[@]}" --name requeued --overwrite
[ -s runs/overshoot/requeued/run.json ] && [ -s runs/overshoot/requeued/metrics.jsonl ] || bad "--overwrite removed files of a run that is locked"
# To start from its weights, to evaluate and to draw its rate need no lock.
expect 0 "" "$fragile" --lr 0.01 --epochs 1 --name other --weights runs/overshoot/requeued
expect 0 "checkpoints/" "$fragile" eval --from runs/overshoot/requeued --split train
expect 0 "" "$fragile" --resume --name requeued --plot-lr
kill -CONT $pid; kill -TERM $pid; wait $pid

# Runs without a name that begin in the same second.
for i in 1 2 3 4 5 6; do "$fragile" --lr 0.01 --epochs 1 --runs together >one$i.txt 2>&1 & pids[i]=$!; done
for i in 1 2 3 4 5 6; do wait ${pids[i]} || bad "of six runs that begin together one fails: $(cat one$i.txt)"; done
[ "$(ls together/overshoot | wc -l)" = 6 ] || bad "six runs have $(ls together/overshoot | wc -l) directories"
finish
