"""Opens an NWB file with pynwb, validates it and inspects it; opens a phy folder with SpikeInterface.

    nwb_check.py spikes.nwb [phy_folder]

Prints one line of JSON with what was read: units, electrodes, spikes, the sum of their times, intervals of
observation, and the same of the folder. Fails, with the reasons, where something is wrong with the files.
"""

import json
import sys
import warnings

import numpy as np
import pynwb
from nwbinspector import Importance, inspect_nwbfile

# What only the person who recorded knows, and the stand-in for a time that files do not tell.
LEFT_TO_PEOPLE = {
    "check_experiment_description",
    "check_experimenter_exists",
    "check_institution",
    "check_keywords",
    "check_session_start_time_old_date",
    "check_subject_exists",
}


def validated(path):
    """Errors of the validator; its arguments changed with pynwb 3."""
    try:
        found = pynwb.validate(path=path)
    except TypeError:
        found = pynwb.validate(paths=[path])
    return list(found[0] if isinstance(found, tuple) else found)


def of_nwb(path):
    with pynwb.NWBHDF5IO(path, "r") as io:
        nwb = io.read()
        units = nwb.units
        trains = [np.asarray(units["spike_times"][at]) for at in range(len(units))]
        assert all(np.all(np.diff(train) >= 0) for train in trains), "spike times are not in order"
        told = {
            "n_units": len(units),
            "n_spikes": int(sum(map(len, trains))),
            "sum_s": float(sum(train.sum() for train in trains)),
            "unit_names": list(units["unit_name"][:]),
            "started": nwb.session_start_time.isoformat(),
        }
        if "obs_intervals" in units.colnames and len(units):
            told["observed_s"] = np.asarray(units["obs_intervals"][0]).tolist()
        if nwb.electrodes is not None:
            told["n_electrodes"] = len(nwb.electrodes)
            told["groups"] = sorted(nwb.electrode_groups)
            assert list(nwb.electrodes["group_name"][:]) == [group.name for group in nwb.electrodes["group"][:]]
            rows = [units["electrodes"][at].index[0] for at in range(len(units))]
            assert rows == list(range(len(units))), "units do not refer to their electrodes"
        units.to_dataframe()
        return told


def of_phy(folder):
    from spikeinterface.extractors import read_phy

    sorting = read_phy(folder)
    counts = sorting.count_num_spikes_per_unit()
    return {
        "n_units": len(sorting.unit_ids),
        "n_spikes": int(sum(counts.values())),
        "sum_frames": int(sum(sorting.get_unit_spike_train(unit).sum() for unit in sorting.unit_ids)),
        "rate_hz": sorting.get_sampling_frequency(),
        "quality": sorted(set(map(str, sorting.get_property("quality")))),
    }


def main(path, folder=None):
    warnings.filterwarnings("ignore", message="No cached namespaces found")
    told = of_nwb(path)
    wrong = [f"pynwb: {error}" for error in validated(path)]
    # The inspector itself fails on columns without values, such as those of a silent culture.
    passed = {Importance.BEST_PRACTICE_SUGGESTION} | (set() if told["n_spikes"] else {Importance.ERROR})
    for message in inspect_nwbfile(nwbfile_path=path):
        if message.check_function_name not in LEFT_TO_PEOPLE and message.importance not in passed:
            wrong.append(f"{message.importance.name} {message.check_function_name}: {message.message}")
    if folder is not None:
        told["phy"] = of_phy(folder)
    print(json.dumps(told))
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(*sys.argv[1:])
