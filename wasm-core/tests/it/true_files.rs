//! No number that is wrong in silence: one small input for each kind of fault that files have.

use std::path::Path;

use wasm_core::formats::open;
use wasm_core::recording::{FrameSource, Recording, StoredSpikes, StreamKind};

use crate::fixtures::{self, Files, file_set, npy};
use crate::formats::{opened, segments};
use crate::shared::skipped;

fn message(files: &Files) -> String {
    open(&file_set(files)).err().map_or_else(|| "opened".to_owned(), |error| error.to_string())
}

fn one(name: &str, content: impl AsRef<[u8]>) -> Files {
    vec![(name.to_owned(), content.as_ref().to_vec())]
}

fn stored(files: &Files) -> StoredSpikes {
    opened(files).spikes.expect("spikes")
}

/// Seconds of all spikes on the clock of the file.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn times_s(stored: &StoredSpikes) -> Vec<f64> {
    let info = &stored.info;
    let time = |spike: &wasm_core::spikes::Spike| {
        let start_s = info.segments[spike.segment_index as usize].t_start_s;
        let time_s = start_s + spike.sample_index as f64 / info.sampling_frequency_hz;
        (time_s * 1e6).round() / 1e6
    };
    stored.spikes.iter().map(time).collect()
}

fn labels(source: &dyn FrameSource) -> Vec<&str> {
    let info = source.info();
    (0..info.n_channels).map(|at| info.channel_label(at)).collect()
}

fn fact<'a>(recording: &'a Recording, name: &str) -> &'a str {
    recording.facts.iter().find(|fact| fact.name == name).map_or("", |fact| fact.value.as_str())
}

fn is_noted(recording: &Recording, words: &str) -> bool {
    recording.notes.iter().any(|note| note.contains(words))
}

/// Writes a field of an EDF signal's header.
fn set_column(bytes: &mut [u8], (before, width): (usize, usize), signal: usize, text: &[u8]) {
    let n_signals = 4;
    let place = 256 + before * n_signals + signal * width;
    bytes[place..place + width].fill(b' ');
    bytes[place..place + text.len()].copy_from_slice(text);
}

#[test]
fn edf_has_the_scale_names_and_kinds_that_its_header_tells() {
    let mut files = fixtures::systems::edf();
    let bytes = &mut files[0].1;
    // Labels, then transducers of 80 letters, dimensions, limits of 8.
    set_column(bytes, (0, 16), 0, b"Posi\xe7\xe3o");
    set_column(bytes, (0, 16), 1, b"Trigger");
    for (at, limit) in ["-5000", "5000", "-50", "50"].iter().enumerate() {
        set_column(bytes, (16 + 80 + 8 + 8 * at, 8), 0, limit.as_bytes());
    }
    for limit in [2, 3] {
        set_column(bytes, (16 + 80 + 8 + 8 * limit, 8), 2, b"7");
    }
    let recording = opened(&files);
    let names: Vec<&str> = recording.streams.iter().map(|stream| stream.info().name.as_str()).collect();
    assert_eq!(names, ["stream ((100.0,) Hz)", "stream ((50.0,) Hz)", "stream ((100.0,) Hz) auxiliary"]);
    let info = recording.streams[0].info();
    assert_eq!((info.gain_to_uv[0], info.offset_to_uv[0], info.channel_label(0)), (100.0, 0.0, "Posição"));
    let trigger = recording.streams[2].info();
    assert_eq!((trigger.kind, &trigger.channel_ids[..]), (StreamKind::Auxiliary, &["1".to_owned()][..]));
    assert!(is_noted(&recording, "give no scale"), "{:?}", recording.notes);
    assert_eq!(fact(&recording, "Recorded"), "2024-01-01T00:00:00");
}

