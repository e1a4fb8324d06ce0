//! How much, how steadily and how many electrodes fire.

mod counts;
mod over_time;

use self::counts::Counts;
use self::over_time::OverTime;
use super::of_rows::{row_of_each, with_wells};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{ACTIVE_MIN_SPIKES, SpikeTrains, mean, median};
use crate::figure::{Axis, Figure, Histogram, Layer};
use crate::table::Table;

const ACTIVE_PER_MIN: ParamSpec = ParamSpec::number(
    "active_per_min",
    ("Active from", "spikes per min"),
    (0.1, 600.0),
    (0.1, 5.0),
    "5 spikes per minute: Cotterill et al. 2016, and the summary above, which keeps to it; others take 0.1 Hz, that is 6.",
);
const PRESENCE_BIN_S: ParamSpec = ParamSpec::number(
    "presence_bin_s",
    ("Present in bins of", "s"),
    (1.0, 3600.0),
    (1.0, 60.0),
    "60 s: SpikeInterface.",
);
const FANO_WINDOW_S: ParamSpec = ParamSpec::number(
    "fano_window_s",
    ("Fano windows of", "s"),
    (0.1, 60.0),
    (0.1, 1.0),
    "1 s: longer than a burst, shorter than the time between network bursts. The factor grows with the window where an electrode bursts: compare only equal windows.",
);
const RATE_BIN_S: ParamSpec = ParamSpec::number(
    "rate_bin_s",
    ("Over time in bins of", "s"),
    (0.1, 600.0),
    (0.1, 1.0),
    "1 s: network bursts are seen, single spikes are not.",
);

/// Rates, and how steady they are.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "firing",
    version: 2,
    title: "Firing",
    purpose: "How much does the culture fire, on how many electrodes, and does it stay so?",
    takes: Port::Spikes,
    gives: Port::Table,
    optional: false,
    params: &[&ACTIVE_PER_MIN, &PRESENCE_BIN_S, &FANO_WINDOW_S, &RATE_BIN_S],
    source: "Active electrodes: Cotterill et al. 2016, doi:10.1177/1087057116640520; Fano factor: Fano 1947, doi:10.1103/PhysRev.72.26; presence ratio: SpikeInterface, Buccino et al. 2020, doi:10.7554/eLife.61834",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "A rate is a number of spikes per second of the time in which an electrode was observed. An electrode is \
         active from {} spikes per minute and {ACTIVE_MIN_SPIKES} spikes in all. Rates of a culture are means and \
         medians over all its electrodes, silent ones too, and over the active ones; the weighted mean rate is all \
         spikes of the active electrodes per second in which these were observed. The presence ratio is the share of \
         bins of {} s in which an electrode fires. The variation of its rate is the standard deviation of its counts \
         in these bins divided by their mean; chance alone makes it 1 / square root of the mean count. The change of \
         its rate is that in the second half of the recorded time divided by that in the first. The Fano factor is \
         the variance of its counts in windows of {} s divided by their mean: 0 is a clock, 1 is random firing, bursts \
         make it more. Bins and windows begin with each segment, and what is left behind the last whole one is not \
         counted; of fewer than two, nothing is said of how counts vary. They are not given of an electrode that was \
         observed for a part of the time only. Those of a culture are means over its active electrodes, and its change \
         is that of all spikes of these.",
        values.text(&ACTIVE_PER_MIN),
        values.text(&PRESENCE_BIN_S),
        values.text(&FANO_WINDOW_S),
    )
}

/// Seconds below which a number of spikes is no rate, as in the summary.
const MIN_RATE_S: f64 = 1.0;

/// Rates that the histogram shows, and its bins.
const RATES_HZ: (f64, f64) = (1e-4, 1e3);
const N_BINS: usize = 35;

/// What the numbers of an electrode are counted by; times in frames.
struct Limits {
    active_per_min: f64,
    presence_bin: i64,
    fano_window: i64,
}

/// The numbers of one electrode.
struct Own {
    n_spikes: u64,
    observed_s: f64,
    rate_hz: Option<f64>,
    is_active: bool,
    presence: Option<f64>,
    fano: Option<f64>,
    variation: Option<f64>,
    /// Spikes in the two halves of the recorded time.
    halves: Option<[u64; 2]>,
}

impl Own {
    #[expect(clippy::cast_precision_loss, reason = "a count of spikes")]
    fn new(of: &SpikeTrains, channel: usize, limits: &Limits) -> Self {
        let (n_spikes, observed_s) = (of.n_spikes(channel), of.observed_s(channel));
        let is_whole = of.info().duration_s() > 0.0 && of.is_whole(channel);
        let (mut bins, mut windows) = (Counts::default(), Counts::default());
        for (train, segment) in of.of(channel).zip(&of.info().segments) {
            let n_frames = i64::try_from(segment.n_frames).unwrap_or(i64::MAX);
            bins.add(train, n_frames, limits.presence_bin);
            windows.add(train, n_frames, limits.fano_window);
        }
        Self {
            n_spikes,
            observed_s,
            rate_hz: (observed_s >= MIN_RATE_S).then(|| n_spikes as f64 / observed_s),
            is_active: observed_s > 0.0
                && n_spikes >= ACTIVE_MIN_SPIKES
                && n_spikes as f64 * 60.0 >= limits.active_per_min * observed_s,
            presence: bins.presence().filter(|_| is_whole),
            fano: windows.fano().filter(|_| is_whole),
            variation: bins.variation().filter(|_| is_whole),
            halves: is_whole.then(|| halves(of, channel)),
        }
    }

