"""Writes small HDF5 files in the layouts of several recording systems: python hdf5_fixtures.py

Made with h5py 3.16, HDF5 2.0 and hdf5plugin 7.1.0. Every signal follows one rule, which tests/it/fixtures.rs knows too:
value(frame, channel) = (frame * 7 + channel * 131) % 2000 - 1000, shifted where a layout stores unsigned samples.
Spikes alone follow another: three electrodes of four spikes, at frames 100 + 40 * number + electrode.
"""

import pathlib
import zlib

import h5py
import hdf5plugin
import numpy as np

FOLDER = pathlib.Path(__file__).parent / "hdf5"


def values(n_frames, n_channels):
    frames, channels = np.arange(n_frames)[:, None], np.arange(n_channels)[None, :]
    return ((frames * 7 + channels * 131) % 2000 - 1000).astype("<i2")


def new(name):
    return h5py.File(FOLDER / name, "w", libver=("earliest", "v110"))


def table(**columns):
    kinds = [(name, np.asarray(column).dtype) for name, column in columns.items()]
    return np.array(list(zip(*columns.values())), dtype=kinds)


def maxwell_chunk(samples):
    """The inferred layout of filter 401, encoded the simple way: every sample by itself."""
    bits = format(int(samples[0]), "010b") + "".join("1111111" + format(int(s), "010b") for s in samples[1:])
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def maxwell():
    """One well, three routed channels of four mapped ones; two chunks through filter 401 and deflate."""
    with new("maxwell.raw.h5") as file:
        file["version"] = np.array([b"20190530"])
        signal = (values(20, 3).T + 1000) // 2
        base = file.create_group("wells/well000/rec0000")
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((3, 10))
        plist.set_filter(401, h5py.h5z.FLAG_OPTIONAL, ())
        plist.set_deflate(1)
        routed = base.create_group("groups/routed")
        space = h5py.h5s.create_simple((3, 20))
        raw = h5py.Dataset(h5py.h5d.create(routed.id, b"raw", h5py.h5t.STD_U16LE, space, plist))
        for start in (0, 10):
            raw.id.write_direct_chunk((0, start), zlib.compress(maxwell_chunk(signal[:, start : start + 10].ravel())))
        routed["channels"] = np.array([7, 2, 9], "<u2")
        routed["frame_nos"] = np.arange(100, 120, dtype="<u8")
        base["settings/lsb"] = np.array([6.25e-6])
        base["settings/sampling"] = np.array([20000.0])
        channel, electrode = np.array([2, 4, 7, 9], "<i4"), np.array([12, 14, 17, 19], "<i4")
        base["settings/mapping"] = table(channel=channel, electrode=electrode, x=channel * 17.5, y=electrode * 1.0)
        base["spikes"] = table(frameno=np.array([105], "<i8"), channel=np.array([7], "<i4"), amplitude=np.array([-3], "<f4"))


def three_brain():
    with new("three_brain_v3.brw") as file:
        variables = dict(MinVolt=-4125.0, MaxVolt=4125.0, BitDepth=np.uint8(12), NRecFrames=np.int64(30), SamplingRate=18000.0, SignalInversion=1.0)
        for name, value in variables.items():
            file[f"3BRecInfo/3BRecVars/{name}"] = np.array([value])
        file["3BRecInfo/3BMeaStreams/Raw/Chs"] = table(Row=np.array([1, 1, 2], "<i2"), Col=np.array([1, 2, 1], "<i2"))
        file["3BData/Raw"] = (values(30, 3) + 1000).astype("<u2").ravel()
    settings = b'{"ValueConverter":{"MinAnalogValue":-8000,"MaxAnalogValue":8000,"MinDigitalValue":0,"MaxDigitalValue":4000,"ScaleFactor":1},"TimeConverter":{"FrameRate":20000},"MeaPlate":{"Model":"Accura HD-MEA"}}'
    with new("three_brain_v4.brw") as file:
        file["ExperimentSettings"] = np.array([settings])
        file["Well_A1/StoredChIdxs"] = np.arange(4, dtype="<i4")
        file["Well_A1/Raw"] = (values(30, 4) + 1000).astype("<u2").ravel()
    with new("three_brain_sparse.brw") as file:
        file["ExperimentSettings"] = np.array([settings])
        file["Well_A1/StoredChIdxs"] = np.arange(4, dtype="<i4")
        file["Well_A1/EventsBasedSparseRaw"] = np.zeros(10, "u1")


def spikes():
    """Frame and electrode of each spike, in the order of time."""
    events = sorted((100 + 40 * number + electrode, electrode) for electrode in range(3) for number in range(4))
    return np.array([frame for frame, _ in events]), np.array([electrode for _, electrode in events])


