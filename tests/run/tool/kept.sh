# What a command that writes must not lose: files of others, datasets that came meanwhile, and the dataset that it adds
# to when it fails or is interrupted.
source "$TESTS/run/lib.sh"
python3 - <<'PYTHON' || bad "no data"
import io, pathlib, random, struct, tarfile, zlib
random.seed(1)
def png(width=8, height=8):
    rows = b"".join(b"\0" + random.randbytes(3 * width) for _ in range(height))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
def dataset(path, count, damaged=(), first=0):
    with tarfile.open(path, "w") as tar:
        for i in range(first, first + count):
            image = png()
            for name, data in ((f"{i:05}.png", image[:60] if i in damaged else image), (f"{i:05}.cls", b"%d" % (i % 2))):
                member = tarfile.TarInfo(name); member.size = len(data); tar.addfile(member, io.BytesIO(data))
dataset("good.tar", 5); dataset("bad.tar", 9, {107}, 100); dataset("more.tar", 4, (), 200)
image = png(48, 48)
with tarfile.open("slow.tar", "w") as tar:  # takes a second with --short_side
    for i in range(5000):
        for name, data in ((f"s{i:05}.png", image), (f"s{i:05}.cls", b"1")):
            member = tarfile.TarInfo(name); member.size = len(data); tar.addfile(member, io.BytesIO(data))
for split in ("train", "val"):
    for c in "ab":
        folder = pathlib.Path("few", split, c); folder.mkdir(parents=True)
        for i in range(150): (folder / f"{i}.png").write_bytes(png(16, 16))
PYTHON
# Only a dataset is replaced: not a file, a pipe, or what a link leads to.
echo thesis >notes.txt && cp good.tar other.tar && mkfifo pipe && ln -s notes.txt link && ln -s nowhere dangling
for place in notes.txt other.tar pipe link; do
  expect 2 "$place: is not a directory; write to another place" "$quix" data convert good.tar $place --overwrite
done
expect 2 "dangling: is a link to nothing" "$quix" data convert good.tar dangling
[ "$(cat notes.txt)" = thesis ] && cmp good.tar other.tar && [ -p pipe ] || bad "--overwrite replaced a file"
expect 2 "DATASET: expected a directory, got nothing" "$quix" data convert good.tar ""
expect 2 "File name too long" "$quix" data convert good.tar "$(printf 'x%.0s' $(seq 255))"
# A command that fails leaves the dataset that it adds to as it was, and an empty directory empty.
expect 0 "set/train: 5 samples" "$quix" data convert good.tar set
cp -r set before && mkdir empty
for place in "set --append" empty; do
  # shellcheck disable=SC2086
  expect 2 "00107.png: the PNG is corrupt" "$quix" data convert bad.tar $place --short_side 4 --shard_samples 2
done
diff -r set before || bad "a failed --append changed the dataset"
[ "$(ls -A empty)" = "" ] || bad "a failed command left: $(ls -A empty)"
expect 0 "set/train: 9 samples" "$quix" data convert more.tar set --append
expect 0 "all sound" "$quix" data verify set
expect 0 "empty/train: 4 samples" "$quix" data convert more.tar empty
[ "$(ls -A empty | xargs)" = "config.json train.idx.json train.index train_0000.tar" ] || bad "in place: $(ls -A empty)"
# Full: 40 KiB for a file.
limited() { (ulimit -f 40; "$@"); }
expect 2 "File too large" limited "$quix" data import few full
[ ! -e full ] && [ "$(ls -d full.* 2>/dev/null)" = "" ] || bad "a full disk left: $(ls -d full*)"
# Interrupted: nothing stays. One that came meanwhile is not replaced, and of two that add one waits.
# begun NAME COMMAND…: starts the command and stops it as soon as it has begun to write beside or in NAME.
begun() {
  local name=$1; shift
  "$@" >"$name.log" 2>&1 & pid=$!
  until compgen -G "$name.new.$pid/*" >/dev/null || compgen -G "$name/.new.$pid/*" >/dev/null; do
    kill -0 $pid 2>/dev/null || { bad "$name: ended before it could be stopped: $(cat "$name.log")"; return; }
  done
  kill -STOP $pid
}
for signal in INT TERM HUP; do
  begun cut env --default-signal=INT "$quix" data convert slow.tar cut --short_side 40
  kill -$signal $pid; kill -CONT $pid; wait $pid; code=$?
  [ $code = $((128 + $(kill -l $signal))) ] && grep -q "interrupted" cut.log || bad "$signal: exit code $code, $(cat cut.log)"
  [ "$(ls -d cut cut.new* 2>/dev/null)" = "" ] || bad "$signal left: $(ls -d cut*)"
done
begun race "$quix" data convert slow.tar race --short_side 40
expect 0 "race/train: 4 samples" "$quix" data convert more.tar race
cp -r race first; kill -CONT $pid; wait $pid; code=$?
[ $code = 2 ] && grep -q "race: exists already" race.log || bad "meanwhile: exit code $code, $(cat race.log)"
diff -r race first || bad "a dataset that came meanwhile was replaced"
[ "$(ls -d race.new* 2>/dev/null)" = "" ] || bad "meanwhile left: $(ls -d race*)"
begun race "$quix" data convert slow.tar race --append --short_side 40
expect 2 "race: is being written by another process" "$quix" data convert good.tar race --append
kill -CONT $pid; wait $pid || bad "the first to add: $(cat race.log)"
expect 0 "race/train: 5,004 samples" "$quix" data ls race
expect 0 "all sound" "$quix" data verify race
# Names of splits are the beginnings of files' names.
mkdir -p loose && echo 1 >loose/7.cls && cp good.tar b_0000.tar
for name in ../b a/b 'v{1,2}' 'q?' metadata extensions .x 'a b'; do
  expect 2 "--split: the name of the split \"$name\"" "$quix" data pack loose named --split "$name"
done
expect 2 "--splits: the name of the split \"../x\"" "$quix" data split set named --splits ../x,y
expect 2 "--splits: names train twice" "$quix" data split set named --splits train,train --fractions 0.5,0.5 --by ''
[ ! -e named ] && [ ! -e named.new ] && cmp good.tar b_0000.tar || bad "a split's name wrote elsewhere"
# A link to a directory that contains it has no end.
ln -s . loose/all; ln -s .. loose/up
expect 0 "links to a directory that contains them: 2" "$quix" data pack loose out --dry-run
grep -q "train  1 " <<<"$out" || bad "links were followed: $out"
# A pipe with the name of a shard is no shard.
mkfifo f.tar; expect 2 "f.tar: not a file" timeout 10 "$quix" data ls f.tar
# Nothing to write is an error, and leaves nothing.
mkdir none && printf '\0\0\x08\x03\0\0\0\0\0\0\0\x02\0\0\0\x02' >none/train-images-idx3-ubyte && printf '\0\0\x08\x01\0\0\0\0' >none/train-labels-idx1-ubyte
cp none/train-images-idx3-ubyte none/t10k-images-idx3-ubyte && cp none/train-labels-idx1-ubyte none/t10k-labels-idx1-ubyte
expect 2 "there are no samples to write" "$quix" data import none nothing
[ "$(ls -d nothing* 2>/dev/null)" = "" ] || bad "no samples left: $(ls -d nothing*)"
finish
