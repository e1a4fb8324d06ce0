"""Writes network_bursts.json, the network bursts of four made cultures; run it in this folder.

The rule of src/analyses/network.rs, written a second time: frame by frame, and chance by
multiplying polynomials. The file here was written with NumPy 2.4 on CPython 3.11.
"""

import json
import math

import numpy as np

RATE_HZ = 1000  # a frame is a millisecond


def trains(seed, n_electrodes, n_frames, interval, every, share, n_spikes, length, own):
    """A background, and volleys that are common, or each electrode's own; as the test makes them."""
    state = seed

    def random(n):
        nonlocal state
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        return (state >> 8) % n

    made = []
    for electrode in range(n_electrodes):
        mean = 120 if electrode % 8 == 7 else interval
        train, at = [], 1 + random(2 * mean)
        while at < n_frames:
            train.append(at)
            at += 1 + random(2 * mean)
        for volley in range(n_frames // every):
            start = volley * every + (random(every - length) if own else 1000)
            if random(1000) < share:
                train += [start + random(length) for _ in range(n_spikes)]
        made.append(sorted(frame for frame in set(train) if frame < n_frames))
    return made


def bouts(train, max_interval):
    runs, run = [], []
    for frame in train:
        if run and frame - run[-1] > max_interval:
            runs.append(run)
            run = []
        run.append(frame)
    return [(run[0], run[-1] + 1) for run in runs + [run] if len(run) >= 3]


def by_chance(own, busy, starts, end, n_pieces):
    """How often the number in a bout rises to each or is reached from the start, and the usual number."""
    piece = end // n_pieces + 1
    expected, inside, outside = np.zeros(len(own) + 1), 0, 0
    for first in range(0, end, piece):
        span = np.zeros(end, bool)
        span[first : first + piece] = True
        span &= ~busy
        probability, rises = np.array([1.0]), np.array([0.0])
        for spans in own:
            in_bout = np.zeros(end, bool)
            for start, stop in spans:
                in_bout[start:stop] = True
            q = (in_bout & span).sum() / max(1, span.sum())
            begun = sum(bool(span[start]) for start, _ in spans)
            rises = np.convolve(rises, [1 - q, q]) + np.convolve(probability, [0, begun])
            probability = np.convolve(probability, [1 - q, q])
            inside += (in_bout & span).sum()
        outside += span.sum()
        n_starts = sum(first <= start < first + piece for start in starts)
        expected += rises + n_starts * np.cumsum(probability[::-1])[::-1]
    return expected, inside / max(1, outside)


def enough(n, chance):
    if chance > 0.05 * n:
        return False
    return n >= 10 or 1 - sum(math.exp(-chance) * chance**k / math.factorial(k) for k in range(n)) <= 1e-4


def peaks(number, least, edge, gap):
    inside = np.concatenate([[False], number >= edge, [False]])
    starts, ends = np.flatnonzero(~inside[:-1] & inside[1:]), np.flatnonzero(inside[:-1] & ~inside[1:])
    found = []
    for start, end in zip(starts.tolist(), ends.tolist()):
        if number[start:end].max() < least:
            continue
        if found and start - found[-1][1] <= gap:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def search(own, pauses, starts, end, n_frames):
    number = np.zeros(end, int)
    for start, stop in (span for spans in own for span in spans):
        number[start:stop] += 1
    floor = max(3, math.ceil(0.25 * len(own)))
    found, least = [], len(own) + 1
    for _ in range(8):
        busy = np.zeros(end, bool)
        for start, stop in pauses + found:
            busy[start:stop] = True
        n_pieces = min(max(n_frames // RATE_HZ // 60, 1), 8)
        expected, usual = by_chance(own, busy, starts, end, n_pieces)
        for n in range(floor, least):
            if expected[n] > 0.05 * n_frames / 300:
                continue
            edge = min(max(math.ceil((usual + n) / 2), 2), n)
            bursts = peaks(number, n, edge, 300)
            if not bursts:
                return found, least
            if enough(len(bursts), expected[n]):
                found, least = bursts, n
                break
        else:
            break
    return found, least


def network_bursts(segments, lengths):
    """Segment, first frame, frame behind the last, electrodes that take part."""
    starts = [sum(lengths[:at]) + 301 * at for at in range(len(lengths))]
    end = starts[-1] + lengths[-1]
    pauses = [(start + length, start + length + 301) for start, length in zip(starts, lengths)][:-1]
    best = None
    for max_interval in (200, 100):
        own = [
            [(start + a, start + b) for start, segment in zip(starts, segments) for a, b in bouts(segment[at], max_interval)]
            for at in range(len(segments[0]))
        ]
        found, least = search(own, pauses, starts, end, sum(lengths))
        if best is None or least < best[2]:
            best = own, found, least
        if found and least <= max(3, 0.4 * len(own)):
            break
    own, found, least = best
    told = []
    for a, b in found:
        segment = max(at for at, start in enumerate(starts) if start <= a)
        n = sum(any(start < b and stop > a for start, stop in spans) for spans in own)
        told.append([segment, a - starts[segment], b - starts[segment], n])
    print(len(own), "electrodes, least", least, len(told), "bursts")
    return told


CASES = [
    dict(seed=1, n_electrodes=16, n_frames=120_000, interval=1000, every=6000, share=600, n_spikes=8, length=400, own=False),
    dict(seed=2, n_electrodes=12, n_frames=120_000, interval=700, every=4000, share=1000, n_spikes=15, length=500, own=True),
    dict(seed=3, n_electrodes=24, n_frames=150_000, interval=170, every=5000, share=800, n_spikes=10, length=200, own=False),
    dict(seed=4, n_electrodes=32, n_frames=120_000, interval=500, every=8000, share=700, n_spikes=6, length=300, own=False),
]
told = []
for case in CASES:
    whole = trains(**case)
    # The last one is cut into two segments, in the middle of a volley.
    cut = 57_100 if case["seed"] == 4 else case["n_frames"]
    lengths = [length for length in (cut, case["n_frames"] - cut) if length]
    segments = [[[frame - at for frame in train if at <= frame < at + n] for train in whole] for at, n in zip([0, cut], lengths)]
    told.append(dict(n_spikes=sum(map(len, whole)), lengths=lengths, bursts=network_bursts(segments, lengths)))
json.dump(told, open("network_bursts.json", "w"))
