//! What is exported for other programs is read back by this program's own readers.

use wasm_core::export::{nwb, phy};
use wasm_core::formats::open;
use wasm_core::recording::{Length, Recording, StoredSpikes, StreamInfo, StreamKind};
use wasm_core::run::spikes_csv;
use wasm_core::spikes::Spike;

use super::numbers::{info, summary};
use crate::fixtures::{Files, file_set};

const RATE_HZ: f64 = 20_000.0;
/// NWB holds seconds, which are read as microseconds.
const FRAME_US: i64 = 50;

/// Two wells of three electrodes in two segments, with a gap of five seconds between. The last has no spikes.
fn plate() -> (StreamInfo, Vec<Spike>) {
    let mut info = info(6, RATE_HZ, &[200_000, 100_000]);
    info.wells = Some((0..6).map(|at| ["A1", "B/2"][at / 3].to_owned()).collect());
    info.positions_um = Some((0..6).map(|at| [f64::from(at) * 200.0, 100.0]).collect());
    info.segments[0].t_start_s = 3.0;
    info.segments[1].t_start_s = 18.0;
    let spike = |at: u32| Spike {
        segment_index: at / 300,
        sample_index: i64::from(at % 300) * 331,
        channel_index: at % 5,
        amplitude_uv: -20.5,
    };
    (info, (0..600).map(spike).collect())
}

fn session(info: &StreamInfo, spikes: &[Spike]) -> nwb::Session {
    let session = nwb::Session::of(&summary(info, spikes, &[], None), 1.7e9, None);
    nwb::Session { started: Some("2024-05-06 07:08:09".into()), ..session }
}

fn read(files: &Files) -> Recording {
    open(&file_set(files)).unwrap_or_else(|error| panic!("{error}"))
}

fn read_nwb(info: &StreamInfo, spikes: &[Spike], session: &nwb::Session) -> (Recording, StoredSpikes) {
    let bytes = nwb::write(info, spikes, session).expect("written");
    let mut recording = read(&vec![("spikes.nwb".into(), bytes)]);
    let stored = recording.spikes.take().expect("spikes");
    (recording, stored)
}

#[test]
fn nwb_holds_the_spikes_of_each_electrode() {
    let (info, spikes) = plate();
    let (recording, stored) = read_nwb(&info, &spikes, &session(&info, &spikes));
    assert_eq!(recording.format, "nwb");
    assert_eq!((stored.info.n_channels, &stored.info.channel_ids), (6, &info.channel_ids));
    assert_eq!((stored.length, &stored.observed_s), (Length::Stated, &None));
    // Times count from the start of the recording.
    let segments: Vec<(f64, u64)> = stored.info.segments.iter().map(|of| (of.t_start_s, of.n_frames)).collect();
    assert_eq!(segments, [(0.0, 10_000_000), (15.0, 5_000_000)]);
    let frames = |spike: &Spike| (spike.segment_index, spike.sample_index * FRAME_US, spike.channel_index);
    assert_eq!(stored.spikes.iter().map(Spike::key).collect::<Vec<_>>(), spikes.iter().map(frames).collect::<Vec<_>>());
    let fact = |name: &str| recording.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str());
    assert_eq!(fact("Recorded"), Some("2024-05-06T07:08:09+00:00"));
    assert!(fact("Session").is_some_and(|value| value.contains("time zone")), "{:?}", fact("Session"));
    assert_eq!(fact("Device"), Some("array"));
    // Those of spikes.csv count in the clock of the recording; the file says by how much they are later.
    assert!(fact("Session").is_some_and(|value| value.contains("that frame is at 3 s: 3 s later.")));
    let csv = spikes_csv(&info, &spikes);
    let first = csv.lines().nth(1).and_then(|line| line.split(',').nth(3)).expect("a time");
    let in_file = stored.info.segments[0].t_start_s;
    assert_eq!(first.parse::<f64>().expect("a number"), in_file + 3.0);
}

