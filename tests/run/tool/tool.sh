# The program quix: import, ls, help, and what it says of bad input.
source "$TESTS/run/lib.sh"
expect 0 "usage: quix data COMMAND" "$quix" --help
expect 0 "usage: quix data COMMAND" "$quix"
expect 0 "--write.shard_samples int" "$quix" data import --help
# Completion: a script that a real bash runs.
"$quix" --completion bash >completion.bash || bad "--completion bash"
complete_words() {
  bash -c 'source ./completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _quix; printf "%s\n" "${COMPREPLY[@]}" | sort | xargs' _ "$@"
}
[ "$(complete_words quix data ve)" = verify ] || bad "completion of commands: $(complete_words quix data ve)"
[ "$(complete_words quix d)" = data ] || bad "completion of the first word"
complete_words quix data import --write.sh | grep -q -- --write.shard_samples || bad "completion of flags: $(complete_words quix data import --write.sh)"
expect 0 "#compdef quix" "$quix" --completion zsh
expect 0 "complete -c quix" "$quix" data --completion=fish
expect 2 "--completion: expected bash, zsh or fish, got tcsh" "$quix" --completion tcsh
make_shapes idx
expect 0 "set/train: 410 samples of png, cls in 5 shards
set/val: 100 samples of png, cls in 1 shard" "$quix" data import idx set --shard_samples 100 --classes 'a,b,c,d'
# shards of at most 100 samples: 410 are five
[ "$(ls set)" = "$(printf 'config.json\ntrain.idx.json\ntrain.index\ntrain_0000.tar\ntrain_0001.tar\ntrain_0002.tar\ntrain_0003.tar\ntrain_0004.tar\nval.idx.json\nval.index\nval_0000.tar')" ] || bad "files: $(ls set)"
grep -q '"classes": \["a", "b", "c", "d"\]' set/config.json || bad "config.json: $(cat set/config.json)"
expect 0 "set/train: 410" "$quix" data ls set

# Python's tarfile reads every byte of it back.
python3 - <<'PY' || bad "tarfile and zlib do not read what was written"
import glob, struct, tarfile, zlib
images = open("idx/train-images-idx3-ubyte", "rb").read()[16:]
labels = open("idx/train-labels-idx1-ubyte", "rb").read()[8:]
i = 0
for shard in sorted(glob.glob("set/train_*.tar")):
    members = tarfile.open(shard).getmembers()
    tar = tarfile.open(shard)
    for png, cls in zip(members[::2], members[1::2]):
        assert png.name == f"{i:06}.png" and cls.name == f"{i:06}.cls", (png.name, cls.name)
        assert int(tar.extractfile(cls).read()) == labels[i]
        data, at, pixels = tar.extractfile(png).read(), 8, b""
        while at < len(data):  # chunks: length, type, data, CRC
            size, kind = struct.unpack(">I4s", data[at:at + 8])
            body = data[at + 8:at + 8 + size]
            assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0]
            if kind == b"IDAT": pixels += body
            at += 12 + size
        rows, out, previous = zlib.decompress(pixels), b"", bytes(6)
        for y in range(6):
            kind, row = rows[y * 7], bytearray(rows[y * 7 + 1:y * 7 + 7])
            for x in range(6):
                a, b, c = row[x - 1] if x else 0, previous[x], previous[x - 1] if x else 0
                p = a + b - c
                paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
                row[x] = (row[x] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
            out, previous = out + row, bytes(row)
        assert out == images[i * 36:i * 36 + 36], i
        i += 1
assert i == 410
PY

expect 2 "holds a dataset already" "$quix" data import idx set
expect 0 "" "$quix" data import idx set --overwrite
expect 2 "nowhere: not found" "$quix" data import nowhere set2
mkdir empty; expect 2 "empty: holds no class directories (train/CLASS/… or CLASS/…), no IDX files (train-images-idx3-ubyte, …) and no table; there is nothing" "$quix" data import empty set2
expect 2 "DATASET: is required: path" "$quix" data import idx
expect 2 "SOURCE: is required: path
DATASET: is required" "$quix" data import --dry-run
expect 2 "third: unexpected argument" "$quix" data import first second third
expect 0 "usage: quix data import SOURCE DATASET [--option value …]
  DATASET path" "$quix" data import --help
expect 2 "imprt: no such command; did you mean data import?" "$quix" data imprt
expect 2 "no such command" "$quix" frobnicate
expect 2 "--shard_sample: no such option; did you mean --write.shard_samples?" "$quix" data import idx set3 --shard_sample 3
expect 2 "dataset none not found" "$quix" data ls none
[ ! -e set3 ] || bad "a wrong flag left set3"
cp -r idx short; truncate -s 5000 short/train-images-idx3-ubyte
expect 2 "short/train-images-idx3-ubyte: truncated IDX file" "$quix" data import short set4
[ ! -e set4/config.json ] || bad "a failed import left config.json"
expect 2 "cannot be created" "$quix" data import idx /proc/none/set

# What cannot be printed is an error.
for words in "--help" "data" "data import --help" "--completion bash" "--completion=zsh" "data ls set" "data verify set" "data stat set" "data head set" "data cat set 000001.png" "data index set --check"; do
  rc=0; "$quix" $words >/dev/full 2>said || rc=$?
  [ $rc = 2 ] && grep -q "stdout: cannot be written: No space left on device" said || bad "quix $words on a full disk: $rc, $(cat said)"
done
mkdir big && head -c 100000 /dev/zero >big/a.bin && "$quix" data pack big bigger >/dev/null
rc=0; "$quix" data cat bigger a.bin >/dev/full 2>said || rc=$?
[ $rc = 2 ] && grep -q "stdout: cannot be written: No space" said || bad "a large member on a full disk: $rc, $(cat said)"

# It starts without LibTorch.
ldd "$quix" | grep -qE 'lib(torch|c10)' && bad "the tool links LibTorch"
finish
