"""Trajectories of 100 steps by Python's torch, for tests/run/proc/optim.cpp. Written with torch 2.13.0 (CPU).

    .deps/venv/bin/python tests/golden/make_optim.py > tests/golden/optim.json
"""
import json
import torch

SHAPES = {"weight": (3, 4), "bias": (4,)}
STEPS = 100


def gradient(name, t):
    # Any sequence will do; it is stored, so both sides see the same.
    g = torch.Generator().manual_seed(1000 * t + len(name))
    return torch.randn(SHAPES[name], generator=g) * 0.5


def run(make):
    torch.manual_seed(7)
    params = {n: torch.nn.Parameter(torch.randn(s)) for n, s in SHAPES.items()}
    start = {n: p.detach().flatten().tolist() for n, p in params.items()}
    optim = make(list(params.values()))
    points = []
    for t in range(1, STEPS + 1):
        for n, p in params.items():
            # Every tenth step the bias gets no gradient: it must not move.
            p.grad = None if n == "bias" and t % 10 == 0 else gradient(n, t)
        optim.step()
        if t in (1, 2, 10, 100):
            points.append({"step": t, **{n: p.detach().flatten().tolist() for n, p in params.items()}})
    return {"start": start, "points": points}


cases = {
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, betas=(0.9, 0.95), eps=1e-7, weight_decay=0.1, foreach=False, fused=False),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05, foreach=False),
    "sgd_momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01, foreach=False),
    "sgd_nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True, foreach=False),
}
gradients = [{n: gradient(n, t).flatten().tolist() for n in SHAPES} for t in range(1, STEPS + 1)]
print(json.dumps({"gradients": gradients, **{k: run(m) for k, m in cases.items()}}))
