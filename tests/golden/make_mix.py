"""What MixUp and CutMix draw, for tests/run/proc/mix.cpp: Philox4x32-10 (Salmon et al., 2011), Beta from two Gamma draws
(Marsaglia and Tsang, 2000), the rectangle of torchvision's CutMix; in plain Python, a statement for each draw.

    python3 tests/golden/make_mix.py > tests/golden/mix.json
"""
import json
import math
import struct

MASK = 0xFFFFFFFF


def philox(counter, key):
    counter, key = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(b >> 32) ^ counter[1] ^ key[0], b & MASK, (a >> 32) ^ counter[3] ^ key[1], a & MASK]
        key = [(key[0] + 0x9E3779B9) & MASK, (key[1] + 0xBB67AE85) & MASK]
    return counter


class Draws:
    """The words of quix's stream `mix`, number 6."""

    def __init__(self, seed, epoch, position=0, op=0):
        self.key, self.first, self.at = (seed & MASK, seed >> 32), op << 16, 0
        self.tail = (epoch, position, 6)

    def next(self):
        block = philox((self.first + self.at // 4, *self.tail), self.key)
        self.at += 1
        return block[(self.at - 1) % 4]

    def uniform(self):
        return (self.next() + 0.5) / 2**32

    def chance(self, p):
        return (self.next() >> 8) / 2**24 < p

    def below(self, n):
        return self.next() * n >> 32  # for these n nothing is rejected but with a chance of 1e-8


def gamma(alpha, draws):
    boost = 1.0
    if alpha < 1:
        boost = draws.uniform() ** (1 / alpha)
        alpha += 1
    d = alpha - 1 / 3
    c = 1 / math.sqrt(9 * d)
    while True:
        radius = math.sqrt(-2 * math.log(draws.uniform()))
        x = radius * math.cos(2 * math.pi * draws.uniform())
        u = draws.uniform()
        v = (1 + c * x) ** 3
        if v > 0 and math.log(u) < x * x / 2 + d - d * v + d * math.log(v):
            return d * v * boost


def beta(alpha, draws):
    a = gamma(alpha, draws)
    b = gamma(alpha, draws)
    return a / (a + b)


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


H, W = 20, 30
mixes = []
for position in range(60):
    draws = Draws(5, 3, position)
    cut = draws.chance(0.5)
    share = beta(single(1.5) if cut else single(0.4), draws)
    if not cut:
        mixes.append({"share": share, "region": []})
        continue
    x = draws.below(W)
    y = draws.below(H)
    r = 0.5 * math.sqrt(1 - share)
    x1, y1 = max(x - int(r * W), 0), max(y - int(r * H), 0)
    x2, y2 = min(x + int(r * W), W), min(y + int(r * H), H)
    mixes.append({"share": 1 - (x2 - x1) * (y2 - y1) / (W * H), "region": [x1, y1, x2 - x1, y2 - y1]})


def many(alpha):
    draws = Draws(1, 0)
    return [beta(alpha, draws) for _ in range(40)]


print(json.dumps({"beta": {a: many(float(a)) for a in ("0.2", "1.0", "4.0")}, "mixes": mixes}))
