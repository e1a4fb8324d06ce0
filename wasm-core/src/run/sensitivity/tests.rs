//! Peaks of known sizes, so that every number has a closed form.

use super::*;
use crate::figure::{Layer, svg};
use crate::recording::FrameSource;
use crate::run::{RecordingSummary, SliceResult, reduce};
use crate::simulation::{Simulation, SimulationSpec};

const N_CHANNELS: usize = 16;
const NOISE_UV: [f32; N_CHANNELS] = [1.0; N_CHANNELS];

/// 100 peaks of each electrode in 40 s, their sizes in turn, over a noise of 1 µV.
fn swept(sizes_uv: [f32; 2]) -> (Engine, Vec<Spike>) {
    let spec = SimulationSpec { n_channels: N_CHANNELS, sampling_frequency_hz: 20_000.0, duration_s: 40.0, seed: 5 };
    let engine = Engine::new(Simulation::new(spec).info(), &Pipeline::default()).expect("valid");
    let peak = |at: i64, channel: u32| Spike {
        segment_index: 0,
        sample_index: at * 7919 + i64::from(channel) * 400,
        channel_index: channel,
        amplitude_uv: -sizes_uv[usize::from(at % 2 == 1)],
    };
    let peaks = (0..100).flat_map(|at| (0..16).map(move |channel| (at, channel)));
    let mut peaks: Vec<Spike> = peaks.map(|(at, channel)| peak(at, channel)).collect();
    peaks.sort_by_key(Spike::key);
    (engine, peaks)
}

fn of(sizes_uv: [f32; 2]) -> Sensitivity {
    let (engine, peaks) = swept(sizes_uv);
    sensitivity(&AboveFloor { engine: &engine, peaks: &peaks, noise_uv: &NOISE_UV })
}

/// What is said of the five numbers.
fn changes(of: &Sensitivity) -> [Option<Change>; 5] {
    headline_numbers(40.0).map(|number| of.change(&number))
}

#[test]
fn above_all_peaks_there_are_no_spikes_and_numbers_are_absent() {
    let of = of([4.2, 4.2]);
    let [first, others @ ..] = of.at() else { panic!("thresholds") };
    assert_eq!((first.threshold, first.headline.n_spikes, first.headline.active_electrodes), (4.0, 1600, 16));
    assert_eq!((first.headline.mean_rate_hz, first.headline.bursts_per_min), (Some(2.5), Some(0.0)));
    assert_eq!(others.len(), 8);
    for AtThreshold { threshold, headline } in others {
        assert_eq!((headline.n_spikes, headline.active_electrodes, headline.n_bursts), (0, 0, 0), "{threshold}");
        let absent = [
            headline.mean_rate_hz,
            headline.bursts_per_min,
            headline.network_bursts_per_min,
            headline.network_bursts_per_min_shifted,
            headline.synchrony_sttc,
        ];
        assert_eq!(absent, [None; 5], "{threshold}");
        assert_eq!(headline.absent["mean_rate_hz"], "no active electrodes");
    }
    // None is active at any threshold that is compared; of what is absent nothing is said.
    assert_eq!(changes(&of), [Some(Change::Hardly), None, None, None, None]);
    let csv = of.table().to_csv();
    assert!(csv.starts_with("threshold_x_noise,n_spikes,active_electrodes,mean_rate_hz,n_bursts,"), "{csv}");
    assert!(csv.lines().nth(2).is_some_and(|line| line.starts_with("4.5,0,0,,0,,,,,")), "{csv}");
    assert_eq!(csv.lines().count(), 10);
}

#[test]
fn peaks_far_above_all_thresholds_are_flat() {
    let of = of([100.0, 90.0]);
    assert!(of.at().windows(2).all(|pair| pair[0].headline == pair[1].headline));
    assert_eq!(changes(&of)[..3], [Some(Change::Hardly); 3]);
    assert!(of.at().iter().all(|at| at.headline.mean_rate_hz == Some(2.5)));
}