def spikes_alone():
    frames, electrodes = spikes()
    # Waveforms of two samples around their peak of 10 steps and one more for each electrode.
    forms = np.stack([0 * electrodes, -10 - electrodes], axis=1).astype("<i2").ravel()
    with new("spikes_v3.bxr") as file:
        variables = dict(MinVolt=0.0, MaxVolt=4096.0, BitDepth=np.uint8(12), NRecFrames=np.int64(1000), SamplingRate=20000.0, SignalInversion=1.0)
        for name, value in variables.items():
            file[f"3BRecInfo/3BRecVars/{name}"] = np.array([value])
        rows, columns, ids = np.array([1, 1, 2], "<i2"), np.array([1, 2, 1], "<i2"), np.array([0, 1, 64], "<i4")
        file["3BResults/3BInfo/MeaChs2ChIDsVector"] = table(Row=rows, Col=columns, ID=ids)
        file["3BResults/3BInfo/3BNoise/StdMean"] = table(Row=rows[:2], Col=columns[:2], Std=np.array([2.5, 3.5], "<f4"), Mean=np.zeros(2, "<f4"))
        events = file.create_group("3BResults/3BChEvents")
        events["SpikeTimes"], events["SpikeChIDs"] = frames.astype("<i8"), ids[electrodes].astype("<u2")
        events["SpikeForms"] = forms
    with new("spikes_v4.bxr") as file:
        settings = b'{"ValueConverter":{"MinAnalogValue":0,"MaxAnalogValue":4096,"MinDigitalValue":0,"MaxDigitalValue":4096,"ScaleFactor":1},"TimeConverter":{"FrameRate":20000}}'
        file["ExperimentSettings"] = np.array([settings])
        file["TOC"] = np.array([[0, 1000]], "<i8")
        file["Well_A1/StoredChIdxs"] = np.array([0, 1, 64], "<i4")
        file["Well_A1/SpikeTimes"], file["Well_A1/SpikeForms"] = frames.astype("<i8"), forms
        file["Well_A1/SpikeChIdxs"] = np.array([0, 1, 64], "<i4")[electrodes]
    with new("units.nwb") as file:
        file.attrs["nwb_version"] = "2.7.0"
        order = np.argsort(electrodes, kind="stable")
        file["units/spike_times"] = frames[order] / 20000.0
        file["units/spike_times_index"] = np.array([4, 8, 12])
        file["units/id"] = np.array([3, 5, 8])


def mcs():
    with new("mcs.h5") as file:
        for recording in (0, 1):
            group = file.create_group(f"Data/Recording_{recording}/AnalogStream/Stream_0")
            group.attrs["Label"] = np.bytes_("Electrode Raw Data")
            group.create_dataset("ChannelData", data=values(40 - 10 * recording, 2).T.astype("<i4"), chunks=(2, 16), shuffle=True, compression="gzip")
            group["ChannelDataTimeStamps"] = np.array([[recording * 5_000_000, 0, 39]], "<i8")
            numbers = np.array([3, 4], "<i4")
            group["InfoChannel"] = table(
                ChannelID=numbers, Tick=np.array([50, 50], "<i8"), Exponent=np.array([-9, -9], "<i4"),
                ConversionFactor=np.array([59605, 59605], "<i8"), ADZero=np.array([0, 0], "<i4"),
            )


def nwb_series(file, name, **filters):
    """The second and first of three electrodes."""
    series = file.create_group(f"acquisition/{name}")
    series.attrs["neurodata_type"] = "ElectricalSeries"
    data = series.create_dataset("data", data=values(50, 2), **filters)
    data.attrs["conversion"], data.attrs["offset"] = 2e-7, 1e-6
    series["electrodes"] = np.array([2, 0])
    series["starting_time"] = 1.5
    series["starting_time"].attrs["rate"] = 25000.0


