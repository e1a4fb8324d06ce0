//! Every reader on its own fixture: what it says and what it reads.

use wasm_core::events::Event;
use wasm_core::formats::open;
use wasm_core::recording::{FrameSource, Recording};
use wasm_core::sample::SampleType;

use crate::fixtures::{self, Files, file_set, value};

pub fn opened(files: &Files) -> Recording {
    open(&file_set(files)).unwrap_or_else(|error| panic!("{error}"))
}

fn names(recording: &Recording) -> Vec<&str> {
    recording.streams.iter().map(|stream| stream.info().name.as_str()).collect()
}

/// Checks that channel `channel` of the stream holds the fixture's column `column`.
fn check_column(source: &dyn FrameSource, segment: usize, channel: usize, column: usize, first: usize) {
    let block = source.read(segment, 10, 50).expect("reads");
    let expected: Vec<f32> = (first + 10..first + 60).map(|frame| f32::from(value(frame, column))).collect();
    let offset = if source.info().sample_type == SampleType::Uint16 { 32_768.0 } else { 0.0 };
    let found: Vec<f32> = block.channel(channel).into_iter().map(|value| value - offset).collect();
    assert_eq!(found, expected);
}

#[test]
fn spikeglx_triggers_are_segments_and_the_sync_word_is_a_stream() {
    let recording = opened(&fixtures::spikeglx());
    assert_eq!(names(&recording), ["imec0.ap", "imec0.ap-SYNC"]);
    let info = recording.streams[0].info();
    assert_eq!(info.channel_ids[1], "imec0.ap#AP1");
    assert!((info.gain_to_uv[0] - 2.343_75).abs() < 1e-12);
    let starts: Vec<f64> = info.segments.iter().map(|segment| segment.t_start_s).collect();
    assert_eq!(starts, [0.1, 0.3]);
    // Even rows of Neuropixels 1.0 stand 16 µm to the right.
    assert_eq!(info.positions_um.as_ref().expect("known probe")[..3], [[16.0, 0.0], [48.0, 0.0], [0.0, 20.0]]);
    check_column(recording.streams[0].as_ref(), 1, 2, 2, 0);
    check_column(recording.streams[1].as_ref(), 0, 0, 4, 0);
}

#[test]
fn a_packed_recording_is_the_one_that_was_packed() {
    let (plain, packed) = (opened(&fixtures::spikeglx()), opened(&fixtures::spikeglx_packed()));
    for (plain, packed) in plain.streams.iter().zip(&packed.streams) {
        assert_eq!(plain.info(), packed.info());
        for segment in 0..2 {
            let read = |source: &dyn FrameSource| source.read(segment, 100, 450).expect("reads").bytes;
            assert_eq!(read(plain.as_ref()), read(packed.as_ref()));
        }
    }
}

#[test]
fn a_missing_meta_is_named() {
    let mut files = fixtures::spikeglx();
    files.retain(|(path, _)| path.ends_with("t0.imec0.ap.bin"));
    let message = open(&file_set(&files)).err().expect("refused").to_string();
    assert_eq!(
        message,
        "run_g0/run_g0_t0.imec0.ap.bin needs run_g0/run_g0_t0.imec0.ap.meta beside it; add it to the drop"
    );
}

#[test]
fn a_signal_without_a_byte_is_called_empty() {
    let described = br#"{ "sampling_frequency_hz": 20000, "n_channels": 2, "dtype": "int16", "gain_to_uv": 0.195 }"#;
    let raw = ("zero.raw".to_owned(), Vec::new());
    for files in [vec![raw.clone()], vec![("zero.json".to_owned(), described.to_vec()), raw]] {
        let message = open(&file_set(&files)).err().expect("refused").to_string();
        assert_eq!(message, "zero.raw is empty, expected a recording");
    }
}

