"""NPY files of every kind, segmentation PNGs and images, with the values that NumPy and Pillow read from them.

    .deps/venv/bin/python tests/golden/make_codecs.py      (NumPy 2.4.6, Pillow 13.0.0)
"""
import pathlib
import numpy as np
from numpy.lib import format as npy
from PIL import Image

out = pathlib.Path(__file__).parent / "codecs"
out.mkdir(exist_ok=True)
rng = np.random.default_rng(7)


def save(name, array, version=None):
    with open(out / f"{name}.npy", "wb") as f:
        npy.write_array(f, array, version=version)
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    (out / f"{name}.raw").write_bytes(little.tobytes())


for code in ["?", "u1", "i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8", "<c8", "<c16", ">u2", ">i4", ">f4", ">f8", ">c8"]:
    a = rng.integers(0, 100, (3, 5)).astype(code) if "c" not in code else (rng.random((3, 5)) + 1j * rng.random((3, 5))).astype(code)
    save("npy_" + code.replace("<", "l").replace(">", "b").replace("?", "bool"), a)
cube = np.arange(2 * 3 * 4, dtype="<i4").reshape(2, 3, 4)
save("npy_fortran", np.asfortranarray(cube))
save("npy_fortran_big", np.asfortranarray(cube.astype(">i4")))
save("npy_v2", cube, (2, 0))
save("npy_v3", cube, (3, 0))
save("npy_scalar", np.array(2.5, "<f4"))
save("npy_line", np.arange(5, dtype="<f4"))
save("npy_empty", np.zeros((0, 4), "<f4"))
np.save(out / "npy_objects.npy", np.array([{}, []], dtype=object))

# Segmentation masks as Python quix writes them.
values = rng.integers(0, 2**32, (6, 9), dtype=np.uint64)
for bits, dtype in ((8, "u1"), (16, "<u2"), (24, "<u4"), (32, "<u4")):
    v = (values % 2**bits).astype(dtype)
    if bits == 8:
        image = Image.fromarray(v)
    elif bits == 16:
        image = Image.fromarray(v)
    elif bits == 24:
        image = Image.fromarray(np.stack([v >> 16 & 255, v >> 8 & 255, v & 255], -1).astype("u1"), "RGB")
    else:
        image = Image.fromarray(np.stack([v >> 24 & 255, v >> 16 & 255, v >> 8 & 255, v & 255], -1).astype("u1"), "RGBA")
    image.save(out / f"mask{bits}.png")
    (out / f"mask{bits}.raw").write_bytes(v.tobytes())
palette = Image.fromarray((values % 5).astype("u1")).convert("P")
palette.putpalette([i * 37 % 256 for i in range(15)])
palette.save(out / "palette.png", bits=4)
(out / "palette.raw").write_bytes((values % 5).astype("u1").tobytes())

# Images: a smooth picture with noise, in the ways that files hold it.
y, x = np.mgrid[0:37, 0:53]
picture = np.stack([128 + 100 * np.sin(x / 7), 2 * x + y, 255 - 4 * y], -1) + rng.normal(0, 8, (37, 53, 3))
picture = Image.fromarray(np.clip(picture, 0, 255).astype("u1"), "RGB")
files = {
    "j420.jpg": (picture, {"quality": 88}),
    "j444.jpg": (picture, {"quality": 95, "subsampling": 0}),
    "j422.jpg": (picture, {"quality": 70, "subsampling": 1}),
    "jprogressive.jpg": (picture, {"quality": 85, "progressive": True}),
    "jgray.jpg": (picture.convert("L"), {"quality": 90}),
    "jcmyk.jpg": (picture.convert("CMYK"), {"quality": 95}),
    "wlossless.webp": (picture, {"lossless": True}),
    "wlossy.webp": (picture, {"quality": 80}),
    "walpha.webp": (picture.convert("RGBA"), {"lossless": True}),
    "p16.png": (Image.fromarray((np.asarray(picture.convert("L")).astype("u2") * 257 + 3).astype("<u2")), {}),
}
for name, (image, options) in files.items():
    image.save(out / name, **options)
    back = Image.open(out / name)
    if name != "p16.png":
        (out / (name + ".rgb")).write_bytes(back.convert("RGB").tobytes())
print(sum(f.stat().st_size for f in out.iterdir()), "bytes in", len(list(out.iterdir())), "files")
