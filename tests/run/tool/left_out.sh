# What training leaves out is counted and named by ls, stat and verify; names that are not ASCII are written and read.
source "$TESTS/run/lib.sh"
export LC_ALL=C
cat >make.py <<'PY'
import io, pathlib, tarfile
def tar(path, members):
    path = pathlib.Path(path); path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT, encoding="utf-8") as out:
        for name, data in members:
            info = tarfile.TarInfo(name)
            if isinstance(data, bytes): info.size = len(data); out.addfile(info, io.BytesIO(data))
            else: info.type, info.linkname = data; out.addfile(info)
    return path
two = lambda i: [(f"{i}.txt", b"text"), (f"{i}.cls", b"1")]
whole = sum((two(i) for i in range(20)), [])
tar("whole/train_0000.tar", whole)
tar("lacks/train_0000.tar", whole + [("a.txt", b"x")] + two(30) + [(f"b{i}.txt", b"x") for i in range(12)])
tar("apart/train_0000.tar", [(f"{i}.txt", b"x") for i in range(5)] + [(f"{i}.cls", b"1") for i in range(5)] + two(7))
tar("capitals/train_0000.tar", whole + [("E.TXT", b"x"), ("E.Cls", b"2")])
tar("links/train_0000.tar", two(1) + [("2.txt", (tarfile.LNKTYPE, "1.txt")), ("2.cls", b"1"), ("3.txt", (tarfile.SYMTYPE, "1.txt")), ("3.cls", b"1")])
tar("dangling/train_0000.tar", whole + [("x.txt", (tarfile.SYMTYPE, "gone.txt")), ("x.cls", b"1")])
tar("names/train_0000.tar", whole + [("README", b"x"), (".hidden", b"x")])
tar("unlisted/train_0000.tar", whole); tar("unlisted/train_0001.tar", two(30))
pathlib.Path("unlisted/config.json").write_text('{"train": "train_{0000..0000}.tar", "extensions": ["txt", "cls"], "metadata": {}}')
pathlib.Path("joined").mkdir()
more = tar("more/train_0000.tar", two(40) + two(41))
pathlib.Path("joined/train_0000.tar").write_bytes(pathlib.Path("whole/train_0000.tar").read_bytes() + more.read_bytes())
tar("index/train_0000.tar", whole)
pathlib.Path("index/train.idx.json").write_text('{"train_0000.tar": {".txt": {"0": 0}}}')
for name in ("naïve", "日本", "é" * 60, "plain", "ü" * 120):
    pathlib.Path("files").mkdir(exist_ok=True)
    pathlib.Path(f"files/{name}.txt").write_text(name); pathlib.Path(f"files/{name}.cls").write_text("1")
open(b"files/na\xefve.txt", "w").write("latin"); open(b"files/na\xefve.cls", "w").write("1")
PY
python3 make.py || exit 1
# set, samples, what is said of it; verify's answer is 1 where something is.
says() {
  local set=$1 samples=$2 code=0
  [ -n "$3" ] && code=1
  expect 0 "$set/train: $samples samples"$'\n'"$3" "$quix" data ls "$set"
  expect 0 "$set/train: $samples samples"$'\n'"$3" "$quix" data stat "$set"
  expect $code "$set/train: $samples samples"$'\n'"$3" "$quix" data verify "$set"
  local sound=1
  grep -q "all sound" <<<"$out" && sound=0
  [ $sound = $code ] || bad "verify $set: $out"
}
says whole 20 ""
says lacks 34 "13 samples lack cls (the first: lacks/train_0000.tar, key a)"
says apart 6 "5 samples have members that are not adjacent in the archive (the first: apart/train_0000.tar, key 0)"
says capitals 21 ""
expect 0 "capitals/train: 21 samples of txt, cls in 1 shard" "$quix" data ls capitals
says links 3 ""
says dangling 21 "1 sample lacks txt (the first: dangling/train_0000.tar, key x)
1 link leads to no file of the archive (the first: dangling/train_0000.tar, member x.txt)"
says names 20 "1 file is not part of a sample: its name has no key or no suffix (the first: names/train_0000.tar, member README)"
says joined 20 "2 samples are after the end marks of archives (the first: joined/train_0000.tar, member 40.txt at byte"
expect 0 "unlisted/train_0001.tar: config.json does not list this shard" "$quix" data ls unlisted
expect 1 "unlisted/train_0001.tar: config.json does not list this shard" "$quix" data verify unlisted
expect 1 "index/train.idx.json: lists 1 members, the shards have 40" "$quix" data verify index
cp -r whole absent; sed 's/0000}/0001}/' unlisted/config.json >absent/config.json
expect 1 "absent/train_0001.tar: cannot be opened: No such file or directory" "$quix" data verify absent
mkdir packed_bad; gzip -c whole/train_0000.tar | head -c 300 >packed_bad/train_0000.tar.gz
expect 1 "packed_bad/train_0000.tar.gz: cannot be unpacked: " "$quix" data verify packed_bad
mkdir cut_off; head -c 5000 whole/train_0000.tar >cut_off/train_0000.tar
expect 1 "cut_off/train_0000.tar: the tar archive is truncated" "$quix" data verify cut_off
expect 0 "all sound" "$quix" data verify lacks --members txt
expect 1 "34 samples lack png" "$quix" data verify lacks --members txt,png
expect 0 "bytes after the end mark
1 if there is
listed shard that does not exist
--members" "$quix" data verify --help
expect 2 "13 samples lack cls (the first: lacks/train_0000.tar, key a); --by '' splits without cls" "$quix" data split lacks parts
expect 0 "left out: 2 samples are after the end marks" "$quix" data convert joined joined_new