#[test]
fn a_table_of_events_beside_a_recording_is_taken() {
    let mut files = fixtures::spikeglx();
    let name = "run_g0/stimuli_events.csv";
    files.push((name.into(), b"time_s,label\n0.305,on\n0.105,on\n".to_vec()));
    let recording = opened(&files);
    assert_eq!(recording.streams.len(), 2);
    let told: Vec<(usize, f64, &str, &str)> = recording
        .events
        .iter()
        .map(|event| (event.segment, event.time_s, event.source.as_str(), event.label.as_str()))
        .collect();
    assert_eq!(told, [(0, 0.105, "stimuli_events.csv", "on"), (1, 0.305, "stimuli_events.csv", "on")]);
    assert!(recording.notes.contains(&format!("2 events come from {name}.")), "{:?}", recording.notes);
    // One that is wrong is said, and takes nothing from the signal.
    files.pop();
    files.push((name.into(), b"time_s\nsoon\n".to_vec()));
    let recording = opened(&files);
    assert!(recording.events.is_empty() && recording.streams.len() == 2);
    let note = format!("Events are left out: {name}: line 2, time is “soon”, expected a number.");
    assert!(recording.notes.contains(&note), "{:?}", recording.notes);
}

#[test]
fn open_ephys_splits_converter_and_sync() {
    let recording = opened(&fixtures::open_ephys());
    assert_eq!(
        names(&recording),
        ["Record Node 101#Rhythm-100.A", "Record Node 101#Rhythm-100.A_ADC", "Record Node 101#Rhythm-100.ASYNC"]
    );
    let info = recording.streams[0].info();
    assert_eq!((info.n_channels, info.segments.len()), (3, 2));
    assert!((info.segments[1].t_start_s - 0.2).abs() < 1e-12);
    assert_eq!(info.positions_um, Some(vec![[0.0, 0.0], [48.0, 0.0], [0.0, 20.0]]), "from settings.xml");
    assert_eq!(recording.streams[1].info().positions_um, None, "converters lie nowhere");
    assert!((recording.streams[1].info().gain_to_uv[0] - 152.587_890_625).abs() < 1e-9);
    check_column(recording.streams[0].as_ref(), 1, 2, 2, 0);
    check_column(recording.streams[2].as_ref(), 0, 0, 4, 0);
}

#[test]
fn intan_blocks_with_a_gap_make_two_segments() {
    let recording = opened(&fixtures::intan_one_file());
    assert_eq!(
        names(&recording),
        ["RHD2000 amplifier channel", "RHD2000 auxiliary input channel", "USB board digital input channel"]
    );
    let info = recording.streams[0].info();
    let lengths: Vec<u64> = info.segments.iter().map(|segment| segment.n_frames).collect();
    assert_eq!(lengths, [256, 128]);
    assert!((info.segments[1].t_start_s - 1256.0 / 20_000.0).abs() < 1e-12);
    assert!((info.offset_to_uv[0] + 6389.76).abs() < 1e-9);
    check_column(recording.streams[0].as_ref(), 0, 1, 1, 0);
    check_column(recording.streams[0].as_ref(), 1, 2, 2, 256);
    let lines = recording.streams[2].read(0, 0, 4).expect("reads");
    assert_eq!(lines.channel(0), [0.0, 1.0, 0.0, 1.0]);
    assert_eq!(lines.channel(1), [0.0, 0.0, 1.0, 1.0]);
}

#[test]
fn both_split_layouts_of_intan_read_the_same() {
    let per_signal = opened(&fixtures::intan_per_signal());
    let per_channel = opened(&fixtures::intan_per_channel());
    for recording in [&per_signal, &per_channel] {
        assert_eq!(recording.streams[0].info().sample_type, SampleType::Int16);
        assert_eq!(recording.streams[0].info().segments[0].n_frames, 300);
        check_column(recording.streams[0].as_ref(), 0, 2, 2, 0);
    }
    assert_eq!(per_signal.streams[0].info(), per_channel.streams[0].info());
}

#[test]
fn a_binary_folder_keeps_ids_gains_and_positions() {
    let recording = opened(&fixtures::si_binary());
    let info = recording.streams[0].info();
    assert_eq!(info.channel_ids, ["a", "b", "c"]);
    assert_eq!(info.gain_to_uv, [0.5, 0.5, 0.25]);
    assert_eq!(info.positions_um, Some(vec![[0.0, 20.0], [0.0, 40.0], [0.0, 0.0]]));
    check_column(recording.streams[0].as_ref(), 0, 1, 1, 0);
}