/// A record's time that lies behind the others is believed, whatever the header says.
#[test]
fn edf_times_tell_of_gaps_that_the_header_denies() {
    let mut files = fixtures::systems::edf_with_gap();
    files[0].1[192..197].copy_from_slice(b"EDF+C");
    assert_eq!(segments(opened(&files).streams[0].as_ref()), [(200, 0.0), (100, 5.5)]);
}

/// A Blackrock file whose sections are these: timestamps, stated frames, frames.
fn sections(sections: &[(u32, u32, usize)]) -> Files {
    let mut files = fixtures::systems::blackrock();
    let bytes = &mut files[0].1;
    bytes.truncate(314 + 2 * 66);
    for (stamp, stated, n_frames) in sections {
        bytes.push(1);
        bytes.extend([*stamp, *stated].iter().flat_map(|value| value.to_le_bytes()));
        let samples = (0..*n_frames).flat_map(|frame| (0..2).map(move |channel| fixtures::value(frame, channel)));
        bytes.extend(samples.flat_map(i16::to_le_bytes));
    }
    files
}

#[test]
fn sections_of_blackrock_without_frames_swallow_nothing() {
    let empty = opened(&sections(&[(0, 10, 10), (31_000, 0, 0), (45_000, 20, 20)]));
    assert_eq!(segments(empty.streams[0].as_ref()), [(10, 0.0), (20, 1.5)]);
    let block = empty.streams[0].read(1, 0, 3).expect("reads");
    assert_eq!(block.channel(1), [0, 1, 2].map(|frame| f32::from(fixtures::value(frame, 1))));
    let single = opened(&sections(&[(0, 1, 1), (600, 20, 20)]));
    assert_eq!(segments(single.streams[0].as_ref()), [(1, 0.0), (20, 0.02)]);
    let interrupted = opened(&sections(&[(0, 10, 10), (30_000, 0, 7)]));
    assert_eq!(segments(interrupted.streams[0].as_ref()), [(10, 0.0), (7, 1.0)]);
    assert!(is_noted(&interrupted, "does not state how long"), "{:?}", interrupted.notes);
}

#[test]
fn analogue_inputs_of_blackrock_are_a_stream_of_their_own() {
    let mut files = sections(&[(0, 10, 10)]);
    files[0].1[314 + 66 + 4..][..16].copy_from_slice(b"ainp1\0\0\0\0\0\0\0\0\0\0\0");
    files[0].1[294..310].copy_from_slice(&[2024_u16, 3, 5, 15, 13, 20, 45, 0].map(u16::to_le_bytes).concat());
    // Spikes and events that cannot be read do not refuse the signal.
    files.push(("take.nev".into(), b"NEURALEV\x02\x03 and no more".to_vec()));
    let recording = opened(&files);
    let told: Vec<_> =
        recording.streams.iter().map(|stream| (stream.info().name.as_str(), stream.info().kind)).collect();
    assert_eq!(told, [("nsx4", StreamKind::Electrodes), ("nsx4 analogue", StreamKind::Auxiliary)]);
    assert_eq!(
        (labels(recording.streams[0].as_ref()), labels(recording.streams[1].as_ref())),
        (vec!["electrode"], vec!["ainp1"])
    );
    let block = recording.streams[1].read(0, 4, 1).expect("reads");
    assert_eq!(block.channel(0), [f32::from(fixtures::value(4, 1))]);
    assert_eq!(fact(&recording, "Recorded"), "2024-03-15T13:20:45Z");
    assert!(is_noted(&recording, "take.nev"), "{:?}", recording.notes);
}

/// Records of a Neuralynx file: timestamps and valid samples, whose values count on.
fn neuralynx(name: &str, records: &[(u64, u32)]) -> (String, Vec<u8>) {
    let (_, mut bytes) = fixtures::systems::neuralynx().remove(0);
    bytes.truncate(16_384);
    let mut next = 0_i16;
    for (stamp_us, n_valid) in records {
        bytes.extend(stamp_us.to_le_bytes());
        bytes.extend([0, 32_000, *n_valid].iter().flat_map(|value: &u32| value.to_le_bytes()));
        for at in 0..512 {
            let is_valid = at < *n_valid;
            let value = if is_valid { next } else { -9999 };
            bytes.extend(value.to_le_bytes());
            next += i16::from(is_valid);
        }
    }
    (format!("s/{name}.ncs"), bytes)
}

