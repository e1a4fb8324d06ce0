"""Times SpikeInterface's own detection on a recording: python spikeinterface_peaks.py FOLDER

Prints the seconds of the detect_peaks call alone (lazy filter and reference included), and the number of peaks.
"""

import json
import sys
import time

import spikeinterface
import spikeinterface.preprocessing as preprocessing
from spikeinterface.sortingcomponents.peak_detection import detect_peaks

recording = spikeinterface.load(sys.argv[1])
filtered = preprocessing.bandpass_filter(recording, freq_min=300.0, freq_max=3000.0, dtype="float32")
referenced = preprocessing.common_reference(filtered, reference="global", operator="median")
noise_levels = spikeinterface.get_noise_levels(referenced, return_in_uV=False)
start = time.perf_counter()
peaks = detect_peaks(
    referenced,
    method="by_channel",
    method_kwargs=dict(peak_sign="neg", detect_threshold=5, exclude_sweep_ms=1.0, noise_levels=noise_levels),
    job_kwargs=dict(n_jobs=1, chunk_duration="1s", progress_bar=False),
)
print(json.dumps({"seconds": time.perf_counter() - start, "peaks": len(peaks)}))