#[test]
fn plain_binary_is_described_by_json_or_params() {
    let recording = opened(&fixtures::plain_json());
    assert_eq!(recording.streams[0].info().segments[0].n_frames, 100);
    check_column(recording.streams[0].as_ref(), 0, 3, 3, 0);
    let recording = opened(&fixtures::plain_phy());
    assert!((recording.streams[0].info().sampling_frequency_hz - 30_000.0).abs() < 1e-9);
    check_column(recording.streams[0].as_ref(), 0, 3, 3, 0);
}

/// Lengths and starts of a stream's segments.
pub fn segments(source: &dyn FrameSource) -> Vec<(u64, f64)> {
    source.info().segments.iter().map(|segment| (segment.n_frames, segment.t_start_s)).collect()
}

/// Checks one value: `plus` is what the layout adds to the fixture's rule.
pub fn check_value(
    source: &dyn FrameSource,
    segment: usize,
    frame: usize,
    channel: usize,
    rule: (usize, usize),
    plus: f32,
) {
    let block = source.read(segment, frame as u64, 1).expect("reads");
    assert_eq!(block.channel(channel), [f32::from(value(rule.0, rule.1)) + plus], "{}", source.info().name);
}

#[test]
fn neuralynx_gaps_are_segments_and_inverted_inputs_have_negative_gains() {
    let recording = opened(&fixtures::systems::neuralynx());
    let stream = recording.streams[0].as_ref();
    assert_eq!(stream.info().name, "stream0_32000Hz_1mVRange_DSPFilter0");
    assert_eq!(segments(stream), [(1024, 0.0), (612, 0.532)]);
    assert!((stream.info().gain_to_uv[0] + 0.03).abs() < 1e-12);
    check_value(stream, 0, 700, 1, (700, 1), 0.0);
    check_value(stream, 1, 600, 0, (1624, 0), 0.0);
}

#[test]
fn edf_rates_are_streams_and_bdf_keeps_24_bits() {
    for (files, kind) in [(fixtures::systems::edf(), SampleType::Int16), (fixtures::systems::bdf(), SampleType::Int32)]
    {
        let recording = opened(&files);
        assert_eq!(names(&recording), ["stream ((100.0,) Hz)", "stream ((50.0,) Hz)"]);
        let info = recording.streams[0].info();
        assert_eq!((info.n_channels, info.sample_type, info.segments[0].n_frames), (2, kind, 300));
        assert!((info.gain_to_uv[1] / info.gain_to_uv[0] - 1000.0).abs() < 1e-9);
        check_value(recording.streams[0].as_ref(), 0, 250, 1, (250, 1), 0.0);
        check_value(recording.streams[1].as_ref(), 0, 120, 0, (120, 2), 0.0);
    }
}

#[test]
fn records_of_edf_that_do_not_follow_one_another_make_segments() {
    let recording = opened(&fixtures::systems::edf_with_gap());
    assert_eq!(segments(recording.streams[0].as_ref()), [(200, 0.0), (100, 5.5)]);
    check_value(recording.streams[0].as_ref(), 1, 50, 1, (250, 1), 0.0);
    check_value(recording.streams[1].as_ref(), 0, 70, 0, (70, 2), 0.0);
    let mut files = fixtures::systems::edf_with_gap();
    let time = files[0].1.windows(4).position(|bytes| bytes == b"+5.5").expect("a time");
    files[0].1[time] = b'x';
    let message = open(&file_set(&files)).err().expect("refused").to_string();
    assert!(message.contains("time of record 2"), "{message}");
}

#[test]
fn pulses_messages_and_annotations_have_times_of_the_signals_clock() {
    let event = |segment, time_s, duration_s, source: &str, label: &str| Event {
        segment,
        time_s,
        duration_s,
        source: source.into(),
        label: label.into(),
    };
    let edf = opened(&fixtures::systems::edf_with_gap());
    assert_eq!(edf.events, [event(1, 5.7, 0.5, "annotations", "hi")]);
    let open_ephys = opened(&fixtures::open_ephys());
    let expected = |segment| {
        [
            event(segment, 0.2, 0.0, "Messages", "start"),
            event(segment, 0.2005, 0.001, "Port", "line 1"),
            event(segment, 0.201, 0.0, "Port", "line 3"),
        ]
    };
    let rounded = |event: &Event| Event { duration_s: (event.duration_s * 1e6).round() / 1e6, ..event.clone() };
    assert_eq!(open_ephys.events.iter().map(rounded).collect::<Vec<_>>(), [expected(0), expected(1)].concat());
}