#[test]
fn unused_samples_of_neuralynx_are_never_returned() {
    let records = [(1_000_000, 512), (1_016_000, 320), (1_026_000, 512), (0, 0), (0, 0)];
    let files = vec![
        neuralynx("CSC1", &records),
        ("s/CSC2.ncs".into(), b"version https://git-lfs.github.com/spec/v1\n".to_vec()),
    ];
    let recording = opened(&files);
    let stream = recording.streams[0].as_ref();
    assert_eq!((segments(stream), labels(stream)), (vec![(1344, 0.0)], vec!["CSC1"]));
    let block = stream.read(0, 0, 1344).expect("reads");
    assert_eq!(block.channel(0), (0_i16..1344).map(f32::from).collect::<Vec<_>>());
    assert_eq!(stream.read(0, 831, 3).expect("reads").channel(0), [831.0, 832.0, 833.0]);
    assert!(is_noted(&recording, "2 records are empty") && is_noted(&recording, "LFS"), "{:?}", recording.notes);
    // Where the clock goes on as if all were there, the rest is missing.
    let gap = opened(&vec![neuralynx("CSC1", &[(1_000_000, 320), (1_016_000, 512)])]);
    let found = segments(gap.streams[0].as_ref());
    assert_eq!((found.len(), found[0], found[1].0), (2, (320, 0.0), 512));
    assert!((found[1].1 - 0.016).abs() < 1e-9, "{found:?}");
}

#[test]
fn field_potentials_of_neuroscope_have_their_own_rate() {
    let with_rate = |rate: &str| {
        let mut files = fixtures::systems::neuroscope();
        files[1].0 = "rat.lfp".into();
        let xml = String::from_utf8(files[0].1.clone()).expect("text");
        files[0].1 = xml.replace("</parameters>", &format!("{rate}</parameters>")).into_bytes();
        opened(&files)
    };
    let told = with_rate("<fieldPotentials><lfpSamplingRate>625</lfpSamplingRate></fieldPotentials>");
    assert_eq!(told.streams[0].info().sampling_frequency_hz, 625.0);
    let untold = with_rate("");
    assert_eq!(untold.streams[0].info().sampling_frequency_hz, 1250.0);
    assert!(is_noted(&untold, "lfpSamplingRate"), "{:?}", untold.notes);
}

#[test]
fn times_of_a_sorting_are_frames_unless_they_cannot_be() {
    let with_times = |kind: &str, times: Vec<u8>| {
        let mut files = fixtures::spikes::phy();
        files[1].1 = npy(kind, "(12,)", times);
        stored(&files)
    };
    let frames: Vec<f64> = fixtures::spikes::spikes().iter().map(|(frame, _)| f64::from(*frame)).collect();
    let doubles = |times: &[f64]| times.iter().flat_map(|time| time.to_le_bytes()).collect::<Vec<u8>>();
    let seconds: Vec<f64> = frames.iter().map(|frame| frame / 20_000.0).collect();
    let mut damaged = frames.clone();
    damaged[3] = f64::NAN;
    let whole = with_times("<f8", doubles(&frames));
    assert_eq!(whole.spikes, stored(&fixtures::spikes::phy()).spikes);
    assert_eq!(with_times("<f8", doubles(&seconds)).spikes, whole.spikes);
    assert_eq!(with_times("<f8", doubles(&damaged)).spikes.len(), 11);
}

