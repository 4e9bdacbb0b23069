# quix data: every command on datasets made here by Python's own libraries, and what it says of bad ones.
source "$TESTS/run/lib.sh"
cat >make.py <<'PY'
import io, pathlib, random, struct, tarfile, zlib
random.seed(4)
def png(w, h, shade):
    rows = b"".join(b"\0" + bytes((shade + 3 * x + c) % 256 for x in range(w) for c in range(3)) for _ in range(h))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
for split, n in (("train", 12), ("val", 4)):
    for k, c in enumerate(("cats", "dogs", "eels")):
        folder = pathlib.Path("tree") / split / c
        folder.mkdir(parents=True)
        for i in range(n + k): (folder / f"{i}.png").write_bytes(png(40, 30 + i, 40 * k + i))
flat = pathlib.Path("flat/sub"); flat.mkdir(parents=True)
for i in range(5):
    (flat / f"{i}.png").write_bytes(png(8, 8, i)); (flat / f"{i}.cls").write_text(str(i))
def tar(path, members):
    mode = "w:gz" if str(path).endswith("gz") else "w:xz" if str(path).endswith("xz") else "w"
    with tarfile.open(path, mode) as out:
        for name, data in members:
            info = tarfile.TarInfo(name); info.size = len(data); out.addfile(info, io.BytesIO(data))
sound = [(f"{i}.{e}", d) for i in range(6) for e, d in (("png", png(9, 9, i)), ("cls", str(i % 2).encode()))]
for name in ("bad", "gz", "xz", "wds"): pathlib.Path(name).mkdir()
members = list(sound)
members[2] = ("1.png", sound[2][1][:40]); members[7] = ("3.cls", b"three"); members.append(("0.png", png(9, 9, 0))); members.append(("0.cls", b"1"))
members += [("7.png", png(9, 9, 1)), ("8.npy", b"\x93NUMPY\x01\x00\xff\xff{"), ("9.pkl", b"cos\nsystem\n")]
tar("bad/train_0000.tar", members)
tar("gz/train_0000.tar.gz", sound); tar("xz/train_0000.tar.xz", sound)
tar("wds/shard-000000.tar", sound)
PY
python3 make.py || exit 1

# Folders of images by class, copied byte for byte.
expect 0 "set/train: 39 samples of png, cls, txt in 4 shards
set/val: 15 samples of png, cls, txt in 2 shards" "$quix" data import tree set --shard_samples 10
grep -q '"classes": \["cats", "dogs", "eels"\]' set/config.json || bad "classes: $(cat set/config.json)"
"$quix" data cat set 000003.png >one.png && "$quix" data cat set 000003.txt >name
cmp -s one.png "tree/train/$(cat name)" || bad "the image is not the file's bytes"
expect 2 "holds no member nothing.png" "$quix" data cat set nothing.png
expect 0 "png: 40x
cls: class 1 (dogs)
2 images in sheet.png" "$quix" data head set -n 2 --sheet sheet.png
python3 -c 'import struct; d = open("sheet.png", "rb").read(); w, h = struct.unpack(">II", d[16:24]); assert (w, h) == (2 * 132 + 4, 132 + 4), (w, h)' || bad "sheet.png"
expect 0 "set/train: 39 samples
3 classes, 0 to 2, of 12 to 14 samples
    0 cats         12
    2 eels         14
