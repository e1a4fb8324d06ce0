//! Recordings as people have them: named otherwise, saved by older programs, in several files,
//! beside what does not belong to them.

use wasm_core::analyses::{BadChannelMethod, SpikeTrains};
use wasm_core::formats::{open, opened_from};
use wasm_core::pipeline::Pipeline;
use wasm_core::quality::bad_channels;
use wasm_core::recording::FrameSource;
use wasm_core::run::{Measured, RecordingSummary, Summary};
use wasm_core::spikes::Spike;

use crate::fixtures::{self, file_set};
use crate::formats::{check_value, opened, segments};
use crate::memory::Memory;

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
    // Another name, a name without date and time, and a clock that began again are other recordings.
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

/// Lengths and starts of the segments of stored spikes.
fn segments_of(stored: &wasm_core::recording::StoredSpikes) -> Vec<(u64, f64)> {
    stored.info.segments.iter().map(|segment| (segment.n_frames, segment.t_start_s)).collect()
}

#[test]
fn tables_of_spikes_are_read_as_people_save_them() {
    let spikes = |name: &str, text: &str| {
        let stored = opened(&vec![(name.to_owned(), text.as_bytes().to_vec())]).spikes.expect("spikes");
        // Nothing tells the length: the only segment begins with the first spike.
        assert_eq!(segments_of(&stored), [(1, 0.0025)]);
        let one = |spike: &wasm_core::spikes::Spike| (spike.sample_index, spike.amplitude_uv);
        stored.spikes.iter().map(one).collect::<Vec<_>>()
    };
    for (text, expected) in [
        ("\u{feff}\"Time (ms)\";\"Electrode\";\"Amplitude(V)\"\r\n2,5;A1_11;-0,00002\r\n", (0, -20.0)),
        ("\"\",\"time\",\"electrode\"\n\"1\",0.0025,\"A1, of two\"\n", (0, 0.0)),
        ("Timestamp [us]\tchannel\tamplitude\n2500\t7\tNA\n", (0, 0.0)),
    ] {
        assert_eq!(spikes("t.csv", text), [expected], "{text}");
    }
    // Bursts are no spikes, and samples no times without a rate.
    for text in ["Time (s),Electrode,Size (spikes),Duration (s)\n1,A1_11,5,0.1\n", "time (samples),channel\n1,2\n"] {
        assert!(open(&file_set(&vec![("t.csv".to_owned(), text.as_bytes().to_vec())])).is_err(), "{text}");
    }
}

/// Axion's software can analyse a part of a recording; rates are those of that part.
#[test]
fn a_table_of_a_stretch_is_as_long_as_the_stretch() {
    let table = |section: &str| {
        let text = format!(
            "Investigator,,Time (s),Electrode,Amplitude(mV)\nActual File Section Run,{section},3661.5,A1_11,0.02\n\
             Description,,3700,A1_21,0.02\n"
        );
        opened(&vec![("stretch_spike_list.csv".to_owned(), text.into_bytes())]).spikes.expect("spikes")
    };
    let stored = table("1h1m0s to 1h11m0s");
    let segment = &stored.info.segments[0];
    assert_eq!((segment.n_frames, segment.t_start_s), (600_000_000, 3660.0));
    assert_eq!(stored.spikes.iter().map(|spike| spike.sample_index).collect::<Vec<_>>(), [1_500_000, 40_000_000]);
    // One that its spikes do not lie in, or that is none, is not believed.
    for section in ["0s to 10s", "all of it", "2m0s to 1m0s", ""] {
        let segment = table(section).info.segments.remove(0);
        assert_eq!((segment.n_frames, segment.t_start_s), (38_500_000, 3661.5), "{section}");
    }
}

