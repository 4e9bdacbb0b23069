"""An IDX dataset of 410 + 100 images of 6 x 6 pixels that a small network can learn: class c has a bright row c."""
import pathlib, random, struct, sys


def make(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    random.seed(1)
    for name, n in (("train", 410), ("t10k", 100)):
        images, labels = bytearray(), bytearray()
        for _ in range(n):
            c = random.randrange(4)
            labels.append(c)
            for y in range(6):
                for x in range(6):
                    images.append(min(255, random.randrange(120) + (90 if y == c else 0)))
        (folder / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, n, 6, 6) + images)
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, n) + labels)


if __name__ == "__main__":
    make(sys.argv[1])
