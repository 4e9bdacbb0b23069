"""quix compared with Python's torch on one GPU, in turn: training steps per second, and optimizer steps in µs. Markdown rows.

    python3 tests/bench/gpu.py [BUILD] [ROUNDS]

The Python is one whose torch has CUDA; tools/check --gpu runs this with the torch that quix was built against.
"""
import statistics
import subprocess
import sys
import time

import torch
from torch import nn


def resnet18_shapes():
    shapes, inside = [(64, 3, 7, 7), (64,), (64,)], 64
    for stage, width in enumerate((64, 128, 256, 512)):
        for block in range(2):
            shapes += [(width, inside, 3, 3), (width,), (width,), (width, width, 3, 3), (width,), (width,)]
            if stage and not block:
                shapes += [(width, inside, 1, 1), (width,), (width,)]
            inside = width
    return shapes + [(1000, 512), (1000,)]


def peer_training(model_name, how):
    torch.manual_seed(1)
    side, channels = (224, 3) if model_name == "resnet18" else (28, 1)
    x, y = torch.rand(128, channels, side, side, device="cuda"), torch.randint(10, (128,), device="cuda")
    if model_name == "mlp":
        model = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
    elif model_name == "resnet18":
        import torchvision
        model = torchvision.models.resnet18()
    else:
        model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                              nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                              nn.Linear(1568, 10))
    model = model.cuda()
    if model_name in ("cnn_channels_last", "resnet18"):
        x = x.contiguous(memory_format=torch.channels_last)
        model = model.to(memory_format=torch.channels_last)
    bf16 = model_name == "resnet18"
    if how == "fused+graph":
        with torch.autocast("cuda", torch.bfloat16, enabled=bf16, cache_enabled=False):
            model = torch.cuda.make_graphed_callables(model, (x,))
    optim = torch.optim.AdamW(model.parameters(), **({} if how == "default" else {"fused": True}))
    loss_of = nn.CrossEntropyLoss()

    def steps(n):
        start = time.perf_counter()
        for _ in range(n):
            with torch.autocast("cuda", torch.bfloat16, enabled=bf16):
                loss = loss_of(model(x), y)
            loss.item()  # what a loop that watches for NaN does, and quix does
            optim.zero_grad()
            loss.backward()
            optim.step()
        torch.cuda.synchronize()
        return time.perf_counter() - start

    steps(20)
    n = max(20, int(20 / steps(20)))
    rate = n / steps(n)
    del model, optim, x, y
    torch.cuda.empty_cache()
    return rate


def peer_optim(shapes, **how):
    params = [nn.Parameter(torch.randn(s, device="cuda") * 0.02) for s in shapes]
    for p in params:
        p.grad = torch.randn_like(p) * 0.01
    optim = torch.optim.AdamW(params, lr=1e-6, **how)
    for _ in range(10):
        optim.step()
    torch.cuda.synchronize()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(100):
            optim.step()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - start) / 100 * 1e6)
    return times


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr[-2000:]}")
    return done.stdout


def span(values, unit=""):
    return f"{statistics.median(values):,.0f}{unit} ({min(values):,.0f} … {max(values):,.0f})"


build = sys.argv[1] if len(sys.argv) > 1 else "build"
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}\n")
print("| training, steps/s | quix | quix, cuda_graph | Python default | fused | fused, graphed | ratios: eager / fused, graph / graphed |")
print("| --- | --- | --- | --- | --- | --- | --- |")
for model in "mlp", "cnn", "cnn_channels_last", "resnet18":
    rates = {}
    for _ in range(rounds):
        for name in "quix", "quix+graph", "default", "fused", "fused+graph":
            try:
                rate = (float(run(f"{build}/tests/bench_training", "1", model, "cuda", *(["graph"] if "graph" in name else [])))
                        if name.startswith("quix") else peer_training(model, name))
                rates.setdefault(name, []).append(rate)
            except Exception as error:
                print(f"{model}, {name}: {error}", flush=True)
    middle = {name: statistics.median(r) for name, r in rates.items()}
    ratio = lambda a, b: f"{middle[a] / middle[b]:.2f}" if a in middle and b in middle else "–"
    print(f"| {model} | " + " | ".join(span(rates[n]) if n in rates else "failed" for n in
                                     ("quix", "quix+graph", "default", "fused", "fused+graph")) +
          f" | {ratio('quix', 'fused')}, {ratio('quix+graph', 'fused+graph')} |", flush=True)

models = {"cnn": [(16, 1, 3, 3), (16,), (32, 16, 3, 3), (32,), (10, 1568), (10,)],
          "mlp": [(256, 784), (256,), (10, 256), (10,)], "resnet18": resnet18_shapes()}
ours = {}
for line in run(f"{build}/tests/bench_optim", "1", "cuda").splitlines():
    model, name, *times = line.split(",")
    ours[model, name] = [float(t) for t in times]  # median, least, most
print("\n| optimizer step, µs | cnn | mlp | resnet18 |\n| --- | --- | --- | --- |")
for name in dict.fromkeys(name for _, name in ours):
    print(f"| quix {name} | " + " | ".join(span(ours[m, name]) if (m, name) in ours else "–" for m in models) + " |")
for name, how in ("default", {}), ("foreach", {"foreach": True}), ("fused", {"fused": True}):
    print(f"| Python AdamW {name} | " + " | ".join(span(peer_optim(s, **how)) for s in models.values()) + " |", flush=True)
