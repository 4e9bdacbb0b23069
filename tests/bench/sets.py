"""The sets that the measurements of the loaders read: made once below a folder, the same on every machine.

A: 20,000 JPEG of 64 x 64 with labels, in 4 shards. B: 3,000 JPEG of 256 x 256 to 500 x 400. C: 20,000 arrays of 28 x 28 uint8.
"""
import io, pathlib, tarfile

import numpy as np

SHARDS = 4
COUNT = {"A": 20000, "B": 3000, "C": 20000}


def encoded(a):
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.clip(a, 0, 255).astype("u1")).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def jpeg(rng, size=64):
    y, x = np.mgrid[0:size, 0:size]
    f = rng.uniform(0.02, 0.3, 6)
    return encoded(np.stack([128 + 90 * np.sin(f[2 * c] * x + f[2 * c + 1] * y) for c in range(3)], -1) + rng.normal(0, 14, (size, size, 3)))


def photo(rng):
    w, h = int(rng.integers(256, 501)), int(rng.integers(256, 401))
    y, x = np.mgrid[0:h, 0:w]
    f = rng.uniform(0.01, 0.12, 6)
    a = np.stack([128 + 70 * np.sin(f[2 * c] * x + f[2 * c + 1] * y) for c in range(3)], -1) + rng.normal(0, 18, (h, w, 3))
    for _ in range(6):
        x0, y0 = rng.integers(0, w - 40), rng.integers(0, h - 40)
        a[y0 : y0 + rng.integers(10, 120), x0 : x0 + rng.integers(10, 120)] = rng.integers(0, 256, 3)
    return encoded(a)


def npy(rng):
    buffer = io.BytesIO()
    np.save(buffer, rng.integers(0, 256, (28, 28), dtype="u1"))
    return buffer.getvalue()


SETS = {"A": ("jpg", jpeg), "B": ("jpg", photo), "C": ("npy", npy)}


def make(work, name):
    """Returns the set's folder: tar/train_NNNN.tar, and `sum`, the sum of its labels."""
    folder, (suffix, encode), count = pathlib.Path(work) / name, SETS[name], COUNT[name]
    if (folder / "sum").exists():
        return folder
    (folder / "tar").mkdir(parents=True, exist_ok=True)
    rng, total = np.random.default_rng(3), 0
    for s in range(SHARDS):
        with tarfile.open(folder / "tar" / f"train_{s:04}.tar", "w") as tar:
            for i in range(s * count // SHARDS, (s + 1) * count // SHARDS):
                data, label = encode(rng), int(rng.integers(0, 1000))
                total += label
                for ext, content in ((suffix, data), ("cls", str(label).encode())):
                    info = tarfile.TarInfo(f"{i:06}.{ext}")
                    info.size = len(content)
                    tar.addfile(info, io.BytesIO(content))
    (folder / "sum").write_text(str(total))
    return folder


def samples(folder):
    """The encoded images and the labels, in the shards' order."""
    images, labels = [], []
    for path in sorted((folder / "tar").glob("train_*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                content = tar.extractfile(member).read()
                if member.name.endswith(".cls"):
                    labels.append(int(content))
                else:
                    images.append(content)
    return images, labels
