//! Peaks of known sizes, so that every rate has a closed form.

use super::*;
use crate::analyses::garwood;
use crate::figure::{Figure, Layer, svg};
use crate::pipeline::Block;
use crate::recording::FrameSource;
use crate::simulation::{Simulation, SimulationSpec};

const N_CHANNELS: usize = 16;

fn engine(duration_s: f64, pipeline: &Pipeline) -> Engine {
    let spec = SimulationSpec { n_channels: N_CHANNELS, sampling_frequency_hz: 20_000.0, duration_s, seed: 5 };
    Engine::new(Simulation::new(spec).info(), pipeline).expect("valid")
}

/// So many peaks of each electrode, a quarter of a second apart, of sizes in microvolts that take turns.
fn peaks(n: i64, sizes_uv: &[f32]) -> Vec<Spike> {
    let peak = |at: i64, channel: u32| Spike {
        segment_index: 0,
        sample_index: at * 5000 + i64::from(channel) * 300,
        channel_index: channel,
        amplitude_uv: -sizes_uv[usize::try_from(at).unwrap_or_default() % sizes_uv.len()],
    };
    let mut peaks: Vec<Spike> = (0..n)
        .flat_map(|at| (0..16).map(move |channel| (at, channel)))
        .map(|(at, channel)| peak(at, channel))
        .collect();
    peaks.sort_by_key(Spike::key);
    peaks
}

/// A minute of silence with 8 peaks of each electrode, of which half are just beyond 4.5 and half beyond 5.5 µV,
/// beside a minute with 40 peaks each of 100 µV.
fn counts(silent_uv: f32, active_uv: f32) -> CalibrationCounts {
    let engine = engine(60.0, &Pipeline::default());
    let (silent, active) = (peaks(8, &[4.55, 5.55]), peaks(40, &[100.0]));
    let (silent_uv, active_uv) = ([silent_uv; N_CHANNELS], [active_uv; N_CHANNELS]);
    let silent = AboveFloor { engine: &engine, peaks: &silent, noise_uv: &silent_uv };
    let active = AboveFloor { engine: &engine, peaks: &active, noise_uv: &active_uv };
    calibration(&silent, &active).expect("the same array")
}

#[test]
fn the_threshold_is_the_lowest_from_which_on_the_rate_is_accepted() {
    let counts = counts(1.0, 1.0);
    assert_eq!((counts.at.len(), counts.at[0].threshold, counts.at[110].threshold), (111, 4.0, 15.0));
    assert_eq!((counts.n_electrodes, counts.noise_uv, counts.n_bursts), (16, (1.0, 1.0), (0, 0)));
    // Eight per minute up to 4.5 x noise, four up to 5.5, none above.
    for (limit, threshold) in [(8.0, 4.0), (7.9, 4.6), (4.0, 4.6), (3.9, 5.6), (0.0, 5.6)] {
        assert_eq!(counts.at_rate(limit).threshold(), Some(threshold), "{limit}");
    }
    assert_eq!(counts.at_rate(-1.0).threshold(), None);
    assert_eq!(counts.at_rate(f64::NAN).threshold(), None);
    let found = counts.at_rate(4.0);
    let at = found.chosen.expect("a threshold");
    assert_eq!((at.n_silent, at.n_active, at.n_silent_same_uv, at.n_silent_of_one), (64, 640, Some(64), 4));
    let told = found.sentence();
    assert!(told.starts_with("From 4.6 x noise on, the silent recording has no more than 4 spikes"), "{told}");
    // The exact interval of 64 spikes in 16 minutes of electrodes, and a tenth of 40 per minute.
    assert!(told.contains("There it has 4 (95 %: 3.08 to 5.11)."), "{told}");
    assert!(told.contains("The active recording has 40, of which 10 % (95 %: 7.7 to 12.8 %"), "{told}");
    assert!(found.warnings().is_empty(), "{:?}", found.warnings());
    assert!(counts.at_rate(1.0).sentence().contains("no more than 1 spike per minute and electrode"));
    assert!(counts.at_rate(8.0).sentence().contains("a lower threshold may do as well"));
    assert!(counts.at_rate(-1.0).sentence().starts_with("There is no such threshold: even at 15 x noise"));
}

