//! Recordings as people have them: named otherwise, saved by older programs, in several files,
//! beside what does not belong to them.

use wasm_core::formats::open;
use wasm_core::recording::FrameSource;

use crate::fixtures::{self, file_set};
use crate::formats::{check_value, opened, segments};

#[test]
fn sorters_name_their_signal_in_many_ways() {
    let params = |dat_path: &str| {
        format!("dat_path = {dat_path}\nn_channels_dat = 4\ndtype = 'int16'\noffset = 0\nsample_rate = 30_000\n")
    };
    let signal = fixtures::plain_phy().remove(1).1;
    for (dat_path, place) in [
        ("r'recording.dat'", "rec/sorted/recording.dat"),
        ("['../raw.bin']", "rec/raw.bin"),
        ("\"/home/x/raw#2.dat\"  # where it was", "rec/raw#2.dat"),
    ] {
        let files = vec![
            ("rec/sorted/params.py".to_owned(), params(dat_path).into_bytes()),
            (place.to_owned(), signal.clone()),
            ("rec/._params.py".to_owned(), b"what macOS writes".to_vec()),
        ];
        let recording = opened(&files);
        check_value(recording.streams[0].as_ref(), 0, 70, 3, (70, 3), 0.0);
    }
    let mut lost = fixtures::spikes::phy();
    lost.retain(|(path, _)| !path.ends_with(".dat"));
    assert!(opened(&lost).notes.iter().any(|note| note.contains("drop it too")), "{:?}", opened(&lost).notes);
}

#[test]
fn zarr_folders_of_older_versions_keep_their_probe_and_times() {
    let mut files = fixtures::systems::zarr();
    let attributes = files.iter_mut().find(|(path, _)| path.ends_with("z.zarr/.zattrs")).expect("there");
    attributes.1 = br#"{ "sampling_frequency": 10000.0, "num_segments": 1, "annotations": { "depth": NaN },
        "probe": { "probes": [{ "contact_positions": [[0, 0], [0, 20], [0, 40]], "device_channel_indices": [2, 1, 0] }] } }"#
        .to_vec();
    let times = r#"{ "zarr_format": 2, "shape": [3], "chunks": [3], "dtype": "<f8", "compressor": null, "fill_value": 0.0, "order": "C", "filters": null }"#;
    files.push(("z.zarr/times_seg0/.zarray".into(), times.into()));
    files.push(("z.zarr/times_seg0/0".into(), [12.5_f64, 12.6, 12.7].iter().flat_map(|t| t.to_le_bytes()).collect()));
    // Sorted spikes beside it have the same attributes.
    files.push(("a_sorted.zarr/.zattrs".into(), br#"{ "sampling_frequency": 10000.0, "num_segments": 1 }"#.to_vec()));
    files.push(("a_sorted.zarr/unit_ids/.zarray".into(), times.into()));
    let info = opened(&files).streams[0].info().clone();
    assert_eq!(info.segments[0].t_start_s, 12.5);
    assert_eq!(info.positions_um.expect("known")[0], [0.0, 40.0]);
    files.retain(|(path, _)| path.starts_with("a_sorted"));
    let message = open(&file_set(&files)).err().expect("refused").to_string();
    assert!(message.contains("sorted spikes"), "{message}");
}

#[test]
fn files_of_a_session_are_one_recording() {
    let (whole, session) = (opened(&fixtures::intan_one_file()), opened(&fixtures::intan_session()));
    for (whole, session) in whole.streams.iter().zip(&session.streams) {
        assert_eq!(whole.info(), session.info());
        for (segment, found) in (0..).zip(&whole.info().segments) {
            let n_frames = usize::try_from(found.n_frames).expect("small");
            let read = |source: &dyn FrameSource| source.read(segment, 0, n_frames).expect("reads").bytes;
            assert_eq!(read(whole.as_ref()), read(session.as_ref()), "{}", found.n_frames);
        }
    }
    // Another name, a name without date and time, and a clock that began anew are other recordings.
    let mut named = fixtures::intan_session();
    named[1].0 = "dish_210101_120100.rhd".into();
    let mut numbered = fixtures::intan_session();
    (numbered[0].0, numbered[1].0) = ("slice1.rhd".into(), "slice2.rhd".into());
    let mut anew = fixtures::intan_session();
    anew[1].1 = anew[0].1.clone();
    for files in [named, numbered, anew] {
        let recording = opened(&files);
        assert_eq!(segments(recording.streams[0].as_ref()), [(128, 0.0)]);
        assert!(recording.notes.iter().any(|note| note.contains(&files[1].0)), "{:?}", recording.notes);
    }
}

#[test]
fn tables_of_spikes_are_read_as_people_save_them() {
    let spikes = |name: &str, text: &str| {
        let stored = opened(&vec![(name.to_owned(), text.as_bytes().to_vec())]).spikes.expect("spikes");
        let one = |spike: &wasm_core::spikes::Spike| (spike.sample_index, spike.amplitude_uv);
        stored.spikes.iter().map(one).collect::<Vec<_>>()
    };
    for (text, expected) in [
        ("\u{feff}\"Time (ms)\";\"Electrode\";\"Amplitude(V)\"\r\n2,5;A1_11;-0,00002\r\n", (2500, -20.0)),
        ("\"\",\"time\",\"electrode\"\n\"1\",0.0025,\"A1, of two\"\n", (2500, 0.0)),
        ("Timestamp [us]\tchannel\tamplitude\n2500\t7\tNA\n", (2500, 0.0)),
    ] {
        assert_eq!(spikes("t.csv", text), [expected], "{text}");
    }
    // Bursts are no spikes, and samples no times without a rate.
    for text in ["Time (s),Electrode,Size (spikes),Duration (s)\n1,A1_11,5,0.1\n", "time (samples),channel\n1,2\n"] {
        assert!(open(&file_set(&vec![("t.csv".to_owned(), text.as_bytes().to_vec())])).is_err(), "{text}");
    }
}