mean [" "$quix" data stat set
# Mean and deviation against Python's own arithmetic.
"$quix" data stat set >stat.txt
python3 - <<'PY' || bad "stat's moments: $(grep mean stat.txt)"
import re
values = [[], [], []]
for k in range(3):
    for i in range(12 + k):
        for c in range(3): values[c] += [(40 * k + i + 3 * x + c) % 256 for x in range(40)] * (30 + i)
mean, std = re.search(r"mean \[(.*?)\], std \[(.*?)\]", open("stat.txt").read()).groups()
for c in range(3):
    m = sum(values[c]) / len(values[c])
    s = (sum((v - m) ** 2 for v in values[c]) / len(values[c])) ** 0.5
    assert abs(float(mean.split(",")[c]) - m / 255) < 6e-5 and abs(float(std.split(",")[c]) - s / 255) < 6e-5, (c, m / 255, s / 255)
PY

# Indices.
expect 0 "set/train.index: 39 samples in 4 shards, fresh" "$quix" data index set --check
touch -d '2 hours' set/train_0001.tar
expect 1 "missing, stale or damaged" "$quix" data index set --check
expect 0 "fresh" "$quix" data index set

# Verify: every bad member with shard and offset, and what is odd between samples.
expect 0 "all sound" "$quix" data verify set
expect 1 "bad/train_0000.tar, member 1.png (offset
the PNG is corrupt
member 3.cls (offset
expected a class index, got \"three\"
the key 0 is also in train_0000.tar
the NPY header is truncated" "$quix" data verify bad
for threads in 1 3; do "$quix" data verify set --threads $threads >verify.$threads; done; cmp -s verify.1 verify.3 || bad "verify depends on threads"
head -c 20000 set/train_0002.tar >cut && cp -r set cutset && cp cut cutset/train_0002.tar
expect 1 "cutset/train_0002.tar
truncated" "$quix" data verify cutset
expect 0 "9 bytes" bash -c 'printf 123456789 >flat/sub/0.bin; "$0" data pack flat packed --shard_samples 3 >/dev/null && "$0" data head packed' "$quix"
expect 0 "packed/train: 5 samples" "$quix" data ls packed
mkdir odd && python3 - <<'PY'
import io, tarfile
with tarfile.open("odd/train_0000.tar", "w") as out:
    names = [f"{i}.{e}" for i in range(50) for e in ("cls", "txt")] + ["50.cls", "../51.cls", "/52.cls", "53.cls", "53.cls"]
    for name in names:
        info = tarfile.TarInfo(name); info.size = 1; out.addfile(info, io.BytesIO(b"1"))
PY
expect 1 "member ../51.cls (offset 103936): its name leads out of the archive
member /52.cls (offset 104960): its name leads out of the archive
member 53.cls (offset 107008): duplicate member in one sample
4 samples lack txt (the first: odd/train_0000.tar, key 50)
odd/train: 54 samples, 4 problems" "$quix" data verify odd
expect 1 "and 3 more" "$quix" data verify odd --limit 1

# Compressed shards are read as training reads them, one archive is a dataset, and so are patterns and several.
cp gz/train_0000.tar.gz photos.tgz && cp wds/shard-000000.tar val_1.tar
for dataset in gz xz photos.tgz val_1.tar wds/shard-000000.tar 'xz/*.tar.xz' gz::xz wds; do
  name=$dataset/train n=6
  case $dataset in *:*) n=12 name="$dataset, train" ;; *tar|*tgz|*\**) name="$dataset, train" ;; wds) name=wds/shard ;; esac
  [ "$dataset" != val_1.tar ] || name="val_1.tar, val"
  expect 0 "$name: $n samples of png, cls in" "$quix" data ls "$dataset"
  expect 0 "png: 9x9 PNG
cls: class 0" "$quix" data head "$dataset" -n 1
  expect 0 "$name: $n samples
9x9 PNG: $n" "$quix" data stat "$dataset"
  [ $n != 6 ] || expect 0 "$name: 6 samples, all sound" "$quix" data verify "$dataset"
  "$quix" data cat "$dataset" 3.png | cmp -s - <(tar -xOf wds/shard-000000.tar 3.png) || bad "cat of $dataset"
done
expect 2 "archive none.tar not found; searched none.tar, data/none.tar" "$quix" data ls none.tar
expect 2 "no shards of the split train match val_1.tar; there are shards of val" "$quix" data head val_1.tar --split train
mkdir hollow cutgz; expect 2 "hollow: no tar shards found" "$quix" data verify hollow
head -c 300 gz/train_0000.tar.gz >cutgz/train_0000.tar.gz
expect 1 "cutgz/train_0000.tar.gz: cannot be unpacked" "$quix" data verify cutgz
expect 2 "cutgz/train_0000.tar.gz: cannot be unpacked" "$quix" data ls cutgz

# Images whose EXIF orientation is not upright are counted, and named; animations are read.
(cd "$TESTS/golden/orientation" && tar cf "$OLDPWD/turned.tar" 1.jpg 3.jpg 6big.jpg 7xmp.jpg &&
  tar cf "$OLDPWD/moving.tar" 8.webp frame_alpha.webp)
expect 0 "turned.tar, train: 4 samples
45x30 JPEG: 4
3 with an EXIF orientation that is not upright" "$quix" data stat turned.tar
expect 0 "6big
jpg: 45x30 JPEG, EXIF orientation 6" "$quix" data head turned.tar -n 9
expect 0 "45x30 WebP: 2
1 with an EXIF orientation" "$quix" data stat moving.tar
expect 0 "all sound" "$quix" data verify moving.tar

