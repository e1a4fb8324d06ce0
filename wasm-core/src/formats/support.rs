//! What can be opened, in words: for the start page, for messages and for `docs/formats.md`.

/// One kind of recording.
#[derive(Debug, PartialEq, Eq)]
pub struct Support {
    /// The system and its files, as the start page lists them.
    pub name: &'static str,
    /// What to hand over.
    pub give: &'static str,
    /// Versions and layouts that the tests open.
    pub tested: &'static str,
    /// Where electrode positions come from.
    pub positions: &'static str,
    /// Whether neo 0.14 reads it.
    pub neo: &'static str,
    /// Whether `SpikeInterface` 0.105 reads it.
    pub spikeinterface: &'static str,
}

const fn row(
    name: &'static str,
    give: &'static str,
    tested: &'static str,
    positions: &'static str,
    (neo, spikeinterface): (&'static str, &'static str),
) -> Support {
    Support { name, give, tested, positions, neo, spikeinterface }
}

/// All kinds, multielectrode arrays first.
pub const SUPPORT: &[Support] = &[
    row(
        "MaxWell .raw.h5",
        "the file",
        "MaxOne and MaxTwo, format 20190530; filter 401 by an inferred layout, said with every result",
        "mapping",
        ("with the vendor's plugin", "with the vendor's plugin"),
    ),
    row(
        "Multi Channel Systems .h5, raw export",
        "the file",
        "DataManager HDF5 with its spikes, MC_DataTool raw",
        "labels of standard arrays",
        ("raw export only", "yes"),
    ),
    row("3Brain .brw, .bxr", "the file", "version 3 and 4, raw; spikes", "chip layout", (".brw", ".brw")),
    row(
        "Axion .raw, .spk, spike list",
        "the file",
        ".spk of AxIS 3.6, spike_list.csv; .raw of both layouts, by their description",
        "names of electrodes; distances made up",
        ("no", "no"),
    ),
    row(
        "Intan .rhd, .rhs",
        "the file, or the folder of info.rhd",
        "1.0 to 3.x, all three layouts",
        "none in the files",
        ("yes", "yes"),
    ),
    row(
        "Open Ephys",
        "the session folder, or .continuous files",
        "binary 0.4.4 to 0.6, legacy .continuous",
        "Neuropixels, from settings.xml",
        ("yes", "yes"),
    ),
    row(
        "SpikeGLX .bin or .cbin with .meta",
        "the folder, or the files of one stem",
        "NP1, NP2, quad-base, NI-DAQ, OneBox; gates and triggers; packed by mtscomp 1.0",
        "Neuropixels, by part number",
        ("yes", "yes"),
    ),
    row(
        "NWB .nwb",
        "the file",
        "2.0 to 2.11; gzip, lzf, blosc, zstd, bitshuffle; units table",
        "electrodes table",
        ("yes", "yes"),
    ),
    row(
        "Blackrock .ns1 to .ns6, .nev",
        "the files of one recording",
        "2.1, 2.2, 2.3, 3.0 with a clock per sample; spikes",
        "none in the files",
        ("yes", "yes"),
    ),
    row("Neuralynx .ncs", "the folder", "Cheetah 1.1 to 5.7, gaps", "none in the files", ("yes", "yes")),
    row(
        "EDF, BDF",
        "the file",
        "EDF, EDF+C, EDF+D with its gaps, 24-bit BDF",
        "none in the files",
        ("EDF without gaps; BDF cut to 16 bits", "as neo"),
    ),
    row(
        "MED64 .modat, .modax",
        "the file",
        "what the crate med64 documents; no recording of the vendor, said with every result",
        "none in the files",
        ("no", "no"),
    ),
    row(
        "SpikeGadgets .rec",
        "the file",
        "Intan chips, Neuropixels by documentation",
        "none in the files",
        ("yes", "yes"),
    ),
    row(
        "NeuroScope .dat, .lfp, .eeg",
        "the file with its .xml",
        "12 to 32 bits",
        "none in the files",
        ("yes", "with the rate of .dat"),
    ),
    row(
        "Plexon .plx",
        "the file",
        "spikes of versions 101 and 106; continuous signals of 105, compared with neo",
        "none in the files",
        ("yes", "yes"),
    ),
    row(
        "phy folder, IBL spikes, spike tables",
        "the folder with params.py or spikes.times.npy; a .csv, with NAME.json",
        "spike_times.npy; ALF names; spikes.csv of this program",
        "NAME.json",
        ("no", "phy"),
    ),
    row("NIX .nix", "the file", "1.1 as neo writes it: signals, spike trains", "none in the files", ("yes", "as neo")),
    row("MEArec .h5", "the file", "1.11", "probe", ("yes", "yes")),
    row(
        "SpikeInterface folder",
        "the folder",
        "binary and Zarr of 0.97 to 0.105, with blosc, zstd, lz4, zlib, gzip, pcodec",
        "probe",
        ("no", "yes"),
    ),
    row(
        "NumPy .npy, plain binary",
        "the file with NAME.json or params.py, or the form on the page",
        "all integer and float types",
        "NAME.json",
        ("with code", "with code"),
    ),
];

/// The kinds in one line, for a message.
pub fn in_words() -> String {
    SUPPORT.iter().map(|kind| kind.name).collect::<Vec<_>>().join("; ")
}
