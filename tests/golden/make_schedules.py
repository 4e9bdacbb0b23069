"""Rates of 60 steps, relative to the peak, for tests/run/proc/schedule.cpp: by torch 2.13's schedulers where it has one.

    .deps/venv/bin/python tests/golden/make_schedules.py > tests/golden/schedules.json
"""
import json
import math
import warnings
import torch
from torch.optim import lr_scheduler as L

warnings.simplefilter("ignore")
STEPS, PER_EPOCH = 60, 6


def rates(make, metrics=None):
    p = torch.nn.Parameter(torch.zeros(1))
    optim = torch.optim.SGD([p], lr=1.0, momentum=0.9)
    schedule = make(optim)
    out = []
    for t in range(STEPS):
        out.append(optim.param_groups[0]["lr"])
        optim.step()
        if metrics is None:
            schedule.step()
        elif (t + 1) % PER_EPOCH == 0:
            schedule.step(metrics[t // PER_EPOCH])
    return out


metrics = [5, 4, 4.1, 4.0, 4.2, 3, 3.1, 3.2, 3.3, 3.4]


def python_quix(lr_init=3e-5, lr=3e-3, lr_min=1e-5, T=50, warmup=5, n=11):
    # The shipped notebook of Python quix logs steps 1..4 as 3.242188e-05, 3.967962e-05, 5.174955e-05, 6.859230e-05.
    out, d = [], warmup / T
    for s in range(0, n * T + 5):
        x = (s / n) / T
        u = (math.cos(math.pi * (min(max(x, 0), d) / d - 1)) + 1) / 2
        v = (math.cos(math.pi * min(max((max(x - d, 0)) / (1 - d), 0), 1)) + 1) / 2
        out.append(((lr - lr_init) * u + lr_init) * ((1 - lr_min / lr) * v + lr_min / lr))
    assert [f"{r:.6e}" for r in out[1:5]] == ["3.242188e-05", "3.967962e-05", "5.174955e-05", "6.859230e-05"]
    return out


print(json.dumps({
    "cosine": rates(lambda o: L.CosineAnnealingLR(o, STEPS, eta_min=0.1)),
    "linear": rates(lambda o: L.LinearLR(o, 1.0, 0.2, STEPS)),
    "polynomial": rates(lambda o: L.PolynomialLR(o, STEPS, power=2.5)),
    "step": rates(lambda o: L.StepLR(o, 12, gamma=0.3)),
    "multi_step": rates(lambda o: L.MultiStepLR(o, [10, 18, 48], gamma=0.5)),
    "exponential": rates(lambda o: L.ExponentialLR(o, 0.9 ** (1 / PER_EPOCH))),
    "one_cycle": rates(lambda o: L.OneCycleLR(o, 1.0, total_steps=STEPS, pct_start=0.3, div_factor=25, final_div_factor=1e4)),
    "cyclic": rates(lambda o: L.CyclicLR(o, 0.1, 1.0, step_size_up=6, step_size_down=9)),
    "cyclic2": rates(lambda o: L.CyclicLR(o, 0.1, 1.0, step_size_up=6, mode="triangular2")),
    "plateau": rates(lambda o: L.ReduceLROnPlateau(o, factor=0.5, patience=1, cooldown=1), metrics),
    "warm_linear": rates(lambda o: L.SequentialLR(o, [L.LinearLR(o, 0.1, 1.0, 12), L.ExponentialLR(o, 0.9)], [12])),
    "metrics": metrics,
    "python_quix": python_quix(),
}))
