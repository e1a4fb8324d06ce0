//! Figures of the avalanches of one culture.

use super::Own;
use crate::analyses::{AvalancheCounts, SHIFTED_COPIES, SpikeTrains, mean_counted};
use crate::decimals::fixed;
use crate::figure::{Axis, Figure, Layer};
use crate::numbers::counted;

/// Sizes, durations and coefficients.
pub fn all(of: &SpikeTrains, own: &Own, mr_bin_ms: f64) -> Vec<Figure> {
    let well = of.well(own.first);
    let place = if well.is_empty() { String::new() } else { format!(" of well {well}") };
    let sizes = Distribution {
        id: "sizes",
        title: format!("Sizes of avalanches{place}"),
        label: "Spikes of an avalanche",
        found: &own.found.sizes,
        shifted: own.counts_shifted(|found| &found.sizes),
    };
    let durations = Distribution {
        id: "durations",
        title: format!("Durations of avalanches{place}"),
        label: "Bins of an avalanche",
        found: &own.found.durations,
        shifted: own.counts_shifted(|found| &found.durations),
    };
    vec![sizes.figure(), durations.figure(), decay(own, &place, mr_bin_ms)]
}

/// How many avalanches are at least so large.
struct Distribution<'a> {
    id: &'static str,
    title: String,
    label: &'static str,
    found: &'a AvalancheCounts,
    shifted: AvalancheCounts,
}

impl Distribution<'_> {
    #[expect(clippy::cast_precision_loss, reason = "counts of avalanches")]
    fn figure(self) -> Figure {
        let (found, shifted) = (at_least(self.found), at_least(&self.shifted));
        let n: u64 = self.found.values().sum();
        // Below one avalanche of the culture there is nothing to compare with.
        let lowest = 0.5 / n.max(1) as f64;
        let most = found.iter().chain(&shifted).map(|point| point.0).fold(10.0, f64::max);
        let shown: Vec<(f64, f64)> = shifted.into_iter().filter(|point| point.1 >= lowest).collect();
        let average =
            |counts: &AvalancheCounts| mean_counted(counts).map_or_else(String::new, |mean| format!("{mean:.2}"));
        let unit = self.label.split(' ').next().unwrap_or_default().to_lowercase();
        Figure {
            id: self.id.into(),
            sentence: format!(
                "{} of {} {unit} on average (points); {} in {SHIFTED_COPIES} shifted copies (line).",
                counted(n, "avalanche"),
                average(self.found),
                average(&self.shifted),
            ),
            title: self.title,
            x: Axis::log(self.label, "", (1.0, most)),
            y: Axis::log("Share that is at least so large", "", (lowest, 1.0)),
            layers: vec![Layer::Line { points: shown }, Layer::Points { points: found }],
        }
    }
}

/// Each value that occurs, and the share of values that are at least as large.
#[expect(clippy::cast_precision_loss, reason = "counts of avalanches")]
fn at_least(counts: &AvalancheCounts) -> Vec<(f64, f64)> {
    let n: u64 = counts.values().sum();
    let mut left = n;
    let mut points = Vec::with_capacity(counts.len());
    for (value, count) in counts {
        points.push((*value as f64, left as f64 / n as f64));
        left -= count;
    }
    points
}

/// The coefficients `r_k`, with the fit.
#[expect(clippy::cast_precision_loss, reason = "lags")]
fn decay(own: &Own, place: &str, mr_bin_ms: f64) -> Figure {
    let branching = &own.branching;
    let lag_ms = |at: usize| (at + 1) as f64 * mr_bin_ms;
    let points: Vec<(f64, f64)> =
        branching.coefficients.iter().enumerate().map(|(at, value)| (lag_ms(at), *value)).collect();
    let curve = branching.told().map(|fit| {
        let value = |at: usize| (lag_ms(at), fit.amplitude * libm::pow(fit.m, (at + 1) as f64));
        (0..points.len()).map(value).collect::<Vec<_>>()
    });
    let lowest = points.iter().map(|point| point.1).fold(0.0, f64::min);
    let highest = points.iter().map(|point| point.1).fold(0.0, f64::max);
    let last_ms = lag_ms(points.len().saturating_sub(1));
    let told = branching.told().map_or_else(
        || format!("There is no m: {}", branching.reason),
        |fit| format!("The fitted line falls by m = {:.4} from bin to bin (R² {})", fit.m, fixed(fit.r_squared, 2)),
    );
    let mut layers: Vec<Layer> = curve.into_iter().map(|points| Layer::Line { points }).collect();
    layers.push(Layer::Points { points });
    Figure {
        id: "branching".into(),
        title: format!("How activity decays{place}"),
        sentence: format!("The regression of the spikes in a bin on those before, by lag. {told}."),
        x: Axis::linear("Lag", "ms", (0.0, last_ms)),
        y: Axis::linear("Regression (r_k)", "", (lowest, if highest > lowest { highest } else { lowest + 1.0 })),
        layers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_fall_from_one() {
        let counts = AvalancheCounts::from([(1, 5), (2, 3), (10, 2)]);
        assert_eq!(at_least(&counts), [(1.0, 1.0), (2.0, 0.5), (10.0, 0.2)]);
        assert!(at_least(&AvalancheCounts::new()).is_empty());
    }
}