# A config.json without splits leaves them to the names of shards; one that lists any split lists all.
for config in '{"metadata": {"classes": ["a", "b"]}}' '[]' null '"x"' '{"name": "whole"}'; do
  mkdir -p plain; cp whole/train_0000.tar plain; echo "$config" >plain/config.json
  for command in ls stat verify; do expect 0 "plain/train: 20 samples" "$quix" data $command plain; done
  expect 0 "plain_new/train: 20 samples" "$quix" data convert plain plain_new --overwrite
done
cp whole/train_0000.tar unlisted/val_000.tar
expect 1 "unlisted/val_000.tar: config.json does not list this shard" "$quix" data verify unlisted
expect 2 "unlisted: config.json does not list the split val, but the directory holds val_000.tar; add" "$quix" data head unlisted --split val
# What is a shard: by its end, in any case; never what is unfinished, hidden or a checksum.
mkdir ends; cp whole/train_0000.tar ends/train_000.TAR; cp lacks/train_0000.tar "ends/train_001 (1).tar"
for end in partial tmp md5 idx crdownload aria2 part; do cp whole/train_0000.tar ends/train_002.tar.$end; done
cp whole/train_0000.tar ends/.train_003.tar
expect 0 "ends/train: 54 samples of txt, cls in 2 shards
ends/.train_003.tar: not a shard by its name, not read
ends/train_002.tar.partial: not a shard by its name, not read
ends/train_002.tar.md5: not a shard by its name, not read" "$quix" data ls ends
[ "$(grep -c samples <<<"$out")" = 2 ] || bad "ls ends: $out"  # one split, and what it lacks
expect 1 "ends/train_002.tar.aria2: not a shard by its name, not read" "$quix" data verify ends
mkdir -p folder/train_x.tar deep/train; cp whole/train_0000.tar folder; cp whole/train_0000.tar deep/train/00000.tar
for command in ls stat verify; do expect 2 "folder/train_x.tar: a directory, not a tar archive; rename it" "$quix" data $command folder; done
expect 2 "deep: no tar shards found; subdirectories hold some: name them by  deep/*/*.tar" "$quix" data ls deep
expect 0 "deep/*/*.tar, train: 20 samples" "$quix" data ls 'deep/*/*.tar'
python3 -c 'import tarfile, pathlib; pathlib.Path("void").mkdir(); tarfile.open("void/train_0000.tar", "w").close()'
expect 0 "void/train: no samples in 1 shard" "$quix" data ls void
expect 1 "void/train: the split holds no samples" "$quix" data verify void

# verify refuses the classes that training refuses, and groups repeated causes.
cat >labels.py <<'PY'
import io, pathlib, sys, tarfile
folder = pathlib.Path(sys.argv[1]); folder.mkdir()
with tarfile.open(folder / "train_0000.tar", "w") as out:
    for i, label in enumerate(sys.argv[2:]):
        info = tarfile.TarInfo(f"{i}.cls"); info.size = len(label); out.addfile(info, io.BytesIO(label.encode()))
PY
python3 labels.py minus 0 -1 -1 -1 -1 -1 -1; python3 labels.py vast 0 999999999; python3 labels.py nine 0 9 1
expect 1 "minus/train_0000.tar, member 3.cls (offset 3584): class -1; class indices start at 0
… and 3 more like this
6 problems" "$quix" data verify minus
[ "$(grep -c "class -1" <<<"$out")" = 3 ] || bad "grouping: $out"
expect 1 "vast/train_0000.tar, member 1.cls (offset 1536): class 999999999 among only 2 samples; class indices" "$quix" data verify vast
expect 0 "all sound" "$quix" data verify nine
echo '{"metadata": {"classes": ["a", "b"]}}' >nine/config.json
expect 1 "nine/train_0000.tar, member 1.cls (offset 1536): class 9, but the dataset declares 2 classes" "$quix" data verify nine

# Control characters in labels, keys and class names are escaped wherever they are printed.
python3 labels.py control 0 $'\e[31m\n1\xc2\x9b'
echo '{"metadata": {"classes": ["a\u001b[1m\nb", "c"]}}' >control/config.json
expect 1 'expected a class index, got "\x1b[31m\n1' "$quix" data verify control
expect 0 '0 a\x1b[1m\nb' "$quix" data stat control
expect 0 'class 0 (a\x1b[1m\nb)' "$quix" data head control
expect 2 'no\x1b[31m\x07' "$quix" data ls $'no\e[31m\a'
for command in ls head stat verify; do "$quix" data $command control 2>&1 | grep -q $'\e' && bad "$command prints ESC"; done

# Names that are not ASCII: packed, converted, split, and read by Python.
expect 0 "packed/train: 6 samples of cls, txt" "$quix" data pack files packed
expect 0 "again/train: 6 samples of cls, txt" "$quix" data convert packed again
expect 0 "parts2/train: 3 samples
parts2/val: 3 samples" "$quix" data split packed parts2 --fractions 0.5,0.5
expect 0 "all sound" "$quix" data verify again
cmp -s packed/train_0000.tar again/train_0000.tar || bad "convert changed names"
python3 - <<'PY' || bad "Python reads other names"
import json, tarfile
keys = {"naïve", "日本", "é" * 60, "plain", "ü" * 120, "na\udcefve"}
with tarfile.open("packed/train_0000.tar", encoding="utf-8") as tar:
    names = set(tar.getnames())
    assert names == {f"{k}.{s}" for k in keys for s in ("txt", "cls")}, ascii(names)
    assert tar.extractfile("naïve.txt").read().decode() == "naïve"
index = json.load(open("packed/train.idx.json"))["train_0000.tar"]
assert set(index[".txt"]) == keys, ascii(index)
PY
finish
