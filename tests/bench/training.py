"""Training steps per second, quix beside Python's torch with AdamW default and fused, in turn; medians and spreads.

    .deps/venv/bin/python tests/bench/training.py [BUILD] [ROUNDS]

MLP 784-256-10 and a CNN of two convolutions, batches of 128 images of 28², cross-entropy, loss.item() in every step.
"""
import statistics
import subprocess
import sys
import time

import torch
from torch import nn

if len(sys.argv) > 1 and sys.argv[1] == "--peer":
    _, _, model_name, how, threads = sys.argv
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    x, y = torch.rand(128, 1, 28, 28), torch.randint(10, (128,))
    if model_name == "mlp":
        model = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
    else:
        model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                              nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                              nn.Linear(1568, 10))
    if model_name == "cnn_channels_last":
        model, x = model.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    optim = torch.optim.AdamW(model.parameters(), **({"fused": True} if how == "fused" else {}))
    loss_of = nn.CrossEntropyLoss()

    def steps(n):
        start = time.perf_counter()
        for _ in range(n):
            loss = loss_of(model(x), y)
            loss.item()
            optim.zero_grad()
            loss.backward()
            optim.step()
        return time.perf_counter() - start

    steps(20)
    n = max(20, int(20 * 2 / steps(20)))
    print(n / steps(n))
    sys.exit()

build = sys.argv[1] if len(sys.argv) > 1 else "build"
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
for threads in "1", "2":
    for model in "mlp", "cnn", "cnn_channels_last":
        rates = {"quix": [], "default": [], "fused": []}
        for _ in range(rounds):
            for name in rates:
                command = ([f"{build}/tests/bench_training", threads, model] if name == "quix" else
                           [sys.executable, __file__, "--peer", model, name, threads])
                rates[name].append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        ours = statistics.median(rates["quix"])
        print(f"{model}, {threads} threads: " + "; ".join(
            f"{name} {statistics.median(r):.0f} ({min(r):.0f} … {max(r):.0f})" +
            ("" if name == "quix" else f" → {ours / statistics.median(r):.2f}") for name, r in rates.items()), flush=True)