#[test]
fn the_table_has_a_row_for_each_threshold_and_no_number_that_is_not_known() {
    let counts = counts(1.0, 1.0);
    let csv = counts.table().to_csv();
    let row = csv.lines().nth(7).expect("a row");
    let high = garwood(64).high / 16.0;
    assert!(row.starts_with("4.6,64,4,") && row.contains(&format!(",{high},640,40,0.1,4")), "{row}");
    assert!(!csv.contains("NaN") && !csv.contains("inf"), "{csv}");
    assert_eq!(csv.lines().count(), 112);
    // Where the active recording has nothing, there is no share.
    let engine = engine(60.0, &Pipeline::default());
    let (own, noise_uv) = (peaks(8, &[6.0]), [1.0; N_CHANNELS]);
    let silent = AboveFloor { engine: &engine, peaks: &own, noise_uv: &noise_uv };
    let nothing = AboveFloor { engine: &engine, peaks: &[], noise_uv: &noise_uv };
    let empty = calibration(&silent, &nothing).expect("the same array");
    assert!(empty.at_rate(8.0).sentence().contains("The active recording has no spikes there."));
    let silence = calibration(&nothing, &nothing).expect("the same array");
    assert_eq!(silence.at_rate(1.0).threshold(), Some(4.0));
    for counts in [&empty, &silence] {
        let csv = counts.table().to_csv();
        assert!(!csv.contains("NaN") && !csv.contains("inf"), "{csv}");
    }
}

#[test]
fn thresholds_are_of_each_recordings_own_noise_and_microvolts_are_told_beside() {
    // Twice the noise in the active recording: 4.6 x noise are 9.2 µV there, beyond all peaks of the silent one.
    let louder = counts(1.0, 2.0);
    let found = louder.at_rate(4.0);
    assert_eq!(found.chosen.map(|at| (at.n_silent, at.n_silent_same_uv)), Some((64, Some(0))));
    assert!(found.noise_words().contains("1 µV in the silent one, 2 µV in the active one"), "{}", found.noise_words());
    assert!(found.noise_words().ends_with("the silent one has 0."), "{}", found.noise_words());
    assert!(found.warnings().iter().any(|told| told.contains("differs by a factor of 2")), "{:?}", found.warnings());
    // Half of it: some of what lies beyond the same microvolts was not kept.
    let quieter = counts(1.0, 0.5);
    let at = |threshold: f64| quieter.at.iter().find(|at| at.threshold == threshold).expect("counted");
    assert_eq!(at(5.0).n_silent_same_uv, None);
    assert_eq!(at(8.0).n_silent_same_uv, Some(128));
    assert_eq!(at(10.0).n_silent_same_uv, Some(64));
}

#[test]
fn what_speaks_against_it_is_said() {
    let engine = engine(60.0, &Pipeline::default());
    let noise_uv = [1.0; N_CHANNELS];
    // Five spikes within 40 ms on one electrode: a burst.
    let burst = |at: i64| Spike { segment_index: 0, sample_index: at * 200, channel_index: 3, amplitude_uv: -9.0 };
    let (bursting, active) = ((0..12).map(burst).collect::<Vec<Spike>>(), peaks(2, &[100.0]));
    let silent = AboveFloor { engine: &engine, peaks: &bursting, noise_uv: &noise_uv };
    let active = AboveFloor { engine: &engine, peaks: &active, noise_uv: &noise_uv };
    let counts = calibration(&silent, &active).expect("the same array");
    assert_eq!(counts.n_bursts, (1, 0));
    let told = counts.at_rate(1.0).warnings().join(" ");
    assert!(told.contains("it has 1 burst and 0 network bursts at 5 x noise"), "{told}");
    assert!(told.contains("One electrode has 12 of the 12 false spikes"), "{told}");
    let told = counts.at_rate(0.1).warnings().join(" ");
    assert!(told.contains("at the stated rate it has 1.6 false spikes in all"), "{told}");
    // Exchanged: the silent one has more.
    let exchanged = calibration(&active, &AboveFloor { peaks: &[], ..silent }).expect("the same array");
    assert!(exchanged.at_rate(2.0).warnings().is_empty(), "no spikes, no share");
    let twice = peaks(4, &[100.0]);
    let counts = calibration(&AboveFloor { peaks: &twice, ..silent }, &active).expect("the same array");
    assert!(counts.at_rate(4.0).warnings().join(" ").contains("Look whether the two were exchanged"));
}

