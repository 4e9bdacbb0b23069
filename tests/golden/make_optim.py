"""Trajectories of 100 steps for tests/run/proc/optim.cpp: by Python's torch 2.13.0 (CPU) where it has the optimizer,
else by NumPy in float64 from the papers' formulas.

    .deps/venv/bin/python tests/golden/make_optim.py > tests/golden/optim.json
"""
import json
import numpy as np
import torch

SHAPES = {"weight": (3, 4), "bias": (4,)}
TALL = {"tall": (6, 2), "bias": (4,)}
STEPS = 100


def gradient(name, t):
    # Any sequence will do; it is stored, so both sides see the same.
    g = torch.Generator().manual_seed(1000 * t + len(name))
    return torch.randn((SHAPES | TALL)[name], generator=g) * 0.5


def run(make, shapes=SHAPES):
    torch.manual_seed(7)
    params = {n: torch.nn.Parameter(torch.randn(s)) for n, s in shapes.items()}
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
cases |= {
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.99), weight_decay=0.1, foreach=False),
    "adam_amsgrad": lambda p: torch.optim.Adam(p, lr=0.01, amsgrad=True, foreach=False),
    "adamw_amsgrad": lambda p: torch.optim.AdamW(p, lr=0.01, amsgrad=True, foreach=False),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, weight_decay=0.05, foreach=False),
    "rmsprop_momentum": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.8, foreach=False),
    "rmsprop_centered": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, centered=True, eps=1e-3, foreach=False),
    "rmsprop_both": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.8, centered=True, eps=1e-3, foreach=False),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.05, lr_decay=0.01, weight_decay=0.02, foreach=False),
}


class Both:
    """Muon for the matrix, AdamW for the rest."""

    def __init__(self, params):
        self.parts = [torch.optim.Muon([p for p in params if p.ndim == 2], lr=0.02, weight_decay=0.1),
                      torch.optim.AdamW([p for p in params if p.ndim != 2], lr=3e-4, weight_decay=0.1, foreach=False)]

    def step(self):
        for part in self.parts:
            part.step()


cases["muon"] = Both


def numpy_run(update):
    """update(p, g, state, t): the state is a dict that is empty at first; t counts the parameter's steps."""
    torch.manual_seed(7)
    params = {n: torch.randn(s).double().numpy() for n, s in SHAPES.items()}
    start = {n: p.astype(np.float32).flatten().tolist() for n, p in params.items()}
    states, counts, points = {n: {} for n in SHAPES}, dict.fromkeys(SHAPES, 0), []
    for t in range(1, STEPS + 1):
        for n in SHAPES:
            if n == "bias" and t % 10 == 0:
                continue
            counts[n] += 1
            params[n] = update(params[n], gradient(n, t).double().numpy(), states[n], counts[n], t)
        if t in (1, 2, 10, 100):
            points.append({"step": t, **{n: p.flatten().tolist() for n, p in params.items()}})
    return {"start": start, "points": points,
            "average": {n: s["x"].flatten().tolist() for n, s in states.items() if "x" in s}}


def lion(p, g, s, t, _, lr=0.01, b1=0.9, b2=0.98, wd=0.1):
    m = s.get("m", np.zeros_like(p))
    p = p - lr * (np.sign(b1 * m + (1 - b1) * g) + wd * p)
    s["m"] = b2 * m + (1 - b2) * g
    return p


def lamb(p, g, s, t, _, lr=0.01, b1=0.9, b2=0.99, eps=1e-6, wd=0.1):
    s["m"] = b1 * s.get("m", 0) + (1 - b1) * g
    s["v"] = b2 * s.get("v", 0) + (1 - b2) * g * g
    r = (s["m"] / (1 - b1**t)) / (np.sqrt(s["v"] / (1 - b2**t)) + eps) + wd * p
    return p - lr * np.linalg.norm(p) / np.linalg.norm(r) * r


def schedule_free(y, g, s, t, step, lr=0.02, b1=0.9, b2=0.99, eps=1e-8, wd=0.05):
    # Defazio et al., algorithm 1 with AdamW's scaling: z is the fast sequence, x the average, y between them.
    # The rate is constant, so every step weighs the same; a step of the group counts also for a parameter without one.
    s.setdefault("z", y.copy()), s.setdefault("x", y.copy())
    s["v"] = b2 * s.get("v", 0) + (1 - b2) * g * g
    d = g / (np.sqrt(s["v"] / (1 - b2**t)) + eps) + wd * y
    c = 1 / step
    s["z"] = s["z"] - lr * d
    s["x"] = (1 - c) * s["x"] + c * s["z"]
    return (1 - b1) * s["z"] + b1 * s["x"]


gradients = [{n: gradient(n, t).flatten().tolist() for n in SHAPES | TALL} for t in range(1, STEPS + 1)]
print(json.dumps({"gradients": gradients, **{k: run(m) for k, m in cases.items()}, "muon_tall": run(Both, TALL),
                  "lion": numpy_run(lion), "lamb": numpy_run(lamb), "schedule_free": numpy_run(schedule_free)}))
