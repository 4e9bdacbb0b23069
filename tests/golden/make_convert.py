"""Masks as PNGs of every depth, and what Pillow's NEAREST makes of them at 18x12, for tests/run/tool/resize.cpp.

    .deps/venv/bin/pip install pillow numpy && .deps/venv/bin/python tests/golden/make_convert.py   (Pillow 13.0.0)
"""
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

out = pathlib.Path(__file__).parent / "convert"
out.mkdir(exist_ok=True)
rng = np.random.default_rng(11)
values = rng.integers(0, 2**16, (30, 45))
palette = [i * 37 % 256 for i in range(48)]
kinds = {
    "gray8": (Image.fromarray((values % 256).astype("u1")), {}),
    "gray16": (Image.fromarray(values.astype("<u2")), {}),
    "bits1": (Image.fromarray((values % 2 * 255).astype("u1")).convert("1", dither=0), {}),
    "palette4": (Image.fromarray((values % 11).astype("u1")).convert("P"), {"bits": 4}),
    "palette8": (Image.fromarray((values % 200).astype("u1")).convert("P"), {"transparency": 0}),
    "rgb": (Image.fromarray(rng.integers(0, 256, (30, 45, 3)).astype("u1")), {}),
}
def adam7(name, values, bits, color, chunks):
    """An interlaced PNG, which Pillow reads but does not write."""
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b""
    for x, y, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        for row in values[y::dy, x::dx]:
            packed = "".join(format(v, f"0{bits}b") for v in row)
            packed += "0" * (-len(packed) % 8)
            rows += b"\0" + bytes(int(packed[i : i + 8], 2) for i in range(0, len(packed), 8))
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], bits, color, 0, 0, 1)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks(chunk) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (out / f"{name}.png").write_bytes(data)


adam7("interlaced4", values % 11, 4, 3, lambda chunk: chunk(b"PLTE", bytes(palette)))
adam7("interlaced16", values, 16, 0, lambda chunk: b"")
for name in ("interlaced4", "interlaced16"):
    small = np.asarray(Image.open(out / f"{name}.png").resize((18, 12), Image.Resampling.NEAREST))
    (out / f"{name}.raw").write_bytes(small.astype("<u2" if name == "interlaced16" else "u1").tobytes())
y, x = np.mgrid[0:30, 0:45]
alpha = Image.fromarray(np.stack([5 * x % 256, 255 - 6 * y, (7 * x + 3 * y) % 256, (x - 22) ** 2 * 255 // 484], -1).astype("u1"), "RGBA")
alpha.save(out / "alpha.png")
(out / "alpha.raw").write_bytes(alpha.resize((18, 12), Image.Resampling.BILINEAR).tobytes())
for name, (image, options) in kinds.items():
    if image.mode == "P":
        image.putpalette(palette if name == "palette4" else [i * 7 % 256 for i in range(768)])
    image.save(out / f"{name}.png", **options)
    small = np.asarray(Image.open(out / f"{name}.png").resize((18, 12), Image.Resampling.NEAREST))
    (out / f"{name}.raw").write_bytes(small.astype("<u2" if name == "gray16" else "u1").tobytes())
