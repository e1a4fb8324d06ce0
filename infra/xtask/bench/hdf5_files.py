"""Writes a recording as MCS HDF5 in several layouts and reads it back: python hdf5_files.py RAW CHANNELS RATE FOLDER RUNS

RAW holds int16, little-endian, frames x channels, of 0.195 uV a step, as `neurocyte simulate` writes it. Each layout
goes to FOLDER/LAYOUT/recording.h5, where it is not there yet: the structure and channel table of Multi Channel
DataManager, int32 samples.

Prints one JSON object per layout: its name, its words, bytes of the file, and the processor seconds that h5py takes
to open the file and read all samples at once, which is the fastest that it can: the median of RUNS, without the start
of Python.
"""

import json
import pathlib
import statistics
import sys
import time

import h5py
import numpy as np

STREAM = "Data/Recording_0/AnalogStream/Stream_0"
# As in a file of the DataManager: chunks of 2,048 frames, shuffled bytes, level 5.
FRAMES, GZIP = 2048, dict(compression="gzip", compression_opts=5, shuffle=True)
# What CureQ and MEAlytics make of every file: chunks of one electrode and its whole length.
LAYOUTS = {
    "all-plain": ("chunks of all electrodes, not compressed", lambda n, length: dict(chunks=(n, FRAMES))),
    "all-gzip": ("chunks of all electrodes, gzip", lambda n, length: dict(chunks=(n, FRAMES), **GZIP)),
    "one-lzf": ("chunks of one electrode, lzf", lambda n, length: dict(chunks=(1, length), compression="lzf")),
    "one-gzip": ("chunks of one electrode, gzip", lambda n, length: dict(chunks=(1, length), **GZIP)),
}


def channel_table(n_channels, rate):
    text = h5py.string_dtype()
    fields = [
        ("ChannelID", "<i4"), ("RowIndex", "<i4"), ("GroupID", "<i4"), ("Label", text), ("RawDataType", text),
        ("Unit", text), ("Exponent", "<i4"), ("ADZero", "<i4"), ("Tick", "<i8"), ("ConversionFactor", "<i8"),
    ]
    table = np.zeros(n_channels, dtype=fields)
    for at in range(n_channels):
        # Volts of a step are 195,000 x 10^-12; a tick is in microseconds.
        table[at] = (at, at, 0, f"E{at + 1}", "Int", "V", -12, 0, round(1e6 / rate), 195_000)
    return table


def write(path, frames, rate, options):
    length, n_channels = frames.shape
    with h5py.File(path, "w") as file:
        file.create_group("Data").attrs["ProgramName"] = np.bytes_("neurocyte bench")
        stream = file.create_group(STREAM)
        stream.attrs["Label"], stream.attrs["DataSubType"] = np.bytes_("Electrode Raw Data"), np.bytes_("Electrode")
        stream["InfoChannel"] = channel_table(n_channels, rate)
        stream["ChannelDataTimeStamps"] = np.array([[0, 0, length - 1]], "<i8")
        data = stream.create_dataset("ChannelData", (n_channels, length), "<i4", **options)
        if options["chunks"][0] == 1:
            for channel in range(n_channels):
                data[channel] = frames[:, channel]
        else:
            for start in range(0, length, 32 * FRAMES):
                data[:, start : start + 32 * FRAMES] = frames[start : start + 32 * FRAMES].T


def read(path):
    """Processor seconds of this process, and a sum that the layouts have in common."""
    start = time.process_time()
    with h5py.File(path) as file:
        samples = file[f"{STREAM}/ChannelData"][:]
    return time.process_time() - start, int(samples.sum(dtype="i8"))


raw, n_channels, rate, folder, runs = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4], int(sys.argv[5])
frames = np.memmap(raw, dtype="<i2", mode="r").reshape(-1, n_channels)
expected = int(frames.sum(dtype="i8"))
for name, (words, options) in LAYOUTS.items():
    path = pathlib.Path(folder) / name / "recording.h5"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        write(unfinished, frames, rate, options(n_channels, len(frames)))
        unfinished.rename(path)
    times = []
    for _ in range(runs):
        seconds, found = read(path)
        times.append(seconds)
        if found != expected:
            raise SystemExit(f"{path}: it holds other samples")
    print(json.dumps(dict(layout=name, words=words, bytes=path.stat().st_size, read_s=statistics.median(times))))
