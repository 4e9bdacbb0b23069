"""A TorchScript model, and six steps of training it in Python: tests/run/zoo/script.cpp follows them.

.deps/venv/bin/python tests/golden/make_script.py tests/golden/script      (torch 2.13)
"""
import os
import sys

import torch
from torch import nn

os.chdir(sys.argv[1])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.head = nn.Linear(4 * 6 * 6, 3)

    def forward(self, x):
        y = self.body(x)
        if self.training:  # control flow, which a traced model would lose
            y = y * 1.5
        return self.head(y.flatten(1))


def counted(*shape):
    """sin of 1, 2, 3, ...: numbers that the test makes by the same formula."""
    n = 1
    for d in shape:
        n *= d
    return torch.sin(torch.arange(1, n + 1, dtype=torch.float64)).to(torch.float32).view(shape)


model = Net()
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(counted(*parameter.shape) * 0.3)
torch.jit.save(torch.jit.script(model), "net.pt")
torch.jit.save(torch.jit.freeze(torch.jit.script(model).eval()), "frozen.pt")


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(2, 2)

    def forward(self, x):
        return self.head(x), x


torch.jit.save(torch.jit.script(Two()), "two.pt")

x = counted(8, 1, 6, 6)
y = torch.arange(8) % 3
optim = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
losses = []
for _ in range(6):
    optim.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optim.step()
    losses.append(loss.item())
model.eval()
print("losses", [f"{v:.8g}" for v in losses])
print("outputs", [f"{v:.8g}" for v in model(x)[0].tolist()])
with open("trained.txt", "w") as out:
    out.write(" ".join(f"{v:.8g}" for v in losses) + "\n" + " ".join(f"{v:.8g}" for v in model(x)[0].tolist()) + "\n")
