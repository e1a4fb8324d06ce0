//! What acquisition systems' files tell besides samples: clocks with gaps, the order of channels,
//! what is no electrode, names, facts, and spikes that lie beside a signal.

use std::path::{Path, PathBuf};

use wasm_core::events::Event;
use wasm_core::formats::open;
use wasm_core::recording::{Recording, StreamInfo, StreamKind};

use crate::fixtures::med64::modat;
use crate::fixtures::{self, Files, file_set, value};
use crate::formats::{check_value, opened, segments};
use crate::shared::skipped;

macro_rules! golden {
    ($name:literal) => {
        vec![($name.to_owned(), include_bytes!(concat!("../../golden/hdf5/", $name)).to_vec())]
    };
}

fn info(recording: &Recording, at: usize) -> &StreamInfo {
    recording.streams[at].info()
}

fn has_note(recording: &Recording, text: &str) -> bool {
    recording.notes.iter().any(|note| note.contains(text))
}

fn fact<'a>(recording: &'a Recording, name: &str) -> Option<&'a str> {
    recording.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str())
}

/// Lengths and starts in microseconds.
fn rounded(recording: &Recording, at: usize) -> Vec<(u64, f64)> {
    segments(recording.streams[at].as_ref()).into_iter().map(|(n, start_s)| (n, (start_s * 1e6).round())).collect()
}

#[test]
fn mcs_rows_stretches_labels_and_spikes_are_those_of_the_file() {
    let recording = opened(&golden!("mcs_spikes.h5"));
    let names: Vec<&str> = recording.streams.iter().map(|stream| stream.info().name.as_str()).collect();
    assert_eq!(names, ["Stream_1", "Stream_0"], "electrodes first");
    assert_eq!((info(&recording, 0).kind, info(&recording, 1).kind), (StreamKind::Electrodes, StreamKind::Auxiliary));
    assert_eq!(rounded(&recording, 0), [(40, 1e6), (20, 5e6)], "stretches that touch are one");
    let electrodes = info(&recording, 0);
    assert_eq!(electrodes.channel_names.as_deref(), Some(&["12", "21", "47", "Ref"].map(str::to_owned)[..]));
    let positions = electrodes.positions_um.as_ref().expect("labels tell places");
    assert_eq!(positions[..3], [[0.0, 200.0], [200.0, 0.0], [600.0, 1200.0]]);
    // Entries name their rows: 2, 0, 3, 1.
    for (channel, row) in [2, 0, 3, 1].into_iter().enumerate() {
        check_value(recording.streams[0].as_ref(), 0, 7, channel, (7, row), 0.0);
        check_value(recording.streams[0].as_ref(), 1, 5, channel, (45, row), 0.0);
    }
    let stored = recording.spikes.as_ref().expect("spikes");
    let told: Vec<_> =
        stored.spikes.iter().map(|spike| (spike.segment_index, spike.sample_index, spike.channel_index)).collect();
    assert_eq!(told, [(0, 10, 0), (0, 26, 1), (1, 2, 0), (1, 18, 1)]);
    let gain_uv = 59.605_f32;
    for (spike, steps) in stored.spikes.iter().zip([-10.0, -11.0, -11.0, -12.0]) {
        assert!((spike.amplitude_uv - steps * gain_uv).abs() < 1e-2, "{spike:?}");
    }
    assert_eq!(stored.info.n_channels, 4, "silent electrodes too");
    let micros = |event: &Event| (event.segment, (event.time_s * 1e6).round());
    assert_eq!(recording.events.iter().map(micros).collect::<Vec<_>>(), [(0, 1_000_200.0), (1, 5_000_200.0)]);
    assert_eq!(fact(&recording, "Recorded"), Some("2014-07-09T10:17:35"));
    assert_eq!(fact(&recording, "Array"), Some("60MEA200/30iR-Ti"));
    assert_eq!(fact(&recording, "High-pass filter"), Some("Bessel 200"));
}

