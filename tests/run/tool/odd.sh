# Files as public reports tell of them: transparency, palettes, old checksums, sparse members, words for no value.
source "$TESTS/run/lib.sh"
python3 - <<'PYTHON' || bad "no data"
import io, pathlib, random, struct, tarfile, zlib
random.seed(1)
chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
def png(rows, color, extra=b""):
    width = len(rows[0]) // (3 if color == 2 else 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), 8, color, 0, 0, 0)) + extra + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + chunk(b"IEND", b"")
def write(path, members, **how):
    with tarfile.open(path, "w", **how) as tar:
        for name, data in members:
            member = tarfile.TarInfo(name); member.size = len(data); tar.addfile(member, io.BytesIO(data))
red, white = b"\xc8\x1e\x1e", b"\xff\xff\xff"
write("seen.tar", [("0.png", png([red * 32 + white * 32] * 64, 2, chunk(b"tRNS", b"\0\xff" * 3)))])
palette = chunk(b"PLTE", b"\0\0\0\xff\xff\xff")
board = png([bytes((x + y) % 2 for x in range(64)) for y in range(64)], 3, palette)
for i in range(2):
    folder = pathlib.Path("boards", "ab"[i]); folder.mkdir(parents=True); (folder / "0.png").write_bytes(board)
write("masked.tar", [("0.png", png([red * 64] * 64, 2)), ("0.seg.png", board)])
# Shards of a split by a word in the middle of their names.
pathlib.Path("web").mkdir()
for name, n in (("imagenet-train-000000", 3), ("imagenet-train-000001", 3), ("imagenet-val-000000", 2), ("values-000000", 1)):
    write(f"web/{name}.tar", [(f"{name}{i}.cls", b"1") for i in range(n)])
# SunOS added the bytes of a header with their signs.
write("sun.tar", [("caf\u00e9.cls", b"1")], format=tarfile.USTAR_FORMAT, encoding="latin-1")
data = bytearray(pathlib.Path("sun.tar").read_bytes())
data[148:156] = b" " * 8
data[148:156] = b"%06o\0 " % (sum(b - 256 * (b > 127) for b in data[:512]) % (1 << 18))
pathlib.Path("sun.tar").write_bytes(data)
data[148:156] = b"%06o\0 " % 5000
pathlib.Path("wrong.tar").write_bytes(data)
with open("0.bin", "wb") as file: file.seek(1 << 20); file.write(b"x")
for name, label in (("na", "NA"), ("none", "?")):
    pathlib.Path(name + ".csv").write_text("x,label\n" + "".join(f"{i}.5,{c}\n" for i, c in enumerate(["0", "1", "2", "10", label])))
pathlib.Path("words.csv").write_text("x,label\n1,NA\n2,b\n")  # North America
pathlib.Path("LARGE.CSV").write_text("id,label\n16777217,0\n16777216,1\n33554434,1\n")
pathlib.Path("sheet.tsv").write_text("a\tb\n")
for place, names in (("numbers/train/0", "ab"), ("numbers/train/1", "ab"), ("numbers/val/0", "c"), ("years/train/2020/cat", "ab"), ("years/train/2020/dog", "ab"), ("photo/train/photos", "ab"), ("photo/train/drawings", "ab"), ("photo/val/photos", "c")):
    folder = pathlib.Path(place); folder.mkdir(parents=True)
    for name in names: (folder / f"{name}.png").write_bytes(png([red * 8] * 8, 2))
for name, data in (("gif", b"GIF89a" + bytes(100000)), ("page", b"<!DOCTYPE html><html>"), ("pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n")):
    folder = pathlib.Path(name, "a"); folder.mkdir(parents=True); (folder / "1.png").write_bytes(data)
