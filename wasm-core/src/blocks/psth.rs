//! How electrodes respond to the events of a recording, such as stimuli.

mod figures;
mod of_events;
mod tables;

use std::cmp::Ordering;

use self::of_events::{OfEvents, chosen};
use self::tables::{cultures, electrodes, kinds, trials};
use super::of_bursts::deviation;
use super::of_pairs::{frames, ms};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{Response, SignedRank, SpikeTrains, TrialBins, benjamini_hochberg, median};

const KINDS: ParamSpec = ParamSpec::choice(
    "kinds",
    "Kinds of events",
    &[("label", "By source and label"), ("source", "By source alone")],
    "By both: pulses of two lines, or two messages, are two stimuli. By the source alone where each event has a label of its own, such as a number.",
);
const KIND: ParamSpec = ParamSpec::number(
    "kind",
    ("Kind, by how often it occurs", ""),
    (1.0, 100.0),
    (1.0, 1.0),
    "1: the kind that occurs most often. The table of events numbers them.",
);
const BEFORE_MS: ParamSpec = ParamSpec::number(
    "before_ms",
    ("Before", "ms"),
    (10.0, 10_000.0),
    (10.0, 500.0),
    "500 ms: as long as behind the event, so that all of both is compared.",
);
const AFTER_MS: ParamSpec = ParamSpec::number(
    "after_ms",
    ("Behind", "ms"),
    (10.0, 10_000.0),
    (10.0, 500.0),
    "500 ms: single responses of cultures take some tens of milliseconds, the network bursts that they set off some hundreds.",
);
const BIN_MS: ParamSpec = ParamSpec::number(
    "bin_ms",
    ("Bins of", "ms"),
    (0.5, 200.0),
    (0.5, 5.0),
    "5 ms: early responses, within 20 ms, are told from late ones.",
);
const BLANK_MS: ParamSpec = ParamSpec::number(
    "blank_ms",
    ("Leave out within", "ms"),
    (0.0, 100.0),
    (0.5, 5.0),
    "5 ms: a current pulse makes amplifiers ring for some milliseconds, and a filter that runs both ways makes that ring before the pulse as well. 0 ms for light, sound and drugs.",
);

/// Fewest trials; with five no electrode can stand out, with six one can.
const MIN_TRIALS: usize = 5;

/// The share of false ones that may be among the electrodes that respond.
const ALPHA: f64 = 0.05;

/// Responses to events.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "psth",
    version: 1,
    title: "Responses to events (PSTH)",
    purpose: "Which electrodes respond to a stimulus or another event of the recording, how strongly, and how fast?",
    takes: Port::Spikes,
    gives: Port::Table,
    optional: true,
    params: &[&KINDS, &KIND, &BEFORE_MS, &AFTER_MS, &BIN_MS, &BLANK_MS],
    source: "Histogram: Gerstein & Kiang 1960, doi:10.1016/S0006-3495(60)86872-5; signed ranks: Wilcoxon 1945, doi:10.2307/3001968; many electrodes: Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    let kinds = if values.name(&KINDS) == "source" { "source" } else { "source and label" };
    format!(
        "Events of one {kinds} are a kind; the kind number {} by how often it occurs is looked at. An event makes a trial \
         where the {} ms before it and the {} ms behind it lie within one segment of the recording, and begin behind \
         the window of the trial before; the other events are left out and counted. Spikes within {} ms of the event \
         count nowhere. The baseline is the rate before the event, the response that behind it, over all trials. \
         Whether an electrode responds is told by Wilcoxon's signed ranks over the trials: spikes behind the event less \
         spikes before it, in stretches of equal length next to it, two-sided, exact where that is quick and by a normal \
         distribution elsewhere. A trial counts as one, so that a burst in a single trial makes no response; with five \
         trials p cannot fall below 0.06. p is adjusted for all electrodes together (Benjamini and Hochberg), those of a \
         whole culture for all cultures; up to {ALPHA} the electrode is said to respond. The first spike is that behind \
         the event; its latency is the median and its jitter the standard deviation over the trials that have one, and \
         the response probability their share. The histogram has bins of {} ms, one of which begins at the event.",
        values.text(&KIND),
        values.text(&BEFORE_MS),
        values.text(&AFTER_MS),
        values.text(&BLANK_MS),
        values.text(&BIN_MS),
    )
}

/// What spikes do around the events, of one electrode or of all of a culture.
struct Own {
    n_before: u64,
    n_after: u64,
    n_blanked: u64,
    /// Trials with a spike behind the event, and before it.
    n_with: u64,
    n_with_before: u64,
    /// Of the first spike behind the event.
    latency_ms: Option<f64>,
    jitter_ms: Option<f64>,
    test: Option<SignedRank>,
    /// Probability of the test, adjusted for all electrodes together.
    adjusted: Option<f64>,
}

