//! Small recordings of every format, written here: tests mean something without any other file.

pub mod hdf5;
pub mod med64;
pub mod spikes;
pub mod systems;

use std::io::Write as _;
use std::sync::Arc;

use wasm_core::formats::{FORMATS, Format};
use wasm_core::io::{FileSet, NamedFile};

/// Named byte vectors.
pub type Files = Vec<(String, Vec<u8>)>;

pub fn file_set(files: &Files) -> FileSet {
    FileSet::new(
        files.iter().map(|(path, bytes)| NamedFile { path: path.clone(), file: Arc::new(bytes.clone()) }).collect(),
    )
}

/// The value of a channel at a frame, the same in every fixture.
pub fn value(frame: usize, channel: usize) -> i16 {
    i16::try_from((frame * 7 + channel * 131) % 2000).expect("small") - 1000
}

fn interleaved(frames: usize, channels: usize) -> Vec<u8> {
    (0..frames).flat_map(|frame| (0..channels).flat_map(move |channel| value(frame, channel).to_le_bytes())).collect()
}

/// Neuropixels 1.0: four AP channels and the synchronisation word, two triggers.
pub fn spikeglx() -> Files {
    let mut files = Files::new();
    for (trigger, first_sample) in [(0, 3000), (1, 9000)] {
        let stem = format!("run_g0/run_g0_t{trigger}.imec0.ap");
        let imro = (0..4).map(|channel| format!("({channel} 0 0 500 250 1)")).collect::<Vec<_>>().concat();
        let map = (0..4).map(|channel| format!("(AP{channel};{channel}:{channel})")).collect::<Vec<_>>().concat();
        let meta = format!(
            "appVersion=20190327\nfileName=D:/data/{stem}.bin\nfirstSample={first_sample}\nimAiRangeMax=0.6\nimDatPrb_pn=NP1000\n\
             imSampRate=30000\nfileSizeBytes=6000\nnSavedChans=5\nsnsApLfSy=4,0,1\nsnsSaveChanSubset=0:3,768\ntypeThis=imec\n\
             ~imroTbl=(0,4){imro}\n~snsChanMap=(4,0,1){map}(SY0;768:4)\n"
        );
        files.push((format!("{stem}.meta"), meta.into_bytes()));
        files.push((format!("{stem}.bin"), interleaved(600, 5)));
    }
    files
}

/// The same, packed as mtscomp does: chunks of 250 frames, differences in time, channel after channel.
pub fn spikeglx_packed() -> Files {
    let mut files = Files::new();
    for (path, bytes) in spikeglx() {
        let Some(stem) = path.strip_suffix(".bin") else {
            files.push((path, bytes));
            continue;
        };
        let mut packed = Vec::new();
        let mut offsets = vec![0];
        for first in [0, 250, 500] {
            let frames = first..(first + 250).min(600);
            let difference = |channel: usize, frame: usize| {
                let before = if frame == first { 0 } else { value(frame - 1, channel) };
                value(frame, channel).wrapping_sub(before)
            };
            let columns = (0..5).flat_map(|channel| frames.clone().map(move |frame| difference(channel, frame)));
            let mut encoder = flate2::write::ZlibEncoder::new(packed, flate2::Compression::default());
            encoder.write_all(&columns.flat_map(i16::to_le_bytes).collect::<Vec<u8>>()).expect("packs");
            packed = encoder.finish().expect("packs");
            offsets.push(packed.len());
        }
        let ch = serde_json::json!({
            "version": "1.0", "algorithm": "zlib", "comp_level": -1, "do_time_diff": true, "do_spatial_diff": false,
            "dtype": "int16", "n_channels": 5, "sample_rate": 30_000.0, "chunk_order": "F",
            "chunk_bounds": [0, 250, 500, 600], "chunk_offsets": offsets,
        });
        files.push((format!("{stem}.ch"), ch.to_string().into_bytes()));
        files.push((format!("{stem}.cbin"), packed));
    }
    files
}

