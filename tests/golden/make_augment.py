"""What torchvision 0.14 (Debian 12's python3-torchvision) makes of one small picture, with the parameters given.

    apt install python3-torchvision && python3 tests/golden/make_augment.py

Writes golden/augment/picture.bin (24 x 32 x 3 bytes), cases.json and results.bin: for each case its operation, its
parameters, the result's size and where it begins. MixUp and CutMix are NumPy's, which that version lacks.
"""
import json, math, pathlib
import numpy as np
import torch
from torchvision.transforms import InterpolationMode as M, functional as F
from torchvision.transforms import autoaugment

out = pathlib.Path(__file__).parent / "augment"
out.mkdir(exist_ok=True)
rng = np.random.default_rng(11)
H, W = 24, 32
y, x = np.mgrid[0:H, 0:W]
picture = np.stack([128 + 100 * np.sin(x / 4 + y / 9), 7 * x + 2 * y, 250 - 9 * y + 0 * x], -1) + rng.normal(0, 12, (H, W, 3))
picture = np.clip(picture, 0, 255).astype("u1")
picture[3:6, 4:9] = 200  # gray pixels, and saturated ones
picture[10:12, 20:25] = (255, 0, 0)
(out / "picture.bin").write_bytes(picture.tobytes())
image = torch.from_numpy(picture).permute(2, 0, 1).contiguous()

cases, results = [], b""


def case(op, args, result):
    global results
    data = result.permute(1, 2, 0).contiguous().numpy().astype("u1")
    cases.append({"op": op, "args": [float(a) for a in args], "height": data.shape[0], "width": data.shape[1], "begin": len(results)})
    results += data.tobytes()


modes = {"nearest": M.NEAREST, "bilinear": M.BILINEAR, "bicubic": M.BICUBIC}
for name, mode in modes.items():
    for left, top, width, height, w, h in [(0, 0, 32, 24, 16, 12), (3, 2, 20, 15, 14, 14), (5, 5, 9, 8, 21, 17), (1, 0, 31, 24, 7, 5), (4, 4, 12, 12, 12, 12), (0, 0, 32, 24, 45, 30)]:
        case("resize_" + name, (left, top, width, height, w, h), F.resized_crop(image, top, left, height, width, [h, w], interpolation=mode, antialias=True if name != "nearest" else None))
case("flip_horizontal", (), F.hflip(image))
case("flip_vertical", (), F.vflip(image))
for f in (0, 0.3, 0.7, 1, 1.4, 2.5):
    case("brightness", (f,), F.adjust_brightness(image, f))
    case("contrast", (f,), F.adjust_contrast(image, f))
    case("saturation", (f,), F.adjust_saturation(image, f))
    case("sharpness", (f,), F.adjust_sharpness(image, f))
for f in (-0.5, -0.2, 0, 0.1, 0.45):
    case("hue", (f,), F.adjust_hue(image, f))
case("gray", (), F.rgb_to_grayscale(image, 3))
case("invert", (), F.invert(image))
for t in (0, 60.5, 128, 255):
    case("solarize", (t,), F.solarize(image, t))
for b in (1, 4, 8):
    case("posterize", (b,), F.posterize(image, b))
case("autocontrast", (), F.autocontrast(image))
case("equalize", (), F.equalize(image))
for k, s in ((3, 0.5), (9, 1.7), (23, 2.0), (1, 1.0)):
    case("blur", (k, s), F.gaussian_blur(image, [k, k], [s, s]))
for angle in (-30, 12.5, 90, 135):
    case("rotate", (angle,), F.rotate(image, angle))
for m in (-0.3, 0.12, 0.99):
    case("shear_x", (m,), F.affine(image, 0.0, [0, 0], 1.0, [math.degrees(math.atan(m)), 0.0], center=[0, 0]))
    case("shear_y", (m,), F.affine(image, 0.0, [0, 0], 1.0, [0.0, math.degrees(math.atan(m))], center=[0, 0]))
for m in (-14, 3):
    case("move_x", (m,), F.affine(image, 0.0, [m, 0], 1.0, [0.0, 0.0]))
    case("move_y", (m,), F.affine(image, 0.0, [0, m], 1.0, [0.0, 0.0]))
case("erase", (3, 4, 10, 8, 7, 99, 180), F.erase(image, 4, 3, 8, 10, torch.tensor([7, 99, 180], dtype=torch.uint8)[:, None, None]))
(out / "results.bin").write_bytes(results)

spaces = {}
for name, policy in (("randaugment", autoaugment.RandAugment()), ("trivial", autoaugment.TrivialAugmentWide()), ("auto", autoaugment.AutoAugment())):
    space = policy._augmentation_space(*((31, (H, W)) if name == "randaugment" else (31,) if name == "trivial" else (10, (H, W))))
    spaces[name] = {op: {"magnitudes": [float(v) for v in (m if m.ndim else [m])], "signed": bool(s)} for op, (m, s) in space.items()}
policies = {p.value: [[[op, prob, magnitude if magnitude is not None else -1] for op, prob, magnitude in pair] for pair in autoaugment.AutoAugment(p).policies] for p in autoaugment.AutoAugmentPolicy}
(out / "cases.json").write_text(json.dumps({"cases": cases, "spaces": spaces, "policies": policies}) + "\n")
print(len(cases), "cases,", len(results), "bytes")