impl Own {
    fn new(of: &SpikeTrains, response: &Response) -> Self {
        let latencies: Vec<f64> = response.latencies.iter().map(|latency| ms(of, *latency)).collect();
        Self {
            n_before: response.n_before,
            n_after: response.n_after,
            n_blanked: response.n_blanked,
            n_with: response.latencies.len() as u64,
            n_with_before: response.n_with_before,
            jitter_ms: deviation(&latencies),
            latency_ms: median(latencies),
            test: SignedRank::new(&response.differences),
            adjusted: None,
        }
    }

    /// Where it responds, whether it fires more or less.
    fn responds(&self) -> Option<Ordering> {
        let side = self.test?.side;
        (self.adjusted? <= ALPHA && side != Ordering::Equal).then_some(side)
    }
}

/// Adjusts the probabilities of some for all of them together.
fn adjust(all: &mut [&mut Own]) {
    let known: Vec<f64> = all.iter().filter_map(|own| own.test).map(|test| test.p).collect();
    let tested = all.iter_mut().filter(|own| own.test.is_some());
    for (own, adjusted) in tested.zip(benjamini_hochberg(&known)) {
        own.adjusted = Some(adjusted);
    }
}

/// A culture, and its spikes as those of one electrode.
struct Culture {
    channels: Vec<usize>,
    all: Own,
}

/// The trials and what the electrodes do in them.
struct Found {
    events: OfEvents,
    bins: TrialBins,
    /// None of an electrode that was observed for a part of the time.
    electrodes: Vec<Option<Own>>,
    cultures: Vec<Culture>,
}

impl Found {
    fn new(of: &SpikeTrains, events: OfEvents, bin: i64) -> Self {
        let (trials, window) = (&events.trials, events.window);
        let mut electrodes: Vec<Option<Own>> = std::iter::repeat_with(|| None).take(of.info().n_channels).collect();
        let mut cultures = Vec::new();
        for culture in of.cultures().iter().filter(|culture| !culture.is_empty()) {
            let mut sum = Response { differences: vec![0; trials.places.len()], ..Response::default() };
            let channels = of.throughout(culture);
            for channel in &channels {
                let response = Response::new(&of.of(*channel).collect::<Vec<_>>(), trials, window);
                sum.n_before += response.n_before;
                sum.n_after += response.n_after;
                sum.n_blanked += response.n_blanked;
                for (all, own) in sum.differences.iter_mut().zip(&response.differences) {
                    *all += own;
                }
                electrodes[*channel] = Some(Own::new(of, &response));
            }
            if !channels.is_empty() {
                cultures.push(Culture { channels, all: Own::new(of, &sum) });
            }
        }
        adjust(&mut electrodes.iter_mut().flatten().collect::<Vec<_>>());
        adjust(&mut cultures.iter_mut().map(|culture| &mut culture.all).collect::<Vec<_>>());
        let bins = TrialBins::new(window, bin);
        Self { events, bins, electrodes, cultures }
    }

    fn own(&self, channel: usize) -> Option<&Own> {
        self.electrodes.get(channel).and_then(Option::as_ref)
    }

    /// Electrodes of a culture that fire more behind the event, or less.
    fn n_that(&self, culture: &Culture, side: Ordering) -> u64 {
        let responds = |channel: &&usize| self.own(**channel).and_then(Own::responds) == Some(side);
        culture.channels.iter().filter(responds).count() as u64
    }

    /// Electrodes of a culture that respond.
    fn n_responding(&self, culture: &Culture) -> u64 {
        self.n_that(culture, Ordering::Greater) + self.n_that(culture, Ordering::Less)
    }

    /// Of spikes in all trials the rates before and behind the event.
    fn rates_hz(&self, of: &SpikeTrains, own: &Own) -> (f64, f64) {
        let rate = |n: u64, n_frames: i64| self.per_trial(n) * 1000.0 / ms(of, n_frames);
        let window = self.events.window;
        (rate(own.n_before, window.baseline()), rate(own.n_after, window.response()))
    }

    /// A number of spikes or of trials divided by all trials.
    #[expect(clippy::cast_precision_loss, reason = "counts of spikes and trials")]
    fn per_trial(&self, n: u64) -> f64 {
        n as f64 / self.events.trials.places.len() as f64
    }
}

/// What it says of a recording without events.
pub(super) const NO_EVENTS: &str = "the recording has no events: give a table of them beside it, whose name ends in \
                                    events.csv and which has a column time_s";

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    if of.events().is_empty() {
        return Outcome::absent(NO_EVENTS);
    }
    let known = of_events::kinds(of, values);
    let list = kinds(&known);
    let events = match chosen(of, known, values) {
        Ok(events) => events,
        Err(reason) => return Outcome { tables: vec![list], figures: Vec::new(), absent: Some(reason) },
    };
    let found = Found::new(of, events, frames(of, values.number(&BIN_MS)));
    let mut drawings: Vec<_> = figures::histogram(of, &found).into_iter().collect();
    drawings.extend(figures::raster(of, &found));
    Outcome {
        tables: vec![trials(&found), cultures(of, &found), electrodes(of, &found), list],
        figures: drawings,
        absent: None,
    }
}

#[cfg(test)]
mod tests;
