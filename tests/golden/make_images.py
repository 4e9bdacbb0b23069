"""PNG files of every kind that Pillow writes, and the pixels that Pillow reads from them, for tests/run/data/image.cpp.

    .deps/venv/bin/pip install pillow numpy && .deps/venv/bin/python tests/golden/make_images.py tests/golden/images

Each NAME.png has NAME.gray and NAME.rgb beside it: height × width (× 3) bytes, Pillow's convert("L") and convert("RGB").
Written with Pillow 12.
"""
import pathlib
import sys
import numpy as np
from PIL import Image

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(5)
H, W = 7, 11
rgb = rng.integers(0, 256, (H, W, 3), dtype=np.uint8)
kinds = {
    "gray8": Image.fromarray(rng.integers(0, 256, (H, W), dtype=np.uint8)),
    "rgb8": Image.fromarray(rgb),
    "palette": Image.fromarray(rgb).quantize(16),
    "bilevel": Image.fromarray(rgb).convert("1"),
}
for name, image in kinds.items():
    image.save(out / f"{name}.png")
    read = Image.open(out / f"{name}.png")
    (out / f"{name}.rgb").write_bytes(read.convert("RGB").tobytes())
    (out / f"{name}.gray").write_bytes(read.convert("RGB").convert("L").tobytes() if read.mode == "P" else read.convert("L").tobytes())