# Compressed shards are converted.
for kind in gz xz; do
  expect 0 "plain_$kind/train: 6 samples of png, cls in 1 shard" "$quix" data convert $kind plain_$kind
done
cmp -s plain_gz/train_0000.tar plain_xz/train_0000.tar || bad "gz and xz convert to different shards"
expect 0 "wds_new/shard: 6 samples of jpg, cls" "$quix" data convert wds wds_new --rename png=jpg
expect 0 "smaller/train: 39 samples of png, cls in 1 shard
png: 54 images, shrunk, JPEG
cls: 54 copied" "$quix" data convert set smaller --short_side 12 --drop txt
expect 0 "16x12 JPEG" "$quix" data stat smaller
expect 2 "./set: is the source itself" "$quix" data convert set ./set
expect 2 "--masks: no member has the suffix sge.png; the suffixes are cls, png, txt" "$quix" data convert set typo --short_side 12 --masks sge.png
# One dataset with everything at once: a mask that no name tells, boxes, and coordinates that are refused.
python3 - <<'PY'
import io, tarfile
exec(open("make.py").read().split("for split")[0])
import array
boxes = b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 4), }".ljust(127) + b"\n" + array.array("f", [4, 6, 20, 24]).tobytes()
gray = b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in (
    (b"IHDR", struct.pack(">IIBBBBB", 40, 30, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(b"".join(b"\0" + bytes(40 * [y]) for y in range(30)))), (b"IEND", b"")))
with tarfile.open("scenes.tar", "w") as out:
    for name, data in (("0.png", png(40, 30, 7)), ("0.target.png", gray), ("0.boxes.npy", boxes), ("0.json", b'{"bbox": [1, 2, 3, 4]}')):
        info = tarfile.TarInfo(name); info.size = len(data); out.addfile(info, io.BytesIO(data))
PY
expect 2 "scenes.tar, member 0.json: has coordinates (bbox)
--copy json" "$quix" data convert scenes.tar refused --short_side 15
expect 0 "png: 1 images, shrunk, JPEG
target.png: 1 masks, nearest pixel, PNG
boxes.npy: 1 boxes, scaled" "$quix" data convert scenes.tar scenes --short_side 15 --drop json
"$quix" data cat scenes 0.boxes.npy | tail -c 16 | od -An -tf4 | tr -s ' ' | grep -q '^ 2 3 10 12' || bad "boxes are not scaled"
expect 0 "target.png: 1 members
20x15 PNG: 1" "$quix" data stat scenes
expect 2 "bad/train_0000.tar, member 1.png: the PNG is corrupt" "$quix" data convert bad never --short_side 4
# --overwrite replaces a dataset when the new one is complete, and not before.
cp -r smaller keep && expect 2 "the PNG is corrupt" "$quix" data convert bad keep --short_side 4 --overwrite
diff -r smaller keep || bad "a failed --overwrite lost the dataset"
expect 0 "keep/train: 6 samples" "$quix" data convert xz keep/ --overwrite
[ ! -e keep/val_0000.tar ] && [ "$(echo keep*)" = keep ] || bad "--overwrite left something: $(ls -d keep* keep/*)"
# It removes nothing that is not part of a dataset: neither another's config.json nor files beside the shards.
mkdir hf && echo '{"model_type": "vit"}' >hf/config.json && echo w >hf/model.bin && cp -r hf hf_before
expect 2 "--overwrite: hf holds config.json, which is not part of a dataset" "$quix" data pack flat hf --overwrite
mkdir vocab && echo '{"vocab_file": "vocab.txt"}' >vocab/config.json && echo w >vocab/vocab.txt
expect 2 "--overwrite: vocab holds config.json, which is not part of a dataset" "$quix" data pack flat vocab --overwrite
cp -r keep noted && touch noted/notes.txt && mkdir -p noted/raw/a && cp -r noted noted_before
expect 2 "--overwrite: noted holds notes.txt, which is not part" "$quix" data convert xz noted --overwrite
rm noted/notes.txt noted_before/notes.txt; expect 2 "noted holds raw, which is not part" "$quix" data convert xz noted --overwrite
rmdir noted/raw/a noted/raw && cp gz/train_0000.tar.gz noted/backup.tar.gz
expect 2 "noted holds backup.tar.gz, which is not part" "$quix" data convert xz noted --overwrite
rm noted/backup.tar.gz; touch noted/train_0001.tar noted/train_0001.tar.part
expect 0 "noted/train: 6 samples" "$quix" data convert xz noted/ --overwrite
[ "$(ls noted | xargs)" = "config.json train.idx.json train.index train_0000.tar" ] || bad "--overwrite: $(ls noted)"
diff -r hf hf_before || bad "--overwrite changed another's directory"
ln -s noted linked; expect 0 "linked/train: 6 samples" "$quix" data convert gz linked --overwrite
[ -L linked ] && [ "$(ls -d noted.* linked.* 2>/dev/null)" = "" ] || bad "--overwrite through a link: $(ls -d noted* linked*)"
# Shards without a config.json are not replaced either.
cp -r wds bare && mv bare/shard-000000.tar bare/train_0000.tar && cp -r bare bare_before
for how in "" --append; do expect 2 "bare: holds train_0000.tar without a config.json" "$quix" data convert xz bare $how; done
expect 2 "--overwrite: bare holds train_0000.tar, which" "$quix" data convert xz bare --overwrite
diff -r bare bare_before || bad "shards were replaced"
# A destination is apart from the source, whatever the option and the way it is written.
cp -r tree tree_before; cp -r set set_before; ln -s tree tree_link
for how in "" --append --overwrite --dry_run; do
  expect 2 "tree: is the source itself" "$quix" data import tree tree $how
  expect 2 "tree_link/: is the source itself" "$quix" data import tree tree_link/ $how
  expect 2 "flat: is the source itself" "$quix" data pack flat flat $how
  expect 2 "tree/new: is in the source tree" "$quix" data import tree tree/new $how
  expect 2 ".: holds the source tree" "$quix" data import tree . $how
