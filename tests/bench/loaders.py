"""Epochs of JPEG images by quix and by other loaders, in turn, each in a separate process.

    tests/bench/peers.sh
    .deps/bench/bin/python tests/bench/loaders.py [--build build] [--work /tmp/quix_bench] [--sets A,B] [--rounds 3] [--epochs 2]

Sets as in sets.py. A: decoding to [128, 64, 64, 3]. B: short side resized to 256, center crop 224, antialiased. Batches of 128
uint8, labels as int64, 2 threads or worker processes, every epoch shuffled. All peers decode with simplejpeg (libjpeg-turbo), read
encoded images from their own formats (SPDL: from the tar files, by offset), and fill whole batches per call, in the fastest
of the arrangements that were tried. The first epoch of a process is not counted. A round runs every loader once, quix before each peer.

Prints the median (min ... max) of samples per second over all counted epochs, and for each peer the median over rounds of quix's
rate divided by the peer's, both from the same round; for A also the rate of libjpeg alone on 2 threads, the images in memory.
"""
import argparse, itertools, json, os, pathlib, statistics, struct, subprocess, sys, time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import sets

parser = argparse.ArgumentParser()
parser.add_argument("--build", default="build")
parser.add_argument("--work", default="/tmp/quix_bench")
parser.add_argument("--sets", default="A,B")
parser.add_argument("--peers", default="spdl,litdata,grain")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--epochs", type=int, default=2)
parser.add_argument("--run", nargs=2, metavar=("PEER", "SET"), help=argparse.SUPPRESS)  # one process of a peer
BATCH, WORKERS = 128, 2


# --- decoding a batch, shared by the peers ------------------------------------------------------------


def decode_small(images):
    import numpy as np, simplejpeg

    out = np.empty((len(images), 64, 64, 3), np.uint8)
    for i, data in enumerate(images):
        simplejpeg.decode_jpeg(data, buffer=out[i])
    return out


def decode_photos(images):
    import numpy as np, simplejpeg, torch

    out = torch.empty((len(images), 3, 224, 224), dtype=torch.uint8, memory_format=torch.channels_last)
    for i, data in enumerate(images):
        image = torch.from_numpy(simplejpeg.decode_jpeg(data)).permute(2, 0, 1)[None]
        h, w = image.shape[2:]
        size = (256, round(w * 256 / h)) if h < w else (round(h * 256 / w), 256)
        image = torch.nn.functional.interpolate(image, size, mode="bilinear", antialias=True)
        top, left = (size[0] - 224) // 2, (size[1] - 224) // 2
        out[i] = image[0, :, top : top + 224, left : left + 224]
    return out


DECODE = {"A": decode_small, "B": decode_photos}


def collate(decode, records):
    """records: labels as four bytes, then the encoded image."""
    import numpy as np

    labels = np.array([struct.unpack_from("<i", r)[0] for r in records], np.int64)
    return decode([r[4:] for r in records]), labels


class Collate:  # for processes: by name
    def __init__(self, name, arrays=False):
        self.name, self.arrays = name, arrays

    def __call__(self, records):
        import numpy as np, torch

        torch.set_num_threads(1)
        x, y = collate(DECODE[self.name], records)
        return (np.asarray(x), y) if self.arrays else (torch.as_tensor(x), torch.as_tensor(y))


# --- the peers: make(folder, name) returns epoch(e), an iterator of (images, labels) ------------------


def spdl(folder, name):
    import numpy as np, tarfile
    from spdl.pipeline import PipelineBuilder

    decode, where, labels = DECODE[name], [], []
    for path in sorted((folder / "tar").glob("train_*.tar")):
        file = os.open(path, os.O_RDONLY)
        with tarfile.open(path) as tar:
            for m in tar:
                if m.name.endswith(".cls"):
                    labels.append(int(tar.extractfile(m).read()))
                else:
                    where.append((file, m.size, m.offset_data))
    labels = np.array(labels, np.int64)

    def load(batch):
        return decode([os.pread(*where[i]) for i in batch]), labels[batch]

    def epoch(e):
        order = np.random.default_rng(e).permutation(len(where))
        batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
        pipeline = PipelineBuilder().add_source(batches).pipe(load, concurrency=WORKERS).add_sink(4).build(num_threads=WORKERS)
        with pipeline.auto_stop():
            yield from pipeline

    return epoch


def litdata(folder, name):
    from litdata import StreamingDataLoader, StreamingDataset

    data = StreamingDataset(str(folder / "litdata"), shuffle=True)
    loader = StreamingDataLoader(data, batch_size=BATCH, num_workers=WORKERS, collate_fn=Collate(name), persistent_workers=True)
    return lambda e: loader