    /// The rate in the second half divided by that in the first; none where the first has no spike.
    fn change(&self) -> Option<f64> {
        self.halves.and_then(ratio)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
fn ratio([first, second]: [u64; 2]) -> Option<f64> {
    (first > 0).then(|| second as f64 / first as f64)
}

/// The reason why nothing is said of how counts vary: fewer than two whole windows, or bins, were recorded.
fn too_few(of: &SpikeTrains, values: Values<'_>, limits: &Limits) -> Option<String> {
    let n_whole = |width: i64| -> i64 {
        let n_frames = of.info().segments.iter().map(|segment| i64::try_from(segment.n_frames).unwrap_or(i64::MAX));
        n_frames.map(|n_frames| n_frames / width.max(1)).fold(0, i64::saturating_add)
    };
    let of_each = [
        ("the Fano factor", "windows", &FANO_WINDOW_S, limits.fano_window),
        ("the variation of the rate", "bins", &PRESENCE_BIN_S, limits.presence_bin),
    ];
    let reasons: Vec<String> = of_each
        .into_iter()
        .filter(|(.., width)| n_whole(*width) < 2)
        .map(|(what, windows, param, width)| {
            let found = if n_whole(width) == 0 { "none was" } else { "one was" };
            format!("{what} needs two whole {windows} of {} s, and {found} recorded", values.text(param))
        })
        .collect();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// Spikes of a channel in the first and in the second half of all segments together.
fn halves(of: &SpikeTrains, channel: usize) -> [u64; 2] {
    let n_all = i64::try_from(of.info().n_frames()).unwrap_or(i64::MAX);
    let (mut before, mut n_first) = (0_i64, 0);
    for (train, segment) in of.of(channel).zip(&of.info().segments) {
        n_first += train.partition_point(|frame| (before + frame).saturating_mul(2) < n_all) as u64;
        before = before.saturating_add(i64::try_from(segment.n_frames).unwrap_or(i64::MAX));
    }
    [n_first, of.n_spikes(channel) - n_first]
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let info = of.info();
    if info.n_channels == 0 || !(info.duration_s() > 0.0) {
        return Outcome::absent("nothing was recorded");
    }
    #[expect(clippy::cast_possible_truncation, reason = "the ranges bound it")]
    let frames = |param| (values.number(param) * of.rate_hz()).round() as i64;
    let limits = Limits {
        active_per_min: values.number(&ACTIVE_PER_MIN),
        presence_bin: frames(&PRESENCE_BIN_S),
        fano_window: frames(&FANO_WINDOW_S),
    };
    let own: Vec<Own> = (0..info.n_channels).map(|channel| Own::new(of, channel, &limits)).collect();
    let is_active: Vec<bool> = own.iter().map(|own| own.is_active).collect();
    let width = frames(&RATE_BIN_S);
    let of_each = OverTime::of_cultures(of, &is_active, width);
    let drawn = match of_each.as_slice() {
        [one] => one.figure(of),
        _ => OverTime::new(of, &is_active, width).figure(of),
    };
    Outcome {
        tables: vec![cultures(of, &own), electrodes(of, &own), OverTime::table(of, &of_each)],
        figures: vec![drawn, rates(&own, limits.active_per_min)],
        absent: too_few(of, values, &limits),
    }
}

/// A row for each electrode.
fn electrodes(of: &SpikeTrains, own: &[Own]) -> Table {
    let info = of.info();
    let table = Table::new("electrodes", "Electrodes")
        .texts(("electrode", "Electrode"), (0..own.len()).map(|at| info.channel_label(at).to_owned()));
    let table = with_wells(table, of, 0..own.len());
    let is_active = |own: &Own| if own.is_active { "yes" } else { "no" };
    table
        .counts(("n_spikes", "Spikes"), own.iter().map(|own| own.n_spikes))
        .numbers(("rate_hz", "Rate", "Hz"), own.iter().map(|own| own.rate_hz))
        .texts(("active", "Active"), own.iter().map(|own| is_active(own).to_owned()))
        .numbers(("presence_ratio", "Presence ratio", ""), own.iter().map(|own| own.presence))
        .numbers(("fano_factor", "Fano factor", ""), own.iter().map(|own| own.fano))
        .numbers(("rate_second_to_first_half", "Change of the rate", ""), own.iter().map(Own::change))
        .numbers(("cv_rate", "Variation of the rate", ""), own.iter().map(|own| own.variation))
}

/// A row for each culture.
#[expect(clippy::cast_precision_loss, reason = "counts of spikes and electrodes")]
fn cultures(of: &SpikeTrains, own: &[Own]) -> Table {
    let all: Vec<Vec<&Own>> = of
        .cultures()
        .iter()
        .filter(|culture| !culture.is_empty())
        .map(|culture| culture.iter().map(|at| &own[*at]).collect())
        .collect();
    let active: Vec<Vec<&Own>> =
        all.iter().map(|culture| culture.iter().copied().filter(|own| own.is_active).collect()).collect();
    let over = |cultures: &[Vec<&Own>], value: &dyn Fn(&[&Own]) -> Option<f64>| -> Vec<Option<f64>> {
        cultures.iter().map(|culture| value(culture)).collect()
    };
    let mean_rate = |culture: &[&Own]| mean(culture.iter().filter_map(|own| own.rate_hz));
    let median_rate = |culture: &[&Own]| median(culture.iter().filter_map(|own| own.rate_hz));
    let weighted = |culture: &[&Own]| {
        let observed_s: f64 = culture.iter().map(|own| own.observed_s).sum();
        let n_spikes: u64 = culture.iter().map(|own| own.n_spikes).sum();
        (observed_s >= MIN_RATE_S).then(|| n_spikes as f64 / observed_s)
    };
    let change = |culture: &[&Own]| {
        let halves = culture.iter().filter_map(|own| own.halves);
        ratio(halves.fold([0_u64, 0], |sum, own| [sum[0] + own[0], sum[1] + own[1]]))
    };
    let firsts = of.cultures().iter().filter_map(|culture| culture.first().copied());
    let table = row_of_each(of, ("culture", "Culture"), firsts)
        .counts(("n_electrodes", "Electrodes"), all.iter().map(|culture| culture.len() as u64))
        .counts(("active_electrodes", "Active electrodes"), active.iter().map(|culture| culture.len() as u64))
        .numbers(
            ("percent_active", "Share of active electrodes", "%"),
            all.iter().zip(&active).map(|(all, active)| Some(active.len() as f64 * 100.0 / all.len() as f64)),
        )
        .counts(("n_spikes", "Spikes"), all.iter().map(|culture| culture.iter().map(|own| own.n_spikes).sum::<u64>()));
    table
        .numbers(("mean_rate_hz", "Mean rate of all electrodes", "Hz"), over(&all, &mean_rate))
        .numbers(("median_rate_hz", "Median rate of all electrodes", "Hz"), over(&all, &median_rate))
        .numbers(("mean_rate_active_hz", "Mean rate of active electrodes", "Hz"), over(&active, &mean_rate))
        .numbers(("median_rate_active_hz", "Median rate of active electrodes", "Hz"), over(&active, &median_rate))
        .numbers(("weighted_mean_rate_hz", "Weighted mean rate", "Hz"), over(&active, &weighted))
        .numbers(
            ("presence_ratio", "Presence ratio", ""),
            over(&active, &|culture| mean(culture.iter().filter_map(|own| own.presence))),
        )
        .numbers(
            ("fano_factor", "Fano factor", ""),
            over(&active, &|culture| mean(culture.iter().filter_map(|own| own.fano))),
        )
        .numbers(("rate_second_to_first_half", "Change of the rate", ""), over(&active, &change))
        .numbers(
            ("cv_rate", "Variation of the rate", ""),
            over(&active, &|culture| mean(culture.iter().filter_map(|own| own.variation))),
        )
}

/// How the rates of electrodes spread, by their logarithm.
fn rates(own: &[Own], active_per_min: f64) -> Figure {
    let rates: Vec<f64> = own.iter().filter_map(|own| own.rate_hz).filter(|rate_hz| *rate_hz > 0.0).collect();
    let (n_firing, n_active) =
        (own.iter().filter(|own| own.n_spikes > 0).count(), own.iter().filter(|own| own.is_active).count());
    let x = Axis::log("Rate of an electrode", "Hz", RATES_HZ);
    let histogram = Histogram::new(rates.iter().copied(), &x, N_BINS);
    let middle =
        median(rates.iter().copied()).map_or_else(String::new, |rate_hz| format!(", the median at {rate_hz:.3} Hz"));
    let untold = match n_firing - rates.len() {
        0 => String::new(),
        n => format!("; {n} were observed for less than {MIN_RATE_S} s, which is too short for a rate"),
    };
    Figure {
        id: "rates".into(),
        title: "Rates of the electrodes".into(),
        sentence: format!("{n_firing} of {} electrodes fire{middle}; {n_active} are active{untold}.", own.len()),
        x,
        y: Axis::linear("Electrodes", "", (0.0, histogram.most().max(1.0))),
        layers: vec![histogram.bars(), Layer::Limit { at: active_per_min / 60.0 }],
    }
}