/// A `NumPy` file of this type and shape.
pub fn npy(kind: &str, shape: &str, data: Vec<u8>) -> Vec<u8> {
    let header = format!("{:117}\n", format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"));
    [b"\x93NUMPY\x01\x00\x76\x00".to_vec(), header.into_bytes(), data].concat()
}

/// Two recordings of three electrodes, pulses and a message, a converter input and a synchronisation channel.
pub fn open_ephys() -> Files {
    let mut files = Files::new();
    for recording in [1, 2] {
        let folder = format!("session/Record Node 101/experiment1/recording{recording}");
        let channel = |name: &str, bit_volts: f64, units: &str| {
            format!(r#"{{ "channel_name": "{name}", "bit_volts": {bit_volts}, "units": "{units}" }}"#)
        };
        let channels = [
            channel("CH1", 0.195, "uV"),
            channel("CH2", 0.195, "uV"),
            channel("CH3", 0.195, "uV"),
            channel("ADC1", 0.000_152_587_890_625, "V"),
            channel("SYNC", 1.0, ""),
        ];
        let oebin = format!(
            r#"{{ "GUI version": "0.6.0", "continuous": [ {{ "folder_name": "Rhythm-100.A/", "sample_rate": 20000, "channels": [{}] }} ], "events": [ {{ "folder_name": "Rhythm-100.A/TTL/", "channel_name": "Port", "sample_rate": 20000 }}, {{ "folder_name": "MessageCenter/", "channel_name": "Messages", "sample_rate": 20000 }} ] }}"#,
            channels.join(",")
        );
        files.push((format!("{folder}/structure.oebin"), oebin.into_bytes()));
        files.push((format!("{folder}/continuous/Rhythm-100.A/continuous.dat"), interleaved(500, 5)));
        let frames = |frames: &[i64]| frames.iter().flat_map(|frame| frame.to_le_bytes()).collect::<Vec<u8>>();
        let mut file = |name: &str, bytes: Vec<u8>| files.push((format!("{folder}/{name}"), bytes));
        let numbers: Vec<i64> = (4000..4500).collect();
        file("continuous/Rhythm-100.A/sample_numbers.npy", npy("<i8", "(500,)", frames(&numbers)));
        let states = [1_i16, 3, -1].into_iter().flat_map(i16::to_le_bytes).collect::<Vec<u8>>();
        file("events/Rhythm-100.A/TTL/states.npy", npy("<i2", "(3,)", states));
        file("events/Rhythm-100.A/TTL/sample_numbers.npy", npy("<i8", "(3,)", frames(&[4010, 4020, 4030])));
        file("events/MessageCenter/text.npy", npy("|S8", "(1,)", b"start\0\0\0".to_vec()));
        file("events/MessageCenter/sample_numbers.npy", npy("<i8", "(1,)", frames(&[4000])));
    }
    let settings = r#"<SETTINGS><SIGNALCHAIN><PROCESSOR name="Neuropix-PXI"><STREAM name="Rhythm-100.A-AP"/><EDITOR>
        <NP_PROBE><CHANNELS CH0="0" CH1="0" CH2="0"/><ELECTRODE_XPOS CH0="11" CH1="59" CH2="11"/><ELECTRODE_YPOS CH0="0" CH1="0" CH2="20"/></NP_PROBE>
        </EDITOR></PROCESSOR></SIGNALCHAIN></SETTINGS>"#;
    files.push(("session/Record Node 101/settings.xml".into(), settings.into()));
    files
}

fn qt_string(text: &str) -> Vec<u8> {
    let words: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [u32::try_from(words.len()).expect("short").to_le_bytes().to_vec(), words].concat()
}

/// RHD 3.0 header: three electrodes, one auxiliary input, two digital lines (the second and fifth).
fn intan_header() -> Vec<u8> {
    let mut header = 0xC691_2702_u32.to_le_bytes().to_vec();
    header.extend([3_i16, 0].iter().flat_map(|value| value.to_le_bytes()));
    header.extend(20_000_f32.to_le_bytes());
    header.extend([0; 2 + 6 * 4 + 2 + 2 * 4]);
    for _note in 0..3 {
        header.extend(qt_string(""));
    }
    header.extend([0_i16, 13].iter().flat_map(|value| value.to_le_bytes()));
    header.extend(qt_string(""));
    header.extend(1_i16.to_le_bytes());
    header.extend([qt_string("Port A"), qt_string("A")].concat());
    let channels = [
        ("A-000", 0, 0),
        ("A-001", 1, 0),
        ("A-002", 2, 0),
        ("A-AUX1", 0, 1),
        ("DIGITAL-IN-02", 1, 4),
        ("DIGITAL-IN-05", 4, 4),
    ];
    header.extend([1_i16, 6, 3].iter().flat_map(|value| value.to_le_bytes()));
    for (name, order, kind) in channels {
        header.extend([qt_string(name), qt_string(name)].concat());
        header.extend([order, 0, kind, 1].iter().flat_map(|value: &i16| value.to_le_bytes()));
        header.extend([0; 2 + 2 + 4 * 2 + 2 * 4]);
    }
    header
}

/// Word of the digital lines at a frame: line 1 follows the lowest bit of the frame, line 4 the next.
fn digital_word(frame: usize) -> u16 {
    u16::from(frame & 1 == 1) << 1 | u16::from(frame & 2 == 2) << 4
}

/// A stored amplifier word: unsigned around the middle.
fn unsigned(frame: usize, channel: usize) -> u16 {
    value(frame, channel).cast_unsigned() ^ 0x8000
}

/// One file: three blocks of 128 frames, with a gap before the third.
pub fn intan_one_file() -> Files {
    let mut bytes = intan_header();
    for block in 0..3_usize {
        let first = block * 128 + if block == 2 { 1000 } else { 0 };
        bytes.extend((first..first + 128).flat_map(|frame| i32::try_from(frame).expect("small").to_le_bytes()));
        let frames = block * 128..(block + 1) * 128;
        for channel in 0..3 {
            bytes.extend(frames.clone().flat_map(|frame| unsigned(frame, channel).to_le_bytes()));
        }
        bytes.extend((0..32).flat_map(|_| 1234_u16.to_le_bytes()));
        bytes.extend(frames.flat_map(|frame| digital_word(frame).to_le_bytes()));
    }
    vec![("culture.rhd".into(), bytes)]
}

/// The same recording in two files, as the system begins a new one every so many minutes.
pub fn intan_session() -> Files {
    let whole = intan_one_file().remove(0).1;
    let header = intan_header();
    let first_end = header.len() + (whole.len() - header.len()) / 3;
    let second = [&header, &whole[first_end..]].concat();
    vec![
        ("culture_210101_120000.rhd".into(), whole[..first_end].to_vec()),
        ("culture_210101_120100.rhd".into(), second),
    ]
}

/// One file per kind of signal.
pub fn intan_per_signal() -> Files {
    let digital = (0..300).flat_map(|frame| digital_word(frame).to_le_bytes()).collect();
    vec![
        ("take/info.rhd".into(), intan_header()),
        ("take/amplifier.dat".into(), interleaved(300, 3)),
        ("take/auxiliary.dat".into(), interleaved(300, 1)),
        ("take/digitalin.dat".into(), digital),
    ]
}

/// One file per channel.
pub fn intan_per_channel() -> Files {
    let mut files = vec![("take/info.rhd".to_owned(), intan_header())];
    let column = |channel: usize| (0..300).flat_map(move |frame| value(frame, channel).to_le_bytes()).collect();
    for (channel, name) in ["amp-A-000", "amp-A-001", "amp-A-002"].into_iter().enumerate() {
        files.push((format!("take/{name}.dat"), column(channel)));
    }
    files.push(("take/aux-A-AUX1.dat".into(), column(0)));
    for name in ["board-DIGITAL-IN-02", "board-DIGITAL-IN-05"] {
        files.push((format!("take/{name}.dat"), (0..300).flat_map(|frame: u16| (frame & 1).to_le_bytes()).collect()));
    }
    files
}

/// SpikeInterface's binary folder with a probe.
pub fn si_binary() -> Files {
    let binary = r#"{ "kwargs": { "file_paths": ["traces_cached_seg0.raw"], "sampling_frequency": 10000.0, "num_channels": 3, "dtype": "<i2",
        "channel_ids": ["a", "b", "c"], "time_axis": 0, "file_offset": 0, "gain_to_uV": [0.5, 0.5, 0.25], "offset_to_uV": [0, 0, 1] } }"#;
    let probe =
        r#"{ "probes": [ { "contact_positions": [[0, 0], [0, 20], [0, 40]], "device_channel_indices": [2, 0, 1] } ] }"#;
    vec![
        ("folder/binary.json".into(), binary.into()),
        ("folder/probegroup.json".into(), probe.into()),
        ("folder/traces_cached_seg0.raw".into(), interleaved(400, 3)),
    ]
}