#[test]
fn plexon_s_pieces_are_streams_with_pauses() {
    let recording = opened(&fixtures::spikes::plexon_signals());
    assert_eq!(names(&recording), ["WB-Wideband", "FPl-Low Pass Filtered"]);
    assert!(recording.spikes.is_none());
    let stream = recording.streams[0].as_ref();
    assert_eq!(segments(stream), [(300, 0.0), (200, 1.015)]);
    assert_eq!(
        (&stream.info().channel_ids[..], stream.info().gain_to_uv[0]),
        (&["WB01", "WB02"].map(str::to_owned)[..], 1.0)
    );
    check_column(stream, 0, 1, 1, 0);
    check_value(stream, 0, 250, 0, (250, 0), 0.0);
    check_value(stream, 1, 199, 1, (499, 1), 0.0);
    check_value(recording.streams[1].as_ref(), 1, 9, 0, (24, 2), 0.0);
}

#[test]
fn open_ephys_legacy_recordings_are_segments() {
    let recording = opened(&fixtures::systems::open_ephys_legacy());
    assert_eq!(names(&recording), ["Signals CH", "Signals ADC"]);
    let stream = recording.streams[0].as_ref();
    assert_eq!(segments(stream), [(2048, 0.1), (2048, 0.2)]);
    check_value(stream, 1, 1500, 1, (1500, 1), 0.0);
    let told: Vec<_> = recording
        .events
        .iter()
        .map(|event| (event.time_s, (event.duration_s * 1e6).round(), event.source.as_str(), event.label.as_str()))
        .collect();
    assert_eq!(told, [(0.1, 0.0, "messages", "begin"), (0.15, 2e4, "processor 100", "line 3")]);
}

#[test]
fn open_ephys_legacy_files_fall_into_segments_where_records_are_missing() {
    const SECOND_RECORD: usize = 1024 + 2070;
    let mut files = fixtures::systems::open_ephys_legacy();
    let later = (90_000_u64).to_le_bytes();
    for (_, bytes) in
        files.iter_mut().filter(|(path, _)| path.ends_with("H1.continuous") || path.ends_with("H2.continuous"))
    {
        bytes[SECOND_RECORD..][..8].copy_from_slice(&later);
    }
    let recording = opened(&files);
    let stream = recording.streams[0].as_ref();
    assert_eq!(segments(stream), [(1024, 0.1), (1024, 3.0), (2048, 0.2)]);
    check_value(stream, 1, 500, 1, (1524, 1), 0.0);
    // A channel of its own mind is left out, and said to be.
    let mut files = fixtures::systems::open_ephys_legacy();
    files[0].1[SECOND_RECORD..][..8].copy_from_slice(&later);
    let recording = opened(&files);
    assert_eq!(recording.streams[0].info().channel_ids, ["2"]);
    assert!(recording.notes[0].contains("CH1 is left out"), "{:?}", recording.notes);
}

#[test]
fn blackrock_pauses_are_segments_with_either_clock() {
    let recording = opened(&fixtures::systems::blackrock());
    let stream = recording.streams[0].as_ref();
    assert_eq!((stream.info().name.as_str(), segments(stream)), ("nsx4", vec![(60, 0.0), (40, 3.0)]));
    assert_eq!(
        (&stream.info().channel_ids[..], stream.info().gain_to_uv[0]),
        (&["5".to_owned(), "9".to_owned()][..], 0.25)
    );
    check_value(stream, 1, 30, 1, (90, 1), 0.0);
    let recording = opened(&fixtures::systems::blackrock_per_sample());
    let stream = recording.streams[0].as_ref();
    assert_eq!(segments(stream), [(40, 0.0), (50, 2.004)]);
    check_value(stream, 1, 45, 0, (85, 0), 0.0);
}

