"""Philox4x32-10 and the shuffle drawn from it, written anew in Python, for tests/run/data/philox.cpp.

    python3 tests/golden/make_order.py > tests/golden/order.json
"""
import json

M = 0xFFFFFFFF


def philox(c, k):
    c, k = list(c), list(k)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & M, (a >> 32) ^ c[3] ^ k[1], a & M]
        k = [(k[0] + 0x9E3779B9) & M, (k[1] + 0xBB67AE85) & M]
    return c


def words(seed, epoch, stream=1):
    i = 0
    while True:
        yield from philox([i, epoch & M, epoch >> 32, stream], [seed & M, seed >> 32])
        i += 1


def shuffled(n, seed, epoch):
    source, order = words(seed, epoch), list(range(n))
    for i in range(n, 1, -1):
        threshold = (1 << 32) % i  # Lemire: reject the values that would favour some results
        while True:
            product = next(source) * i
            if product & M >= threshold:
                break
        j = product >> 32
        order[i - 1], order[j] = order[j], order[i - 1]
    return order


cases = [(1, 0, 0), (10, 0, 0), (10, 0, 1), (10, 42, 0), (100, 2**40 + 7, 3), (1000, 1, 2**33)]
print(json.dumps([{"n": n, "seed": s, "epoch": e, "order": shuffled(n, s, e)} for n, s, e in cases]))