#[test]
fn maxtwo_s_wells_are_streams_and_one_plate() {
    let recording = opened(&golden!("maxwell_plate.raw.h5"));
    let names: Vec<&str> = recording.streams.iter().map(|stream| stream.info().name.as_str()).collect();
    assert_eq!(names, ["well000", "well001", "plate"]);
    assert_eq!(rounded(&recording, 0), [(30, 0.0)]);
    assert_eq!(rounded(&recording, 1), [(7, 0.0), (13, 1700.0)], "frames 110 to 119 are missing");
    assert_eq!(rounded(&recording, 2), [(7, 0.0), (10, 1700.0)], "what both have");
    let plate = info(&recording, 2);
    assert_eq!(plate.channel_ids, ["well000 7", "well000 2", "well001 7", "well001 2"]);
    assert_eq!(plate.groups(), [[0, 1], [2, 3]]);
    // Values tell well, channel and frame number: frames of one number lie beside each other.
    let block = recording.streams[2].read(1, 3, 1).expect("reads");
    let found: Vec<f32> = (0..4).map(|channel| block.channel(channel)[0]).collect();
    assert_eq!(found, [123.0, 323.0, 623.0, 823.0]);
    let stored = recording.spikes.as_ref().expect("spikes");
    let told: Vec<(i64, u32)> = stored.spikes.iter().map(|spike| (spike.sample_index, spike.channel_index)).collect();
    assert_eq!(told, [(2, 2), (5, 0), (22, 3), (25, 1)], "counted from each well's first frame");
    assert!(has_note(&recording, "as one plate"));
    assert_eq!((fact(&recording, "Plate"), fact(&recording, "Recorded")), (Some("M1"), Some("2021-03-23T16:46:14Z")));
}

#[test]
fn intervals_of_3brain_are_segments_and_a_list_that_does_not_fit_is_said() {
    let recording = opened(&golden!("three_brain_gap.brw"));
    assert_eq!(rounded(&recording, 0), [(10, 0.0), (20, 5000.0)]);
    check_value(recording.streams[0].as_ref(), 1, 4, 2, (14, 2), 1000.0);
    let stored = recording.spikes.as_ref().expect("spikes");
    let told: Vec<_> =
        stored.spikes.iter().map(|spike| (spike.segment_index, spike.sample_index, spike.channel_index)).collect();
    assert_eq!(told, [(0, 5, 1), (1, 5, 3)]);
    assert!(has_note(&recording, "3 values are no waveforms of 2 spikes"), "{:?}", recording.notes);
    assert_eq!(fact(&recording, "Recorded"), Some("2023-04-30T11:56:37Z"));
}

/// The folder of one file per kind of signal, with a clock.
fn intan(stamps: impl Iterator<Item = i32>) -> Files {
    let mut files = fixtures::intan_per_signal();
    files.push(("take/time.dat".into(), stamps.flat_map(i32::to_le_bytes).collect()));
    files
}

#[test]
fn intan_s_slow_signals_fit_their_length_and_its_clock_is_believed() {
    let recording = opened(&intan(-100..200));
    for stream in &recording.streams {
        let info = stream.info();
        assert!((info.duration_s() - 0.015).abs() < 1e-9, "{}: {}", info.name, info.duration_s());
        assert!((info.segments[0].t_start_s + 0.005).abs() < 1e-12, "counted from the trigger");
        assert_eq!(info.kind == StreamKind::Electrodes, info.name == "RHD2000 amplifier channel");
    }
    // Auxiliary inputs at a quarter of the rate, in a quarter of the frames.
    let mut slow = intan(0..300);
    slow.iter_mut().filter(|(path, _)| path.ends_with("auxiliary.dat")).for_each(|(_, bytes)| bytes.truncate(150));
    let aux = info(&opened(&slow), 1).clone();
    assert_eq!((aux.sampling_frequency_hz, aux.n_frames()), (5000.0, 75));
    let gap = opened(&intan((0..120).chain(1000..1180)));
    for at in 0..gap.streams.len() {
        assert_eq!(rounded(&gap, at), [(120, 0.0), (180, 50_000.0)], "{}", info(&gap, at).name);
    }
    check_value(gap.streams[0].as_ref(), 1, 30, 2, (150, 2), 0.0);
    // The clock has 32 bits.
    let rolled = opened(&intan((0..300).map(|at: i32| (i32::MAX - 99).wrapping_add(at))));
    assert_eq!(segments(rolled.streams[0].as_ref()).len(), 1);
    let short = opened(&intan(0..200));
    assert!(has_note(&short, "time.dat the times of 200"), "{:?}", short.notes);
    assert_eq!(info(&short, 0).n_frames(), 300);
}