#[test]
fn channels_follow_the_system_s_own_order() {
    let recording = opened(&fixtures::systems::spikegadgets());
    assert_eq!(recording.streams[0].info().channel_ids, ["0", "2", "1", "3"]);
    check_value(recording.streams[0].as_ref(), 0, 70, 1, (70, 2), 0.0);
    let recording = opened(&fixtures::systems::axion());
    let info = recording.streams[0].info();
    assert_eq!(info.channel_ids, ["A1_11", "A1_21", "A2_11", "A2_21"]);
    assert_eq!(info.wells.as_deref().map(|wells| wells[2].as_str()), Some("A2"));
    check_value(recording.streams[0].as_ref(), 0, 70, 3, (70, 3), 0.0);
}

#[test]
fn axion_s_tags_are_events_in_their_newest_revision() {
    let recording = opened(&fixtures::systems::axion());
    let found: Vec<_> = recording
        .events
        .iter()
        .map(|event| (event.time_s, event.duration_s, event.source.as_str(), event.label.as_str()))
        .collect();
    assert_eq!(found, [(0.5, 0.01, "stimulation", "1"), (1.0, 0.0, "note", "20 µM drug")]);
}

#[test]
fn newer_axion_files_name_the_electrode_of_each_column() {
    let recording = opened(&fixtures::systems::axion_combined());
    let info = recording.streams[0].info();
    assert_eq!(info.channel_ids, ["A2_21", "A2_11", "A1_21", "A1_11"]);
    assert!((info.gain_to_uv[0] + 0.05).abs() < 1e-12);
    check_value(recording.streams[0].as_ref(), 0, 70, 3, (70, 3), 0.0);
}

#[test]
fn exports_keep_their_scaling() {
    let recording = opened(&fixtures::systems::mcs_raw());
    let info = recording.streams[0].info();
    assert!((info.offset_to_uv[0] + 3276.8).abs() < 1e-9 && (info.gain_to_uv[0] - 0.1).abs() < 1e-12);
    check_value(recording.streams[0].as_ref(), 0, 70, 2, (70, 2), 32_768.0);
    let recording = opened(&fixtures::systems::neuroscope());
    assert!((recording.streams[0].info().gain_to_uv[0] - 0.305_175_781_25).abs() < 1e-12);
    let recording = opened(&fixtures::systems::numpy());
    assert_eq!((recording.streams[0].info().n_channels, segments(recording.streams[0].as_ref())), (3, vec![(80, 0.0)]));
    check_value(recording.streams[0].as_ref(), 0, 70, 2, (70, 2), 0.0);
    let recording = opened(&fixtures::systems::zarr());
    let info = recording.streams[0].info();
    assert_eq!(
        (&info.channel_ids[..], &info.gain_to_uv[..]),
        (&["a1", "b2", "c3"].map(str::to_owned)[..], &[0.5, 0.25, 2.0][..])
    );
    check_column(recording.streams[0].as_ref(), 0, 2, 2, 0);
}

#[test]
fn maxwell_rows_are_routed_channels_and_the_inferred_decoding_is_said() {
    let recording = opened(&fixtures::hdf5::maxwell());
    let stream = recording.streams[0].as_ref();
    let info = stream.info();
    assert_eq!((info.name.as_str(), &info.channel_ids[..]), ("well000", &["7", "2", "9"].map(str::to_owned)[..]));
    assert_eq!(info.positions_um, Some(vec![[122.5, 17.0], [35.0, 12.0], [157.5, 19.0]]));
    let expected = f32::midpoint(f32::from(value(15, 1)), 1000.0);
    assert_eq!(stream.read(0, 15, 1).expect("reads").channel(1), [expected.floor()]);
    assert!(recording.notes[0].contains("inferred"), "{:?}", recording.notes);
}

