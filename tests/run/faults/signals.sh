# SIGTERM, SIGHUP and SIGUSR1 save as Ctrl-C does; a second one, of whatever kind, ends the process at once. An interrupted
# evaluation is no result.
source "$TESTS/run/lib.sh"
fragile=$BUILD/tests/fragile
export OMP_NUM_THREADS=1
python3 - "$fragile" <<'PY' || bad "signals: see above"
import json, os, resource, signal, subprocess, sys, time
program, failures = sys.argv[1], 0
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where this runs under nohup
def bad(what):
    global failures
    failures += 1
    print(what, file=sys.stderr)
def begun(name, process, lines=20):  # some records are written: it trains
    path = f"runs/overshoot/{name}/metrics.jsonl"
    while process.poll() is None and not (os.path.exists(path) and open(path).read().count("\n") > lines):
        time.sleep(0.01)
def state(name): return json.load(open(f"runs/overshoot/{name}/run.json"))["state"]
def start(name, **how):
    return subprocess.Popen([program, "--lr", "0.01", "--epochs", "1000000", "--checkpoint.every_epochs", "0", "--name", name],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **how)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGINT):
    name = number.name
    process = start(name)
    begun(name, process)
    process.send_signal(number)
    out = process.communicate()[0].decode()
    if process.returncode != 128 + number or state(name) != "interrupted" or "a checkpoint is saved" not in out:
        bad(f"{name}: exit code {process.returncode}, {state(name)}: {out[-300:]}")
    if not os.listdir(f"runs/overshoot/{name}/checkpoints"): bad(f"{name}: no checkpoint")

# A limit of CPU time is a signal every second; one of file size an error of the file that reached it.
process = start("cpu", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (3, 30)))
out = process.communicate()[0].decode()
if process.returncode != 128 + signal.SIGXCPU or state("cpu") != "interrupted":
    bad(f"a limit of CPU time: exit code {process.returncode}, {state('cpu')}: {out[-300:]}")
process = start("again")
begun("again", process)
for _ in range(3): process.send_signal(signal.SIGXCPU), time.sleep(0.0005)
if process.wait() != 128 + signal.SIGXCPU or not os.listdir("runs/overshoot/again/checkpoints"):
    bad(f"SIGXCPU again and again: exit code {process.returncode}")
process = start("size", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)))
out = process.communicate()[0].decode()
if process.returncode != 2 or "runs/overshoot/size/" not in out or "File too large" not in out:
    bad(f"a limit of file size: exit code {process.returncode}: {out[-300:]}")

# nohup: a SIGHUP that is ignored stays so.
process = start("nohup", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
begun("nohup", process)
process.send_signal(signal.SIGHUP)
begun("nohup", process, 60)
if process.poll() is not None: bad("a SIGHUP that was ignored ends the run")
process.send_signal(signal.SIGTERM)
if process.wait() != 143: bad(f"nohup, then SIGTERM: exit code {process.returncode}")

# A library that takes SIGHUP while it loads, and swallows it: one that comes meanwhile ends the process all the same.
code = "#include <signal.h>\n#include <unistd.h>\nstatic void swallow(int n) { (void)n; }\n__attribute__((constructor)) static void take(void) { signal(SIGHUP, swallow); usleep(400000); }\n"
subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", "takes.so"], input=code.encode(), check=True)
for ignored in (False, True):
    process = subprocess.Popen([program, "--help"], stdout=subprocess.DEVNULL, env=dict(os.environ, LD_PRELOAD="./takes.so"),
                               preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL))
    time.sleep(0.25)
    process.send_signal(signal.SIGHUP)
    if process.wait() != (0 if ignored else -signal.SIGHUP): bad(f"a SIGHUP while libraries load, ignored {ignored}: exit code {process.returncode}")

# One request that comes twice, as from a terminal that closes and its shell, or from timeout(1): it saves.
for number in (signal.SIGHUP, signal.SIGTERM):
    name = f"twice{number}"
    process = start(name)
    begun(name, process)
    process.send_signal(number)
    time.sleep(0.0005)
    process.send_signal(number)
    process.communicate()
    if process.returncode != 128 + number or not os.listdir(f"runs/overshoot/{name}/checkpoints"):
        bad(f"{name}: exit code {process.returncode}, {state(name)}")

# A run whose directory is renamed while it trains, and made again by another process: neither writes into the other's.
first = start("moved")
begun("moved", first)
os.rename("runs/overshoot/moved", "runs/overshoot/moved_away")
second = start("moved")
begun("moved", second)
first.send_signal(signal.SIGTERM)
out = first.communicate()[0].decode()
if first.returncode != 2 or "renamed or removed" not in out or os.listdir("runs/overshoot/moved/checkpoints"):
    bad(f"renamed: exit code {first.returncode}: {out[-300:]}")
second.send_signal(signal.SIGTERM)
if second.wait() != 143: bad(f"made again: exit code {second.returncode}")
again = subprocess.run([program, "--resume", "--name", "moved", "--plot-lr"], capture_output=True, text=True)
if again.returncode != 0: bad(f"made again: {again.stderr}")

# Two signals of different kinds, which come together: it ends by the second one, and saves nothing.
for first, second in ((signal.SIGTERM, signal.SIGINT), (signal.SIGUSR1, signal.SIGTERM), (signal.SIGINT, signal.SIGHUP)):
    name = f"two{first}-{second}"
    process = start(name)
    begun(name, process)
    process.send_signal(signal.SIGSTOP)
    process.send_signal(first), process.send_signal(second), process.send_signal(signal.SIGCONT)
    process.communicate()
    if process.returncode not in (-first, -second): bad(f"{name}: exit code {process.returncode}: not ended by the signal")
    if state(name) != "running" or os.listdir(f"runs/overshoot/{name}/checkpoints"): bad(f"{name}: {state(name)}")
sys.exit(failures > 0)
PY

# An evaluation that is stopped in its middle shows nothing, and its exit code says so.
python3 - <<'PY'
import pathlib, random, struct
folder = pathlib.Path("long"); folder.mkdir()
for name, n in (("train", 64), ("t10k", 30000)):
    (folder / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, n, 6, 6) + random.randbytes(36 * n))
    (folder / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, n) + bytes(i % 4 for i in range(n)))
PY
"$quix" data import long data/shapes >/dev/null || exit 1
expect 0 "" "$tiny" --name long --epochs 1 --log.progress false
python3 - "$tiny" <<'PY' || bad "an interrupted eval: see above"
import signal, subprocess, sys, time
for delay in (1.0, 0.7, 0.5, 1.5, 2.5, 0.3, 0.4, 0.6):
    process = subprocess.Popen([sys.argv[1], "eval", "--from", "runs/tiny/long", "--batch_size", "1"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    out = process.communicate()[0].decode()
    if process.returncode == -signal.SIGINT or "samples of val" in out: continue  # too early, or too late
    if process.returncode != 130: sys.exit(f"exit code {process.returncode}, and no result: {out}")
    sys.exit(0)
sys.exit("no evaluation was stopped in its middle")
PY
finish
