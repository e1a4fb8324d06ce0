"""SpikeInterface's own detection on a recording: python spikeinterface_peaks.py FOLDER [RESULTS]

Prints the seconds of the detect_peaks call alone (lazy filter and reference included) and the number of peaks.
With the folder that `neurocyte analyze` wrote, also how many peaks of each side the other has at the same channel
and sample (+-1), away from the first and last 50 ms: once with the noise levels that SpikeInterface samples at
random, once with Neurocyte's; and how many of its own peaks SpikeInterface finds again with another sample.
"""

import json
import pathlib
import sys
import time

import numpy as np
import spikeinterface
import spikeinterface.preprocessing as preprocessing
from spikeinterface.sortingcomponents.peak_detection import detect_peaks

recording = spikeinterface.load(sys.argv[1])
filtered = preprocessing.bandpass_filter(recording, freq_min=300.0, freq_max=3000.0, dtype="float32")
referenced = preprocessing.common_reference(filtered, reference="global", operator="median")
sampled_noise = spikeinterface.get_noise_levels(referenced, return_in_uV=False)


def detect(noise_levels):
    start = time.perf_counter()
    peaks = detect_peaks(
        referenced,
        method="by_channel",
        method_kwargs=dict(peak_sign="neg", detect_threshold=5, exclude_sweep_ms=1.0, noise_levels=noise_levels),
        job_kwargs=dict(n_jobs=1, chunk_duration="1s", progress_bar=False),
    )
    return peaks, time.perf_counter() - start


def keys(samples, channels):
    """One sorted number per peak, with room for +-1 sample, away from the ends."""
    margin = int(0.05 * recording.sampling_frequency)
    inside = (samples >= margin) & (samples < recording.get_num_samples() - margin)
    return np.sort(channels[inside].astype("i8") * (1 << 40) + samples[inside].astype("i8"))


def share(ours, theirs):
    """The part of `ours` that `theirs` has too."""
    if len(ours) == 0:
        return 1.0
    return float(np.mean(np.isin(ours, theirs) | np.isin(ours - 1, theirs) | np.isin(ours + 1, theirs)))


peaks, seconds = detect(sampled_noise)
report = {"seconds": seconds, "peaks": len(peaks)}
if len(sys.argv) > 2:
    import pyarrow.parquet

    folder = pathlib.Path(sys.argv[2])
    spikes = pyarrow.parquet.read_table(folder / "spikes.parquet").to_pandas()
    channels = json.loads((folder / "summary.json").read_text())["channels"]
    own_noise = np.array([channel["noise_uv"] for channel in channels]) / recording.get_channel_gains()
    ours = keys(spikes.sample_index.values, spikes.channel_index.values)
    for name, found in (("sampled_noise", peaks), ("same_noise", detect(own_noise)[0])):
        theirs = keys(found["sample_index"], found["channel_index"])
        report[name] = {"ours_in_theirs": share(ours, theirs), "theirs_in_ours": share(theirs, ours)}
    again = spikeinterface.get_noise_levels(referenced, return_in_uV=False, force_recompute=True)
    first, second = (keys(p["sample_index"], p["channel_index"]) for p in (peaks, detect(again)[0]))
    report["spikeinterface_twice"] = {"ours_in_theirs": share(first, second), "theirs_in_ours": share(second, first)}
print(json.dumps(report))