def nwb():
    with new("session.nwb") as file:
        file.attrs["nwb_version"] = "2.7.0"
        electrodes = file.create_group("general/extracellular_ephys/electrodes")
        electrodes["id"] = np.array([10, 11, 12])
        electrodes["rel_x"], electrodes["rel_y"] = np.array([0.0, 20.0, 40.0]), np.zeros(3)
        nwb_series(file, "ElectricalSeries", chunks=(20, 2), compression="lzf")
        trials = file.create_group("intervals/trials")
        trials["id"], trials["correct"] = np.arange(2), np.array([0, 1], "<i4")
        trials["start_time"], trials["stop_time"] = np.array([1.5005, 1.501]), np.array([1.5008, 1.5015])
        trials["side"] = np.array(["left", "right"], dtype=h5py.string_dtype())
        notes = file.create_group("acquisition/notes")
        notes.attrs["neurodata_type"] = "AnnotationSeries"
        notes["data"] = np.array(["drug added"], dtype=h5py.string_dtype())
        notes["timestamps"] = np.array([1.5007])
    with new("bitshuffle.nwb") as file:
        file.attrs["nwb_version"] = "2.7.0"
        # Chunks of 42 values: whole blocks, a shorter one, and two values that are left as they are.
        for name, codec in (("Lz4", "lz4"), ("Plain", "none"), ("Zstd", "zstd")):
            nwb_series(file, name, chunks=(21, 2), compression=hdf5plugin.Bitshuffle(nelems=16, cname=codec))


def mearec():
    with new("mearec.h5") as file:
        file["info/recordings/fs"] = 32000.0
        file["recordings"] = values(50, 2).astype("<f4")
        file["channel_positions"] = np.array([[0.0, 5.0, 6.0], [0.0, 7.0, 8.0]])


def nix():
    """Two segments of a signal of two channels in millivolts, as neo cuts them; spikes of one train in each."""
    with new("signals.nix") as file:
        file.attrs["format"] = "nix"
        names = {"signal": "neo.analogsignal", "train": "neo.spiketrain"}
        frames = np.arange(4) * 40 + 100
        # Names are random in real files: only the order in which groups were made tells the segments'.
        groups = file.create_group("data/block/groups", track_order=True)
        for segment in (0, 1):
            group = groups.create_group("ba"[segment])
            group.attrs["type"] = "neo.segment"
            for channel in (1, 0):
                array = group.create_group(f"data_arrays/{segment}{1 - channel}")
                array.attrs.update({"name": f"neo.analogsignal.id{segment}.{channel}", "type": names["signal"], "unit": "mV"})
                array["data"] = values(60 - 10 * segment, 2)[:, channel]
                axis = array.create_group("dimensions/1")
                axis.attrs.update({"dimension_type": "sample", "sampling_interval": 0.1, "unit": "ms", "offset": 0.0})
                array["metadata/properties/t_start"] = np.array([2.0 * segment])
                array["metadata/properties/t_start"].attrs["unit"] = "s"
                array["metadata/properties/neo_name"] = np.array([b"field"])
            train = group.create_group("multi_tags/train")
            train.attrs["type"] = names["train"]
            train["positions/data"] = frames / 10.0
            train["positions"].attrs["unit"] = "ms"
            train["metadata/properties/neo_name"] = np.array([b"unit 1"])

def mcs_table(labels, rows, unit=b"V", factor=59605):
    n = len(labels)
    whole = dict(Exponent=-9, ADZero=0, GroupID=0)
    return table(
        ChannelID=np.arange(5, 5 + n, dtype="<i4"), RowIndex=np.array(rows, "<i4"), Label=np.array(labels, "S8"),
        Unit=np.array([unit] * n, "S8"), Tick=np.full(n, 50, "<i8"), ConversionFactor=np.full(n, factor, "<i8"),
        HighPassFilterType=np.array([b"Bessel"] * n, "S8"), HighPassFilterCutOffFrequency=np.array([b"200"] * n, "S8"),
        **{name: np.full(n, value, "<i4") for name, value in whole.items()},
    )


