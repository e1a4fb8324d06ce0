//! The network bursts of one well, and what they are like.

use super::super::of_network::share_of;
use super::Rules;
use super::inside::Inside;
use crate::analyses::{CommonBurst, CultureTrains, SegmentTrains, SpikeTrains, WellPlate, beside_chance, mean};

/// The numbers; what is not defined is absent.
pub struct Network {
    /// The network bursts, in order of time.
    pub bursts: Vec<NetworkBurst>,
    /// How many a shifted copy holds, on average.
    pub n_shifted: f64,
    /// The verdict in words.
    pub verdict: &'static str,
    /// Network bursts per second, if there is any.
    pub bursts_hz: Option<f64>,
    /// Share of the well's spikes that lie in network bursts, if there is any.
    pub percent_inside: Option<f64>,
    /// Coefficient of variation (1/n) of the time from start to start, within a segment.
    pub ibi_cv: Option<f64>,
}

/// One network burst.
pub struct NetworkBurst {
    /// From its first to its last spike.
    pub duration_s: f64,
    /// Spikes of the network burst.
    pub n_spikes: f64,
    /// Electrodes that fire in it.
    pub n_electrodes: f64,
    /// What its intervals are like, from spike to spike of whichever electrode; times in seconds.
    pub inside: Option<Inside>,
}

impl NetworkBurst {
    #[expect(clippy::cast_precision_loss, reason = "counts of spikes and electrodes")]
    fn new(of: &SpikeTrains, burst: &CommonBurst, frames: &[i64]) -> Self {
        let in_seconds = |inside: Inside| Inside {
            mean: inside.mean / of.rate_hz(),
            median: inside.median / of.rate_hz(),
            ratio: inside.ratio,
        };
        Self {
            duration_s: of.seconds(burst.end - burst.start),
            n_spikes: burst.n_spikes as f64,
            n_electrodes: burst.n_electrodes as f64,
            inside: Inside::new(frames).map(in_seconds),
        }
    }
}

impl Network {
    /// The network bursts of the channels of a well that were observed all the time.
    #[expect(clippy::cast_precision_loss, reason = "counts of bursts and spikes")]
    pub fn new(of: &SpikeTrains, culture: &[usize], rules: &Rules) -> Self {
        let compared = of.throughout(culture);
        let mut channels = of.active(&compared);
        let n_active = channels.len();
        channels.extend(compared.iter().copied().filter(|at| !of.is_active(*at) && of.n_spikes(*at) > 0));
        let trains = CultureTrains { segments: of.segments_of(&channels), n_active };
        let rule = WellPlate {
            max_interval: rules.network_max_interval,
            min_spikes: rules.network_min_spikes,
            min_electrodes: share_of(compared.len(), rules.network_min_percent),
        };
        let found = beside_chance(&trains, |trains| rule.bursts(trains));
        let frames: Vec<Vec<i64>> = trains.segments.iter().map(pooled).collect();
        let own = |burst: &CommonBurst| {
            let all = &frames[burst.segment];
            let first = all.partition_point(|frame| *frame < burst.start);
            let behind = all.partition_point(|frame| *frame <= burst.end);
            NetworkBurst::new(of, burst, &all[first..behind])
        };
        let bursts: Vec<NetworkBurst> = found.bursts.iter().map(own).collect();
        let pairs = found.bursts.windows(2).filter(|pair| pair[0].segment == pair[1].segment);
        let between_s: Vec<f64> = pairs.map(|pair| of.seconds(pair[1].start - pair[0].start)).collect();
        let n_spikes: u64 = channels.iter().map(|at| of.n_spikes(*at)).sum();
        let n_inside: u64 = found.bursts.iter().map(|burst| burst.n_spikes).sum();
        let is_any = !bursts.is_empty();
        Self {
            n_shifted: found.n_shifted(),
            verdict: found.verdict().words(),
            bursts_hz: is_any.then(|| bursts.len() as f64 / of.info().duration_s()),
            percent_inside: is_any.then(|| n_inside as f64 * 100.0 / n_spikes as f64),
            ibi_cv: variation_of_all(&between_s),
            bursts,
        }
    }
}

/// All spikes of a segment in order of time.
fn pooled(segment: &SegmentTrains<'_>) -> Vec<i64> {
    let mut all: Vec<i64> = segment.trains.iter().flat_map(|train| train.iter().copied()).collect();
    all.sort_unstable();
    all
}

/// The coefficient of variation with the deviation of all there are (1/n), as the tool has it for network bursts;
/// none of fewer than two.
#[expect(clippy::cast_precision_loss, reason = "a count")]
fn variation_of_all(values: &[f64]) -> Option<f64> {
    let mean = mean(values.iter().copied()).filter(|mean| values.len() >= 2 && *mean > 0.0)?;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Some(libm::sqrt(squares / values.len() as f64) / mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deviation_is_that_of_all_there_are() {
        // Mean 15, deviation 5.
        assert_eq!(variation_of_all(&[10.0, 20.0]), Some(5.0 / 15.0));
        assert_eq!((variation_of_all(&[10.0]), variation_of_all(&[]), variation_of_all(&[0.0; 3])), (None, None, None));
    }

    #[test]
    fn spikes_of_all_electrodes_are_in_order() {
        let trains: Vec<&[i64]> = vec![&[3, 9][..], &[], &[1, 3, 20]];
        assert_eq!(pooled(&SegmentTrains { n_frames: 100, trains }), [1, 3, 3, 9, 20]);
    }
}