done
for how in "" --append --overwrite; do
  expect 2 "set/../set/new: is in the source set" "$quix" data convert set set/../set/new $how
  expect 2 "set: is the source itself" "$quix" data split set set $how
  expect 2 "xz: is the source itself" "$quix" data convert gz::xz xz $how
  expect 2 "xz: holds the source xz/train_0000.tar.xz" "$quix" data convert 'xz/*.tar.xz' xz $how
done
diff -r tree tree_before && diff -r set set_before || bad "a source was changed"

# What is not readable as one sample, and options that name no suffix, are named as the input has them.
echo 1 | tee 0.cls >1.cls && tar --hard-dereference -cf twice.tar 0.cls 1.cls 1.cls
expect 2 "twice.tar, member 1.cls: duplicate member in one sample" "$quix" data convert twice.tar never --rename cls=label
expect 2 "twice.tar, member 1.cls: duplicate member in one sample" "$quix" data split twice.tar never --by ''
expect 2 "odd/train_0000.tar, sample ../51: the member name \"../51.cls\" is empty, absolute" "$quix" data convert odd never
mkdir again && tar cf again/train_0000.tar 0.cls && cp again/train_0000.tar again/train_0001.tar
expect 2 "again/train_0001.tar, sample 0: duplicate key 0" "$quix" data convert again never
expect 2 "--rename txt=cls: the sample 000000 of set/train_0000.tar has cls and txt, which would both be cls" "$quix" data convert set never --rename txt=cls
expect 2 "--rename txt=x: the sample 000000 of set/train_0000.tar has cls and txt" "$quix" data convert set never --rename txt=x,cls=x
for option in "--drop nope" "--copy nope" "--images nope" "--rename nope=cls"; do
  expect 2 "${option% *}: no member has the suffix nope; the suffixes are cls, png, txt" "$quix" data convert set never $option
done
[ -z "$(ls -d never* 2>/dev/null)" ] || bad "a refused convert left $(ls -d never*)"
expect 0 "swapped/train: 39 samples of png, txt, cls" "$quix" data convert set swapped --rename txt=cls,cls=txt