def mcs_spikes():
    """Four electrodes in the order of RowIndex, the reference among them; a stretch that touches the one before, one
    after a gap of seconds; an auxiliary stream; spikes cut out and, once more, as times alone."""
    with new("mcs_spikes.h5") as file:
        attributes = dict(MeaName=b"60MEA200/30iR-Ti  \r\n", Comment=b"second dish", DateInTicks=np.int64(635404978551720981))
        data = file.create_group("Data")
        data.attrs.update({name: np.bytes_(value) if isinstance(value, bytes) else value for name, value in attributes.items()})
        recording = data.create_group("Recording_0")
        recording.attrs["Duration"] = np.int64(6_000_000)
        stamps = np.array([[1_000_000, 0, 24], [1_001_250, 25, 39], [5_000_000, 40, 59]], "<i8")
        for name, kind, labels, rows in (("Stream_0", "Auxiliary", [b"A1", b"A2"], [0, 1]), ("Stream_1", "Electrode", [b"12", b"21", b"47", b"Ref"], [2, 0, 3, 1])):
            stream = recording.create_group(f"AnalogStream/{name}")
            stream.attrs.update({"Label": np.bytes_(f"{kind} Raw Data"), "DataSubType": np.bytes_(kind)})
            stream["ChannelData"] = values(60, len(labels)).T.astype("<i4")
            stream["ChannelDataTimeStamps"] = stamps
            stream["InfoChannel"] = mcs_table(labels, rows)
        cut = recording.create_group("SegmentStream/Stream_0")
        cut.attrs.update({"Label": np.bytes_("Spike Detector (1) Spike Data"), "DataSubType": np.bytes_("Spike")})
        cut["SourceInfoChannel"] = mcs_table([b"12", b"21"], [0, 1])
        cut["InfoSegment"] = table(SegmentID=np.array([0, 1], "<i4"), SourceChannelIDs=np.array([b"5", b"6"], "S8"))
        times = np.array([[1_000_500, 5_000_100], [1_001_300, 5_000_900]], "<i8")
        for entity in range(2):
            # The largest value is the second: -10 steps, and one more for each spike and entity.
            cut[f"SegmentData_{entity}"] = np.array([[3, 4], [-10 - entity, -11 - entity], [2, 1]], "<i4")
            cut[f"SegmentData_ts_{entity}"] = times[entity][None]
        alone = recording.create_group("TimeStampStream/Stream_0")
        alone.attrs.update({"Label": np.bytes_("Spike Detector (1) Spike Timestamps"), "DataSubType": np.bytes_("NeuralSpike")})
        alone["InfoTimeStamp"] = table(TimeStampEntityID=np.array([0, 1], "<i4"), SourceChannelIDs=np.array([b"5", b"6"], "S8"), SourceChannelLabels=np.array([b"12", b"21"], "S8"))
        for entity in range(2):
            alone[f"TimeStampEntity_{entity}"] = times[entity][None]
        event = recording.create_group("EventStream/Stream_0")
        event.attrs["Label"] = np.bytes_("Digital Events")
        event["EventEntity_0"] = np.array([[1_000_200, 5_000_200], [0, 100]], "<i8")


def maxwell_plate():
    """Two wells of two electrodes, three frames apart; the second well misses frames 110 to 119."""
    with new("maxwell_plate.raw.h5") as file:
        file["version"] = np.array([b"20190530"])
        file["wellplate/id"], file["wellplate/version"] = np.array([b"M1"]), np.array([b"MaxTwo 6 multi-well MEA"])
        for well, numbers in enumerate((np.arange(100, 130), np.r_[103:110, 120:133])):
            base = file.create_group(f"wells/well{well:03}/rec0000")
            routed = base.create_group("groups/routed")
            # The value tells well, channel and frame number.
            routed["raw"] = (well * 500 + numbers[None] + np.array([[0], [200]])).astype("<u2")
            routed["channels"], routed["frame_nos"] = np.array([7, 2], "<u2"), numbers.astype("<u8")
            base["settings/lsb"], base["settings/sampling"] = np.array([1e-6]), np.array([10000.0])
            base["settings/hpf"], base["start_time"] = np.array([300.0]), np.array([1616517974102], "<i8")
            channel = np.array([2, 7], "<i4")
            base["settings/mapping"] = table(channel=channel, electrode=channel, x=channel * 17.5, y=channel * 1.0)
            base["spikes"] = table(frameno=np.array([105, 125], "<i8"), channel=np.array([7, 2], "<i4"), amplitude=np.array([-3, -4], "<f4"))


def three_brain_gap():
    """Ten frames from the start, and twenty from frame 50 on."""
    settings = b'{"ValueConverter":{"MinAnalogValue":-8000,"MaxAnalogValue":8000,"MinDigitalValue":0,"MaxDigitalValue":4000,"ScaleFactor":1},"TimeConverter":{"FrameRate":10000},"ExperimentDateTime":"2023-04-30T11:56:37Z"}'
    with new("three_brain_gap.brw") as file:
        file["ExperimentSettings"] = np.array([settings])
        file["TOC"] = np.array([[0, 10], [50, 70]], "<i8")
        file["Well_A1/StoredChIdxs"] = np.arange(4, dtype="<i4")
        file["Well_A1/Raw"] = (values(30, 4) + 1000).astype("<u2").ravel()
        file["Well_A1/SpikeTimes"], file["Well_A1/SpikeChIdxs"] = np.array([5, 55], "<i8"), np.array([1, 3], "<i4")
        # Three values are no waveforms of two spikes.
        file["Well_A1/SpikeForms"] = np.array([1, 2, 3], "<i2")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for write in (maxwell, maxwell_plate, three_brain, three_brain_gap, spikes_alone, mcs, mcs_spikes, nwb, mearec, nix):
        write()