#[test]
fn a_silent_recording_that_fires_is_told() {
    let engine = engine(60.0, &Pipeline::default());
    let noise_uv = [1.0; N_CHANNELS];
    let (few, many) = (peaks(4, &[9.0]), peaks(6, &[9.0]));
    let told = |silent: &[Spike]| {
        let silent = AboveFloor { engine: &engine, peaks: silent, noise_uv: &noise_uv };
        let active = AboveFloor { peaks: &many, ..silent };
        calibration(&silent, &active).expect("the same array").at_rate(8.0).warnings().join(" ")
    };
    // Four and six per minute: from five on an electrode is active.
    assert!(!told(&few).contains("fires"), "{}", told(&few));
    let fires = "it has 6 spikes per minute and electrode at 5 x noise, and the active one 6. From 5 on";
    assert!(told(&many).contains(fires), "{}", told(&many));
}

#[test]
fn another_rate_and_another_array_are_told() {
    let engine = |n_channels: usize, sampling_frequency_hz: f64| {
        let spec = SimulationSpec { n_channels, sampling_frequency_hz, duration_s: 60.0, seed: 5 };
        Engine::new(Simulation::new(spec).info(), &Pipeline::default()).expect("valid")
    };
    let (slow, small, whole) = (engine(16, 10_000.0), engine(12, 20_000.0), engine(16, 20_000.0));
    let (noise_uv, peaks) = ([1.0; N_CHANNELS], peaks(2, &[9.0]));
    let active = AboveFloor { engine: &whole, peaks: &peaks, noise_uv: &noise_uv };
    let told = |silent: &Engine| {
        let silent = AboveFloor { engine: silent, peaks: &[], noise_uv: &noise_uv[..silent.info().n_channels] };
        calibration(&silent, &active).expect("electrodes in common").at_rate(8.0).warnings()
    };
    let rates =
        "The two recordings have different sampling rates: 10,000 Hz in the silent one, 20,000 Hz in the active";
    assert!(told(&slow).iter().any(|told| told.starts_with(rates)), "{:?}", told(&slow));
    let arrays = "different numbers of electrodes, 12 in the silent one and 16 in the active one";
    assert!(told(&small).iter().any(|told| told.contains(arrays)), "{:?}", told(&small));
    assert_eq!(told(&whole), Vec::<String>::new());
}

#[test]
fn electrodes_are_matched_by_their_names() {
    let mut without = Pipeline::default();
    let whole = engine(60.0, &Pipeline::default());
    let ids = whole.info().channel_ids.clone();
    without.set("bad_channels", "channel_ids", ids[..2].to_vec().into());
    let part = engine(60.0, &without);
    let own = peaks(8, &[6.0]);
    let mut noise_uv = [1.0; N_CHANNELS];
    // A dead electrode has no noise.
    noise_uv[5] = 0.0;
    let silent = AboveFloor { engine: &whole, peaks: &own, noise_uv: &noise_uv };
    let active = AboveFloor { engine: &part, peaks: &own, noise_uv: &[1.0; N_CHANNELS] };
    let counts = calibration(&silent, &active).expect("electrodes in common");
    assert_eq!((counts.n_electrodes, counts.at[0].n_silent, counts.at[0].n_active), (13, 104, 104));
    let told = counts.at_rate(8.0).warnings().join(" ");
    assert!(told.contains("Counted are the 13 electrodes that work in both recordings"), "{told}");
    let dead = AboveFloor { noise_uv: &[0.0; N_CHANNELS], ..silent };
    assert_eq!(calibration(&dead, &active), Err(CalibrationError::NoCommonElectrode));
}