# Facts of config.json are kept: class names, numbers of classes, and custom facts; the numbers of samples are new.
facts() { python3 -c 'import json, sys; print(json.dumps(json.load(open(sys.argv[1] + "/config.json"))["metadata"], sort_keys=True))' "$1"; }
cp -r set facts && python3 - <<'PY'
import json
config = json.load(open("facts/config.json"))
config["metadata"] |= {"num_classes": 3, "num_views": 2, "source": {"url": "x"}}; config["license"] = ["MIT"]
json.dump(config, open("facts/config.json", "w"))
PY
kept='"classes": ["cats", "dogs", "eels"], "license": ["MIT"], "num_classes": 3'
expect 0 "facts2/train: 39" "$quix" data convert facts facts2 --rename cls=label.cls
[ "$(facts facts2)" = "{$kept, \"num_train\": 39, \"num_val\": 15, \"num_views\": 2, \"source\": {\"url\": \"x\"}}" ] || bad "convert's facts: $(facts facts2)"
expect 0 "facts3/a: 20 samples" "$quix" data split facts facts3 --splits a,b --fractions 0.5,0.5
[ "$(facts facts3)" = "{${kept/\"num_classes/\"num_a\": 20, \"num_b\": 19, \"num_classes}, \"num_views\": 2, \"source\": {\"url\": \"x\"}}" ] || bad "split's facts: $(facts facts3)"
expect 0 "facts/train: 78 samples" "$quix" data import tree facts --append
[ "$(facts facts)" = "{$kept, \"num_train\": 78, \"num_val\": 30, \"num_views\": 2, \"source\": {\"url\": \"x\"}}" ] || bad "append's facts: $(facts facts)"
cp -r set other && sed -i 's/eels/emus/' other/config.json
expect 2 "--append: the classes differ: other/config.json has [\"cats\", \"dogs\", \"emus\"]; the source has" "$quix" data convert set other --append
expect 0 "left out: classes of config.json, in which the datasets differ" "$quix" data convert gz::set::other joined

# Split: disjoint, complete, stratified, the same every time.
expect 0 "parts/train: 27 samples
parts/val: 12 samples" "$quix" data split set parts --fractions 0.7,0.3
"$quix" data split set parts2 --fractions 0.7,0.3 >/dev/null; cmp -s parts/train_0000.tar parts2/train_0000.tar || bad "split is not the same every time"
python3 - <<'PY' || bad "split"
import collections, tarfile
def classes(path): 
    with tarfile.open(path) as t: return {m.name: t.extractfile(m).read() for m in t if m.name.endswith(".cls")}
a, b = classes("parts/train_0000.tar"), classes("parts/val_0000.tar")
assert not a.keys() & b.keys() and len(a) + len(b) == 39
ca, cb = collections.Counter(a.values()), collections.Counter(b.values())
for c, n in ((b"0", 12), (b"1", 13), (b"2", 14)): assert abs(ca[c] - 0.7 * n) <= 1 and ca[c] + cb[c] == n
PY
expect 2 "fractions
splits
must have the same length" "$quix" data split set x --fractions 1
expect 2 "must sum to 1, got 1.1" "$quix" data split set x --fractions 0.9,0.2
# Old names of flags.
expect 0 "quix: --shares is now called --fractions
quix: --folds is now called --splits
parts3/val: 12 samples" "$quix" data split set parts3 --shares 0.7,0.3 --folds train,val
expect 0 "quix: --fold is now called --split" "$quix" data head set --fold val

# CSV.
printf 'a,b,kind\n1,2.5,"x, y"\n3,,z\n-1e3,0,z\n' >t.csv
expect 0 "table/train: 3 samples of x.npy, cls" "$quix" data import t.csv table --target kind
grep -q '"columns": \["a", "b"\], "classes": \["x, y", "z"\]' table/config.json || bad "CSV: $(cat table/config.json)"
"$quix" data cat table 000002.x.npy | tail -c 8 | od -An -tf4 | grep -q '\-1000 *0' || bad "CSV's numbers"
expect 2 "t.csv: column label not found; columns: a, b, kind. --target names one of them" "$quix" data import t.csv x
printf 'a,label\n1,2\nx,3\n' >u.csv; expect 2 "u.csv:3: expected a number in column a, got x" "$quix" data import u.csv x2
printf 'a,label\n1,2,3\n' >u.csv; expect 2 "u.csv:2: has 3 cells, the header 2" "$quix" data import u.csv x3
expect 2 "flat/sub: holds 5 images (the first: 0.png) and no class directories" "$quix" data import flat/sub x4
mkdir -p fake/a; echo text >fake/a/1.jpg; expect 2 "fake/a/1.jpg: not a JPEG, PNG or WebP image" "$quix" data import fake x5
for command in import pack ls head cat stat verify index convert split; do
  expect 0 "usage: quix data $command" "$quix" data $command --help
done
finish
