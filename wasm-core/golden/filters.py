"""Writes butterworth.json, decimate.json, fir.json, notch.json, sosfiltfilt.json and welch.json from SciPy; run it in this folder.

The files here were written with SciPy 1.17.1 and NumPy on CPython 3.11.
"""

import itertools
import json

import numpy as np
from scipy import signal


def butterworth():
    cases = []
    rates = [10_000.0, 20_000.0, 30_000.0, 40_000.0]
    for order, rate in itertools.product([1, 2, 3, 4, 5, 6, 7, 10], rates):
        cases.append((order, "bandpass", [300.0, 3000.0], rate))
        cases.append((order, "highpass", [200.0], rate))
        cases.append((order, "lowpass", [2500.0], rate))
    cases.append((5, "bandpass", [600.0, 4999.0], 12_500.0))
    for order, kind, cutoffs, rate in cases:
        # A low and wide band-pass of high order is where the pairing matters most.
        sos = signal.butter(order, cutoffs if len(cutoffs) > 1 else cutoffs[0], kind, output="sos", fs=rate)
        yield {"order": order, "kind": kind, "cutoffs_hz": cutoffs, "sampling_frequency_hz": rate, "sos": sos.tolist()}


def notch():
    for freq, quality, rate in itertools.product([50.0, 60.0, 150.0, 1000.0], [5.0, 30.0], [1000.0 * 2.5, 20_000.0]):
        b, a = signal.iirnotch(freq, quality, rate)
        yield [freq, quality, rate, *b.tolist(), *a.tolist()]


def decimate():
    for factor, n in [(20, 1500), (3, 100), (7, 95), (5, 30)]:
        at = np.arange(n)
        trace = np.round(300 * np.sin(at * 0.011) + 80 * np.cos(at * 1.7) + 20) / 4
        output = signal.decimate(trace, factor, ftype="fir")
        yield {"factor": factor, "input": trace.tolist(), "output": output.tolist()}


def welch():
    rate = 20_000.0
    for n, nperseg in [(4000, 256), (1000, 255), (300, 512), (5, 8)]:
        # A sum of sines and an offset that any language computes alike.
        at = np.arange(n)
        trace = np.round(300 * np.sin(at * 0.31) + 80 * np.cos(at * at * 0.001) + 1000) / 4
        frequencies, density = signal.welch(trace, rate, nperseg=min(n, nperseg))
        yield {
            "sampling_frequency_hz": rate,
            "nperseg": nperseg,
            "input": trace.tolist(),
            "frequencies_hz": frequencies.tolist(),
            "density": density.tolist(),
        }


def sosfiltfilt():
    rate = 20_000.0
    random = np.random.default_rng(7)
    n = 6000
    drift = 400.0 * np.sin(2 * np.pi * 3.0 * np.arange(n) / rate)
    trace = (random.normal(0.0, 10.0, n) + drift + 2000.0).astype(np.float32)
    cases = []
    # The default; and a filter near half the rate, and a steep one, which single precision does not carry.
    for order, low, high in [(5, 300.0, 3000.0), (5, 300.0, 9900.0), (10, 150.0, 3000.0)]:
        sos = signal.butter(order, [low, high], "bandpass", output="sos", fs=rate)
        output = signal.sosfiltfilt(sos, trace.astype(np.float64))
        output = [round(float(value), 4) for value in output]
        cases.append({"order": order, "low_hz": low, "high_hz": high, "output": output})
    return {"sampling_frequency_hz": rate, "input": [round(float(value), 4) for value in trace], "cases": cases}


def fir():
    random = np.random.default_rng(3)
    cases = [
        ("bandpass", [300.0, 3000.0], 100.0, 20_000.0),
        ("bandpass", [600.0, 4999.0], 400.0, 12_500.0),
        ("highpass", [200.0], 150.0, 10_000.0),
        ("lowpass", [2500.0], 500.0, 20_000.0),
    ]
    for kind, cutoffs, width, rate in cases:
        n_taps = 2 * int(np.ceil(3.3 * rate / width / 2)) + 1
        taps = signal.firwin(n_taps, cutoffs, window="hamming", pass_zero=kind, fs=rate)
        if kind != "lowpass":
            window = signal.get_window("hamming", n_taps, fftbins=False)
            taps -= taps.sum() / window.sum() * window
        n = n_taps + 700
        trace = random.normal(0.0, 10.0, n) + 400.0 * np.sin(2 * np.pi * 3.0 * np.arange(n) / rate)
        trace = np.round(trace.astype(np.float32), 3).astype(np.float64)
        yield {
            "kind": kind,
            "cutoffs_hz": cutoffs,
            "width_hz": width,
            "sampling_frequency_hz": rate,
            "taps": taps.tolist(),
            "input": [round(float(value), 3) for value in trace],
            "output": [round(float(value), 5) for value in signal.convolve(trace, taps, mode="valid", method="direct")],
        }


json.dump(list(butterworth()), open("butterworth.json", "w"))
json.dump(list(decimate()), open("decimate.json", "w"))
json.dump(list(fir()), open("fir.json", "w"))
json.dump(list(notch()), open("notch.json", "w"))
json.dump(list(welch()), open("welch.json", "w"))
json.dump(sosfiltfilt(), open("sosfiltfilt.json", "w"))