/// Packets of four channels with these timestamps.
fn packets(stamps: impl Iterator<Item = u32>) -> Files {
    let mut files = fixtures::systems::spikegadgets();
    let bytes = &mut files[0].1;
    let end = bytes.windows(16).position(|window| window == b"</Configuration>").expect("a header") + 17;
    bytes.truncate(end);
    for (frame, stamp) in stamps.enumerate() {
        bytes.push(0x55);
        bytes.extend([7; 6]);
        bytes.extend(stamp.to_le_bytes());
        bytes.extend([0, 2, 1, 3].iter().flat_map(|channel| value(frame, *channel).to_le_bytes()));
    }
    files
}

#[test]
fn packets_that_were_lost_begin_a_segment() {
    let lost = opened(&packets((3_000_000..3_000_300).chain(3_015_300..3_015_600)));
    assert_eq!(rounded(&lost, 0), [(300, 0.0), (300, 510_000.0)]);
    assert!(has_note(&lost, "15000 packets were lost"), "{:?}", lost.notes);
    check_value(lost.streams[0].as_ref(), 1, 10, 1, (310, 2), 0.0);
    let rolled = opened(&packets((0..600).map(|at| (u32::MAX - 199).wrapping_add(at))));
    assert_eq!(rounded(&rolled, 0), [(600, 0.0)]);
    let mut tail = packets(0..300);
    let row_bytes = 1 + 6 + 4 + 8;
    tail[0].1.extend(vec![0; 50 * row_bytes]);
    let tail = opened(&tail);
    assert_eq!(rounded(&tail, 0), [(300, 0.0)]);
    assert!(has_note(&tail, "last 50 packets"), "{:?}", tail.notes);
    let names = info(&lost, 0).channel_names.clone().expect("groups");
    assert_eq!(names[1], "nTrode 3:1", "hardware channel 2 is the second in a packet");
}

