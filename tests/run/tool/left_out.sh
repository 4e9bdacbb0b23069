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

# Names that are not ASCII: packed, converted, split, and read by Python.
expect 0 "packed/train: 6 samples of cls, txt" "$quix" data pack files packed
expect 0 "again/train: 6 samples of cls, txt" "$quix" data convert packed again
expect 0 "parts2/train: 3 samples
parts2/val: 3 samples" "$quix" data split packed parts2 --shares 0.5,0.5
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
