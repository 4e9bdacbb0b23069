"""Averages of weights over 20 steps for tests/run/proc/average.cpp: by torch 2.13's swa_utils where it has the rule, else
by NumPy from the definition.

    .deps/venv/bin/python tests/golden/make_average.py > tests/golden/average.json
"""
import json
import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, get_swa_multi_avg_fn

STEPS = 20
torch.manual_seed(3)
weights = torch.randn(STEPS, 5)  # after each step


def torch_run(rule, due):
    """torch's average, updated after the steps that are due; the weights themselves until then."""
    model = torch.nn.Linear(5, 1, bias=False)
    average, out = AveragedModel(model, multi_avg_fn=rule), []
    for t in range(1, STEPS + 1):
        model.weight.data.copy_(weights[t - 1])
        if due(t):
            average.update_parameters(model)
        none_yet = int(average.n_averaged) == 0
        out.append((model if none_yet else average.module).weight.detach().flatten().tolist())
    return out


def ema(decay):
    """decay(updates, step): the part of the average that an update after this step keeps."""
    average, out = None, []
    for t in range(1, STEPS + 1):
        w = weights[t - 1].double().numpy()
        d = 0 if average is None else decay(t - 1, t)
        average = w if average is None else d * average + (1 - d) * w
        out.append(average.tolist())
    return out


print(json.dumps({
    "weights": weights.tolist(),
    "ema": torch_run(get_ema_multi_avg_fn(0.9), lambda t: True),
    "ema_every": torch_run(get_ema_multi_avg_fn(0.75), lambda t: t % 3 == 0),
    # A copy while fewer steps than the warm-up are done: at its end the average begins.
    "ema_warmup": ema(lambda n, t: 0 if t < 6 else 0.9),
    "ema_ramp": ema(lambda n, t: min(0.8, (1 + n) / (10 + n))),
    # From step 8 on, every 4 steps.
    "swa": torch_run(get_swa_multi_avg_fn(), lambda t: t >= 8 and (t - 8) % 4 == 0),
}))
