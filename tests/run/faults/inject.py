"""Small trainings with faults: inject.py [TIMES] [SEED], with $BUILD. Each is killed, stopped or starved at a random
moment, and continued. It survives when it ends with the bytes of a run without faults, or, where what it needs was
removed, with a sentence and exit code 2. Prints tried, survived, lost; exit code 1 when any is lost."""
import os, pathlib, random, shutil, signal, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shapes

build = os.environ["BUILD"]
tiny, quix = build + "/tests/tiny", build + "/tools/quix/quix"
times = int(sys.argv[1]) if len(sys.argv) > 1 else 500
rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
environment = dict(os.environ, OMP_NUM_THREADS="1")
options = ["--epochs", "4", "--checkpoint.every_steps", "3", "--checkpoint.keep", "2", "--data.threads", "1", "--progress", "false"]
runs = pathlib.Path("runs/tiny")
last = "00000052"  # 4 epochs of 13 steps


signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where this runs under nohup


class Lost(Exception):
    pass


def start(*words):
    return subprocess.Popen([tiny, *words], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def end(process, seconds=120):
    try:
        text = process.communicate(timeout=seconds)[0].decode(errors="replace")
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Lost(f"hangs: {process.args}")
    return process.returncode, text


def run(*words):
    return end(start(*words))


def need(code, text, *allowed):
    if code not in allowed:
        raise Lost(f"exit code {code}: {text[-800:]}")


def same(folder):
    for file in ("metrics.jsonl", f"checkpoints/{last}/model.safetensors", f"checkpoints/{last}/optim.safetensors"):
        one, two = runs / "whole" / file, folder / file
        if not two.exists() or one.read_bytes() != two.read_bytes():
            raise Lost(f"{two} is not what a run without faults has")
    left = [p.name for p in (folder / "checkpoints").iterdir() if p.name.startswith(".")]
    if left:
        raise Lost(f"{folder} still has {left}")


def after(process, seconds):
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass


def resume(name, *more):
    """To the end: resumed where there is a run, else begun."""
    if (runs / name / "run.json").exists():
        need(*run("--name", name, "--resume", *more), 0)
    else:
        need(*run("--name", name, *options, *more), 0)
    same(runs / name)


def kill(name):
    process = start("--name", name, *options)
    for _ in range(rng.randrange(1, 4)):
        after(process, rng.random() * duration * 1.1)
        process.send_signal(signal.SIGKILL)
        need(*end(process), 0, -signal.SIGKILL)
        process = start("--name", name, *(["--resume"] if (runs / name / "run.json").exists() else options))
    need(*end(process), 0)
    same(runs / name)


def stop(name):
    """Stopped by a signal or held by SIGSTOP; a second process is started meanwhile."""
    process = start("--name", name, *options)
    after(process, rng.random() * duration * 1.1)
    if not (runs / name / "run.json").exists() or process.poll() is not None:
        need(*end(process), 0)
        return same(runs / name)
    if rng.random() < 0.5:  # held: the other one waits, and gives up
        process.send_signal(signal.SIGSTOP)
        code, text = run("--name", name, "--resume", "--lock_wait", "0.2")
        if process.poll() is None:
            need(code, text, 0 if "epochs complete; for more:  --resume --train.epochs N" in text else 2)
        process.send_signal(signal.SIGCONT)
        need(*end(process), 0)
        return resume(name)
    number = rng.choice([signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGINT])
    process.send_signal(number)
    other = start("--name", name, "--resume")  # beside the one that saves
    need(*end(process), 0, 128 + number, -number)
    need(*end(other), 0)
    same(runs / name)


def disk_full(name):
    global mounts
    place = pathlib.Path("full")
    place.mkdir(exist_ok=True)
    mounts = mounts and subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={rng.randrange(24, 160)}k", "none", place], capture_output=True).returncode == 0
    if not mounts:
        return kill(name)
    try:
        code, text = run("--name", name, "--runs", str(place), *options)
        need(code, text, 0, 2)
        if code == 2 and "No space left" not in text:
            raise Lost(f"a full disk: {text[-800:]}")
        if (place / "tiny" / name).exists():
            shutil.copytree(place / "tiny" / name, runs / name)  # to a disk that has room
    finally:
        subprocess.run(["umount", place], check=True)
    resume(name)


def removed(name):
    """The checkpoints, or all of the run, are removed under it."""
    process = start("--name", name, *options)
    after(process, rng.random() * duration * 1.1)
    what = runs / name / rng.choice(["checkpoints", "", "metrics.jsonl"])
    try:
        shutil.rmtree(what) if what.is_dir() else what.unlink()
    except OSError:  # it writes there
        pass
    code, text = end(process)
    need(code, text, 0, 2)
    if code == 2 and runs.name not in text and name not in text:
        raise Lost(f"an error that names no file: {text[-800:]}")
    if (runs / name / "run.json").exists():
        code, text = run("--name", name, "--resume")
        need(code, text, 0, 2)
        if code == 0 and what.name == "checkpoints":
            return same(runs / name)
    shutil.rmtree(runs / name, ignore_errors=True)
    resume(name)


def truncated(name):
    """A shard is cut while it is read."""
    shard = pathlib.Path("data/cut/train_0000.tar")
    shutil.copytree("data/shapes", "data/cut", dirs_exist_ok=True)
    process = start("--name", name, "--data.path", "cut", *options)
    after(process, rng.random() * duration)
    os.truncate(shard, rng.randrange(0, shard.stat().st_size))
    code, text = end(process)
    need(code, text, 0, 2)
    if code == 2 and "cut/" not in text:
        raise Lost(f"an error that does not name the shard: {text[-800:]}")
    shutil.copytree("data/shapes", "data/cut", dirs_exist_ok=True)
    resume(name, "--data.path", "cut")


with tempfile.TemporaryDirectory(prefix="quix_faults_") as work:
    os.chdir(work)
    shapes.make("idx")
    subprocess.run([quix, "data", "import", "idx", "data/shapes"], check=True, stdout=subprocess.DEVNULL)
    need(*run("--name", "warm", *options), 0)
    begin = time.monotonic()
    need(*run("--name", "whole", *options), 0)
    duration = time.monotonic() - begin
    mounts = os.geteuid() == 0
    kinds = [kill, stop, disk_full, removed, truncated]
    tried = {kind.__name__: [0, 0] for kind in kinds}
    for i in range(times):
        kind, name = kinds[i % len(kinds)], f"run{i}"
        tried[kind.__name__][0] += 1
        try:
            kind(name)
            tried[kind.__name__][1] += 1
        except Lost as lost:
            print(f"{kind.__name__} {i}: {lost}", file=sys.stderr)
        shutil.rmtree(runs / name, ignore_errors=True)
    for kind, (n, good) in tried.items():
        print(f"  {kind:<10} tried {n}, survived {good}")
    survived = sum(good for _, good in tried.values())
    print(f"tried {times}, survived {survived}, lost {times - survived}" + ("" if mounts else " (no full disk: mounting is not permitted)"))
    os.chdir("/")
    sys.exit(survived != times)
