"""Functional connectivity beside elephant and MEA-NAP: python connectivity.py NEUROCYTE FOLDER [MEA_NAP]

Writes made spike trains: 60 electrodes for 600 s, and 1,000 for 300 s. Times the block `connectivity` (STTC of all pairs
against 200 circular shifts, with its graph measures) in one process each, on one core and on two; elephant's STTC
on some pairs of the first, whose time for all pairs, and for 200 surrogates of each, is extrapolated; and, where a copy
of MEA-NAP is given, its matrix and its thresholds of the first. Prints rows of a table.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import time

import numpy as np

NEUROCYTE, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
N_PAIRS, N_SURROGATES, DT_MS = 60, 200, 25


def trains(n_electrodes, seconds, per_electrode):
    """Half of the spikes alone, half in common bursts of 300 ms every five seconds."""
    draw = np.random.default_rng(1)
    made = []
    for _ in range(n_electrodes):
        alone = draw.uniform(0, seconds, per_electrode // 2)
        bursts = 5 * draw.integers(0, seconds // 5, per_electrode - len(alone)) + draw.uniform(0, 0.3, per_electrode - len(alone))
        made.append(np.unique(np.round(np.sort(np.concatenate([alone, bursts])), 4)))
    return made


def written(name, made, seconds):
    rows = sorted((at, f"E{index}") for index, train in enumerate(made) for at in train)
    path = FOLDER / f"{name}.csv"
    path.write_text("electrode,time_s\n" + "".join(f"{label},{at:.4f}\n" for at, label in rows))
    electrodes = [{"id": f"E{index}"} for index in range(len(made))]
    (FOLDER / f"{name}.json").write_text(json.dumps({"duration_s": seconds, "electrodes": electrodes}))
    return path, len(rows)


def ours(path, n_cores):
    pipeline = json.loads(subprocess.run([NEUROCYTE, "pipeline", "analyses"], check=True, capture_output=True).stdout)
    own = next(block for block in pipeline["blocks"] if block["kind"] == "sttc")
    values = {"dt_ms": DT_MS}
    pipeline["blocks"] = [block for block in pipeline["blocks"] if block["in"] != own["in"]]
    pipeline["blocks"].append({"id": "connectivity", "kind": "connectivity", "in": own["in"], "params": values})
    file = FOLDER / "connectivity.json"
    file.write_text(json.dumps(pipeline))
    start = time.perf_counter()
    command = [NEUROCYTE, "explore", path, "--pipeline", file, "--out", FOLDER / "out-connectivity"]
    cores = sorted(os.sched_getaffinity(0))[:n_cores]
    subprocess.run(command, check=True, capture_output=True, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    return time.perf_counter() - start


def elephant(made, seconds):
    import neo
    import quantities as pq
    from elephant.spike_train_correlation import spike_time_tiling_coefficient

    own = [neo.SpikeTrain(train * pq.s, t_stop=seconds * pq.s) for train in made]
    draw = random.Random(1)
    pairs = [draw.sample(range(len(own)), 2) for _ in range(N_PAIRS)]
    start = time.process_time()
    for a, b in pairs:
        spike_time_tiling_coefficient(own[a], own[b], dt=DT_MS * pq.ms)
    return (time.process_time() - start) / N_PAIRS * len(own) * (len(own) - 1) / 2


def mea_nap(made, seconds):
    """Seconds of MEA-NAP's matrix, and of its thresholds, which hold the matrix again; numba compiles before."""
    sys.path.insert(0, str(pathlib.Path(sys.argv[3]) / "src"))
    from meanap.pipeline.probabilistic_threshold import adjm_thr
    from meanap.pipeline.sttc import get_sttc

    own = dict(enumerate(made))
    get_sttc(own, 2, DT_MS, seconds)
    start = time.perf_counter()
    get_sttc(own, len(own), DT_MS, seconds)
    matrix = time.perf_counter()
    adjm_thr(own, len(own), DT_MS, 0.05, 20_000, seconds, N_SURROGATES, np.random.default_rng(1))
    return matrix - start, time.perf_counter() - matrix


small, large = trains(60, 600, 968), trains(1000, 300, 480)
(small_file, n_small), (large_file, n_large) = written("trains-60", small, 600), written("trains-1000", large, 300)
matrix_s = elephant(small, 600)
print(f"| 60 electrodes, 600 s, {n_small:,} spikes: elephant, the matrix alone | {matrix_s:.1f} s (from {N_PAIRS} pairs) |")
print(f"| the same with {N_SURROGATES} surrogates | {matrix_s * (N_SURROGATES + 1) / 60:.0f} min (extrapolated) |")
if len(sys.argv) > 3:
    nap_matrix_s, nap_s = mea_nap(small, 600)
    print(f"| MEA-NAP in Python with numba, the matrix alone | {nap_matrix_s:.2f} s |")
    print(f"| MEA-NAP with {N_SURROGATES} surrogates, no graph measures | {nap_s:.1f} s |")
for n_cores in (1, 2):
    how = f"{n_cores} core{'s' * (n_cores > 1)}"
    print(f"| `neurocyte explore`, {N_SURROGATES} surrogates, graph measures, reading, writing; {how} | {ours(small_file, n_cores):.2f} s |")
for n_cores in (1, 2):
    how = f"{n_cores} core{'s' * (n_cores > 1)}"
    print(f"| 1,000 electrodes, 300 s, {n_large:,} spikes: `neurocyte explore` likewise; {how} | {ours(large_file, n_cores):.1f} s |")