#[test]
fn another_search_is_refused_with_what_is_different() {
    let plain = Pipeline::default();
    let mut other = plain.with_analyses();
    other.set("detect_peaks", "detect_threshold", 6.5.into());
    other.set("bad_channels", "channel_ids", vec!["3"].into());
    assert_eq!(same_search(&plain, &other), Ok(()), "thresholds and electrodes may differ");
    other.set("filter", "freq_min_hz", 200.into());
    let refused = same_search(&other, &plain).expect_err("another filter").to_string();
    assert!(refused.contains("200") && refused.contains("300"), "{refused}");
    assert_eq!(same_search(&Pipeline::empty(), &plain), Err(CalibrationError::NoThreshold));
}

#[test]
fn what_has_no_part_in_the_spikes_may_differ() {
    let plain = Pipeline::default();
    let mut with_field = plain.clone();
    with_field.add("field_potentials");
    assert_eq!((same_search(&plain, &with_field), same_search(&with_field, &plain)), (Ok(()), Ok(())));
    let mut two = plain.with_analyses();
    let first = two.block("detect_peaks").expect("a detection").clone();
    let behind = two.blocks.iter().position(Block::is_analysis).expect("analyses");
    two.blocks.insert(behind, Block { id: "second".into(), ..first });
    two.set_by_id("second", "peak_sign", "pos".into());
    assert_eq!(two.check(), Ok(()));
    assert_eq!((same_search(&plain, &two), same_search(&two, &plain)), (Ok(()), Ok(())));
    let mut other = two.clone();
    other.set("detect_peaks", "peak_sign", "both".into());
    assert!(matches!(same_search(&other, &two), Err(CalibrationError::OtherSearch { .. })));
}

#[test]
fn figures_draw_what_is_known() {
    let counts = counts(1.0, 1.0);
    for limit in [4.0, 0.0, -1.0, 1000.0] {
        let figure = counts.at_rate(limit).figure();
        let picture = svg(&figure, (720.0, 360.0), None);
        roxmltree::Document::parse(&picture).expect("XML");
        assert!(!picture.contains("NaN") && !picture.contains("inf"), "{picture}");
        assert!(figure.y.range.0 > 0.0 && figure.y.range.1 > figure.y.range.0, "{:?}", figure.y);
    }
    let figure = counts.at_rate(4.0).figure();
    assert_eq!((figure.x.range, figure.layers.last()), ((4.0, 8.0), Some(&Layer::Limit { at: 4.6 })));
    // Each recording is a curve of its own, with its name; a rate of zero has no level line on an axis without zero.
    let curves = |figure: &Figure| -> Vec<(String, u8, usize)> {
        let curve = |layer: &Layer| match layer {
            Layer::Series { name, number, points } => Some((name.clone(), *number, points.len())),
            _ => None,
        };
        figure.layers.iter().filter_map(curve).collect()
    };
    // From 4 to 8 x noise in tenths there are 41 thresholds, from 4 to 5.5 there are 16.
    let expected = [("Active recording", 0, 41), ("Silent recording", 1, 16), ("Accepted rate", 2, 2)];
    assert_eq!(curves(&figure), expected.map(|(name, number, n)| (name.to_owned(), number, n)));
    assert_eq!(curves(&counts.at_rate(0.0).figure()).last(), Some(&("Accepted rate".to_owned(), 2, 0)));
    assert_eq!(counts.at_rate(4.0).missing(), None);
}

#[test]
fn a_recording_without_a_curve_says_why() {
    let engine = engine(60.0, &Pipeline::default());
    let (own, noise_uv) = (peaks(8, &[6.0]), [1.0; N_CHANNELS]);
    let some = AboveFloor { engine: &engine, peaks: &own, noise_uv: &noise_uv };
    let nothing = AboveFloor { engine: &engine, peaks: &[], noise_uv: &noise_uv };
    for (silent, active, told) in [
        (&nothing, &some, "The silent recording has no curve"),
        (&some, &nothing, "The active recording has no curve"),
        (&nothing, &nothing, "There are no curves"),
    ] {
        let counts = calibration(silent, active).expect("the same array");
        let missing = counts.at_rate(1.0).missing();
        assert!(missing.is_some_and(|missing| missing.starts_with(told)), "{missing:?}");
    }
}
