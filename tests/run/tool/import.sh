# quix data import and pack: what becomes a split, a class, a member, or is left out, is shown before anything is written,
# and what names do not tell is an error with the option that settles it.
source "$TESTS/run/lib.sh"
cat >make.py <<'PY'
import os, pathlib, struct, zlib
def png(w, h, shade):
    rows = b"".join(b"\0" + bytes((shade + x + c) % 256 for x in range(w) for c in range(3)) for _ in range(h))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
jpeg = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb0043000302020302020303030304030304050805050404050a070706080c0a0c0c0b0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f171816141812141514ffc0000b080001000101011100ffc40014000100000000000000000000000000000009ffc40014100100000000000000000000000000000000ffda0008010100003f002a7fffd9")
def put(path, data=None):
    path = pathlib.Path(path); path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if data is not None else png(4, 4, 9))
for k, c in enumerate(("cat", "dog")):
    for i in range(3 + k): put(f"real/archive/Training/{c}/{i}.png", png(4, 4 + i, i))
    put(f"real/archive/Val/{c}/0.jpg", jpeg)
put("real/archive/__MACOSX/Training/cat/._0.png"); put("real/archive/Training/cat/.DS_Store", b"x")
put("real/archive/Training/cat/note.txt", b"x"); put("real/archive/Training/dog/a.gif", b"x"); put("real/archive/Training/dog/b.GIF", b"x")
put("real/archive/docs/read.me", b"x"); put("real/README", b"x")
put("elsewhere/1.png"); os.symlink("../../../../elsewhere", "real/archive/Training/cat/more")
for d in ("train", "Training", "bus"): put(f"unclear/{d}/a/1.png")
for i in range(4):
    put(f"loose/train/s{i}.PNG"); put(f"loose/train/s{i}.cls", b"1"); put(f"loose/Validation/deep/s{i}.png"); put(f"loose/Validation/deep/s{i}.cls", b"0")
put("loose/.git/config.txt", b"x"); put("loose/train/.s.png"); put("loose/train/Makefile", b"x"); put("loose/lost+found/1.png"); put("loose/list.csv", b"x")
for i in range(3): put(f"coco/images/train/{i}.png"); put(f"coco/masks/train/{i}.png"); put(f"coco/annotations/train/{i}.json", b"{}")
for i in range(2): put(f"dots/photo_1.{i}.png")
put("onedot/photo_1.0.png"); put("onedot/b.png")
put("flat/train/1.png"); put("flat/val/1.png")
PY
python3 make.py || exit 1

