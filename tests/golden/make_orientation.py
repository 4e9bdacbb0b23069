"""Images with an EXIF orientation and animated WebPs, with the pixels that Pillow reads from them.

    .deps/venv/bin/pip install pillow numpy && .deps/venv/bin/python tests/golden/make_orientation.py   (Pillow 13.0.0)

NAME.rgb has the pixels of `ImageOps.exif_transpose(image).convert("RGB")`; of frame*.webp also NAME.rgba. The name's
first digit is the orientation.
"""
import pathlib
import struct

import numpy as np
from PIL import Image, ImageOps

out = pathlib.Path(__file__).parent / "orientation"
out.mkdir(exist_ok=True)
y, x = np.mgrid[0:30, 0:45]
picture = np.stack([128 + 100 * np.sin(x / 7), 3 * x + 3 * y, 255 - 6 * y], -1)
picture = Image.fromarray(np.clip(picture, 0, 255).astype("u1"), "RGB")


def exif(orientation, order="<", kind=3):
    """A TIFF header whose first directory has the image's width and the orientation: a BYTE, SHORT or LONG."""
    mark = b"II" if order == "<" else b"MM"
    value = {1: "Bxxx", 3: "Hxx", 4: "I"}[kind]
    entries = struct.pack(order + "HHII", 0x0100, 4, 1, 45) + struct.pack(order + "HHI" + value, 0x0112, kind, 1, orientation)
    return b"Exif\0\0" + mark + struct.pack(order + "HIH", 42, 8, 2) + entries + struct.pack(order + "I", 0)


def xmp(text):
    return ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description xmlns:tiff="t" %s</rdf:Description></x:xmpmeta>' % text).encode()


def keep(name):
    image = Image.open(out / name)
    (out / (name + ".rgb")).write_bytes(ImageOps.exif_transpose(image).convert("RGB").tobytes())


for n in range(1, 9):
    picture.save(out / f"{n}.jpg", quality=88, exif=exif(n))
    keep(f"{n}.jpg")
for name, options in {
    "6big.jpg": {"exif": exif(6, ">")},
    "8long.jpg": {"exif": exif(8, ">", 4)},
    "1byte.jpg": {"exif": exif(5, "<", 1)},
    "3xmp.jpg": {"xmp": xmp('tiff:Orientation="3">')},
    "7xmp.jpg": {"xmp": xmp("><tiff:Orientation>7</tiff:Orientation>")},
    "4both.jpg": {"exif": exif(4), "xmp": xmp('tiff:Orientation="3">')},
    "1range.jpg": {"exif": exif(9)},
    "6.png": {"exif": exif(6)},
    "8.webp": {"exif": exif(8), "lossless": True},
    "2xmp.webp": {"xmp": xmp('tiff:Orientation="2">'), "lossless": True},
}.items():
    picture.save(out / name, **({"quality": 88} if name.endswith("jpg") else {}), **options)
    keep(name)


# Animations: one of whole frames as Pillow writes it, and some whose first frame is a part of the canvas.
picture.save(out / "frames.webp", save_all=True, append_images=[ImageOps.mirror(picture)], lossless=True, duration=40)


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def still(image, **options):
    """The chunks of a still image: ALPH, VP8 or VP8L."""
    image.save(out / "still", "webp", **options)
    data = (out / "still").read_bytes()[12:]
    (out / "still").unlink()
    parts = b""
    while data:
        size = struct.unpack("<I", data[4:8])[0]
        size += 8 + size % 2
        if data[:4] in (b"ALPH", b"VP8 ", b"VP8L"):
            parts += data[:size]
        data = data[size:]
    return parts


def animation(frames, alpha):
    u24 = lambda n: struct.pack("<I", n)[:3]
    body = chunk(b"VP8X", bytes([2 | (16 if alpha else 0), 0, 0, 0]) + u24(44) + u24(29)) + chunk(b"ANIM", bytes([1, 2, 3, 255, 0, 0]))
    for image, (left, top), options in frames:
        head = u24(left // 2) + u24(top // 2) + u24(image.width - 1) + u24(image.height - 1) + u24(40) + b"\0"
        body += chunk(b"ANMF", head + still(image, **options))
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


part = picture.crop((0, 0, 21, 16))
shaded = part.convert("RGBA")
shaded.putalpha(Image.linear_gradient("L").resize(shaded.size))
for name, image, place, options, alpha in (
    ("frame_opaque.webp", part, (4, 6), {"lossless": True}, False),
    ("frame_alpha.webp", shaded, (24, 14), {"lossless": True, "exact": True}, True),
    ("frame_lossy.webp", shaded, (0, 2), {"quality": 80}, True),
):
    (out / name).write_bytes(animation([(image, place, options), (part, (0, 0), options)], alpha))
for path in out.glob("frame*.webp"):
    image = Image.open(path)
    for mode in ("RGB", "RGBA"):
        (out / (path.name + "." + mode.lower())).write_bytes(image.convert(mode).tobytes())
print(sum(f.stat().st_size for f in out.iterdir()), "bytes in", len(list(out.iterdir())), "files")