/// Plain binary described by JSON beside it.
pub fn plain_json() -> Files {
    let json = r#"{ "sampling_frequency_hz": 25000, "n_channels": 4, "dtype": "int16", "gain_to_uv": 0.1, "file_offset_bytes": 6 }"#;
    vec![("culture.json".into(), json.into()), ("culture.dat".into(), [vec![9; 6], interleaved(100, 4)].concat())]
}

/// Plain binary described by phy's `params.py`.
pub fn plain_phy() -> Files {
    let params = "dat_path = r'C:\\data\\culture.dat'\nn_channels_dat = 4\ndtype = 'int16'\noffset = 0\nsample_rate = 30000. # Hz\nhp_filtered = False\n";
    vec![("sorted/params.py".into(), params.into()), ("sorted/culture.dat".into(), interleaved(100, 4))]
}

/// The fixtures of a format by its first name, and what each must be recognised as. A new format has a line here.
fn of(format: &str) -> Vec<(&'static str, Files)> {
    let named = |name: &'static str, fixtures: Vec<Files>| -> Vec<(&'static str, Files)> {
        fixtures.into_iter().map(|files| (name, files)).collect()
    };
    match format {
        "openephys_binary" => named("openephys_binary", vec![open_ephys()]),
        "spikeglx" => named("spikeglx", vec![spikeglx(), spikeglx_packed()]),
        "si_binary" => named("si_binary", vec![si_binary()]),
        "si_zarr" => named("si_zarr", vec![systems::zarr()]),
        "intan" => named("intan", vec![intan_one_file(), intan_session(), intan_per_signal(), intan_per_channel()]),
        "maxwell" => named("maxwell", vec![hdf5::maxwell()]),
        "3brain" => {
            named("3brain", vec![hdf5::three_brain_v3(), hdf5::three_brain_v4(), hdf5::spikes_v3(), hdf5::spikes_v4()])
        }
        "mcs_h5" => named("mcs_h5", vec![hdf5::mcs()]),
        "nwb" => named("nwb", vec![hdf5::nwb(), hdf5::nwb_bitshuffle(), hdf5::units()]),
        "nix" => named("nix", vec![hdf5::nix()]),
        "mearec" => named("mearec", vec![hdf5::mearec()]),
        "axion" => named("axion", vec![systems::axion(), systems::axion_combined(), spikes::axion()]),
        "plexon" => named("plexon", vec![spikes::plexon(), spikes::plexon_signals()]),
        "neuralynx" => named("neuralynx", vec![systems::neuralynx()]),
        "edf" => {
            vec![("edf", systems::edf()), ("edf", systems::edf_with_gap()), ("bdf", systems::bdf())]
        }
        "openephys_legacy" => named("openephys_legacy", vec![systems::open_ephys_legacy()]),
        "blackrock" => {
            named("blackrock", vec![systems::blackrock(), systems::blackrock_per_sample(), spikes::blackrock()])
        }
        "spikegadgets" => named("spikegadgets", vec![systems::spikegadgets()]),
        "mcs_raw" => named("mcs_raw", vec![systems::mcs_raw()]),
        "med64" => named("med64", vec![med64::recording()]),
        "neuroscope" => named("neuroscope", vec![systems::neuroscope()]),
        "spike_list" => named("spike_list", vec![spikes::axion_list(), spikes::own_list()]),
        "phy" => vec![("phy", spikes::phy()), ("plain_binary", plain_phy())],
        "alf" => named("alf", vec![spikes::alf()]),
        "plain_binary" => named("plain_binary", vec![plain_json(), systems::numpy()]),
        _ => Vec::new(),
    }
}

/// A fixture: its format, what it must be recognised as, and its files.
pub struct Fixture {
    pub format: &'static Format,
    pub name: &'static str,
    pub files: Files,
}

/// The fixtures of all formats. A format without one has no tests of damage and gives the fuzzer nothing to begin
/// with: that fails here.
pub fn all() -> Vec<Fixture> {
    let of_format = |format: &'static Format| {
        let fixtures = of(format.names[0]);
        assert!(!fixtures.is_empty(), "{} has no fixture: add one to tests/it/fixtures.rs", format.names[0]);
        fixtures.into_iter().map(move |(name, files)| Fixture { format, name, files })
    };
    FORMATS.iter().copied().flat_map(of_format).collect()
}