#[test]
fn a_file_without_its_end_says_so() {
    let mut edf = fixtures::systems::edf();
    edf[0].1[236..244].copy_from_slice(b"3       ");
    edf[0].1.truncate(256 + 4 * 256 + 2 * 2 * (100 + 100 + 50 + 10));
    let notes = opened(&edf).notes;
    assert!(notes.iter().any(|note| note.contains("2 of the 3 records")), "{notes:?}");
    edf[0].1.truncate(256 + 4 * 256 + 7);
    let message = open(&file_set(&edf)).err().expect("refused").to_string();
    assert!(message.contains("7 bytes") && message.contains("one record of 520 bytes"), "{message}");
    for whole in [fixtures::hdf5::mcs(), fixtures::hdf5::nwb(), fixtures::hdf5::maxwell(), fixtures::hdf5::nix()] {
        let size = whole[0].1.len();
        let is_told = |text: &str| text.contains("it was cut") && text.contains(&format!("{size} bytes"));
        assert!(!opened(&whole).notes.iter().any(|note| is_told(note)), "{} is whole", whole[0].0);
        for left in [size * 3 / 5, size - 1] {
            let cut = vec![(whole[0].0.clone(), whole[0].1[..left].to_vec())];
            match open(&file_set(&cut)) {
                Ok(recording) => assert!(recording.notes.iter().any(|note| is_told(note)), "{:?}", recording.notes),
                Err(error) => assert!(is_told(&error.to_string()), "{error}"),
            }
        }
    }
    let mut legacy = fixtures::systems::open_ephys_legacy();
    legacy[0].1.truncate(1024 + 2070);
    let notes = opened(&legacy).notes;
    assert!(notes.iter().any(|note| note.contains("100_CH1.continuous holds 1 of the 2 records")), "{notes:?}");
    // Files whose last bytes are missing.
    for (name, mut files, told) in [
        ("data of SpikeGLX", fixtures::spikeglx(), "bytes of its meta"),
        ("Intan", fixtures::intan_one_file(), "cut in the middle of a block"),
        ("Neuralynx", fixtures::systems::neuralynx(), "cut in the middle of a record"),
    ] {
        let is_told = |files: &Vec<(String, Vec<u8>)>| opened(files).notes.iter().any(|note| note.contains(told));
        assert!(!is_told(&files), "{name} is whole");
        let is_data = |path: &str| [".bin", ".rhd", ".ncs"].iter().any(|ending| path.ends_with(ending));
        let (_, bytes) = files.iter_mut().find(|(path, _)| is_data(path)).expect("data");
        bytes.truncate(bytes.len() - 6);
        assert!(is_told(&files), "{name}: {:?}", opened(&files).notes);
    }
    let mut lost = fixtures::open_ephys();
    lost.retain(|(path, _)| !path.ends_with("continuous.dat"));
    let message = open(&file_set(&lost)).err().expect("refused").to_string();
    assert!(message.contains("continuous.dat beside it"), "{message}");
}

#[test]
fn scales_are_found_where_older_programs_wrote_them() {
    // The file reader of Open Ephys names files by number; the header tells electrodes from converters.
    let mut legacy = fixtures::systems::open_ephys_legacy();
    legacy.retain(|(path, _)| path.ends_with("100_CH1.continuous"));
    legacy[0].0 = "old/106_17.continuous".into();
    let header = b"header.channel = 'CH0';\nheader.sampleRate = 30000;\nheader.bitVolts = 0.05;\n";
    legacy[0].1[..1024].fill(b' ');
    legacy[0].1[..header.len()].copy_from_slice(header);
    assert_eq!(opened(&legacy).streams[0].info().gain_to_uv, [0.05]);
    // SpikeGLX of 2015 counts multiplexed channels by their names alone.
    let meta = "nSavedChans=3\nniAiRangeMax=2\nniMNGain=200\nniMAGain=1\nniSampRate=25000\nsnsSaveChanSubset=all\n\
        snsChanMap=(0,0,2,1,1)(MN0C0;0:0)(MN0C1;1:1)(MA0C0;2:2)\n";
    let files = vec![
        ("old_g0_t0.nidq.meta".to_owned(), meta.as_bytes().to_vec()),
        ("old_g0_t0.nidq.bin".to_owned(), vec![0; 600]),
    ];
    let step_uv = 2e6 / 32_768.0;
    let recording = opened(&files);
    assert_eq!(recording.streams[0].info().gain_to_uv, [step_uv / 200.0, step_uv / 200.0]);
    assert_eq!(recording.streams[1].info().gain_to_uv, [step_uv], "an input that is no electrode stands by itself");
}

#[test]
fn what_cannot_be_is_told_by_name() {
    let message =
        |name: &str| open(&file_set(&vec![(name.to_owned(), Vec::new())])).err().expect("refused").to_string();
    assert_eq!(message("lost.edf"), "lost.edf is empty, expected a recording");
    let mut slow = Memory::simulated(3, 0.2);
    slow.info.sampling_frequency_hz = 500.0;
    let refused = bad_channels(&slow, BadChannelMethod::Mad).expect_err("nothing above 300 Hz").to_string();
    assert!(refused.contains("a recording at 500 Hz"), "{refused}");
}

