# Each example trains for a few steps, and reads its help.
source "$TESTS/run/lib.sh"
python3 - <<'PY'
import pathlib, random, struct
folder = pathlib.Path("idx"); folder.mkdir()
random.seed(3)
for name, n in (("train", 300), ("t10k", 60)):
    labels = bytes(i % 10 for i in range(n))
    images = b"".join(bytes(min(255, random.randrange(60) + (180 if y // 3 == l else 0)) for y in range(28) for _ in range(28)) for l in labels)
    (folder / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, n, 28, 28) + images)
    (folder / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, n) + labels)
PY
"$quix" data import idx data/fashion-mnist >/dev/null || exit 1
for example in fashion_mlp fashion_cnn; do
  expect 0 "usage" "$BUILD/examples/$example" --help
  expect 0 "300 training samples
val loss" "$BUILD/examples/$example" --epochs 2 --batch_size 50 --name check
  # The interface is documented by the code that builds it: every option has a word of help.
  "$BUILD/examples/$example" config | grep -vE '^ *[a-z_]+:$' | grep -v '#' && bad "$example: options without help"
done
expect 0 "" "$BUILD/examples/fashion_cnn" --config quick --name quick
finish
