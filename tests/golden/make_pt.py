"""Files by Python's torch, for tests/run/io/pt.cpp and tests/run/data/files.cpp. Written with torch 2.13.

    .deps/venv/bin/python tests/golden/make_pt.py tests/golden/pt
"""
import collections
import os
import sys
import torch

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
os.chdir(folder)


def counted(*shape, dtype=torch.float32):
    n = 1
    for d in shape:
        n *= d
    return torch.arange(n).reshape(shape).to(dtype)


base = counted(4, 6)
types = {
    str(t).split(".")[1]: counted(3, dtype=t)
    for t in [torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
              torch.uint8, torch.bool, torch.uint16, torch.uint32, torch.uint64, torch.complex64, torch.complex128]
}
torch.save(
    {
        "step": 7, "rate": 0.5, "name": "run", "none": None, "flag": True, "big": 2**40, "negative": -3,
        "model": collections.OrderedDict([("fc.weight", base), ("fc.bias", torch.nn.Parameter(counted(6)))]),
        "views": {"column": base[:, 2], "transposed": base.t(), "tail": base[3, 4:], "expanded": counted(1).expand(5)},
        "types": types,
        "empty": torch.zeros(0, 3),
        "scalar": torch.tensor(2.5),
        3: [counted(2), (counted(1),)],
    },
    "nested.pt")
torch.save(counted(2, 3), "lone.pt")
torch.save([counted(5, 2), torch.tensor([0, 1, 2, 1, 0])], "list.pt")
torch.save(torch.utils.data.TensorDataset(counted(5, 2), torch.tensor([0, 1, 2, 1, 0])), "dataset.pt")
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
with torch.no_grad():
    for p in model.parameters():
        p.copy_(counted(*p.shape))
torch.save(model, "module.pt")
torch.save(model.state_dict(), "state.pt")  # an OrderedDict that has attributes
torch.save({"numpy": 2**100, "x": counted(2), "labels": list(range(2000))}, "large_integer.pt")
shared = (counted(2),)
for _ in range(40):  # a few bytes, and 2^40 values
    shared = (shared, shared)
torch.save(shared, "shared.pt")
torch.save({"x": counted(1).expand(1 << 15, 1 << 14)}, "expanded.pt")
torch.jit.save(torch.jit.script(model), "script.pt")
torch.save({"x": counted(2)}, "legacy.pt", _use_new_zipfile_serialization=False)
torch.save({"x": counted(2)}, "protocol4.pt", pickle_protocol=4)
torch.save({"x": counted(2, 2).to_sparse()}, "sparse.pt")
torch.save({"x": torch.quantize_per_tensor(counted(2), 0.1, 0, torch.qint8)}, "quantized.pt")
