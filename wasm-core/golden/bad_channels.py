"""Writes bad_channels.json from SpikeInterface; run it in this folder.

The file here was written with SpikeInterface 0.105.3, SciPy 1.17.1 and NumPy on CPython 3.11.
"""

import json

import numpy as np
from spikeinterface.preprocessing.detect_bad_channels import detect_bad_channels_ibl


def excerpt(seed):
    """The excerpt of the test of the same seed, frames x channels."""
    n_frames, state = 3000, seed

    def random():
        nonlocal state
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        return (state >> 8) / 2**24 - 0.5

    shared = np.array([random() * 12.0 for _ in range(n_frames)])
    channels = []
    for at in range(32):
        gain, own = {5: (0.02, 0.5), 9: (1.0, 90.0), 14: (2.6, 4.0)}.get(at, (0.05, 3.0) if at >= 28 else (1.0, 4.0))
        channels.append(gain * shared + own * np.array([random() for _ in range(n_frames)]))
    return np.array(channels, dtype=np.float32).T


labels = [detect_bad_channels_ibl(excerpt(seed), 30_000.0, 0.02).tolist() for seed in (1, 2, 3)]
json.dump(labels, open("bad_channels.json", "w"))
