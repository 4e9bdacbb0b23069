"""Losses with their gradients by torch 2.13, metrics by NumPy from their definitions, for tests/run/zoo/scores.cpp.

    .deps/venv/bin/python tests/golden/make_scores.py > tests/golden/scores.json
"""
import json
import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(5)
B, C, H, W = 12, 4, 3, 5
data = {
    "logits": torch.randn(B, C) * 2, "classes": torch.randint(0, C, (B,)), "shares": torch.rand(B, C),
    "maps": torch.randn(B, C, H, W), "mask": torch.randint(0, C, (B, H, W)),
    "numbers": torch.randn(B, 3), "truth": torch.randn(B, 3), "binary": (torch.rand(B, 3) > 0.4).float(),
}
data["shares"] /= data["shares"].sum(1, keepdim=True)
data["mask"][0, 0, :3] = -100
weights = [1.0, 0.5, 2.0, 0.25]
losses = {}


def loss(name, inputs, f):
    x = data[inputs].clone().requires_grad_()
    value = f(x)
    value.backward()
    losses[name] = {"inputs": inputs, "value": value.item(), "gradient": x.grad.flatten().tolist()}


y, m = data["classes"], data["mask"]
loss("cross_entropy", "logits", lambda x: F.cross_entropy(x, y))
loss("smoothing", "logits", lambda x: F.cross_entropy(x, y, label_smoothing=0.1))
loss("weighted", "logits", lambda x: F.cross_entropy(x, y, weight=torch.tensor(weights)))
loss("shares", "logits", lambda x: F.cross_entropy(x, data["shares"]))
loss("pixels", "maps", lambda x: F.cross_entropy(x, m))
loss("bce", "numbers", lambda x: F.binary_cross_entropy_with_logits(x, data["binary"]))
loss("bce_positive", "numbers", lambda x: F.binary_cross_entropy_with_logits(x, data["binary"], pos_weight=torch.tensor(3.0)))
loss("mse", "numbers", lambda x: F.mse_loss(x, data["truth"]))
loss("mae", "numbers", lambda x: F.l1_loss(x, data["truth"]))
loss("huber", "numbers", lambda x: F.huber_loss(x, data["truth"], delta=0.7))


def focal(x):
    p = x.softmax(1).gather(1, y[:, None])[:, 0]
    return (-(1 - p) ** 1.5 * p.log()).mean()


def focal_binary(x):
    p, t = x.sigmoid(), data["binary"]
    pt, a = torch.where(t == 1, p, 1 - p), torch.where(t == 1, 0.25, 0.75)
    return (-a * (1 - pt) ** 2 * pt.log()).mean()


def dice(x, extra=0.0):
    p, t = x.softmax(1).flatten(2), F.one_hot(m.clamp(min=0), C).movedim(-1, 1).float().flatten(2)
    d = 1 - (2 * (p * t).sum(2) + 1) / (p.sum(2) + t.sum(2) + 1)
    return d.mean() + extra * F.cross_entropy(x, m.clamp(min=0))


loss("focal", "logits", focal)
loss("focal_binary", "numbers", focal_binary)
loss("dice", "maps", dice)
loss("dice_cross", "maps", lambda x: dice(x, 0.5))

# Metrics.
x, t = data["logits"].numpy(), y.numpy()
guess = x.argmax(1)
table = np.zeros((C, C))
for a, b in zip(t, guess):
    table[a, b] += 1
tp, said, are = np.diag(table), table.sum(0), table.sum(1)
seen = said + are > 0
rank = (-x).argsort(1).argsort(1)[np.arange(B), t]


def auroc(score, positive):
    s, n = score[positive], score[~positive]
    return ((s[:, None] > n).sum() + 0.5 * (s[:, None] == n).sum()) / (len(s) * len(n))


softmax = data["logits"].softmax(1).numpy()
mg, mt = data["maps"].argmax(1).numpy(), m.numpy()
valid = mt >= 0
inter = np.array([((mg == c) & (mt == c) & valid).sum() for c in range(C)])
union = np.array([(((mg == c) | (mt == c)) & valid).sum() for c in range(C)])
d, truth = data["numbers"].double().numpy() - data["truth"].double().numpy(), data["truth"].double().numpy()
metrics = {
    "accuracy": (guess == t).mean(), "top2": (rank < 2).mean(), "class_accuracy": (tp[are > 0] / are[are > 0]).mean(),
    "precision": np.where(said > 0, tp / np.maximum(said, 1), 0)[seen].mean(),
    "recall": np.where(are > 0, tp / np.maximum(are, 1), 0)[seen].mean(),
    "f1": (2 * tp / np.maximum(said + are, 1))[seen].mean(),
    "f1_weighted": np.average(2 * tp / np.maximum(said + are, 1), weights=are), "f1/2": 2 * tp[2] / (said + are)[2],
    "confusion/0/1": table[0, 1], "confusion/3/3": table[3, 3],
    "mean_iou": (inter / union).mean(), "iou/2": inter[2] / union[2],
    "mae": abs(d).mean(), "mse": (d * d).mean(), "r2": 1 - (d * d).sum() / ((truth - truth.mean()) ** 2).sum(),
    "auroc": np.mean([auroc(softmax[:, c], t == c) for c in range(C)]),
    "auroc_binary": auroc(data["numbers"][:, 0].numpy(), data["binary"][:, 0].numpy() == 1),
}
print(json.dumps({
    "data": {k: {"shape": list(v.shape), "values": v.flatten().tolist()} for k, v in data.items()},
    "losses": losses, "metrics": {k: float(v) for k, v in metrics.items()}}))
