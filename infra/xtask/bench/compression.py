"""Compresses some seconds of a recording as others do: python compression.py FOLDER SECONDS

Prints one JSON object per codec: ratio to the raw size, and megabytes of raw data per second on one core.
Chunks are those of SpikeInterface's Zarr folders: one second of all channels.
"""

import json
import sys
import time

import numcodecs
import numpy as np
import spikeinterface

numcodecs.blosc.set_nthreads(1)
recording = spikeinterface.load(sys.argv[1])
rate = int(recording.sampling_frequency)
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
    for start in range(0, int(float(sys.argv[2])) * rate, rate):
        chunk = np.ascontiguousarray(recording.get_traces(start_frame=start, end_frame=start + rate))
        begin = time.perf_counter()
        compressed += len(codec.encode(chunk))
        seconds += time.perf_counter() - begin
        raw += chunk.nbytes
    print(json.dumps({"codec": name, "ratio": raw / compressed, "mb_per_s": raw / seconds / 1e6}))