# A table before anything is written.
expect 0 "archive/Training/ split train 7
archive/Val/ split val 2
archive/__MACOSX/ not data
archive/docs/ left out: no images
class name train val
0 cat 3 1
1 dog 4 1
images: 2 JPEG, 7 PNG
left out of train: files of type .gif: 2 (the first: real/archive/Training/dog/a.gif)
left out of train: files of type .txt: 1 (the first: real/archive/Training/cat/note.txt)
left out of train: linked directories: 1 (the first: real/archive/Training/cat/more)
not data: hidden or system files: 1" "$quix" data import real set --dry-run
[ ! -e set ] || bad "--dry-run wrote something"
grep -q "struct Sample" <<<"$out" && bad "--dry-run shows a struct"
# After it: splits, and the struct to paste. One suffix for JPEG and PNG in all splits.
expect 0 "set/train: 7 samples of img, cls, txt
set/val: 2 samples of img, cls, txt
struct Sample {
quix::Image<\"img\"> image; // 2 JPEG, 7 PNG, of 1x1 to 4x7 pixels: add quix::Resize or quix::RandomResizedCrop to augment
quix::Class<\"cls\"> label; // 2 classes" "$quix" data import real set
# --append means the same classes, and continues the keys.
expect 2 "holds a dataset already
--overwrite
--append" "$quix" data import real set
expect 0 "set/train: 14 samples of img, cls, txt in 2 shards" "$quix" data import real set --append
"$quix" data verify set >verify.txt; grep -q "set/train: 14 samples, all sound" verify.txt || bad "what was appended is not sound"
[ "$(grep -o '"classes"' set/config.json | wc -l)" = 1 ] || bad "classes twice: $(cat set/config.json)"
mkdir -p other/eel && cp elsewhere/1.png other/eel/
expect 2 "--append: the classes differ: set/config.json has cat, dog; the source has eel" "$quix" data import other set --append
# --classes renames, which the table shows; it neither exchanges classes nor loses one.
expect 0 "class name directory train val
0 Felis cat 3 1
1 Canis dog 4 1" "$quix" data import real renamed --classes Felis,Canis
grep -q '"classes": \["Felis", "Canis"\]' renamed/config.json || bad "--classes: $(cat renamed/config.json)"
expect 0 "renamed/train: 14" "$quix" data import real renamed --classes Felis,Canis --append
expect 2 "--append: the classes differ: renamed/config.json has Felis, Canis; the source has cat, dog" "$quix" data import real renamed --append
expect 0 "class name train val
0 cat 3 1" "$quix" data import real new --classes cat,dog --dry-run
expect 2 "--classes: has the names of the source in another order, which would exchange classes; write cat,dog" "$quix" data import real new --classes dog,cat
expect 2 "--classes: has 3 names for 2 classes" "$quix" data import real new --classes a,b,c
expect 2 "--classes: has 1 name for 2 classes" "$quix" data import real new --classes a --dry-run
expect 2 "--classes: names a twice" "$quix" data import real new --classes a,a
# Ambiguity names what settles it.
expect 2 "unclear: Training/ and train/ could both be the split train; choose one with --map train=train, or leave one out with --ignore Training" "$quix" data import unclear new
expect 2 "other directories of images: bus; write --ignore bus to leave one out, --map test=bus" "$quix" data import unclear new --ignore Training
expect 0 "train/ split train 1
bus/ split test 1
Training/ ignored" "$quix" data import unclear new --ignore Training --map test=bus --dry-run
expect 0 "Training/ split train 1
train/ left out: not the split train
bus/ left out: not mapped to a split" "$quix" data import unclear new --map train=Training --dry-run
expect 0 "0 Training 1
1 bus 1
2 train 1" "$quix" data import unclear new --map train=. --dry-run
expect 2 "flat/train: images without class directories" "$quix" data import flat new
printf 'file,label\narchive/Val/cat/0.jpg,1\n' >real/archive/val.csv
expect 0 "set/train" "$quix" data import real set --overwrite
cp -r real/archive both && printf 'file,label\nVal/cat/0.jpg,1\n' >both/val.csv
expect 2 "both/val.csv: names images that are also in class directories
write --format folders" "$quix" data import both new
expect 0 "Training/ split train" "$quix" data import both new --format folders --dry-run
[ ! -e new ] && [ -z "$(ls -d new.* 2>/dev/null)" ] || bad "a refused import left something: $(ls -d new*)"

# Only the format that was asked for, or a sentence.
expect 2 "both: holds no train.csv; name the table:  quix data import both/val.csv DATASET" "$quix" data import both new --format csv
cp both/val.csv both/train.csv && rm both/val.csv
expect 2 "both/train.csv: column file names images (Val/cat/0.jpg)" "$quix" data import both new --format csv
expect 2 "--format pt: import reads csv, idx and folders" "$quix" data import both new --format pt
expect 2 "--format safetensors: import reads" "$quix" data import both new --format safetensors
expect 2 "both: holds no train-images-idx3-ubyte" "$quix" data import both new --format idx
mkdir tabled && cp -r both/Training tabled/ && printf 'a,label\n1,0\n' >tabled/train.csv
expect 0 "x: 1 columns" "$quix" data import tabled new --format csv --dry-run
expect 2 "tabled/train.csv: is a CSV table, and --format names something else" "$quix" data import tabled/train.csv new --format idx
# What a directory holds that import does not read.
mkdir -p linked/train && ln -s ../../real/archive/Training/cat linked/train/cat && ln -s ../../real/archive/Training/dog linked/train/dog
expect 2 "linked: train/ holds only linked directories, and links are left out; write --map train=train" "$quix" data import linked new
expect 0 "0 cat 3" "$quix" data import linked new --map train=train --dry-run
mkdir -p loose1 loose2/images loose2/annotations pair && cp elsewhere/1.png loose1/ && cp elsewhere/1.png loose2/images/ && echo '{}' >loose2/annotations/1.json
expect 2 "loose1: holds 1 images (the first: 1.png) and no class directories; put each into a directory" "$quix" data import loose1 new
expect 2 "loose2: holds images/ and annotations/, and no class directories; write  quix data pack loose2 DATASET --join true" "$quix" data import loose2 new
expect 0 "train 2 1" "$quix" data pack loose2 new --join true --dry-run
printf 'a,label\n1,0\n' | tee pair/train.csv >pair/val.csv
for format in "" "--format csv"; do expect 2 "pair: holds the tables train.csv, val.csv; an experiment reads them as they are
quix data import pair/train.csv DATASET" "$quix" data import pair new $format; done
rm pair/*.csv && printf 'path,label\nim/0.png,1\n' >pair/list.csv
expect 2 "pair: holds list.csv, and no class directories" "$quix" data import pair new
expect 2 "pair/list.csv: column path names images (im/0.png), and tables of images are not read" "$quix" data import pair/list.csv new
rm pair/list.csv; expect 2 "pair: holds no class directories
there is nothing" "$quix" data import pair new
# Images without classes are counted; a class that training lacks.
mkdir -p more/train/a more/val/e more/test/deep && cp elsewhere/1.png more/train/a/ && cp elsewhere/1.png more/val/e/ && cp elsewhere/1.png more/test/
expect 2 "more/val/e: class not found in the training directory; write --ignore val/e to leave it out" "$quix" data import more new
cp -r more/train/a more/val/ && expect 0 "test/ left out: images without class directories 1" "$quix" data import more new --ignore val/e --dry-run
# Splits below other directories.
for a in a b; do for s in train val; do mkdir -p inverted/$a/$s images2/$a/$s && cp elsewhere/1.png inverted/$a/$s/; done; done
expect 2 "inverted: a/train/ has the name of a split and is below a/, which is not a split; write --map train=. to make a/ a class with all that is below, or move it: train/a/" "$quix" data import inverted new
expect 0 "0 a 2" "$quix" data import inverted new --map train=. --dry-run
mkdir -p whole/a/train/x && cp elsewhere/1.png whole/a/train/x/ && cp -r real/archive/Val/cat whole/b
expect 2 "--map train=a/train to take that directory alone" "$quix" data import whole new
expect 0 "a/train/ split train" "$quix" data import whole new --map train=a/train --dry-run
expect 2 "inverted: a/train/ has the name of a split and lies below a directory that is none; write --split train" "$quix" data pack inverted new
expect 0 "train 4 4" "$quix" data pack inverted new --split train --dry-run
mkdir -p pairs/images/train pairs/images/val pairs/labels/train pairs/labels/val
for s in train val; do cp elsewhere/1.png pairs/images/$s/ && echo 0 >pairs/labels/$s/1.cls; done
expect 2 "images/train/ has the name of a split" "$quix" data pack pairs new --join false
expect 0 "val 2 1" "$quix" data pack pairs new --join true --dry-run
[ ! -e new ] || bad "a refused import wrote something"

# IDX files in a wrapping directory, and with a dot in their names.
make_shapes idx/raw/deep && mkdir dotted && for f in idx/raw/deep/*; do cp "$f" "dotted/$(basename "$f" | sed 's/-idx/.idx/')"; done
expect 0 "idx/raw/deep/train-images-idx3-ubyte split train: images, png
0 w
3 z
digits/train: 410 samples
quix::Image<\"png\", quix::gray> image" "$quix" data import idx digits --classes w,x,y,z
expect 2 "--classes: has 3 names for 4 classes" "$quix" data import idx new --classes w,x,y
expect 0 "dotted/t10k-labels.idx1-ubyte split val: classes, cls
410 samples" "$quix" data import dotted digits2

# CSV: pandas' index, a comma at each line's end, numbers that sort as numbers.
printf ',a,grade,\n0,1,10.0,\n1,2,2.0,\n2,3,0.0,\n' >t.csv
expect 0 "left out the first column, an index without a name
class grade train
0 0 1
2 2 1
10 10 1
x: 1 columns
quix::Npy<\"x.npy\", float> x; // 1 columns
quix::Class<\"cls\"> label; // grade: 3 classes" "$quix" data import t.csv table --target grade
expect 2 "--classes: has 2 names for 11 classes" "$quix" data import t.csv new --target grade --classes a,b
printf 'a,gr\366\337e\n1,k\374hl\n2,warm\n' >l.csv
expect 0 "not UTF-8; read as Windows-1252
0 kühl 1" "$quix" data import l.csv latin --target größe
expect 0 "class name größe train
0 cold kühl 1" "$quix" data import l.csv cold --target größe --classes cold,warm
expect 2 "--classes: has the names of the source in another order" "$quix" data import l.csv new --target größe --classes warm,kühl
python3 -c 'import json; assert json.load(open("latin/config.json", encoding="utf-8"))["metadata"]["classes"] == ["kühl", "warm"]' || bad "config.json"
printf 'a,label\n1,01\n,1\nnan,2\n' >z.csv
expect 0 "z.csv: column label: 01 and 1 are one class
z.csv: cells that are empty or nan, read as NaN: 2 (the first: line 3, column a)" "$quix" data import z.csv new --dry-run
printf 'a,label\n1e400,1\n' >z.csv; expect 2 "z.csv:2: column a holds 1e400, which is infinite" "$quix" data import z.csv new
printf 'a,a,label\n1,2,3\n' >u.csv; expect 2 "u.csv: duplicate column a, as column 1 and column 2" "$quix" data import u.csv new
expect 0 "table/train: 6 samples" "$quix" data import t.csv table --target grade --append
printf 'b,grade\n1,1\n' >u.csv; expect 2 "--append: the columns differ: table/config.json has a; the source has b" "$quix" data import u.csv table --target grade --append

# pack: splits by directories, members, files and samples are counted.
expect 0 "split files samples
train 8 4
val 8 4
member samples
cls 8
png 8
left out: files outside of the directories of splits: 1 (the first: loose/list.csv)
left out: files without a suffix: 1 (the first: loose/train/Makefile)
not data: hidden or system files: 3" "$quix" data pack loose packed --dry-run
expect 0 "packed/train: 4 samples of cls, png
packed/val: 4 samples
quix::Image<\"png\"> image;
quix::Class<\"cls\"> label;" "$quix" data pack loose packed
"$quix" data cat packed deep/s1.cls --split val >/dev/null 2>&1 || "$quix" data head packed | grep -q "s1" || bad "keys of pack"
expect 0 "all/train: 9 samples" "$quix" data pack loose all --split train
expect 2 "contains annotations/, images/, masks/ next to each other
--join true
--join false" "$quix" data pack coco joined
expect 0 "joined/train: 3 samples of json, masks.png, png" "$quix" data pack coco joined --join true
# Dots in names.
expect 2 "dots/photo_1.1.png: would become a member of the same sample as dots/photo_1.0.png
--key_end last_dot" "$quix" data pack dots d1
expect 0 "d1/train: 2 samples of png" "$quix" data pack dots d1 --key_end last_dot
expect 0 "d2/train: 1 samples of 0.png, 1.png" "$quix" data pack dots d2 --key_end first_dot
expect 0 "dots in names: 1; onedot/photo_1.0.png becomes the member 0.png of the sample photo_1" "$quix" data pack onedot d3

# A raw directory before a dataset of the same name.
mkdir -p data/raw raw && cp set/* data/raw/ && echo x >raw/readme
expect 2 "raw: no data to read, but hides data/raw, which has data; name data/raw, or rename raw" "$quix" data ls raw
finish
