# Python's torch and safetensors read a checkpoint: the same weights, in the same model, give the same accuracy and loss.
source "$TESTS/run/lib.sh"
python=$SOURCE/.deps/venv/bin/python
"$python" -c 'import torch, safetensors, numpy' 2>/dev/null || { echo "skipped: no Python torch with safetensors in .deps/venv"; exit 77; }
make_shapes idx
"$quix" data import idx data/shapes >/dev/null || exit 1
expect 0 "" "$tiny" --name peer --epochs 4
"$python" - <<'PY' || bad "Python reads something else"
import json, pathlib
import numpy as np
import torch
from safetensors.torch import load_file

checkpoint = sorted(pathlib.Path("runs/tiny/peer/checkpoints").iterdir())[-1]
state = load_file(checkpoint / "model.safetensors")
nn = torch.nn
model = nn.Sequential(nn.Flatten(), nn.Linear(36, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 4))
model.load_state_dict(state)  # strict: every name, every shape
model.eval()
images = np.frombuffer(open("idx/t10k-images-idx3-ubyte", "rb").read()[16:], np.uint8).reshape(-1, 1, 6, 6)
labels = torch.tensor(list(open("idx/t10k-labels-idx1-ubyte", "rb").read()[8:]))
with torch.no_grad():
    outputs = model(torch.tensor(images).float() / 255)
loss = nn.functional.cross_entropy(outputs, labels).item()
accuracy = (outputs.argmax(1) == labels).float().mean().item()
ours = [json.loads(l) for l in open("runs/tiny/peer/metrics.jsonl")][-1]["val"]
assert abs(ours["loss"] - loss) < 1e-5 * loss and abs(ours["accuracy"] - accuracy) < 1e-6, (ours, loss, accuracy)
optim = load_file(checkpoint / "optim.safetensors")
torch.save(model.state_dict(), "peer.pt")
assert optim["exp_avg.1.weight"].shape == (16, 36) and optim["step.5.bias"].item() == 4 * 13, optim.keys()
PY
# And quix reads what Python's torch.save wrote.
expect 0 "val loss" "$tiny" --name again --weights peer.pt --epochs 1 --lr 0
python3 - <<'PY' || bad "the weights of peer.pt did not arrive"
import pathlib, struct, json
def tensors(run):
    data = (sorted(pathlib.Path(f"runs/tiny/{run}/checkpoints").iterdir())[-1] / "model.safetensors").read_bytes()
    n = struct.unpack("<Q", data[:8])[0]
    head = json.loads(data[8:8 + n])
    return {k: data[8 + n + v["data_offsets"][0]:8 + n + v["data_offsets"][1]] for k, v in head.items() if k != "__metadata__" and ".running" not in k and "num_batches" not in k}
a, b = tensors("peer"), tensors("again")
assert a.keys() == b.keys() and all(a[k] == b[k] for k in a)
PY
finish