#[test]
fn sorted_spikes_open_by_the_names_of_the_brain_laboratory() {
    let uuid = "12345678-1234-1234-1234-123456789abc";
    let doubles = |numbers: &[f64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let file = |name: &str, bytes: Vec<u8>| (format!("alf/probe00/{name}.{uuid}.npy"), bytes);
    let clusters = [4_i32, 9, 4].iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let mut files = vec![
        file("spikes.times", npy("<f8", "(3,)", doubles(&[100.25, 100.5, 101.0]))),
        file("spikes.clusters", npy("<i4", "(3,)", clusters)),
        file("spikes.amps", npy("<f8", "(3,)", doubles(&[5e-5, 2e-5, 1e-5]))),
    ];
    let found = stored(&files);
    assert_eq!(
        (times_s(&found), &found.info.channel_ids[..]),
        (vec![100.25, 100.5, 101.0], &["4".to_owned(), "9".to_owned()][..])
    );
    assert!((found.spikes[0].amplitude_uv - 50.0).abs() < 1e-4);
    files.remove(1);
    assert!(message(&files).contains("spikes.clusters"), "{}", message(&files));
}

#[test]
fn tables_open_however_their_titles_are_written() {
    for text in [
        "# exported 2024-05-03\nTime (s),Electrode\n0.5,A\n1.25,B\n",
        "sep=;\nTime (s);Electrode\n0,5;A\n1,25;B\n",
        "time_ms,channel\n500,A\n1250,B\n",
        "Time (msec)\tch\n500\tA\n1250\tB\n",
        "time_s electrode\n0.5 A\n1.25 B\n",
        "# time_s,electrode\n0.5,A\n1.25,B\n",
        "\n\nSpike Time (s)|Sorted Unit\r\n0.5|A\r\n1.25|B\r\n",
        "electrode,timestamp_us\rA,500000\rB,1250000\r",
        "electrode,time_s\nA,0.5\nB,nan\nB,1.25\nA,\n",
    ] {
        let found = stored(&one("t.csv", text));
        assert_eq!((times_s(&found), found.spikes.len()), (vec![0.5, 1.25], 2), "{text}");
        assert_eq!(found.info.channel_ids, ["A", "B"], "{text}");
    }
    for text in ["0.5,1\n1.25,2\n", "time,ch1,ch2\n0,1,2\n", "a,b\n1,2\n"] {
        let told = message(&one("t.csv", text));
        assert!(told.contains("first line") && told.contains("time_s") && told.contains("electrode"), "{told}");
    }
}

#[test]
fn sample_numbers_are_not_taken_for_seconds() {
    let rows = (1..200).fold(String::new(), |rows, at| rows + &format!("{},{}\n", at * 1500, at % 5));
    let told = message(&one("spikes.csv", format!("spike_time,unit\n{rows}")));
    assert!(told.contains("82.9 hours") && told.contains("sample_index"), "{told}");
    let with_rate = |title: &str| {
        let mut files = one("spikes.csv", format!("{title},unit\n{rows}"));
        files.push(("spikes.json".into(), br#"{ "sampling_frequency_hz": 30000 }"#.to_vec()));
        stored(&files)
    };
    for title in ["sample_index", "spike_time"] {
        let found = with_rate(title);
        assert_eq!((times_s(&found)[0], found.spikes.len()), (0.05, 199), "{title}");
    }
    let seconds = opened(&one("spikes.csv", format!("time_s,unit\n{rows}")));
    assert!(is_noted(&seconds, "whole numbers"), "{:?}", seconds.notes);
    assert!(message(&one("spikes.csv", format!("frame,unit\n{rows}"))).contains("sampling_frequency_hz"));
}

#[test]
fn times_without_a_unit_are_asked_about_where_they_are_milliseconds() {
    // Two electrodes at 1 Hz for 60 s, in milliseconds: 16.7 hours in seconds.
    let rows = |at: i32| format!("{0}.5,A\n{0}.25,B\n", at * 1000);
    let table = |title: &str| one("t.csv", (0..60).fold(format!("{title},electrode\n"), |all, at| all + &rows(at)));
    let told = message(&table("time"));
    assert!(told.contains("16.4 hours") && told.contains("time_ms"), "{told}");
    assert!((stored(&table("time_ms")).info.duration_s() - 59.0).abs() < 0.01);
    assert_eq!(message(&table("time_s")), "opened");
    let mut long = table("time");
    long.push(("t.json".into(), br#"{ "duration_s": 60000 }"#.to_vec()));
    assert_eq!(message(&long), "opened");
}

#[test]
fn decimals_with_a_comma_are_told_where_titles_are_enough_for_them() {
    let rows = (0..20).fold(String::new(), |rows, at| rows + &format!("B1,{},{:06}\n", at / 5, at * 4999));
    let told = message(&one("t.csv", format!("electrode,time_s,amplitude_uv\n{rows}")));
    assert!(told.contains("line 2, time is “0” with “000000”") && told.contains("semicolons"), "{told}");
    // Sample numbers have no decimals, and these are names of electrodes.
    let named = rows.replace("B1,", "").replace('\n', ",B1\n");
    assert_eq!(message(&one("t.csv", format!("time_s,electrode,well\n{named}"))), "opened");
}

#[test]
fn one_name_that_tells_no_well_leaves_the_wells() {
    let names: Vec<String> =
        ["A1", "A2", "B1"].iter().flat_map(|well| (1..5).map(move |at| format!("{well}_1{at}"))).collect();
    let table = |more: &[&str]| {
        let all = names.iter().map(String::as_str).chain(more.iter().copied());
        let rows = all.fold(String::new(), |rows, name| rows + &format!("{name},0.5\n{name},9.5\n"));
        opened(&one("t.csv", format!("electrode,time_s\n{rows}")))
    };
    let wells = |recording: &Recording| {
        let mut wells = recording.spikes.as_ref().and_then(|stored| stored.info.wells.clone()).unwrap_or_default();
        wells.dedup();
        wells.join(" ")
    };
    assert_eq!(wells(&table(&[])), "A1 A2 B1");
    let odd = table(&["Ref"]);
    assert_eq!(wells(&odd), "A1 A2 B1 Ref");
    assert!(is_noted(&odd, "no well is told of 1 of 13 electrodes (Ref)"), "{:?}", odd.notes);
    let info = odd.spikes.expect("spikes").info;
    assert!(info.positions_um.is_some_and(|places| places.len() == 13), "{:?}", info.channel_ids);
    // However people write them.
    for name in ["A01_21", "a1_21", "A1-21", "A1 21"] {
        assert_eq!(wells(&table(&[name])), "A1 A2 B1", "{name}");
    }
    let many = table(&["Ref", "E1", "E2"]);
    assert_eq!(wells(&many), "");
    assert!(is_noted(&many, "12 of 15 electrodes tell a well"), "{:?}", many.notes);
}

#[test]
fn a_gain_that_cannot_be_read_is_no_gain_of_one() {
    let files = fixtures::systems::zarr();
    let at = files.iter().position(|(path, _)| path == "z.zarr/properties/gain_to_uV/0").expect("there");
    let mut long = files.clone();
    long[at].1.push(0);
    let told = message(&long);
    assert!(told.starts_with("z.zarr/properties/gain_to_uV/.zarray: content is not readable"), "{told}");
    let mut without: Files = files.clone();
    without.remove(at - 1);
    assert!(message(&without).contains(".zarray"), "{}", message(&without));
    without.retain(|(path, _)| !path.contains("gain_to_uV"));
    let recording = opened(&without);
    assert!(is_noted(&recording, "There is no gain"), "{:?}", recording.notes);
    assert!(!is_noted(&opened(&files), "gain"));
}

#[test]
fn what_a_table_cannot_tell_is_read_beside_it() {
    let json = r#"{ "duration_s": 100, "title": "a plate", "electrodes": [
        { "id": "A1_11", "x_um": 0, "y_um": 0, "well": "A1" }, { "id": "A2_11", "x_um": 900, "y_um": 0, "well": "A2" } ] }"#;
    let mut files = one("plate.csv", "electrode,time_s\nA1_11,0.5\nA1_11,99.25\n");
    files.push(("plate.json".into(), json.into()));
    let recording = opened(&files);
    assert_eq!(fact(&recording, "Title"), "a plate");
    let found = recording.spikes.expect("spikes");
    assert_eq!((found.info.duration_s(), found.info.n_channels), (100.0, 2));
    assert_eq!(found.info.wells, Some(vec!["A1".to_owned(), "A2".to_owned()]));
    assert_eq!(found.info.positions_um, Some(vec![[0.0, 0.0], [900.0, 0.0]]));
    files[1].1 = b"{ \"duration_s\": ".to_vec();
    assert!(message(&files).starts_with("plate.json"), "{}", message(&files));
}

#[test]
fn times_far_from_zero_are_an_offset_and_segments_stay_apart() {
    let found = stored(&one("t.csv", "electrode,time_s\nA,1700000000.5\nB,1700000010.5\n"));
    assert!((found.info.duration_s() - 10.0).abs() < 1e-3, "{:?}", found.info.segments);
    let numbered = opened(&one("t.csv", "electrode,time_s,segment\nA,0.5,70000\nA,0.5,4464\nB,1,-2\n"));
    let found = numbered.spikes.as_ref().expect("spikes");
    assert_eq!(found.spikes.iter().map(|spike| spike.segment_index).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(is_noted(&numbered, "-2, 4464, 70000"), "{:?}", numbered.notes);
}

#[test]
fn plates_have_their_silent_wells_and_electrodes_lie_where_their_names_say() {
    let text = "Investigator,Ada,Time (s),Electrode,Amplitude(mV)\nPlate Type,CytoView MEA 24,0.5,B2_41,0.02\n\
        Original File Time,03/15/2024 13:20:45,0.75,A1_12,0.02\nActual File Section Run,0s to 1m0s,,,\n\
        Well Information\nWell,A1,B2\nActive,True,True\nTreatment,DMSO,bicuculline\n";
    let recording = opened(&one("p_spike_list.csv", text));
    for (name, value) in [
        ("Operator", "Ada"),
        ("Recorded", "2024-03-15T13:20:45"),
        ("Plate type", "CytoView MEA 24"),
        ("Well B2 treatment", "bicuculline"),
    ] {
        assert_eq!(fact(&recording, name), value);
    }
    assert!(is_noted(&recording, "made up") && is_noted(&recording, "silent"), "{:?}", recording.notes);
    let info = recording.spikes.expect("spikes").info;
    assert_eq!((info.n_channels, info.duration_s()), (384, 60.0));
    let place = |id: &str| {
        let at = info.channel_ids.iter().position(|known| known == id).expect("there");
        info.positions_um.as_ref().expect("positions")[at]
    };
    assert_eq!((place("A1_11"), place("A1_21"), place("A1_12")), ([0.0, 0.0], [200.0, 0.0], [0.0, 200.0]));
    assert_eq!(place("B2_41"), [1000.0 + 600.0, 1000.0]);
    let mut wells = info.wells.expect("wells");
    wells.dedup();
    assert_eq!((wells.len(), wells[0].as_str(), wells[6].as_str(), wells[23].as_str()), (24, "A1", "B1", "D6"));
}

#[test]
fn axion_s_own_files_lie_by_their_names_too() {
    let info = opened(&fixtures::systems::axion()).streams[0].info().clone();
    assert_eq!(info.positions_um, Some(vec![[0.0, 0.0], [200.0, 0.0], [1000.0, 0.0], [1200.0, 0.0]]));
}

#[test]
fn times_that_were_set_by_hand_leave_gaps() {
    let times: Vec<u8> = (0..400_u32)
        .flat_map(|at| (f64::from(at + if at < 150 { 0 } else { 5000 }) / 10_000.0).to_le_bytes())
        .collect();
    let mut files = fixtures::si_binary();
    files.push(("folder/times_cached_seg0.npy".into(), npy("<f8", "(400,)", times)));
    let names: Vec<u8> =
        ["CA1", "CA3", "DG\0"].iter().flat_map(|name| name.chars()).flat_map(|c| u32::from(c).to_le_bytes()).collect();
    files.push(("folder/properties/channel_name.npy".into(), npy("<U3", "(3,)", names)));
    let recording = opened(&files);
    let stream = recording.streams[0].as_ref();
    assert_eq!((segments(stream), labels(stream)), (vec![(150, 0.0), (250, 0.515)], vec!["CA1", "CA3", "DG"]));
    assert_eq!(stream.read(1, 0, 1).expect("reads").channel(2), [f32::from(fixtures::value(150, 2))]);
}

#[test]
fn files_that_stand_in_for_another_say_so() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345678\n";
    for name in ["a.nwb", "b.csv", "c.dat", "d.edf", "e.npy", "f.raw"] {
        assert!(message(&one(name, pointer)).contains("Git LFS pointer"), "{name}: {}", message(&one(name, pointer)));
    }
    assert!(message(&one("a.nwb", "<!DOCTYPE html>\n<html></html>\n")).contains("web page"));
    assert!(message(&one("a.csv", b"PK\x03\x04 xl/workbook.xml")).contains("spreadsheet"));
    assert!(message(&one("a.edf", b"\x89PNG\r\n\x1a\n")).contains("picture"));
    // Beside what describes it, too.
    let mut files = fixtures::plain_json();
    files[1].1 = pointer.into();
    assert!(message(&files).contains("Git LFS pointer"), "{}", message(&files));
}

/// What `../shared/faults` holds of these formats, against what is right there.
#[test]
fn faults_that_were_reported_are_mended() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/faults");
    let names = [
        ("edf-labels", "labels.edf"),
        ("edf-narrow-range", "narrow.edf"),
        ("blackrock-empty-section", "rec.ns5"),
        ("neuralynx-part-filled-record", "CSC1.ncs"),
        ("csv-samples-as-seconds", "spikes.csv"),
        ("git-lfs-pointer", "recording.nwb"),
        ("git-lfs-pointer", "page.nwb"),
    ];
    let read = |(name, file): (&str, &str)| {
        Some(name.to_owned()).zip(std::fs::read(folder.join(name).join(file)).ok().map(|bytes| one(file, bytes)))
    };
    let there: Vec<(String, Files)> = names.into_iter().filter_map(read).collect();
    if there.len() < names.len() {
        let what = format!("of {} files with faults", names.len());
        skipped(names.len() - there.len(), &what, "they are not in ../shared/faults");
    }
    for (name, files) in &there {
        match name.as_str() {
            "edf-labels" => {
                assert_eq!(labels(opened(files).streams[0].as_ref()), ["Posição", "CA1 µ2", "EEG Fpz-Cz"]);
            }
            "edf-narrow-range" => {
                let info = opened(files).streams[0].info().clone();
                assert_eq!((info.gain_to_uv[0], info.offset_to_uv[0]), (100.0, 0.0));
            }
            "blackrock-empty-section" => {
                let recording = opened(files);
                let found = segments(recording.streams[0].as_ref());
                assert_eq!(found, [(1000, 0.0), (2000, 31_000.0 / 30_000.0)]);
                let block = recording.streams[0].read(1, 0, 1).expect("reads").into_planar();
                assert_eq!((0..4).map(|at| block.channel(at)[0]).collect::<Vec<_>>(), [-192.0, -173.0, -193.0, -393.0]);
            }
            "neuralynx-part-filled-record" => assert_eq!(opened(files).streams[0].info().n_frames(), 3072),
            "csv-samples-as-seconds" => assert!(message(files).contains("sample_index"), "{}", message(files)),
            _ => assert!(["LFS", "web page"].iter().any(|what| message(files).contains(what)), "{}", message(files)),
        }
    }
}
