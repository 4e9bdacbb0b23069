"""AdamW steps of quix, of LibTorch in C++, and of Python's torch in its three ways, in turn; µs, medians and spreads.

    .deps/venv/bin/python tests/bench/optim.py [BUILD] [THREADS]
"""
import statistics
import subprocess
import sys
import time
import torch

build = sys.argv[1] if len(sys.argv) > 1 else "build"
threads = sys.argv[2] if len(sys.argv) > 2 else "1"
torch.set_num_threads(int(threads))


def resnet18():
    shapes, inside = [(64, 3, 7, 7), (64,), (64,)], 64
    for stage, width in enumerate((64, 128, 256, 512)):
        for block in range(2):
            shapes += [(width, inside, 3, 3), (width,), (width,), (width, width, 3, 3), (width,), (width,)]
            if stage and not block:
                shapes += [(width, inside, 1, 1), (width,), (width,)]
            inside = width
    return shapes + [(1000, 512), (1000,)]


models = {"cnn": [(16, 1, 3, 3), (16,), (32, 16, 3, 3), (32,), (10, 1568), (10,)],
          "mlp": [(256, 784), (256,), (10, 256), (10,)], "resnet18": resnet18()}


def python(shapes, **how):
    params = [torch.nn.Parameter(torch.randn(s) * 0.02) for s in shapes]
    for p in params:
        p.grad = torch.randn_like(p) * 0.01
    optim = torch.optim.AdamW(params, lr=1e-6, **how)
    for _ in range(5):
        optim.step()
    start = time.perf_counter()
    optim.step()
    n = max(1, int(0.03 / (time.perf_counter() - start)))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(n):
            optim.step()
        times.append((time.perf_counter() - start) / n * 1e6)
    return times


rounds = {}
for _ in range(3):
    for line in subprocess.run([f"{build}/tests/bench_optim", threads], capture_output=True, text=True, check=True).stdout.splitlines():
        model, name, median, *_ = line.split(",")
        rounds.setdefault((model, name), []).append(float(median))
    for model, shapes in models.items():
        for name, how in (("python default", {"foreach": False}), ("python foreach", {"foreach": True}), ("python fused", {"fused": True})):
            rounds.setdefault((model, name), []).extend(python(shapes, **how))
for model in models:
    ours = statistics.median(rounds[model, "adamw"])
    for (m, name), times in rounds.items():
        if m == model:
            t = statistics.median(times)
            print(f"{model:10} {name:22} {t:10.1f} µs ({min(times):.1f} … {max(times):.1f})   {t / ours:6.2f} × ours")
