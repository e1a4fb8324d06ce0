//! The seventeen numbers of one well.

use super::super::of_bursts::deviation;
use super::network_spikes::{Limits, NetworkSpike, network_spikes};
use super::shared_bins::{Pitch, SharedBins};
use crate::analyses::{Burst, MaxInterval, SHIFTED_COPIES, SegmentTrains, Shifted, SpikeTrains, mean};

/// What the numbers are counted by.
pub struct Rules {
    /// Limits of a burst.
    pub bursts: MaxInterval,
    /// Bursts per minute from which an electrode is actively bursting.
    pub bursting_per_min: f64,
    /// Limits of a network spike.
    pub network: Limits,
    /// Bins of the correlation.
    pub correlation: Pitch,
    /// Bins of the mutual information.
    pub information: Pitch,
}

/// The numbers; what is not defined is absent.
pub struct Well {
    /// Active electrodes.
    pub n_active: u64,
    /// Spikes per second, as the mean over the active electrodes.
    pub rate_hz: Option<f64>,
    /// Bursts per minute, as the mean over the active electrodes.
    pub bursts_per_min: Option<f64>,
    /// Actively bursting electrodes.
    pub n_bursting: u64,
    /// Mean interval inside bursts, as the mean over the actively bursting electrodes that are active.
    pub interval_s: Option<f64>,
    /// Share of spikes in bursts, over the same electrodes.
    pub percent_in_bursts: Option<f64>,
    /// Mean duration of a burst, over the same electrodes.
    pub burst_s: Option<f64>,
    /// Mean time from the end of a burst to the start of the next, over the same electrodes.
    pub gap_s: Option<f64>,
    /// Network spikes.
    pub n_network_spikes: u64,
    /// Network spikes in shifted copies, on average.
    pub n_shifted: Option<f64>,
    /// Electrodes in the fullest bin of a network spike, on average.
    pub peak: Option<f64>,
    /// Width of a network spike at half its peak, on average.
    pub width_s: Option<f64>,
    /// Deviation of that width, 1/(n-1).
    pub width_deviation_s: Option<f64>,
    /// Share of the well's spikes that lie in network spikes.
    pub percent_in_network_spikes: Option<f64>,
    /// Spikes in a network spike, on average.
    pub spikes: Option<f64>,
    /// Time from network spike to network spike, on average.
    pub between_s: Option<f64>,
    /// Mean correlation of pairs of active electrodes.
    pub correlation: Option<f64>,
    /// Normalised mutual information of all electrodes.
    pub information: Option<f64>,
}

/// The bursts of one electrode.
struct Own {
    n_spikes: u64,
    observed_s: f64,
    is_active: bool,
    bursts: Vec<Vec<Burst>>,
}

impl Own {
    fn new(of: &SpikeTrains, channel: usize, limits: &MaxInterval) -> Self {
        Self {
            n_spikes: of.n_spikes(channel),
            observed_s: of.observed_s(channel),
            is_active: of.is_active(channel),
            bursts: of.of(channel).map(|train| limits.bursts(train)).collect(),
        }
    }

    fn each(&self) -> impl Iterator<Item = &Burst> {
        self.bursts.iter().flatten()
    }

