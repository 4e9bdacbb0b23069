"""Masks as PNGs of every depth, and what Pillow's NEAREST makes of them at 18x12, for tests/run/tool/resize.cpp.

    .deps/venv/bin/pip install pillow numpy && .deps/venv/bin/python tests/golden/make_convert.py   (Pillow 13.0.0)
"""
import pathlib

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
for name, (image, options) in kinds.items():
    if image.mode == "P":
        image.putpalette(palette if name == "palette4" else [i * 7 % 256 for i in range(768)])
    image.save(out / f"{name}.png", **options)
    small = np.asarray(Image.open(out / f"{name}.png").resize((18, 12), Image.Resampling.NEAREST))
    (out / f"{name}.raw").write_bytes(small.astype("<u2" if name == "gray16" else "u1").tobytes())
