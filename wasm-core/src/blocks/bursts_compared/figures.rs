//! One electrode: its intervals with the limits of each method, and the bursts of each in its first seconds.

use super::methods::{METHODS, Search};
use crate::analyses::{Burst, SpikeTrains};
use crate::figure::{Axis, Figure, Histogram, Layer};
use crate::numbers::counted;

/// Intervals that the histogram shows, in milliseconds, and its bins.
const INTERVALS_MS: (f64, f64) = (1.0, 100_000.0);
const N_BINS: usize = 50;

/// Bursts of a method that are drawn at most, and spikes.
const MAX_BURSTS: usize = 200;
const MAX_SPIKES: usize = 3000;

/// No burst is drawn shorter than this share of the width, so that it is seen.
const SHORTEST_SHARE: f64 = 1.0 / 400.0;

/// The electrode that is shown.
pub struct Shown<'a> {
    /// All trains.
    pub of: &'a SpikeTrains,
    /// Channel of the electrode.
    pub channel: usize,
    /// What the methods find on it.
    pub search: &'a Search,
}

impl Shown<'_> {
    /// The name of the electrode and, on a plate, its well.
    fn name(&self) -> String {
        let (label, well) = (self.of.info().channel_label(self.channel), self.of.well(self.channel));
        if well.is_empty() { format!("electrode {label}") } else { format!("electrode {label} of well {well}") }
    }

    /// The intervals of the electrode, and the limits.
    pub fn limits(&self) -> Figure {
        let Self { of, channel, search } = self;
        let pairs = of.of(*channel).flat_map(|train| train.windows(2));
        let intervals_ms = pairs.map(|pair| of.seconds(pair[1] - pair[0]) * 1000.0);
        let x = Axis::log("Time between two spikes", "ms", INTERVALS_MS);
        let histogram = Histogram::new(intervals_ms, &x, N_BINS);
        let n: u64 = histogram.counts.iter().map(|count| u64::from(*count)).sum();
        let told: Vec<String> =
            METHODS.iter().zip(&search.limits_ms).map(|((_, title), own)| text(title, own)).collect();
        let mut layers = vec![histogram.bars()];
        layers.extend(search.limits_ms.iter().flatten().map(|limit| Layer::Limit { at: *limit }));
        Figure {
            id: "limits".into(),
            title: format!("Intervals of {}, and the limits", self.name()),
            sentence: format!(
                "{} between spikes of {}. Limits: {}. Where that of logISI comes from: {}.",
                counted(n, "interval"),
                self.name(),
                told.join("; "),
                search.log_isi.told()
            ),
            y: Axis::linear("Intervals", "", (0.0, histogram.most().max(1.0))),
            x,
            layers,
        }
    }

    /// The spikes of the electrode and the bursts by each method, in rows, in the first seconds.
    pub fn rows(&self, seconds: f64) -> Figure {
        let Self { of, channel, search } = self;
        let first_s = of.time_s(0, 0);
        let end = |(at, segment): (usize, &crate::recording::SegmentInfo)| {
            of.time_s(at, i64::try_from(segment.n_frames).unwrap_or(i64::MAX))
        };
        let last_s = of.info().segments.iter().enumerate().map(end).fold(first_s, f64::max);
        let window = (first_s, last_s.min(first_s + seconds));
        let times = of
            .of(*channel)
            .enumerate()
            .flat_map(|(segment, train)| train.iter().map(move |frame| of.time_s(segment, *frame)));
        let spikes: Vec<(f64, f64)> = times.filter(|at| *at < window.1).take(MAX_SPIKES).map(|at| (at, 0.0)).collect();
        let mut edges = Vec::new();
        let mut told = Vec::new();
        for ((row, (_, title)), bursts) in (1_u32..).zip(METHODS).zip(&search.bursts) {
            let spans = self.spans(bursts, window);
            told.push(format!("{title} {}", spans.len()));
            let row = f64::from(row);
            let shown = spans.into_iter().take(MAX_BURSTS);
            edges.extend(shown.map(|(start, end)| ((start, row), (end, row), 1.0)));
        }
        Figure {
            id: "bursts".into(),
            title: format!("Bursts of {} by each method", self.name()),
            sentence: format!(
                "Bursts of {} in the first {:.0} s: {}. The table tells how many random firing has. A row holds up to \
                 {MAX_BURSTS} bursts or {MAX_SPIKES} spikes.",
                self.name(),
                window.1 - window.0,
                told.join(", ")
            ),
            x: Axis::linear("Time", "s", window),
            y: Axis::linear("0 spikes, 1 MaxInterval, 2 fixed, 3 logISI, 4 Poisson, 5 rank", "", (-0.7, 5.7)),
            layers: vec![Layer::Ticks { points: spikes }, Layer::Edges { edges }],
        }
    }

    /// Where the bursts of a window begin and end.
    fn spans(&self, bursts: &[Vec<Burst>], (from_s, until_s): (f64, f64)) -> Vec<(f64, f64)> {
        let shortest_s = (until_s - from_s) * SHORTEST_SHARE;
        let times = bursts.iter().enumerate().flat_map(|(segment, own)| {
            own.iter().map(move |burst| (self.of.time_s(segment, burst.start), self.of.time_s(segment, burst.end)))
        });
        let within = times.filter(|(start, _)| *start < until_s);
        within.map(|(start, end)| (start, end.max(start + shortest_s).min(until_s))).collect()
    }
}

/// A method and its limits.
fn text(title: &str, limits_ms: &[f64]) -> String {
    let told: Vec<String> = limits_ms.iter().map(|limit| format!("{limit:.1} ms")).collect();
    if told.is_empty() { format!("{title} none") } else { format!("{title} {}", told.join(" and ")) }
}