#[test]
fn every_other_peak_between_two_thresholds_halves_the_rate() {
    let of = of([100.0, 5.2]);
    let rates: Vec<Option<f64>> = of.at().iter().map(|at| at.headline.mean_rate_hz).collect();
    assert_eq!(rates, [[Some(2.5); 3].as_slice(), &[Some(1.25); 6]].concat());
    assert_eq!(changes(&of)[..2], [Some(Change::Hardly), Some(Change::ByPercent(50.0))]);
}

#[test]
fn a_number_that_is_lost_on_the_way_depends_on_the_threshold() {
    assert_eq!(changes(&of([5.2, 5.2]))[..3], [Some(Change::Depends); 3]);
    // As long as a threshold is missing, nothing is said.
    let of = of([5.2, 5.2]);
    let part = Sensitivity::new(of.at().iter().filter(|at| at.threshold != 5.5).cloned().collect());
    assert_eq!(changes(&part), [None; 5]);
}

#[test]
fn the_numbers_are_those_of_a_run() {
    let (engine, peaks) = swept([100.0, 4.6]);
    let above = AboveFloor { engine: &engine, peaks: &peaks, noise_uv: &NOISE_UV };
    for threshold in [4.5, 5.0, 6.0] {
        let mut pipeline = Pipeline::default();
        pipeline.set("detect_peaks", "detect_threshold", threshold.into());
        let run = Engine::new(engine.info(), &pipeline).expect("valid");
        let whole = SliceResult { peaks: peaks.clone(), ..SliceResult::empty(&run) };
        let described = RecordingSummary::new("peaks", "simulated", engine.info(), &[], &[]);
        let result = reduce(&run, &pipeline, described, &NOISE_UV, whole);
        assert_eq!(above.at(threshold).headline, result.summary.headline, "{threshold}");
    }
}

#[test]
fn thresholds_begin_at_the_floor() {
    assert_eq!(thresholds_from(4.0).len(), 9);
    assert_eq!(thresholds_from(3.0).first(), Some(&4.0));
    assert_eq!(thresholds_from(7.2), [7.5, 8.0]);
}

#[test]
fn figures_draw_what_is_known_and_where_the_threshold_is() {
    for sizes_uv in [[4.2, 4.2], [100.0, 5.2], [5.2, 5.2]] {
        let of = of(sizes_uv);
        for present in [of.at()[2].clone(), AtThreshold { threshold: 12.0, headline: of.at()[8].headline.clone() }] {
            for number in headline_numbers(40.0) {
                let figure = of.figure(&number, &present);
                let picture = svg(&figure, (160.0, 96.0), None);
                roxmltree::Document::parse(&picture).expect("XML");
                assert!(!picture.contains("NaN") && !picture.contains("inf"), "{picture}");
                assert!(figure.sentence.ends_with(" x noise."), "{}", figure.sentence);
                assert_eq!(figure.x.range, (4.0, present.threshold.max(8.0)));
            }
        }
    }
    let half = of([100.0, 5.2]);
    let rate = half.figure(&headline_numbers(40.0)[1], &half.at()[2]);
    assert_eq!(rate.id, "sensitivity_mean_rate_hz");
    assert_eq!(
        rate.sentence,
        "From 2.5 Hz at 4 x noise to 1.25 Hz at 8 x noise. Between 4.5 and 6 x noise it changes by 50 %. The line is the \
         threshold of 5 x noise."
    );
    // Nothing was counted yet: the present number alone.
    let none = Sensitivity::default().figure(&headline_numbers(40.0)[1], &half.at()[2]);
    assert!(none.sentence.starts_with("No threshold was looked at yet."), "{}", none.sentence);
    assert!(none.layers.contains(&Layer::Points { points: vec![(5.0, 2.5)] }), "{:?}", none.layers);
}
