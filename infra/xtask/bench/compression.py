"""Compresses raw samples as others do: python compression.py FILE CHANNELS RATE

The file holds int16, little-endian, frames x channels; the first ten seconds are taken. Prints one JSON object per
codec: ratio to the raw size, and megabytes of raw data per second on one core. Chunks are those of SpikeInterface's
Zarr folders: one second of all channels.
"""

import json
import sys
import time

import numcodecs
import numpy as np

numcodecs.blosc.set_nthreads(1)
n_channels, rate = int(sys.argv[2]), int(float(sys.argv[3]))
frames = np.memmap(sys.argv[1], dtype="<i2", mode="r").reshape(-1, n_channels)[: 10 * rate]
codecs = {"blosc-zstd level 5, bit shuffle": numcodecs.Blosc("zstd", clevel=5, shuffle=numcodecs.Blosc.BITSHUFFLE)}
try:
    import flac_numcodecs

    codecs["FLAC level 5"] = flac_numcodecs.Flac(level=5)
except ImportError:
    pass
try:
    import wavpack_numcodecs

    codecs["WavPack level 2"] = wavpack_numcodecs.WavPack(level=2)
except ImportError:
    pass
for name, codec in codecs.items():
    raw = compressed = 0
    seconds = 0.0
    for start in range(0, len(frames), rate):
        chunk = np.array(frames[start : start + rate])
        begin = time.perf_counter()
        compressed += len(codec.encode(chunk))
        seconds += time.perf_counter() - begin
        raw += chunk.nbytes
    print(json.dumps({"codec": name, "ratio": raw / compressed, "mb_per_s": raw / seconds / 1e6}))
