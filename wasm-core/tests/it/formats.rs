//! Every reader on its own fixture: what it says and what it reads.

use wasm_core::formats::open;
use wasm_core::recording::{FrameSource, Recording};
use wasm_core::sample::SampleType;

use crate::fixtures::{self, Files, file_set, value};

fn opened(files: &Files) -> Recording {
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
fn open_ephys_splits_converter_and_sync() {
    let recording = opened(&fixtures::open_ephys());
    assert_eq!(
        names(&recording),
        ["Record Node 101#Rhythm-100.A", "Record Node 101#Rhythm-100.A_ADC", "Record Node 101#Rhythm-100.ASYNC"]
    );
    let info = recording.streams[0].info();
    assert_eq!((info.n_channels, info.segments.len()), (3, 2));
    assert!((info.segments[1].t_start_s - 0.2).abs() < 1e-12);
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
