//! Folders of Open Ephys with several devices, sessions and probes.

use wasm_core::formats::open;
use wasm_core::recording::Recording;

use crate::fixtures::{self, Files, file_set};

/// One recording at `folder`, its streams given by folder name, rate and channels.
fn recording(folder: &str, streams: &[(&str, f64, &[&str])]) -> Files {
    let mut files = Files::new();
    let described = streams.iter().map(|(name, rate_hz, channels)| {
        let channel = |name: &&str| format!(r#"{{ "channel_name": "{name}", "bit_volts": 0.25, "units": "" }}"#);
        let channels: Vec<String> = channels.iter().map(channel).collect();
        format!(r#"{{ "folder_name": "{name}/", "sample_rate": {rate_hz}, "channels": [{}] }}"#, channels.join(","))
    });
    let oebin = format!(r#"{{ "continuous": [{}] }}"#, described.collect::<Vec<_>>().join(","));
    files.push((format!("{folder}/structure.oebin"), oebin.into_bytes()));
    for (name, _, channels) in streams {
        files.push((format!("{folder}/continuous/{name}/continuous.dat"), vec![0; 2 * 50 * channels.len()]));
    }
    files
}

fn opened(files: &Files) -> Recording {
    open(&file_set(files)).expect("opens")
}

fn lengths(recording: &Recording) -> Vec<u64> {
    recording.streams[0].info().segments.iter().map(|segment| segment.n_frames).collect()
}

#[test]
fn electrodes_come_before_devices_without_any() {
    let files = recording(
        "Record Node 101/experiment1/recording1",
        &[
            ("NI-DAQmx-104.PXIe-6341", 30_000.0, &["AI0"]),
            ("OneBox-111.OneBox-ADC", 30_300.5, &["ADC0"]),
            ("OneBox-111.ProbeA", 30_000.0, &["CH1", "CH2"]),
        ],
    );
    let streams = opened(&files).streams;
    let told: Vec<(&str, f64)> =
        streams.iter().map(|stream| (stream.info().name.as_str(), stream.info().gain_to_uv[0])).collect();
    let node = |name: &str| format!("Record Node 101#{name}");
    assert_eq!(told[0], (node("OneBox-111.ProbeA").as_str(), 0.25));
    assert_eq!(told[1], (node("OneBox-111.OneBox-ADC").as_str(), 0.25e6), "converters are in volts");
    assert_eq!(told[2], (node("NI-DAQmx-104.PXIe-6341").as_str(), 0.25));
}

#[test]
fn sessions_are_not_put_together_and_recordings_only_where_they_are_alike() {
    let at = |session: &str, number: u32, channels: &[&str]| {
        recording(
            &format!("{session}/Record Node 101/experiment1/recording{number}"),
            &[("Rhythm-100.0", 2e4, channels)],
        )
    };
    let both = [at("monday", 1, &["CH1"]), at("monday", 2, &["CH1"]), at("tuesday", 1, &["CH1"])].concat();
    let first = opened(&both);
    assert_eq!(lengths(&first), [50, 50]);
    assert!(
        first.notes.iter().any(|note| note.contains("this is monday") && note.contains("tuesday")),
        "{:?}",
        first.notes
    );
    let differing =
        opened(&[at("monday", 1, &["CH1"]), at("monday", 2, &["CH1", "CH2"]), at("monday", 3, &["CH1"])].concat());
    assert_eq!(lengths(&differing), [50, 50]);
    let is_told = |note: &String| note.contains("recording2") && note.contains("left out");
    assert!(differing.notes.iter().any(is_told), "{:?}", differing.notes);
}

#[test]
fn frames_that_were_lost_are_told() {
    let mut files = fixtures::open_ephys();
    let lost =
        |files: &Files| opened(files).notes.iter().filter(|note| note.contains("lost")).cloned().collect::<Vec<_>>();
    assert_eq!(lost(&files), Vec::<String>::new());
    let numbers = (4000..4300).chain(4370..4570).flat_map(i64::to_le_bytes).collect();
    let (_, first) = files.iter_mut().find(|(path, _)| path.ends_with("A/sample_numbers.npy")).expect("numbers");
    *first = fixtures::npy("<i8", "(500,)", numbers);
    assert!(
        lost(&files)[0].contains("recording1/continuous/Rhythm-100.A/continuous.dat: 70 frames"),
        "{:?}",
        lost(&files)
    );
}

/// Events are shown with the first stream: those of a recording that it lacks are left out with it.
#[test]
fn events_stay_with_their_recording() {
    let mut files = fixtures::open_ephys();
    let all = opened(&files).events;
    let of_second: Vec<f64> = all.iter().filter(|event| event.segment == 1).map(|event| event.time_s).collect();
    assert!(!of_second.is_empty() && all.len() == 2 * of_second.len());
    files.retain(|(path, _)| !path.ends_with("recording1/continuous/Rhythm-100.A/continuous.dat"));
    let left = opened(&files);
    assert_eq!(lengths(&left), [500]);
    let told: Vec<(usize, f64)> = left.events.iter().map(|event| (event.segment, event.time_s)).collect();
    assert_eq!(told, of_second.into_iter().map(|time_s| (0, time_s)).collect::<Vec<_>>());
}

/// A processor chain around the description of a probe.
fn settings(streams: &str, probe: &str, after: &str) -> Vec<u8> {
    format!(
        r#"<SETTINGS><INFO><VERSION>0.6.7</VERSION></INFO><SIGNALCHAIN><PROCESSOR name="OneBox" nodeId="111">{streams}
        <EDITOR>{probe}</EDITOR></PROCESSOR>{after}<PROCESSOR name="Record Node" nodeId="101"><CUSTOM_PARAMETERS>
        <STREAM name="ProbeB" recording_state="101"/></CUSTOM_PARAMETERS></PROCESSOR></SIGNALCHAIN></SETTINGS>"#
    )
    .into_bytes()
}

/// Positions as probeinterface 0.3 gives them for the same settings.
#[test]
fn positions_follow_probe_map_and_selection() {
    let positions = |stream: &str, experiment: u32, channels: &[&str], name: &str, settings: Vec<u8>| {
        let mut files =
            recording(&format!("Record Node 101/experiment{experiment}/recording1"), &[(stream, 30_000.0, channels)]);
        files.push((format!("Record Node 101/{name}"), settings));
        opened(&files).streams[0].info().positions_um.clone()
    };
    let one = r#"<STREAM name="ProbeA"/>"#;
    // Places from the edge of a probe with four shanks; electrodes of the second and the fourth.
    let listed = r#"<NP_PROBE probe_part_number="NP2014"><CHANNELS CH1="0:3" CH0="0:1"/>
        <ELECTRODE_XPOS CH0="258" CH1="790"/><ELECTRODE_YPOS CH0="0" CH1="30"/></NP_PROBE>"#;
    let expected = Some(vec![[250.0, 0.0], [782.0, 30.0]]);
    let channels = ["CH0", "CH1"];
    assert_eq!(positions("OneBox-111.ProbeA", 1, &channels, "settings.xml", settings(one, listed, "")), expected);
    assert_eq!(positions("OneBox-111.ProbeA", 2, &channels, "settings_2.xml", settings(one, listed, "")), expected);
    assert_eq!(positions("OneBox-111.ProbeC", 1, &channels, "settings.xml", settings(one, listed, "")), None);
    // The same electrodes by number, in the order of a channel map.
    let selected = r#"<NP_PROBE probe_part_number="NP2014"><SELECTED_ELECTRODES CH0="1280" CH1="3845"/></NP_PROBE>"#;
    let map = r#"<PROCESSOR name="Channel Map"><STREAM name="ProbeA"/><CUSTOM_PARAMETERS><STREAM>
        <CH index="1"/><CH index="0"/></STREAM></CUSTOM_PARAMETERS></PROCESSOR>"#;
    let mapped = positions("OneBox-111.ProbeA", 1, &channels, "settings.xml", settings(one, selected, map));
    assert_eq!(mapped, Some(vec![[782.0, 30.0], [250.0, 0.0]]));
    // The second of two probes, of whose three channels two were saved; the first is switched off.
    let two = r#"<NP_PROBE isEnabled="0"/><NP_PROBE probe_part_number="NP1010"><SELECTED_ELECTRODES CH0="0" CH1="1" CH2="2"/></NP_PROBE>"#;
    let saved =
        positions("OneBox-111.ProbeB", 1, &channels, "settings.xml", settings(r#"<STREAM name="ProbeB"/>"#, two, ""));
    assert_eq!(saved, Some(vec![[16.0, 0.0], [0.0, 20.0]]));
}

/// Names of streams that neo gives stay where nothing is told of probes.
#[test]
fn settings_that_are_no_xml_are_no_trap() {
    let mut files = fixtures::open_ephys();
    for broken in ["", "<SETTINGS>", "<SETTINGS><PROCESSOR><NP_PROBE/></PROCESSOR></SETTINGS>"] {
        files.last_mut().expect("settings").1 = broken.into();
        assert_eq!(opened(&files).streams[0].info().positions_um, None, "{broken}");
    }
}
