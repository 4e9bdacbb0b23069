"""An IDX dataset that a small network can learn: images of class c have a bright stripe c.

    python3 shapes.py FOLDER [SIDE CLASSES TRAIN VAL]    # 6 4 410 100
"""
import pathlib, random, struct, sys


def make(folder, side=6, classes=4, train=410, val=100):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    random.seed(1)
    for name, n in (("train", train), ("t10k", val)):
        images, labels = bytearray(), bytearray()
        for _ in range(n):
            c = random.randrange(classes)
            labels.append(c)
            for y in range(side):
                for x in range(side):
                    images.append(min(255, int(120 * random.random()) + (90 if y // max(1, side // (classes + 1)) == c else 0)))
        (folder / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, n, side, side) + images)
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, n) + labels)


if __name__ == "__main__":
    make(sys.argv[1], *map(int, sys.argv[2:]))
