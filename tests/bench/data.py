"""Epochs over the same samples by quix and by its peers, side by side in one run.

    python3 -m venv .deps/peers
    .deps/peers/bin/pip install torch==2.13.0 webdataset==1.0.2 mosaicml-streaming==0.13.0 pillow==13.0.0
    .deps/peers/bin/pip uninstall torchvision
    .deps/peers/bin/python tests/bench/data.py [--build build] [--work /tmp/quix_bench] [--only A,C,index] [--epochs 3]

Sets as in sets.py; B is resized to a short side of 256 and cropped to 224 x 224, antialiased; and random resized crops. Batches of 128, 2 workers, full
shuffle where the peer can. The first epoch of each is not counted. Prints a table: median (min ... max) samples/s.
"""
import argparse, io, pathlib, statistics, subprocess, sys, tarfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import sets

import numpy as np
import torch
from PIL import Image

# mosaicml-streaming imports torchvision for datasets that are not used here; PyPI's wheel of it wants a CUDA torch.
from unittest.mock import MagicMock
import transformers.feature_extraction_utils  # looks for torchvision, and does without
for name in ("torchvision", "torchvision.datasets", "torchvision.transforms", "torchvision.transforms.functional"):
    sys.modules[name] = MagicMock(__spec__=None)
sys.modules["torchvision.datasets"].VisionDataset = type("VisionDataset", (), {})

parser = argparse.ArgumentParser()
parser.add_argument("--build", default="build")
parser.add_argument("--work", default="/tmp/quix_bench")
parser.add_argument("--only", default="A,B,C,index")
parser.add_argument("--epochs", type=int, default=3)
options = parser.parse_args()
work, only = pathlib.Path(options.work), options.only.split(",")
bench = str(pathlib.Path(options.build).resolve() / "tests/bench_data")
torch.set_num_threads(1)
N, SHARDS = 20000, sets.SHARDS


def make(name):
    """The tar shards, and the same as MDS."""
    from streaming import MDSWriter

    folder = sets.make(work, name)
    if not (folder / "mds" / "index.json").exists():
        with MDSWriter(out=str(folder / "mds"), columns={"x": "bytes", "cls": "int"}, size_limit="32mb") as out:
            for data, label in zip(*sets.samples(folder)):
                out.write({"x": data, "cls": label})
    return folder


def decode_jpeg(data):
    return torch.from_numpy(np.array(Image.open(io.BytesIO(data)).convert("RGB")))


def decode_photo(data):
    image = Image.open(io.BytesIO(data)).convert("RGB")
    scale = 256 / min(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.BILINEAR)
    left, top = (image.width - 224) // 2, (image.height - 224) // 2
    return torch.from_numpy(np.array(image.crop((left, top, left + 224, top + 224))))


def decode_npy(data):
    return torch.from_numpy(np.load(io.BytesIO(data)))


def timed(make_epoch, folder, N=N):
    wanted = int((folder / "sum").read_text())
    rates = []
    for e in range(options.epochs + 1):
        begin, total, count = time.perf_counter(), 0, 0
        for x, y in make_epoch(e):
            total += int(y.sum())
            count += len(y)
        rate = count / (time.perf_counter() - begin)
        assert (total, count) == (wanted, N), (total, wanted, count)
        if e:
            rates.append(rate)
    return rates


def webdataset_epochs(folder, suffix, decode):
    import webdataset as wds

    data = (
        wds.WebDataset(str(folder / "tar" / f"train_{{0000..{SHARDS - 1:04}}}.tar"), shardshuffle=SHARDS, workersplitter=wds.split_by_worker)
        .shuffle(1000)
        .to_tuple(suffix, "cls")
        .map_tuple(decode, lambda b: int(b))
        .batched(128)
    )
    loader = wds.WebLoader(data, batch_size=None, num_workers=2, persistent_workers=True)
    def one(e):
        for x, y in loader:
            yield x, torch.as_tensor(np.asarray(y))
    return one


