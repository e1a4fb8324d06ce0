//! The numbers of one electrode, of which those of a well are means.

use super::super::of_bursts::variation;
use super::Rules;
use super::inside::Inside;
use crate::analyses::{ACTIVE_MIN_SPIKES, Burst, SpikeTrains, mean, runs};

/// The numbers; what is not defined is absent.
pub struct Electrode {
    /// Spikes.
    pub n_spikes: u64,
    /// Spikes per second.
    pub rate_hz: Option<f64>,
    /// Whether it fires enough to count.
    pub is_active: bool,
    /// Coefficient of variation of its intervals (1/(n-1)), if it is active.
    pub isi_cv: Option<f64>,
    /// Bursts.
    pub n_bursts: u64,
    /// Mean duration of a burst, from its first to its last spike.
    pub duration_s: Option<f64>,
    /// Mean number of spikes of a burst.
    pub spikes: Option<f64>,
    /// Mean over bursts of the mean interval inside.
    pub mean_isi_s: Option<f64>,
    /// Mean over bursts of the median interval inside.
    pub median_isi_s: Option<f64>,
    /// Mean over bursts of the median interval by the mean interval inside.
    pub median_to_mean: Option<f64>,
    /// Mean time from the start of a burst to the start of the next, within a segment.
    pub ibi_s: Option<f64>,
    /// Coefficient of variation of that time (1/(n-1)).
    pub ibi_cv: Option<f64>,
    /// Bursts per second, if there is any.
    pub bursts_hz: Option<f64>,
    /// Share of its spikes that lie in bursts.
    pub percent_inside: Option<f64>,
}

impl Electrode {
    /// The numbers of a channel.
    #[expect(clippy::cast_precision_loss, reason = "counts of spikes and bursts")]
    pub fn new(of: &SpikeTrains, channel: usize, rules: &Rules) -> Self {
        let (n_spikes, observed_s) = (of.n_spikes(channel), of.observed_s(channel));
        let is_active = observed_s > 0.0
            && n_spikes >= ACTIVE_MIN_SPIKES
            && n_spikes as f64 * 60.0 >= rules.active_per_min * observed_s;
        let (mut bursts, mut inside, mut between_s) = (Vec::new(), Vec::new(), Vec::new());
        for train in of.of(channel) {
            let own = runs(train, rules.min_spikes, |interval| interval <= rules.max_interval);
            inside.extend(own.iter().filter_map(|burst| Inside::new(spikes_of(train, burst))));
            between_s.extend(own.windows(2).map(|pair| of.seconds(pair[1].start - pair[0].start)));
            bursts.extend(own);
        }
        let intervals = of.of(channel).flat_map(|train| train.windows(2)).map(|pair| of.seconds(pair[1] - pair[0]));
        let isi_cv = if is_active { variation(&intervals.collect::<Vec<f64>>()) } else { None };
        let n_inside: usize = bursts.iter().map(|burst| burst.n_spikes).sum();
        let rate_hz = |n: f64| (observed_s > 0.0).then(|| n / observed_s);
        Self {
            n_spikes,
            rate_hz: rate_hz(n_spikes as f64),
            is_active,
            isi_cv,
            n_bursts: bursts.len() as u64,
            duration_s: mean(bursts.iter().map(|burst| of.seconds(burst.end - burst.start))),
            spikes: mean(bursts.iter().map(|burst| burst.n_spikes as f64)),
            mean_isi_s: mean(inside.iter().map(|inside| inside.mean / of.rate_hz())),
            median_isi_s: mean(inside.iter().map(|inside| inside.median / of.rate_hz())),
            median_to_mean: mean(inside.iter().filter_map(|inside| inside.ratio)),
            ibi_s: mean(between_s.iter().copied()),
            ibi_cv: variation(&between_s),
            bursts_hz: rate_hz(bursts.len() as f64).filter(|_| !bursts.is_empty()),
            percent_inside: (n_spikes > 0).then(|| n_inside as f64 * 100.0 / n_spikes as f64),
        }
    }
}

/// The spikes of a burst. It holds all that share the frame of its first one.
fn spikes_of<'a>(train: &'a [i64], burst: &Burst) -> &'a [i64] {
    let first = train.partition_point(|frame| *frame < burst.start);
    &train[first..first + burst.n_spikes]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spikes_of_a_burst_are_those_it_counts() {
        let train = [0, 500, 500, 510, 530, 900];
        let found = runs(&train, 3, |interval| interval <= 20);
        assert_eq!(found.iter().map(|burst| spikes_of(&train, burst)).collect::<Vec<_>>(), [&[500, 500, 510, 530]]);
    }
}