#[test]
fn the_same_spikes_give_the_same_file() {
    let (info, spikes) = plate();
    let session = session(&info, &spikes);
    let written = |spikes: &[Spike]| nwb::write(&info, spikes, &session).expect("written");
    assert_eq!(written(&spikes), written(&spikes));
    assert_ne!(written(&spikes), written(&spikes[1..]));
}

#[test]
fn silence_and_units_are_nwb_too() {
    let (mut info, spikes) = plate();
    let (_, silent) = read_nwb(&info, &[], &session(&info, &[]));
    assert_eq!((silent.info.n_channels, silent.spikes.len(), silent.info.duration_s()), (6, 0, 15.0));
    // What was not observed all the time has no stretches.
    (info.kind, info.wells, info.positions_um) = (StreamKind::Units, None, None);
    let session = nwb::Session { is_observed: false, is_found: false, ..session(&info, &spikes) };
    let (recording, units) = read_nwb(&info, &spikes, &session);
    assert_eq!((units.length, units.spikes.len()), (Length::FirstToLastSpike, spikes.len()));
    assert!(!recording.facts.iter().any(|fact| fact.name == "Device"));
}

#[test]
fn sizes_that_nobody_recorded_are_absent() {
    let (info, mut spikes) = plate();
    spikes[1].amplitude_uv = 0.0;
    let sizes = |spikes: &[Spike]| {
        let files = phy::files(&info, spikes, false);
        let found = files.into_iter().find(|(name, _)| *name == "amplitudes.npy");
        let bytes = found.map(|(_, bytes)| bytes)?;
        let value = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().expect("eight bytes"));
        Some(bytes[bytes.len() - spikes.len() * 8..].chunks_exact(8).map(value).collect::<Vec<f64>>())
    };
    let some = sizes(&spikes).expect("a list");
    assert!(some[0] == -20.5 && some[1].is_nan() && some[2..].iter().all(|size| *size == -20.5));
    for spike in &mut spikes {
        spike.amplitude_uv = 0.0;
    }
    assert_eq!(sizes(&spikes), None);
    let bytes = nwb::write(&info, &spikes, &session(&info, &spikes)).expect("written");
    let has_sizes = bytes.windows(19).any(|part| part == b"spike_amplitudes_uv");
    assert!(!has_sizes, "no column of sizes without any");
}

#[test]
fn phy_holds_the_spikes_of_each_electrode_that_has_some() {
    let (info, spikes) = plate();
    let files = phy::files(&info, &spikes, true);
    let named = |name: &str| &files.iter().find(|(found, _)| *found == name).expect("a file").1;
    let text = |name: &str| String::from_utf8_lossy(named(name)).into_owned();
    assert!(text("cluster_group.tsv").starts_with("cluster_id\tgroup\n0\tmua\n1\tmua\n"));
    assert!(text("cluster_info.tsv").ends_with("\n4\t4\tE4\t120\tmua\tB/2\n"), "{}", text("cluster_info.tsv"));
    assert!(
        text("params.py").contains("n_channels_dat = 6\n") && text("params.py").contains("sample_rate = 20000.0\n")
    );
    let header = &named("channel_positions.npy")[..128];
    assert!(String::from_utf8_lossy(header).contains("'<f8', 'fortran_order': False, 'shape': (6, 2), }"));
    assert_eq!(named("channel_positions.npy").len(), 128 + 6 * 2 * 8);
    let placed: Files = files.iter().map(|(name, bytes)| (format!("phy/{name}"), bytes.clone())).collect();
    let recording = read(&placed);
    let stored = recording.spikes.expect("spikes");
    assert_eq!((recording.format, stored.info.sampling_frequency_hz), ("phy", RATE_HZ));
    assert_eq!(stored.info.channel_ids, ["0", "1", "2", "3", "4"]);
    // There is one time: the second segment follows the first.
    let frames =
        |spike: &Spike| (0_u32, spike.sample_index + i64::from(spike.segment_index) * 200_000, spike.channel_index);
    assert_eq!(stored.spikes.iter().map(Spike::key).collect::<Vec<_>>(), spikes.iter().map(frames).collect::<Vec<_>>());
}
