"""Writes field_potentials.json from SciPy; run it in this folder.

The file here was written with SciPy 1.17.1 and NumPy on CPython 3.11.
"""

import itertools
import json
import math

import numpy as np
from scipy import signal

RATE = 500.0
BANDS = [(1.0, 4.0), (4.0, 8.0), (8.0, 13.0), (13.0, 30.0), (30.0, 80.0)]


def trace():
    """Five seconds of waves of several bands over noise, on an offset, in steps of 0.01."""
    random = np.random.default_rng(11)
    at = np.arange(2500) / RATE
    waves = 40 * np.sin(2 * np.pi * 6 * at) + 15 * np.sin(2 * np.pi * 10.3 * at + 1) + 5 * np.sin(2 * np.pi * 41 * at)
    return np.round(100.0 + waves + random.normal(0.0, 6.0, len(at)), 2).astype(np.float32).astype(np.float64)


def band_powers(x):
    frequencies, density = signal.welch(x, RATE, window="hann", nperseg=1000, detrend="constant", scaling="density")
    step = frequencies[1] - frequencies[0]
    return [float(density[(frequencies >= low) & (frequencies < high)].sum() * step) for low, high in BANDS]


def spectrogram(x):
    _, times, density = signal.spectrogram(
        x, RATE, window="hann", nperseg=500, noverlap=250, detrend="constant", scaling="density", mode="psd"
    )
    return {"starts_s": [float(time) - 0.5 for time in times], "density": density.T[:, :100].tolist()}


def phases(x):
    filtered = signal.sosfiltfilt(signal.butter(2, [4.0, 8.0], "bandpass", output="sos", fs=RATE), x)
    return {"filtered": filtered.tolist(), "phase_rad": np.angle(signal.hilbert(filtered)).tolist()}


def circular():
    """Rayleigh's test by Zar 1999, equation 27.4; and by the series that astropy takes (Jammalamadaka & SenGupta)."""
    random = np.random.default_rng(5)
    for n, kappa in [(12, 0.8), (40, 0.3), (60, 0.0), (300, 0.2), (300, 0.0)]:
        angles = np.round(random.vonmises(0.7, kappa, n), 6)
        total = np.exp(1j * angles).sum()
        length = abs(total) / n
        zar = math.exp(math.sqrt(1 + 4 * n + 4 * (n**2 - (n * length) ** 2)) - (1 + 2 * n))
        z = n * length**2
        series = 1.0
        if n < 50:
            series += (2 * z - z**2) / (4 * n) - (24 * z - 132 * z**2 + 76 * z**3 - 9 * z**4) / (288 * n**2)
        pairs = [math.cos(a - b) for a, b in itertools.combinations(angles, 2)]
        yield {
            "angles_rad": angles.tolist(),
            "mean_rad": float(np.angle(total)),
            "length": float(length),
            "p_zar": zar,
            "p_series": math.exp(-z) * series,
            "ppc": sum(pairs) / len(pairs),
        }


x = trace()
golden = {
    "rate_hz": RATE,
    "input": x.tolist(),
    "band_powers": band_powers(x),
    "spectrogram": spectrogram(x),
    **phases(x),
    "circular": list(circular()),
}
json.dump(golden, open("field_potentials.json", "w"))