    /// Spikes in bursts.
    fn n_inside(&self) -> u64 {
        self.each().map(|burst| burst.n_spikes as u64).sum()
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of bursts")]
    fn bursts_per_min(&self) -> f64 {
        if self.observed_s > 0.0 { self.each().count() as f64 * 60.0 / self.observed_s } else { 0.0 }
    }

    /// Mean interval of two spikes in a burst.
    #[expect(clippy::cast_precision_loss, reason = "a count of spikes")]
    fn interval_s(&self, of: &SpikeTrains) -> Option<f64> {
        let n_intervals = self.n_inside() - self.each().count() as u64;
        let inside: i64 = self.each().map(|burst| burst.end - burst.start).sum();
        (n_intervals > 0).then(|| of.seconds(inside) / n_intervals as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
    fn percent_in_bursts(&self) -> Option<f64> {
        (self.n_spikes > 0).then(|| self.n_inside() as f64 * 100.0 / self.n_spikes as f64)
    }

    /// Mean time from the end of a burst to the start of the next, within a segment.
    fn gap_s(&self, of: &SpikeTrains) -> Option<f64> {
        let pairs = self.bursts.iter().flat_map(|own| own.windows(2));
        mean(pairs.map(|pair| of.seconds(pair[1].start - pair[0].end)))
    }
}

impl Well {
    /// The numbers of the channels of a well.
    #[expect(clippy::cast_precision_loss, reason = "counts of spikes and electrodes")]
    pub fn new(of: &SpikeTrains, culture: &[usize], rules: &Rules) -> Self {
        let own: Vec<Own> = culture.iter().map(|channel| Own::new(of, *channel, &rules.bursts)).collect();
        let active: Vec<&Own> = own.iter().filter(|own| own.is_active).collect();
        let is_bursting = |own: &Own| own.bursts_per_min() >= rules.bursting_per_min;
        let bursting: Vec<&Own> = active.iter().copied().filter(|own| is_bursting(own)).collect();
        // Of the network are those that were observed all the time.
        let compared = of.throughout(culture);
        let segments = of.segments_of(&compared);
        let network = network_spikes(&segments, &rules.network);
        let n_spikes: u64 = compared.iter().map(|channel| of.n_spikes(*channel)).sum();
        let n_inside: usize = network.iter().map(|spike| spike.n_spikes).sum();
        let bin_s = of.seconds(rules.network.bin);
        let widths_s: Vec<f64> = network.iter().filter_map(|spike| spike.width).map(|width| width * bin_s).collect();
        Self {
            n_active: active.len() as u64,
            rate_hz: mean(active.iter().map(|own| own.n_spikes as f64 / own.observed_s)),
            bursts_per_min: mean(active.iter().map(|own| own.bursts_per_min())),
            n_bursting: own.iter().filter(|own| is_bursting(own)).count() as u64,
            interval_s: mean(bursting.iter().filter_map(|own| own.interval_s(of))),
            percent_in_bursts: mean(bursting.iter().filter_map(|own| own.percent_in_bursts())),
            burst_s: mean(
                bursting.iter().filter_map(|own| mean(own.each().map(|burst| of.seconds(burst.end - burst.start)))),
            ),
            gap_s: mean(bursting.iter().filter_map(|own| own.gap_s(of))),
            n_network_spikes: network.len() as u64,
            n_shifted: by_chance(&segments, &rules.network),
            peak: mean(network.iter().map(|spike| spike.n_electrodes as f64)),
            width_s: mean(widths_s.iter().copied()),
            width_deviation_s: deviation(&widths_s),
            percent_in_network_spikes: (n_spikes > 0).then(|| n_inside as f64 * 100.0 / n_spikes as f64),
            spikes: mean(network.iter().map(|spike| spike.n_spikes as f64)),
            between_s: between_s(of, &network),
            correlation: SharedBins::new(&of.segments_of(&of.active(&compared)), rules.correlation).correlation(),
            information: SharedBins::new(&segments, rules.information).information(),
        }
    }
}

/// Network spikes that the same rule finds in shifted copies, on average.
#[expect(clippy::cast_precision_loss, reason = "counts of network spikes")]
fn by_chance(segments: &[SegmentTrains<'_>], limits: &Limits) -> Option<f64> {
    let found = |copy: u64| {
        let copy = Shifted::new(segments, copy);
        network_spikes(&copy.segments(), limits).len() as f64
    };
    mean((0..SHIFTED_COPIES).map(found))
}

/// Mean time from network spike to network spike, within a segment.
fn between_s(of: &SpikeTrains, network: &[NetworkSpike]) -> Option<f64> {
    let pairs = network.windows(2).filter(|pair| pair[0].segment == pair[1].segment);
    mean(pairs.map(|pair| of.seconds(pair[1].peak - pair[0].peak)))
}