#[test]
fn chips_that_were_saved_take_turns() {
    let trode =
        |number: usize| format!(r#"<SpikeNTrode id="{number}"><SpikeChannel hwChan="{number}"/></SpikeNTrode>"#);
    let header = |channels: &[usize]| {
        format!(
            "<?xml version=\"1.0\"?>\n<Configuration><GlobalConfiguration systemTimeAtCreation=\"1700000000000\"/>\
             <HardwareConfiguration samplingRate=\"30000\" numChannels=\"8\"></HardwareConfiguration>\
             <SpikeConfiguration chanPerChip=\"2\">{}</SpikeConfiguration></Configuration>\n",
            channels.iter().map(|channel| trode(*channel)).collect::<String>()
        )
    };
    let with_packets = |channels: &[usize], saved: &[usize]| {
        let mut bytes = header(channels).into_bytes();
        for frame in 0..40_usize {
            bytes.push(0x55);
            bytes.extend(u32::try_from(frame).expect("small").to_le_bytes());
            bytes.extend(saved.iter().flat_map(|channel| value(frame, *channel).to_le_bytes()));
        }
        opened(&vec![("a.rec".to_owned(), bytes)])
    };
    // Chips 1 and 3 of four, listed in another order.
    let some = with_packets(&[7, 2, 3, 6], &[2, 6, 3, 7]);
    // All of the hardware, of which two are listed.
    let all = with_packets(&[5, 0], &[0, 2, 4, 6, 1, 3, 5, 7]);
    for (recording, n_channels) in [(some, 4), (all, 2)] {
        let info = info(&recording, 0);
        assert_eq!((info.n_channels, info.n_frames()), (n_channels, 40));
        for (channel, id) in info.channel_ids.iter().enumerate() {
            check_value(recording.streams[0].as_ref(), 0, 30, channel, (30, id.parse().expect("a number")), 0.0);
        }
        assert_eq!(fact(&recording, "Recorded"), Some("2023-11-14T22:13:20Z"));
    }
}

/// The first recording of the fixture, with these numbers of its 500 frames.
fn open_ephys(numbers: impl Iterator<Item = i64>) -> Files {
    let mut files = fixtures::open_ephys();
    files.retain(|(path, _)| !path.contains("recording2"));
    let numbers: Vec<i64> = numbers.collect();
    let shape = format!("({},)", numbers.len());
    let (_, bytes) = files.iter_mut().find(|(path, _)| path.ends_with("A/sample_numbers.npy")).expect("numbers");
    *bytes = fixtures::npy("<i8", &shape, numbers.into_iter().flat_map(i64::to_le_bytes).collect());
    files
}

#[test]
fn frames_that_open_ephys_lost_begin_a_segment() {
    let gap = opened(&open_ephys((4000..4012).chain(4025..4513)));
    for at in 0..3 {
        assert_eq!(rounded(&gap, at), [(12, 200_000.0), (488, 201_250.0)], "{}", info(&gap, at).name);
    }
    check_value(gap.streams[0].as_ref(), 1, 30, 2, (42, 2), 0.0);
    // Events go to the last segment that has begun.
    let told: Vec<(usize, f64)> =
        gap.events.iter().map(|event| (event.segment, (event.time_s * 1e6).round())).collect();
    assert_eq!(told, [(0, 200_000.0), (0, 200_500.0), (0, 201_000.0)]);
    assert!(has_note(&gap, "13 frames were lost"), "{:?}", gap.notes);
    let whole = opened(&open_ephys(4000..4500));
    assert!(whole.notes.is_empty(), "{:?}", whole.notes);
    // Numbers that were never written make no segments of one frame.
    let zeros = opened(&open_ephys((4000..4400).chain(std::iter::repeat_n(0, 100))));
    assert_eq!(rounded(&zeros, 0), [(500, 200_000.0)]);
    assert!(has_note(&zeros, "damaged"), "{:?}", zeros.notes);
    let mut cut = open_ephys(4000..4500);
    let (_, data) = cut.iter_mut().find(|(path, _)| path.ends_with("continuous.dat")).expect("data");
    data.truncate(4003);
    let cut = opened(&cut);
    assert_eq!(info(&cut, 0).n_frames(), 400);
    assert!(has_note(&cut, "middle of a frame") && has_note(&cut, "sample_numbers.npy lists 500"), "{:?}", cut.notes);
}

#[test]
fn accelerometers_are_no_electrodes() {
    let mut files = open_ephys(4000..4500);
    let (_, oebin) = files.iter_mut().find(|(path, _)| path.ends_with("structure.oebin")).expect("described");
    *oebin = String::from_utf8_lossy(oebin).replace("CH2", "AUX1").into_bytes();
    let recording = opened(&files);
    let told: Vec<(&str, StreamKind, usize)> = recording
        .streams
        .iter()
        .map(|stream| stream.info())
        .map(|info| (info.name.rsplit('#').next().unwrap_or_default(), info.kind, info.n_channels))
        .collect();
    assert_eq!(
        told,
        [
            ("Rhythm-100.A", StreamKind::Electrodes, 2),
            ("Rhythm-100.A_ADC", StreamKind::Auxiliary, 1),
            ("Rhythm-100.A_AUX", StreamKind::Auxiliary, 1),
            ("Rhythm-100.ASYNC", StreamKind::Auxiliary, 1),
        ]
    );
    // The electrodes are the first and third column.
    check_value(recording.streams[0].as_ref(), 0, 20, 1, (20, 2), 0.0);
    check_value(recording.streams[2].as_ref(), 0, 20, 0, (20, 1), 0.0);
    let legacy = opened(&fixtures::systems::open_ephys_legacy());
    let kinds: Vec<StreamKind> = legacy.streams.iter().map(|stream| stream.info().kind).collect();
    assert_eq!(kinds, [StreamKind::Electrodes, StreamKind::Auxiliary]);
    let spikeglx = opened(&fixtures::spikeglx());
    assert_eq!((info(&spikeglx, 0).kind, info(&spikeglx, 1).kind), (StreamKind::Electrodes, StreamKind::Auxiliary));
}

#[test]
fn inputs_of_national_instruments_are_electrodes_where_they_are_called_neural() {
    let nidq = |map: &str, n: usize| {
        let meta = format!(
            "nSavedChans={n}\nniAiRangeMax=5\nniMNGain=200\nniMAGain=1\nniSampRate=25000\ntypeThis=nidq\n\
             fileCreateTime=2024-03-01T10:00:00\nuserNotes=second slice\n~snsChanMap={map}\n"
        );
        opened(&vec![
            ("r_g0_t0.nidq.meta".to_owned(), meta.into_bytes()),
            ("r_g0_t0.nidq.bin".to_owned(), vec![0; 100 * n]),
        ])
    };
    let others = nidq("(0,0,2,1)(XA0;0:0)(XA1;1:1)(XD0;2:2)", 3);
    let told: Vec<(StreamKind, usize)> =
        others.streams.iter().map(|stream| (stream.info().kind, stream.info().n_channels)).collect();
    assert_eq!(told, [(StreamKind::Auxiliary, 3)]);
    assert_eq!(
        (fact(&others, "Recorded"), fact(&others, "Notes")),
        (Some("2024-03-01T10:00:00"), Some("second slice"))
    );
    let neural = nidq("(2,0,1,0)(MN0C0;0:0)(MN0C1;1:1)(XA0;2:2)", 3);
    let told: Vec<(StreamKind, usize)> =
        neural.streams.iter().map(|stream| (stream.info().kind, stream.info().n_channels)).collect();
    assert_eq!(told, [(StreamKind::Electrodes, 2), (StreamKind::Auxiliary, 1)]);
}

#[test]
fn analogue_columns_of_a_raw_export_are_another_stream() {
    let mut files = fixtures::systems::mcs_raw();
    let text = String::from_utf8_lossy(&files[0].1).into_owned();
    assert!(text.contains("El_13"));
    let at = files[0].1.windows(5).position(|window| window == b"El_13").expect("a name");
    files[0].1[at..at + 5].copy_from_slice(b"An_A1");
    let recording = opened(&files);
    let told: Vec<(StreamKind, usize)> =
        recording.streams.iter().map(|stream| (stream.info().kind, stream.info().n_channels)).collect();
    assert_eq!(told, [(StreamKind::Electrodes, 2), (StreamKind::Auxiliary, 1)]);
    let electrodes = info(&recording, 0);
    assert_eq!(electrodes.channel_names.as_deref(), Some(&["El_12", "El_14"].map(str::to_owned)[..]));
    assert_eq!(electrodes.positions_um, Some(vec![[0.0, 200.0], [0.0, 600.0]]));
    check_value(recording.streams[0].as_ref(), 0, 70, 1, (70, 2), 32_768.0);
}

#[test]
fn med64_is_read_as_its_crate_writes_it() {
    let check = |name: &str, bytes: Vec<u8>| {
        let recording = opened(&vec![(name.to_owned(), bytes)]);
        let info = info(&recording, 0);
        assert_eq!((recording.format, &info.channel_ids[..]), ("med64", &["2", "5"].map(str::to_owned)[..]));
        assert!((info.gain_to_uv[0] - 0.1525).abs() < 1e-12);
        assert_eq!(rounded(&recording, 0), [(40, 0.0), (20, 1_002_000.0)]);
        for (segment, frame, rule) in [(0, 5, 5), (0, 25, 25), (1, 19, 59)] {
            check_value(recording.streams[0].as_ref(), segment, frame, 1, (rule, 1), 0.0);
        }
        let block = recording.streams[0].read(0, 15, 10).expect("reads over the edge of a block");
        assert_eq!(block.channel(0), (15..25).map(|frame| f32::from(value(frame, 0))).collect::<Vec<_>>());
        assert_eq!(fact(&recording, "Recorded"), Some("2012-07-04T10:01:01"));
        assert!(has_note(&recording, "no recording of the vendor was compared"));
    };
    check("a.modat", modat());
    let mut xml =
        b"<headerStringsLength>256</headerStringsLength>\n<WriteFormatVersion>1</WriteFormatVersion>\n".to_vec();
    xml.resize(256, b' ');
    check("a.modax", [xml, modat()].concat());
    let mut cut = modat();
    cut.truncate(cut.len() - 7);
    let cut = opened(&vec![("a.modat".to_owned(), cut)]);
    assert!(has_note(&cut, "cut in the middle of a block"), "{:?}", cut.notes);
    let mut wrong = modat();
    wrong[41] = 7;
    let message = open(&file_set(&vec![("a.modat".to_owned(), wrong)])).err().expect("refused").to_string();
    assert!(message.contains("list of channels"), "{message}");
}

/// Files of a folder of the shared faults, by their paths in it.
fn shared(name: &str) -> Option<Files> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/faults").join(name);
    let mut files = Files::new();
    let mut folders: Vec<PathBuf> = vec![folder.clone()];
    while let Some(open) = folders.pop() {
        for entry in std::fs::read_dir(open).ok()?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "expected.json") {
                let own = path.strip_prefix(&folder).ok()?.to_string_lossy().replace('\\', "/");
                files.push((own, std::fs::read(&path).ok()?));
            }
        }
    }
    Some(files)
}

