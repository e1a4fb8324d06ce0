//! The histogram of a culture, and the trials of the electrode that responds most clearly.

use std::cmp::Ordering;

use super::{Culture, Found, Own, ms};
use crate::analyses::SpikeTrains;
use crate::figure::{Axis, Figure, Layer};

/// Trials that are drawn.
const MAX_TRIALS: usize = 200;

/// The window in milliseconds, and what is left out of it.
fn marks(of: &SpikeTrains, found: &Found) -> (Axis, Layer) {
    let window = found.events.window;
    let blank_ms = ms(of, window.blank);
    let spans = if window.blank > 0 { vec![(-blank_ms, blank_ms)] } else { Vec::new() };
    let x = Axis::linear("Time from the event", "ms", (-ms(of, window.before), ms(of, window.after)));
    (x, Layer::Spans { spans })
}

/// What is said of spikes that are left out.
fn left_out(of: &SpikeTrains, found: &Found) -> String {
    let blank_ms = ms(of, found.events.window.blank);
    if blank_ms > 0.0 { format!(" Spikes within {blank_ms:.1} ms of the event are left out.") } else { String::new() }
}

/// The spikes of a culture around the events; of a plate that of the well in which most electrodes respond.
#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
pub fn histogram(of: &SpikeTrains, found: &Found) -> Option<Figure> {
    let order = |culture: &&Culture| (found.n_responding(culture), culture.all.n_before + culture.all.n_after);
    let drawn = found.cultures.iter().rev().max_by_key(order)?;
    let (trials, bins) = (&found.events.trials, found.bins);
    let mut counts = vec![0_u64; bins.n()];
    for channel in &drawn.channels {
        bins.count(&of.of(*channel).collect::<Vec<_>>(), trials, found.events.window.blank, &mut counts);
    }
    let per_s = 1000.0 / ms(of, bins.width) / trials.places.len() as f64;
    let heights: Vec<f64> = counts.iter().map(|count| *count as f64 * per_s).collect();
    let edges: Vec<f64> = bins.edges().into_iter().map(|edge| ms(of, edge)).collect();
    let most = heights.iter().copied().fold(0.0, f64::max);
    let peak = heights.iter().position(|height| *height == most && most > 0.0);
    let peak = peak.and_then(|at| Some((edges.get(at)?, edges.get(at + 1)?)));
    let peak =
        peak.map_or_else(String::new, |(from, to)| format!(", at most {most:.3} from {from:.1} ms to {to:.1} ms"));
    let (before_hz, after_hz) = found.rates_hz(of, &drawn.all);
    let well = drawn.channels.first().map_or("", |channel| of.well(*channel));
    let place = if well.is_empty() { String::new() } else { format!(" of well {well}") };
    let (x, blanked) = marks(of, found);
    // The tables of a plate correct for its electrodes, a figure of a well for those of the well.
    let is_one = found.cultures.len() == 1 && !well.is_empty();
    let corrected = if is_one { " (corrected for the electrodes of this well alone)" } else { "" };
    Some(Figure {
        id: "histogram".into(),
        title: format!("Spikes around the events{place} (PSTH)"),
        sentence: format!(
            "Spikes per second of all {} electrodes{place} around {} events “{}”: {before_hz:.3} before, {after_hz:.3} \
             behind{peak}. {} electrodes respond{corrected}.{}",
            drawn.channels.len(),
            trials.places.len(),
            found.events.kind.name(),
            found.n_responding(drawn),
            left_out(of, found)
        ),
        x,
        y: Axis::linear("Spikes of all electrodes", "per s", (0.0, if most > 0.0 { most } else { 1.0 })),
        layers: vec![blanked, Layer::Bars { edges, heights }, Layer::Limit { at: 0.0 }],
    })
}

/// The electrode that responds most clearly: one that fires more before those that fire less, and these before those
/// that do not respond; then by its probability and by the difference of its rates.
fn clearest<'a>(of: &SpikeTrains, found: &'a Found) -> Option<(usize, &'a Own)> {
    let rank = |own: &Own| match own.responds() {
        Some(Ordering::Greater) => 0,
        Some(_) => 1,
        None => 2,
    };
    let p = |own: &Own| own.test.map_or(1.0, |test| test.p);
    let difference = |own: &Own| {
        let (before_hz, after_hz) = found.rates_hz(of, own);
        after_hz - before_hz
    };
    let all = found.electrodes.iter().enumerate().filter_map(|(at, own)| Some((at, own.as_ref()?)));
    all.filter(|(_, own)| own.test.is_some()).min_by(|(_, one), (_, other)| {
        let by_rank = rank(one).cmp(&rank(other)).then_with(|| p(one).total_cmp(&p(other)));
        by_rank.then_with(|| difference(other).total_cmp(&difference(one)))
    })
}

/// The spikes of that electrode, a trial a row.
#[expect(clippy::cast_precision_loss, reason = "numbers of trials")]
pub fn raster(of: &SpikeTrains, found: &Found) -> Option<Figure> {
    let (channel, own) = clearest(of, found)?;
    let (trials, window) = (&found.events.trials, found.events.window);
    let train: Vec<&[i64]> = of.of(channel).collect();
    let is_drawn =
        |(trial, offset): &(usize, i64)| *trial < MAX_TRIALS && !(-window.blank..window.blank).contains(offset);
    let spikes = trials.spikes(&train, (-window.before, window.after)).filter(is_drawn);
    let points: Vec<(f64, f64)> = spikes.map(|(trial, offset)| (ms(of, offset), trial as f64 + 0.5)).collect();
    let n_trials = trials.places.len();
    let shown = n_trials.min(MAX_TRIALS);
    let first = if shown < n_trials { format!("the first {shown} of ") } else { String::new() };
    let latency = own.latency_ms.map_or_else(String::new, |ms| format!(", the first after {ms:.1} ms (median)"));
    let label = of.info().channel_label(channel);
    let responds = match own.responds() {
        Some(Ordering::Greater) => "fires more behind the event",
        Some(_) => "fires less behind the event",
        None => "does not respond, and no other does",
    };
    let (x, blanked) = marks(of, found);
    Some(Figure {
        id: "raster".into(),
        title: format!("Trials of electrode {label}"),
        sentence: format!(
            "Spikes of electrode {label}, the clearest of all, in {first}{n_trials} trials, one a row: it has a spike behind \
             the event in {:.0} % of them{latency}. It {responds}.{}",
            found.per_trial(own.n_with) * 100.0,
            left_out(of, found)
        ),
        x,
        y: Axis::linear("Trial", "", (0.0, shown as f64)),
        layers: vec![blanked, Layer::Ticks { points }, Layer::Limit { at: 0.0 }],
    })
}