def mds_epochs(folder, decode):
    from streaming import StreamingDataset

    class Data(StreamingDataset):
        def __getitem__(self, i):
            sample = super().__getitem__(i)
            return decode(sample["x"]), sample["cls"]

    data = Data(local=str(folder / "mds"), shuffle=True, batch_size=128, num_canonical_nodes=1)
    loader = torch.utils.data.DataLoader(data, batch_size=128, num_workers=2, persistent_workers=True)
    return lambda e: loader


def tarfile_epochs(folder, suffix, decode):
    class Data(torch.utils.data.Dataset):
        def __init__(self):
            self.where, self.labels, self.files = [], [], {}
            for s in range(SHARDS):
                path = folder / "tar" / f"train_{s:04}.tar"
                with tarfile.open(path) as tar:
                    for m in tar:
                        if m.name.endswith(suffix):
                            self.where.append((str(path), m.offset_data, m.size))
                        else:
                            self.labels.append(int(tar.extractfile(m).read()))
        def __len__(self):
            return len(self.where)
        def __getitem__(self, i):
            path, offset, size = self.where[i]
            if path not in self.files:
                self.files[path] = open(path, "rb")
            self.files[path].seek(offset)
            return decode(self.files[path].read(size)), self.labels[i]

    loader = torch.utils.data.DataLoader(Data(), batch_size=128, shuffle=True, num_workers=2, persistent_workers=True)
    return lambda e: loader


def quix(folder, what, threads):
    out = subprocess.run([bench, what, str(folder / "tar"), str(threads), str(max(options.epochs, 5))], capture_output=True, text=True, check=True).stdout
    wanted = (folder / "sum").read_text()
    assert all(f"labels {wanted} " in line for line in out.splitlines()), (out, wanted)
    return [float(line.split()[0]) for line in out.splitlines()]


def show(name, rates, base=None):
    m = statistics.median(rates)
    print(f"{name:44} {m:12,.0f} ({min(rates):,.0f} ... {max(rates):,.0f})" + (f"   quix is {base / m:,.1f}x" if base else ""), flush=True)
    return m


for name, suffix, decode, what in (("A", "jpg", decode_jpeg, "epoch-jpeg"), ("B", "jpg", decode_photo, "epoch-photo"), ("C", "npy", decode_npy, "epoch-npy")):
    if name not in only:
        continue
    count = sets.COUNT[name]
    folder = make(name)
    print(f"--- epoch {name}, samples/s")
    two = show("quix, 2 threads", quix(folder, what, 2))
    one = show("quix, 1 thread", quix(folder, what, 1))
    print(f"2 threads / 1 thread: {two / one:.2f}")
    if name == "B":
        crop = show("quix, random resized crops, crop decoding", quix(folder, "epoch-crop", 2))
        whole = show("the same, whole images decoded", quix(folder, "epoch-whole", 2))
        print(f"crop decoding / whole: {crop / whole:.2f}")
    if name == "A":
        out = subprocess.run([bench, "libjpeg", str(folder / "tar"), "2"], capture_output=True, text=True, check=True).stdout
        rates = {kind: [float(l.split()[0]) for l in out.splitlines() if f" {kind} " in l] for kind in ("aligned", "unaligned")}
        kind = max(rates, key=lambda k: statistics.median(rates[k]))
        show(f"libjpeg alone, 2 threads, {kind} rows", rates[kind], two)
    show("webdataset, 2 workers", timed(webdataset_epochs(folder, suffix, decode), folder, count), two)
    show("mosaicml-streaming, 2 workers", timed(mds_epochs(folder, decode), folder, count), two)
    show("DataLoader over tarfile's offsets, 2 workers", timed(tarfile_epochs(folder, suffix, decode), folder, count), two)

if "index" in only:
    folder = make("C")
    begin = time.perf_counter()
    files = 0
    for s in range(SHARDS):
        with tarfile.open(folder / "tar" / f"train_{s:04}.tar") as tar:
            files += len(tar.getmembers())
    peer = files / (time.perf_counter() - begin)
    out = subprocess.run([bench, "scan", str(folder / "tar"), "1", "npy"], capture_output=True, text=True, check=True).stdout
    ours = statistics.median(float(l.split()[4]) for l in out.splitlines())
    print(f"--- index build: quix {ours:,.0f} files/s, one thread; tarfile {peer:,.0f}: {ours / peer:.0f}x")
