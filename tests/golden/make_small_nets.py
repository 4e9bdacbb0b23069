"""Keys and outputs of the zoo's models that torchvision has not, written again with Python's torch 2.13 in float64, weights
and input filled by make_models.py's formula; for tests/run/zoo/models.cpp.

    .deps/venv/bin/python tests/golden/make_small_nets.py > tests/golden/small_nets.json
"""
import json
import math
import numpy as np
import torch
from torch import nn


def fill(name, shape):
    n = int(np.prod(shape)) if shape else 1
    values = np.sin(0.7 * np.arange(n) + sum(map(ord, name)) % 97)
    if name.endswith("running_var"):
        values = 1 + 0.5 * values * values
    elif len(shape) <= 1 and name.endswith("weight"):
        values = 1 + 0.1 * values
    elif len(shape) <= 1:
        values = 0.1 * values
    else:
        values = values / math.sqrt(np.prod(shape[1:]))
    return torch.tensor(values.reshape(shape))


def run(model, channels, height, width):
    model = model.double().eval()
    state = model.state_dict()
    for name, value in state.items():
        if value.is_floating_point():
            state[name] = fill(name, tuple(value.shape))
    model.load_state_dict(state)
    x = fill("input.weight", (2, channels, height, width)) * math.sqrt(channels * height * width)
    with torch.no_grad():
        out = model(x)
    return {"keys": {k: list(v.shape) for k, v in state.items()}, "outputs": out.flatten().tolist()}


class LeNet(nn.Module):
    """LeCun et al., 1998, as it is taught: ReLU, maxima, and 5 x 5 filters that keep the first size."""

    def __init__(self, channels, height, width):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(channels, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * ((height // 2 - 4) // 2) * ((width // 2 - 4) // 2), 120)
        self.fc2, self.fc3 = nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        pool = nn.functional.max_pool2d
        x = pool(self.conv2(pool(self.conv1(x).relu(), 2)).relu(), 2).flatten(1)
        return self.fc3(self.fc2(self.fc1(x).relu()).relu())


class Level(nn.Module):
    def __init__(self, before, after):
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(n, after, 3, padding=1, bias=False) for n in (before, after))
        self.norm1, self.norm2 = nn.BatchNorm2d(after), nn.BatchNorm2d(after)

    def forward(self, x):
        return self.norm2(self.conv2(self.norm1(self.conv1(x)).relu())).relu()


class Up(Level):
    def __init__(self, before, after):
        super().__init__(2 * after, after)
        self.grow = nn.ConvTranspose2d(before, after, 2, stride=2)

    def forward(self, x, skip):
        return super().forward(torch.cat([skip, self.grow(x)], 1))


class UNet(nn.Module):
    """Ronneberger et al., 2015, with padding and batch normalization; up.N is the way back to level N."""

    def __init__(self, channels, width, depth, classes):
        super().__init__()
        sizes = [width * 2**i for i in range(depth + 1)]
        self.down = nn.ModuleDict({str(i): Level(channels if i == 0 else sizes[i - 1], sizes[i]) for i in range(depth + 1)})
        self.up = nn.ModuleDict({str(i): Up(sizes[i + 1], sizes[i]) for i in reversed(range(depth))})
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        skips = []
        for name, level in self.down.items():
            x = level(x if name == "0" else nn.functional.max_pool2d(x, 2))
            skips.append(x)
        for name, level in self.up.items():
            x = level(x, skips[int(name)])
        return self.head(x)


class Mlp(nn.Module):
    def __init__(self, inputs, hidden, norm):
        super().__init__()
        self.hidden, before = nn.ModuleDict(), inputs
        for i, width in enumerate(hidden):
            layer = nn.ModuleDict({"linear": nn.Linear(before, width)})
            if norm:
                layer["norm"] = nn.BatchNorm1d(width)
            self.hidden[str(i)], before = layer, width
        self.head = nn.Linear(before, 10)

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.hidden.values():
            for step in layer.values():
                x = step(x)
            x = x.relu()
        return self.head(x)


print(json.dumps({
    "lenet": run(LeNet(1, 28, 28), 1, 28, 28),
    "lenet_wide": run(LeNet(3, 18, 30), 3, 18, 30),
    "unet": run(UNet(3, 4, 2, 3), 3, 8, 12),
    "unet_deep": run(UNet(1, 2, 4, 2), 1, 16, 16),
    "mlp": run(Mlp(192, [16, 12], False), 3, 8, 8),
    "mlp_norm": run(Mlp(192, [16, 12], True), 3, 8, 8),
}))