#[test]
fn shared_faults_of_acquisition_systems_are_mended() {
    type Check = fn(&Recording);
    let checks: [(&str, Check); 8] = [
        ("mcs-h5-gap", |recording| assert_eq!(rounded(recording, 0), [(400, 0.0), (600, 5e6)])),
        ("mcs-h5-rowindex", |recording| {
            let block = recording.streams[0].read(0, 0, 1).expect("reads");
            let first: Vec<f32> = (0..4).map(|channel| block.channel(channel)[0]).collect();
            assert_eq!(first, [-2511.0, -3017.0, 3776.0, 4832.0]);
        }),
        ("intan-aux-rate", |recording| {
            for stream in &recording.streams {
                assert!((stream.info().duration_s() - 2560.0 / 30_000.0).abs() < 1e-9, "{}", stream.info().name);
            }
        }),
        ("bxr-many-waveforms", |recording| {
            let stored = recording.spikes.as_ref().expect("spikes");
            assert_eq!(stored.spikes.len(), 80_000);
            assert!(stored.spikes.iter().all(|spike| (spike.amplitude_uv + 401.92).abs() < 0.01));
        }),
        ("openephys-aux", |recording| {
            let names = |kind: StreamKind| -> Vec<String> {
                let of_kind = recording.streams.iter().map(|stream| stream.info()).filter(|info| info.kind == kind);
                of_kind.flat_map(|info| info.channel_ids.clone()).collect()
            };
            assert_eq!(names(StreamKind::Electrodes).len(), 8);
            assert_eq!(names(StreamKind::Auxiliary), ["AUX1", "AUX2", "AUX3"]);
        }),
        ("openephys-cut-file", |recording| {
            assert!(has_note(recording, "3000 frames") && has_note(recording, "4000"), "{:?}", recording.notes);
        }),
        ("openephys-np2-lone-shank", |recording| {
            let positions = info(recording, 0).positions_um.as_ref().expect("known");
            assert_eq!((positions[0], positions[1], positions[143]), ([250.0, 0.0], [282.0, 0.0], [32.0, 705.0]));
            let mut places: Vec<[u64; 2]> = positions.iter().map(|place| place.map(f64::to_bits)).collect();
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len(), 384, "no two channels share a place");
        }),
        ("spikegadgets-lost-packets", |recording| {
            assert_eq!(rounded(recording, 0), [(300, 0.0), (300, 510_000.0)]);
        }),
    ];
    let mut n_skipped = 0;
    for (name, check) in checks {
        match shared(name) {
            Some(files) => check(&opened(&files)),
            None => n_skipped += 1,
        }
    }
    if n_skipped > 0 {
        let what = format!("of {} recordings with faults", checks.len());
        skipped(n_skipped, &what, "they are not in ../shared/faults");
    }
}
