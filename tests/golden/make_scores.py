"""Losses with their gradients by torch 2.13, metrics by NumPy from their definitions and by scikit-learn 1.9, for
tests/run/zoo/scores.cpp.

    .deps/venv/bin/pip install scikit-learn
    .deps/venv/bin/python tests/golden/make_scores.py > tests/golden/scores.json
"""
import json
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score

torch.manual_seed(5)
B, C, H, W = 12, 4, 3, 5
data = {
    "logits": torch.randn(B, C) * 2, "classes": torch.randint(0, C, (B,)), "shares": torch.rand(B, C),
    "maps": torch.randn(B, C, H, W), "mask": torch.randint(0, C, (B, H, W)),
    "numbers": torch.randn(B, 3), "truth": torch.randn(B, 3), "binary": (torch.rand(B, 3) > 0.4).float(),
}
data["shares"] /= data["shares"].sum(1, keepdim=True)
data["mask"][0, 0, :3] = -100
data["area"] = (torch.rand(B, H, W) > 0.6).float()  # a mask of one class, and its logits
data["area_logits"] = torch.randn(B, H, W) * 2
data["areas"] = (torch.rand(B, C, H, W) > 0.6).float()  # of several classes that may overlap
data["tied"] = (torch.randn(B, 3) * 2).round() / 2
data["short_shares"] = data["shares"].clone()  # what one sample lacks to 1 does not count, and nothing of another
data["short_shares"][2] *= 0.25
data["short_shares"][7] = 0
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
# Pixels: the mean over those that count.
valid = (m >= 0)


def focal_pixels(x):
    p = x.softmax(1).gather(1, m.clamp(min=0)[:, None])[:, 0][valid]
    return (-(1 - p) ** 2 * p.log()).mean()


def dice_void(x, extra=0.0):
    p, t = x.softmax(1) * valid[:, None], F.one_hot(m.clamp(min=0), C).movedim(-1, 1).float() * valid[:, None]
    d = 1 - (2 * (p * t).sum((2, 3)) + 1) / (p.sum((2, 3)) + t.sum((2, 3)) + 1)
    return d.mean() + extra * F.cross_entropy(x, m)


def dice_mask(x, t, dims):
    p = x.sigmoid()
    return (1 - (2 * (p * t).sum(dims) + 1) / (p.sum(dims) + t.sum(dims) + 1)).mean()


def short(x, y, smoothing=0.0, weight=None):
    """-(sum of shares times log p) over the sum of shares, class by class as torch does it for class numbers."""
    part = y.sum(1)
    log_p = x.log_softmax(1) * (1 if weight is None else torch.tensor(weight))
    nll, smooth = -(y * log_p).sum(1), -log_p.mean(1) * part
    return ((1 - smoothing) * nll + smoothing * smooth).sum() / part.sum()


loss("focal_pixels", "maps", focal_pixels)
loss("dice_void", "maps", dice_void)
loss("dice_void_cross", "maps", lambda x: dice_void(x, 0.5))
loss("smooth_pixels", "maps", lambda x: F.cross_entropy(x, m, label_smoothing=0.2))
loss("weighted_pixels", "maps", lambda x: F.cross_entropy(x, m, weight=torch.tensor(weights)))
loss("bce_area", "area_logits", lambda x: F.binary_cross_entropy_with_logits(x, data["area"]))
loss("dice_area", "area_logits", lambda x: dice_mask(x, data["area"], (1, 2)))
loss("dice_areas", "maps", lambda x: dice_mask(x, data["areas"], (2, 3)))
loss("short_shares", "logits", lambda x: short(x, data["short_shares"]))
loss("short_shares_smooth", "logits", lambda x: short(x, data["short_shares"], 0.1, weights))
left = data["shares"] * torch.tensor([1, 1, 0, 1.0])
loss("shares_ignore", "logits", lambda x: short(x, left, 0.1))
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
counts = mt >= 0
inter = np.array([((mg == c) & (mt == c) & counts).sum() for c in range(C)])
union = np.array([(((mg == c) | (mt == c)) & counts).sum() for c in range(C)])
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
def one_class(score, target):
    return roc_auc_score(target.numpy().ravel() > 0.5, score.numpy().ravel())


metrics |= {
    "auroc_labels": roc_auc_score(data["binary"].numpy(), data["numbers"].numpy(), average="macro"),
    "auroc_tied": roc_auc_score(data["binary"].numpy(), data["tied"].numpy(), average="macro"),
    "auroc_area": one_class(data["area_logits"], data["area"]),
    "auroc_areas": np.mean([one_class(data["maps"][:, c], data["areas"][:, c]) for c in range(C)]),
    "auroc_classes": roc_auc_score(t, softmax, multi_class="ovr", average="macro"),
    "focal_pixels_weight": valid.float().flatten(1).mean(1).sum().item(),
    "short_shares_weight": data["short_shares"].sum().item(), "shares_ignore_weight": left.sum().item(),
}
print(json.dumps({
    "data": {k: {"shape": list(v.shape), "values": v.flatten().tolist()} for k, v in data.items()},
    "losses": losses, "metrics": {k: float(v) for k, v in metrics.items()}}))
