//! Activity along a recording, as far as it was read: what nobody looked at stays grey.

use super::axes;
use crate::ui::canvas::Draw;
use crate::ui::format::trimmed;
use crate::ui::painter::{Painter, Tone};

/// A stretch that was searched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Start in seconds.
    pub from_s: f64,
    /// End in seconds.
    pub to_s: f64,
    /// Spikes per second of all channels.
    pub rate_hz: f64,
}

/// A part of the time axis.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// Spikes per second, over what was read; zero where nothing was.
    pub rate_hz: f64,
    /// The share of the bin that was read.
    pub read_share: f64,
}

/// Equal bins from 0 to `length_s`; stretches may come in any order and lie over each other.
#[must_use]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bins")]
pub fn bins(stretches: &[Stretch], length_s: f64, n_bins: usize) -> Vec<Bin> {
    let mut sorted: Vec<Stretch> = stretches.iter().copied().filter(|stretch| stretch.to_s > stretch.from_s).collect();
    sorted.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
    let bin_s = length_s / n_bins.max(1) as f64;
    // Spikes, the seconds in which they were counted, and the seconds that are covered.
    let mut found = vec![(0.0, 0.0, 0.0); n_bins];
    let mut covered_to_s = 0.0_f64;
    for Stretch { from_s, to_s, rate_hz } in sorted {
        let first = ((from_s / bin_s).floor().max(0.0) as usize).min(n_bins);
        let end = ((to_s / bin_s).ceil().max(0.0) as usize).min(n_bins);
        for at in first..end.max(first) {
            let (bin_from_s, bin_to_s) = (at as f64 * bin_s, (at + 1) as f64 * bin_s);
            let (from_s, to_s) = (from_s.max(bin_from_s), to_s.min(bin_to_s));
            let (spikes, counted_s, covered_s) = &mut found[at];
            *spikes += rate_hz * (to_s - from_s).max(0.0);
            *counted_s += (to_s - from_s).max(0.0);
            *covered_s += (to_s - from_s.max(covered_to_s)).max(0.0);
        }
        covered_to_s = covered_to_s.max(to_s);
    }
    let bin = |(spikes, counted_s, covered_s): (f64, f64, f64)| Bin {
        rate_hz: if counted_s > 0.0 { spikes / counted_s } else { 0.0 },
        read_share: (covered_s / bin_s).clamp(0.0, 1.0),
    };
    found.into_iter().map(bin).collect()
}

/// The share of the whole that was read.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a count of bins")]
pub fn read_share(bins: &[Bin]) -> f64 {
    bins.iter().map(|bin| bin.read_share).sum::<f64>() / bins.len().max(1) as f64
}

/// Draws what is known of `length_s` seconds, with a frame around the window of the traces. The axis
/// keeps the margins of the traces.
pub fn draw(stretches: Vec<Stretch>, length_s: f64, window: (f64, f64)) -> Draw {
    let length_s = length_s.max(1e-9);
    Draw::new(move |p| {
        let (x0, x1, bottom) = (axes::LEFT, p.width - axes::TRACES_RIGHT, p.height - axes::BOTTOM);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]
        let bins = bins(&stretches, length_s, (x1 - x0).max(1.0) as usize);
        bars(p, &bins, x0, x1, bottom);
        let x_of = |s: f64| x0 + s / length_s * (x1 - x0);
        if !p.is_paper {
            axes::frame(p, (x_of(window.0), x_of(window.1)), bottom);
        }
        axes::time(p, x0, x1, 0.0, length_s);
    })
}