import os
os.makedirs(b"bytes/na\xefve"); os.makedirs(b"bytes/b")
for folder in (b"bytes/na\xefve", b"bytes/b"): open(folder + b"/0.png", "wb").write(png([red * 8] * 8, 2))
PYTHON
# The transparent color of a PNG becomes an alpha of 0.
expect 0 "1 images, shrunk" "$quix" data convert seen.tar seen --short_side 16
"$quix" data cat seen 0.png >seen.png && python3 - <<'PYTHON' || bad "the transparent color was lost"
import struct, zlib
data = open("seen.png", "rb").read()
width, height, depth, color = struct.unpack(">IIBB", data[16:26])
assert (width, height, depth, color) == (16, 16, 8, 6), (width, height, depth, color)
at, packed = 8, b""
while at < len(data):
    n, kind = struct.unpack(">I4s", data[at:at + 8])
    if kind == b"IDAT": packed += data[at + 8:at + 8 + n]
    at += 12 + n
rows, before, filters = zlib.decompress(packed), bytes(64), []
for y in range(16):
    kind, row = rows[65 * y], bytearray(rows[65 * y + 1:65 * y + 65])
    for i in range(64):
        a, b, c = row[i - 4] if i >= 4 else 0, before[i], before[i - 4] if i >= 4 else 0
        p = a + b - c
        paeth = min((abs(p - v), k, v) for k, v in enumerate((a, b, c)))[2]
        row[i] = (row[i] + [0, a, b, (a + b) // 2, paeth][kind]) % 256
    assert row[3] == 255 and row[63] == 0, (y, list(row))
    before = bytes(row)
PYTHON
# A palette is an image's where it is alone, and a mask's beside another image.
expect 0 "boards/train: 2 samples
png: 2 images, shrunk" bash -c "'$quix' data import boards b/boards && '$quix' data convert b/boards small --short_side 16"
expect 0 "seg.png: 1 masks, nearest pixel" "$quix" data convert masked.tar masked --short_side 16
expect 0 "train: 7 samples
val: 2 samples" "$quix" data ls 'web/*.tar'
expect 2 "split train not found
there are shards of imagenet-train, imagenet-val, values; name splits within names by  web/imagenet-{split}*.tar" "$quix" data head web --split train
expect 0 "train: 6 samples" "$quix" data ls 'web/imagenet-{split}*.tar'
expect 0 "1 sample" "$quix" data ls sun.tar
expect 2 "not a tar archive, or a corrupt one" "$quix" data ls wrong.tar
for format in gnu pax; do
  tar --sparse --format=$format -cf sparse.tar 0.bin
  expect 2 "the member 0.bin is a sparse file, which is not supported" "$quix" data ls sparse.tar
done
expect 2 "na.csv:6: invalid class NA in column label, whose other classes are numbers" "$quix" data import na.csv never --dry-run
expect 2 "none.csv:6: invalid class ? in column label" "$quix" data import none.csv never --dry-run
expect 0 "NA" "$quix" data import words.csv never --dry-run
expect 0 "integers above 16,777,216 that float32 rounds: 2 (the first: line 2, column id)" "$quix" data import LARGE.CSV never --dry-run
expect 2 "sheet.tsv: not a directory or a .csv file" "$quix" data import sheet.tsv never
expect 0 "split val    1
0      0     2      1
1      1     2      0" "$quix" data import numbers never --dry-run
expect 0 "0      drawings  2      0
1      photos    2      1" "$quix" data import photo never --dry-run
expect 0 "0      cat   2" "$quix" data import years never --dry-run
expect 2 "a GIF" "$quix" data import gif never
expect 2 "an HTML page, not the file itself" "$quix" data import page never
expect 2 "Git LFS" "$quix" data import pointer never
expect 2 "DATASET: dataset phtos not found" "$quix" data ls phtos
grep -q -- --data.path <<<"$out" && bad "the tool names an option that it lacks: $out"
# Class names are bytes, in JSON as Python has them.
expect 0 "samples" "$quix" data import bytes named
python3 -c 'import json, os; names = json.load(open("named/config.json"))["metadata"]["classes"]; assert [os.fsencode(n) for n in names] == [b"b", b"na\xefve"], names' || bad "class names"
expect 0 "samples" "$quix" data import bytes named --append
expect 0 "all sound" "$quix" data verify named
finish