#[test]
fn hdf5_systems_read_alike() {
    let recording = opened(&fixtures::hdf5::three_brain_v3());
    let info = recording.streams[0].info();
    assert_eq!((info.offset_to_uv[0], info.positions_um.as_ref().expect("known")[2]), (-4125.0, [42.0, 0.0]));
    check_value(recording.streams[0].as_ref(), 0, 25, 2, (25, 2), 1000.0);
    let recording = opened(&fixtures::hdf5::three_brain_v4());
    assert_eq!((recording.streams[0].info().gain_to_uv[0], recording.streams[0].info().n_channels), (4.0, 4));
    check_value(recording.streams[0].as_ref(), 0, 25, 3, (25, 3), 1000.0);
    let message = open(&file_set(&fixtures::hdf5::three_brain_sparse())).err().expect("refused").to_string();
    assert!(message.contains("EventsBasedSparseRaw"), "{message}");
    let recording = opened(&fixtures::hdf5::mcs());
    assert_eq!(segments(recording.streams[0].as_ref()), [(40, 0.0), (30, 5.0)]);
    assert!((recording.streams[0].info().gain_to_uv[0] - 59.605).abs() < 1e-9);
    check_value(recording.streams[0].as_ref(), 1, 25, 1, (25, 1), 0.0);
    let recording = opened(&fixtures::hdf5::nwb());
    let info = recording.streams[0].info();
    assert_eq!(
        (info.name.as_str(), &info.channel_ids[..]),
        ("acquisition/ElectricalSeries", &["12", "10"].map(str::to_owned)[..])
    );
    assert_eq!((info.positions_um.as_ref().expect("known")[0], info.segments[0].t_start_s), ([40.0, 0.0], 1.5));
    check_value(recording.streams[0].as_ref(), 0, 45, 1, (45, 1), 0.0);
    let lines = [
        "0,1.500500000,0.000300000,trials,\"1: correct 0, side left\"",
        "0,1.500700000,0.000000000,notes,drug added",
        "0,1.501000000,0.000500000,trials,\"2: correct 1, side right\"",
    ];
    let csv = wasm_core::events::to_csv(&recording.events);
    assert_eq!(csv.lines().skip(1).collect::<Vec<_>>(), lines);
    let recording = opened(&fixtures::hdf5::nwb_bitshuffle());
    assert_eq!(recording.streams.len(), 3, "LZ4, without a compressor, Zstandard");
    for stream in &recording.streams {
        check_value(stream.as_ref(), 0, 20, 1, (20, 1), 0.0);
        check_value(stream.as_ref(), 0, 45, 0, (45, 0), 0.0);
    }
    let recording = opened(&fixtures::hdf5::mearec());
    assert_eq!(recording.streams[0].info().positions_um, Some(vec![[5.0, 6.0], [7.0, 8.0]]));
    check_value(recording.streams[0].as_ref(), 0, 45, 1, (45, 1), 0.0);
}

#[test]
fn nix_channels_of_all_segments_are_one_stream() {
    let recording = opened(&fixtures::hdf5::nix());
    assert_eq!(names(&recording), ["field"]);
    let stream = recording.streams[0].as_ref();
    assert_eq!(segments(stream), [(60, 0.0), (50, 2.0)]);
    assert_eq!((stream.info().sampling_frequency_hz, stream.info().gain_to_uv[1]), (10_000.0, 1000.0));
    check_value(stream, 1, 45, 1, (45, 1), 0.0);
    let spikes = recording.spikes.expect("a spike train");
    assert_eq!((spikes.info.channel_ids, spikes.spikes.len()), (vec!["unit 1".to_owned()], 8));
    assert_eq!((spikes.spikes[5].segment_index, spikes.spikes[5].sample_index), (1, 14_000), "microseconds");
}

#[test]
fn a_numpy_array_of_channels_by_frames_is_turned() {
    let mut files = fixtures::systems::numpy();
    let header = format!("{:117}\n", "{'descr': '<i2', 'fortran_order': False, 'shape': (3, 80), }");
    let values = (0..3).flat_map(|channel| (0..80).flat_map(move |frame| value(frame, channel).to_le_bytes()));
    files[0].1.truncate(10);
    files[0].1.extend(header.into_bytes().into_iter().chain(values));
    let recording = opened(&files);
    assert_eq!(recording.streams[0].info().n_channels, 3);
    check_value(recording.streams[0].as_ref(), 0, 70, 2, (70, 2), 0.0);
    check_column(recording.streams[0].as_ref(), 0, 1, 1, 0);
}