/// A bar of a pixel for each bin that was read, grey for the others.
#[expect(clippy::cast_precision_loss, reason = "bins")]
fn bars(p: &Painter, bins: &[Bin], x0: f64, x1: f64, bottom: f64) {
    let max = bins.iter().map(|bin| bin.rate_hz).fold(0.0, f64::max);
    axes::value(p, x1, (4.0, bottom), max, ("Population rate", "Hz"));
    let width = (x1 - x0) / bins.len().max(1) as f64;
    p.tone(Tone::Line);
    for (at, _) in bins.iter().enumerate().filter(|(_, bin)| bin.read_share == 0.0) {
        p.rect(x0 + at as f64 * width, 0.0, width, bottom);
    }
    p.tone(Tone::Accent);
    for (at, bin) in bins.iter().enumerate().filter(|(_, bin)| bin.rate_hz > 0.0) {
        let height = bin.rate_hz / max * (bottom - 4.0);
        p.rect(x0 + at as f64 * width, bottom - height, width.max(1.0), height);
    }
}

/// A bin in words: when it is, and its rate if any of it was read.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "bins")]
pub fn in_words(bins: &[Bin], length_s: f64, at: usize) -> Option<String> {
    let edge_s = |at: usize| trimmed(at as f64 / bins.len() as f64 * length_s, 2);
    let bin = bins.get(at)?;
    let rate = if bin.read_share > 0.0 { format!("{} Hz", trimmed(bin.rate_hz, 1)) } else { "not searched".into() };
    Some(format!("{} to {} s: {rate}", edge_s(at), edge_s(at + 1)))
}

/// The numbers of a few hundred bins, as a table. A bin of which nothing was read has no rate.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "bins")]
pub fn csv(stretches: &[Stretch], length_s: f64, n_bins: usize) -> String {
    let mut csv = String::from("from_s,to_s,spikes_per_s,read_share\n");
    let edge_s = |at: usize| at as f64 / n_bins.max(1) as f64 * length_s;
    for (at, bin) in bins(stretches, length_s, n_bins).iter().enumerate() {
        let rate = if bin.read_share > 0.0 { bin.rate_hz.to_string() } else { String::new() };
        csv += &format!("{},{},{rate},{}\n", edge_s(at), edge_s(at + 1), bin.read_share);
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(from_s: f64, to_s: f64, rate_hz: f64) -> Stretch {
        Stretch { from_s, to_s, rate_hz }
    }

    #[test]
    fn what_was_not_read_stays_unknown() {
        let found = bins(&[stretch(2.0, 3.0, 10.0), stretch(0.0, 0.5, 4.0)], 4.0, 4);
        let shares: Vec<f64> = found.iter().map(|bin| bin.read_share).collect();
        assert_eq!(shares, [0.5, 0.0, 1.0, 0.0]);
        assert_eq!((found[0].rate_hz, found[2].rate_hz), (4.0, 10.0));
        assert!((read_share(&found) - 0.375).abs() < 1e-12);
        let table = csv(&[stretch(2.0, 3.0, 10.0)], 4.0, 4);
        assert_eq!(table.lines().nth(2), Some("1,2,,0"), "no rate where nothing was read");
        assert_eq!(table.lines().nth(3), Some("2,3,10,1"));
        assert_eq!(in_words(&found, 4.0, 1).as_deref(), Some("1 to 2 s: not searched"));
        assert_eq!(in_words(&found, 4.0, 2).as_deref(), Some("2 to 3 s: 10 Hz"));
    }

    #[test]
    fn stretches_that_lie_over_each_other_count_once() {
        let found = bins(&[stretch(0.0, 1.0, 2.0), stretch(0.5, 1.5, 6.0), stretch(0.5, 0.75, 6.0)], 2.0, 2);
        assert_eq!(found.iter().map(|bin| bin.read_share).collect::<Vec<_>>(), [1.0, 0.5]);
        assert!(found[0].rate_hz > 2.0 && found[0].rate_hz < 6.0, "the mean over what was counted");
        assert_eq!(bins(&[stretch(0.0, 9.0, 1.0)], 2.0, 2), [Bin { rate_hz: 1.0, read_share: 1.0 }; 2]);
        assert_eq!(bins(&[stretch(0.0, 1.0, 1.0)], 0.0, 0), Vec::new());
    }
}