/// Peaks of both signs on one channel: a size of 20 µV, mostly downwards.
#[test]
fn peaks_of_both_signs_do_not_average_away() {
    let info = Memory::simulated(1, 1.0).info;
    let spike =
        |at: i64, amplitude_uv: f32| Spike { segment_index: 0, sample_index: at, channel_index: 0, amplitude_uv };
    let spikes = [spike(10, -21.0), spike(90, 18.0), spike(900, -21.0)];
    let recording = RecordingSummary::new("memory", "memory", &info, &[], &[]);
    let measured = Measured {
        trains: &SpikeTrains::new(&info, &spikes, None),
        pipeline: &Pipeline::default(),
        noise_uv: &[4.0],
        threshold: 5.0,
        spikes: &spikes,
        dead: &[],
    };
    let summary = Summary::new(recording, &measured);
    assert_eq!(summary.channels[0].mean_amplitude_uv, Some(-20.0));
}

/// Positions that were given to a recording of SpikeInterface without a probe.
#[test]
fn a_folder_of_spikeinterface_may_hold_places_alone() {
    let mut folder = fixtures::si_binary();
    folder.retain(|(path, _)| !path.ends_with("probegroup.json"));
    let numbers = [0.0_f64, 1.5, -2.0, 3.0, 4.0, 5.25];
    let places = |shape: &str| {
        fixtures::npy("<f8", &format!("({shape})"), numbers.iter().flat_map(|number| number.to_le_bytes()).collect())
    };
    folder.push(("folder/properties/location.npy".into(), places("3, 2")));
    let positions = |folder: &fixtures::Files| opened(folder).streams[0].info().positions_um.clone();
    assert_eq!(positions(&folder), Some(vec![[0.0, 1.5], [-2.0, 3.0], [4.0, 5.25]]));
    // A property that was set later counts more than the description.
    let gains = [2.0_f64, 3.0, 4.0].iter().flat_map(|gain| gain.to_le_bytes()).collect();
    folder.insert(0, ("folder/properties/gain_to_uV.npy".into(), fixtures::npy("<f8", "(3,)", gains)));
    assert_eq!(opened(&folder).streams[0].info().gain_to_uv, [2.0, 3.0, 4.0]);
    for shape in ["2, 3", "6,", "300000000000, 2"] {
        folder.last_mut().expect("places").1 = places(shape);
        assert_eq!(positions(&folder), None, "{shape}: not two or three numbers for each channel");
    }
}

/// Plexon's header rounds rates to whole hertz; pieces that follow each other are one signal.
#[test]
fn a_rounded_rate_opens_no_gaps() {
    let mut files = fixtures::spikes::plexon_signals();
    for channel in 0..2 {
        let place = 7504 + 296 * channel + 36;
        files[0].1[place..place + 4].copy_from_slice(&20_130_u32.to_le_bytes());
    }
    let found = segments(opened(&files).streams[0].as_ref());
    assert_eq!(found.iter().map(|(n_frames, _)| *n_frames).collect::<Vec<_>>(), [300, 200], "one pause");
}

#[test]
fn a_recording_among_other_files_is_known_by_its_own_name() {
    let mut heap = fixtures::systems::edf();
    heap[0].0 = "night.edf".into();
    heap.push(("a picture.png".into(), b"no recording".to_vec()));
    let files = file_set(&heap);
    let recording = open(&files).expect("opens");
    assert_eq!(opened_from(&files, &recording).as_deref(), Some("night.edf"));
    // Both of these are needed.
    let pair = file_set(&fixtures::plain_json());
    assert_eq!(opened_from(&pair, &open(&pair).expect("opens")), None);
}

/// Positions that no electrode can have are unknown, which is said; the rest of the recording is whole.
#[test]
fn wild_positions_are_unknown() {
    let mut plain = fixtures::plain_json();
    let json = r#"{ "sampling_frequency_hz": 25000, "n_channels": 4, "dtype": "int16", "gain_to_uv": 0.1,
        "file_offset_bytes": 6, "positions_um": [[0, 0], [200, 0], [1e300, 0], [0, 200]] }"#;
    plain[0].1 = json.into();
    let recording = opened(&plain);
    assert_eq!(recording.streams[0].info().positions_um, None);
    assert!(recording.notes.iter().any(|note| note.starts_with("1 of 4 positions")), "{:?}", recording.notes);
    check_value(recording.streams[0].as_ref(), 0, 70, 3, (70, 3), 0.0);
    let table = "time_s,electrode\n0.1,A\n0.2,B\n";
    let beside = r#"{ "duration_s": 60, "electrodes": [{ "id": "A", "x_um": 0, "y_um": 0 },
        { "id": "B", "x_um": -1e200, "y_um": 0 }] }"#;
    let recording = opened(&vec![("list.csv".into(), table.into()), ("list.json".into(), beside.into())]);
    let stored = recording.spikes.as_ref().expect("spikes");
    assert_eq!((stored.info.positions_um.as_ref(), stored.spikes.len()), (None, 2));
    assert!(recording.notes.iter().any(|note| note.starts_with("1 of 2 positions")), "{:?}", recording.notes);
}