def grain(folder, name):
    import grain

    source = grain.sources.ArrayRecordDataSource([str(folder / "grain.array_record")])
    data = grain.MapDataset.source(source).shuffle(seed=1).batch(BATCH, batch_fn=Collate(name, arrays=True)).repeat()
    data = data.to_iter_dataset(grain.ReadOptions(num_threads=1, prefetch_buffer_size=2))
    batches = iter(data.mp_prefetch(grain.MultiprocessingOptions(num_workers=WORKERS)))
    return lambda e: itertools.islice(batches, -(-sets.COUNT[name] // BATCH))


PEERS = {"spdl": spdl, "litdata": litdata, "grain": grain}


def record(sample):
    return sample


def prepare(folder):
    """The set in the peers' own formats."""
    images, labels = sets.samples(folder)
    records = [struct.pack("<i", y) + x for x, y in zip(images, labels)]
    if not (folder / "grain.array_record").exists():
        from array_record.python.array_record_module import ArrayRecordWriter

        writer = ArrayRecordWriter(str(folder / "grain.array_record.part"), "group_size:1,uncompressed")
        for r in records:
            writer.write(r)
        writer.close()
        os.rename(folder / "grain.array_record.part", folder / "grain.array_record")
    if not (folder / "litdata" / "index.json").exists():
        from litdata import optimize

        optimize(record, records, output_dir=str(folder / "litdata"), num_workers=1, chunk_bytes="8MB", verbose=False)


def run_peer(options, peer, name):
    folder = pathlib.Path(options.work) / name
    wanted, rates, firsts = int((folder / "sum").read_text()), [], []
    if name == "B":
        import torch

        torch.set_num_threads(1)
    make = time.perf_counter()
    epoch = PEERS[peer](folder, name)
    for e in range(options.epochs + 1):
        begin, first, total, count = time.perf_counter(), None, 0, 0
        for x, y in epoch(e):
            first = first or time.perf_counter() - begin
            assert len(x) == len(y) and x.dtype in ("uint8", sys.modules["torch"].uint8 if "torch" in sys.modules else None)
            total, count = total + int(y.sum()), count + len(y)
        rates.append(count / (time.perf_counter() - begin))
        firsts.append(first)
        assert (total, count) == (wanted, sets.COUNT[name]), (total, wanted, count)
    print(json.dumps({"rates": rates[1:], "first": firsts[0], "start": begin - make}))


# --- running them in turn -----------------------------------------------------------------------------


def quix(options, folder, what, threads=WORKERS):
    bench = pathlib.Path(options.build).resolve() / "tests/bench_data"
    out = subprocess.run([bench, what, folder / "tar", str(threads), str(options.epochs)], capture_output=True, text=True, check=True).stdout
    wanted = (folder / "sum").read_text()
    assert all(f"labels {wanted} " in line for line in out.splitlines()), (out, wanted)
    return [float(line.split()[0]) for line in out.splitlines()]


def ceiling(options, folder, threads=WORKERS):
    """libjpeg alone: images per second by kind of memory that the rows go to."""
    bench = pathlib.Path(options.build).resolve() / "tests/bench_data"
    out = subprocess.run([bench, "libjpeg", folder / "tar", str(threads), str(options.epochs)], capture_output=True, text=True, check=True).stdout
    rates = {}
    for line in out.splitlines():
        rates.setdefault(line.split()[2], []).append(float(line.split()[0]))
    return rates


def show(name, rates, note=""):
    print(f"{name:34} {statistics.median(rates):10,.0f} ({min(rates):,.0f} ... {max(rates):,.0f}){note}", flush=True)


def main():
    options = parser.parse_args()
    if options.run:
        return run_peer(options, *options.run)
    for name in options.sets.split(","):
        folder = sets.make(options.work, name)
        prepare(folder)
        rates, ratios = {}, {}
        keep = lambda who, new: (rates.setdefault(who, []).extend(new), statistics.median(new))[1]
        for _ in range(options.rounds):
            if name == "A":
                ours = keep("quix, 2 threads", quix(options, folder, "epoch-jpeg"))
                best = max(keep(f"libjpeg, {kind} rows", r) for kind, r in ceiling(options, folder).items())
                ratios.setdefault("libjpeg, the better", []).append(ours / best)
            for peer in options.peers.split(","):
                ours = keep("quix, 2 threads", quix(options, folder, "epoch-jpeg" if name == "A" else "epoch-photo"))
                command = [sys.executable, __file__, "--run", peer, name, "--work", options.work, "--epochs", str(options.epochs)]
                out = subprocess.run(command, capture_output=True, text=True)
                assert out.returncode == 0, out.stderr
                theirs = keep(peer, json.loads(out.stdout.splitlines()[-1])["rates"])
                ratios.setdefault(peer, []).append(ours / theirs)
            if name == "B":
                crop, whole = (keep(who, quix(options, folder, what)) for who, what in
                               (("quix, crop decoding", "epoch-crop"), ("quix, whole images, then the crop", "epoch-whole")))
                ratios.setdefault("crop decoding / whole images", []).append(crop / whole)
        print(f"--- {name}, samples/s, {options.rounds} rounds of {options.epochs} epochs")
        for who, values in rates.items():
            show(who, values)
        for who, values in ratios.items():
            print(f"{'quix / ' + who if '/' not in who else who:34} {statistics.median(values):10.2f} ({min(values):.2f} ... {max(values):.2f})")


if __name__ == "__main__":
    main()
