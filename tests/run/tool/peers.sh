# Tar shards between us and others: WebDataset reads ours and we read its; what Python quix writes (its index with offsets of
# headers, config.json with its stray slash, pax headers) is read as it is.
source "$TESTS/run/lib.sh"
python=$SOURCE/.deps/venv/bin/python
"$python" -c 'import webdataset, numpy' 2>/dev/null || { echo "skipped: no webdataset in .deps/venv"; exit 77; }
make_shapes idx
"$quix" data import idx data/shapes --shard_samples 100 >/dev/null || exit 1
"$python" - <<'PY' || bad "WebDataset reads something else"
import struct, warnings
warnings.filterwarnings("ignore")
import webdataset as wds
labels = open("idx/train-labels-idx1-ubyte", "rb").read()[8:]
data = wds.WebDataset("data/shapes/train_{0000..0004}.tar", shardshuffle=False).to_tuple("__key__", "png", "cls")
n = 0
for i, (key, png, cls) in enumerate(data):
    assert key == f"{i:06}" and png.startswith(b"\x89PNG") and int(cls) == labels[i], (i, key)
    n += 1
assert n == 410, n
with wds.TarWriter("wds-000000.tar") as out:
    for i in range(20):
        out.write({"__key__": f"dir/{i:03}", "cls": i % 3, "txt": f"number {i}", "npy": __import__("numpy").arange(i, i + 4, dtype="f4")})
PY
mkdir w && mv wds-000000.tar w/
expect 0 "w/wds: 20 samples, all sound" "$quix" data verify w
expect 0 "dir/000
  cls: class 0
  txt: \"number 0\"" "$quix" data head w --split wds -n 1
[ "$("$quix" data cat w dir/007.txt)" = "number 7" ] || bad "WebDataset's text"

# As the Python package writes: its documentation's example, byte for byte.
"$python" - <<'PY'
import io, json, pathlib, tarfile
folder = pathlib.Path("py"); folder.mkdir()
offsets = {}

for shard, keys in enumerate((["s0", "s1"], ["k" * 130, "s3"])):
    name = f"train_{shard:04}.tar"
    entry = offsets[name] = {}
    with tarfile.open(folder / name, "w") as tar:
        for i, key in enumerate(keys):
            for ext, data in ((".a.txt", b"text" * (200 * i + 1)), (".cls", str(i + 2 * shard).encode())):
                entry.setdefault(ext, {})[key] = tar.offset
                info = tarfile.TarInfo(key + ext); info.size = len(data); info.mtime = 1700000000 + i
                tar.addfile(info, io.BytesIO(data))
(folder / "config.json").write_text(json.dumps({"train": "/train_{0000..0001}.tar", "extensions": ["a.txt", "cls"], "metadata": {"num_train": 4}}))
(folder / "train.idx.json").write_text(json.dumps(offsets))
PY
expect 0 "py/train: 4 samples of a.txt, cls in 2 shards" "$quix" data ls py
expect 0 "py/train: 4 samples, all sound" "$quix" data verify py
"$quix" data convert py again >/dev/null
"$python" - <<'PY' || bad "our index of the same samples is another"
import json, tarfile
ours = json.load(open("again/train.idx.json"))
theirs = json.load(open("py/train.idx.json"))
assert list(ours) == ["train_0000.tar"]
keys = lambda index: {(ext, key) for shard in index.values() for ext, entries in shard.items() for key in entries}
assert keys(ours) == keys(theirs)
# Each offset is where Python's tarfile finds a header of that name.
for shard, by_ext in ours.items():
    with open("again/" + shard, "rb") as f, tarfile.open("again/" + shard) as tar:
        heads = {m.name: m.offset for m in tar}
    for ext, entries in by_ext.items():
        for key, offset in entries.items():
            assert heads[key + ext] == offset, (key, ext, heads[key + ext], offset)
config = json.load(open("again/config.json"))
assert config == {"train": "train_{0000..0000}.tar", "extensions": ["a.txt", "cls"], "metadata": {"num_train": 4}}, config
PY
finish
