"""State-dict keys and outputs of torchvision's models in float64, weights and input filled by one formula, for
tests/run/zoo/models.cpp. Written with Debian 12's torchvision 0.14 and torch 1.13.

    python3 tests/golden/make_models.py > tests/golden/models.json
"""
import json
import math
import numpy as np
import torch
import torchvision.models as M
from functools import partial


def fill(name, shape):
    """sin(0.7 i + c), c from the name; scaled so that activations keep their size."""
    n = int(np.prod(shape)) if shape else 1
    values = np.sin(0.7 * np.arange(n) + sum(map(ord, name)) % 97)
    if name.endswith("running_var"):
        values = 1 + 0.5 * values * values
    elif len(shape) <= 1 and name.endswith("weight"):
        values = 1 + 0.1 * values
    elif len(shape) <= 1 or name.endswith(("layer_scale", "in_proj_bias")):
        values = 0.1 * values
    else:
        values = values / math.sqrt(np.prod(shape[1:]))
    return torch.tensor(values.reshape(shape))


def run(model, size, channels=3):
    model = model.double().eval()
    state = model.state_dict()
    for name, value in state.items():
        if value.is_floating_point():
            state[name] = fill(name, tuple(value.shape))
    model.load_state_dict(state)
    x = fill("input.weight", (2, channels, size, size)) * math.sqrt(channels * size * size)
    with torch.no_grad():
        out = model(x)
    return {"keys": {k: list(v.shape) for k, v in state.items()}, "outputs": out.flatten().tolist()}


def cifar(model):
    model.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    model.maxpool = torch.nn.Identity()
    return model


vit = partial(M.VisionTransformer, image_size=32, patch_size=8, num_classes=10)
print(json.dumps({
    "resnet18": run(M.resnet18(num_classes=10), 72),
    "resnet18_cifar": run(cifar(M.resnet18(num_classes=10)), 24),
    "resnet34": run(M.resnet34(num_classes=10), 72),
    "resnet50": run(M.resnet50(num_classes=10), 72),
    "vit_tiny": run(vit(num_layers=3, num_heads=3, hidden_dim=192, mlp_dim=768), 32),
    "vit_base": {"keys": {k: list(v.shape) for k, v in M.vit_b_16().state_dict().items()}},
    "convnext_tiny": run(M.convnext_tiny(num_classes=10), 40),
}))
