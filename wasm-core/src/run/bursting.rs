//! Verdicts on bursts beside random firing at the same rates, and on network bursts beside shifted copies: the words
//! about a culture follow them.

use super::{ChannelSummary, Culture, Headline};
use crate::analyses::{ByChance, Verdict, bursts_by_chance, is_active};
use crate::numbers::significant;

/// The bursts of the active electrodes among some channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BurstsBesideChance {
    /// Bursts that were found.
    pub n: u64,
    /// Bursts that random firing at the same rates brings; none where rates are not known.
    pub by_chance: Option<f64>,
    /// The same per minute of an active electrode, on average.
    pub by_chance_per_min: Option<f64>,
}

impl BurstsBesideChance {
    /// Adds up what chance brings each active channel.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of spikes and electrodes")]
    pub fn new<'a>(channels: impl Iterator<Item = &'a ChannelSummary>) -> Self {
        let (mut n, mut n_active) = (0, 0_u64);
        let (mut by_chance, mut per_min) = (0.0, 0.0);
        for channel in channels {
            let Some(rate_hz) = channel.rate_hz.filter(|rate_hz| *rate_hz > 0.0) else { continue };
            let observed_s = channel.n_spikes as f64 / rate_hz;
            if is_active(channel.n_spikes, observed_s) {
                let own = bursts_by_chance(channel.n_spikes, observed_s);
                (n, n_active) = (n + channel.n_bursts, n_active + 1);
                (by_chance, per_min) = (by_chance + own, per_min + own * 60.0 / observed_s);
            }
        }
        let is_known = n_active > 0;
        Self {
            n,
            by_chance: is_known.then_some(by_chance),
            by_chance_per_min: is_known.then(|| per_min / n_active as f64),
        }
    }

    /// Whether they are more; none where nothing is known of chance.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.by_chance.map(|mean| Verdict::beside(self.n, ByChance { mean, least: 0.0 }))
    }

    /// Random firing in words, to stand beside the rate of bursts, or beside their count; none where it is not known.
    #[must_use]
    pub fn words(&self, is_rate: bool) -> Option<String> {
        let (value, unit) = if is_rate { (self.by_chance_per_min, " per min") } else { (self.by_chance, "") };
        value.map(|value| format!("random firing at the same rates: about {}{unit}", significant(value)))
    }
}

/// Whether so many network bursts are more than in shifted copies, where `shifted_per_min` of them are found in
/// `duration_s`; none where neither is known.
fn network_verdict(n: Option<u64>, shifted_per_min: Option<f64>, duration_s: f64) -> Option<Verdict> {
    // The search has judged them by exact chance already, which tells less than one in all copies.
    let chance = ByChance { mean: shifted_per_min? * duration_s / 60.0, least: 0.0 };
    Some(Verdict::beside(n?, chance))
}

impl Culture {
    /// Whether the network bursts are more than in shifted copies, in a recording of so many seconds; none where
    /// nothing is known of them.
    #[must_use]
    pub fn network_verdict(&self, duration_s: f64) -> Option<Verdict> {
        network_verdict(self.n_network_bursts, self.network_bursts_per_min_shifted, duration_s)
    }
}

impl Headline {
    /// Whether the network bursts of a recording of one culture are more than in shifted copies; none where nothing
    /// is known of them.
    #[must_use]
    pub fn network_verdict(&self) -> Option<Verdict> {
        network_verdict(self.n_network_bursts, self.network_bursts_per_min_shifted, self.duration_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(n_spikes: u64, rate_hz: Option<f64>, n_bursts: u64) -> ChannelSummary {
        ChannelSummary {
            id: "1".into(),
            name: None,
            well: None,
            left_out: false,
            dead: false,
            noise_uv: None,
            threshold_uv: None,
            n_spikes,
            rate_hz,
            mean_amplitude_uv: None,
            n_bursts,
        }
    }

    #[test]
    fn only_active_electrodes_count() {
        let found = [channel(600, Some(10.0), 30), channel(3, Some(0.05), 1), channel(0, Some(0.0), 0)];
        let beside = BurstsBesideChance::new(found.iter());
        let wanted = bursts_by_chance(600, 60.0);
        assert_eq!((beside.n, beside.by_chance), (30, Some(wanted)));
        assert!(beside.by_chance_per_min.is_some_and(|per_min| (per_min - wanted).abs() < 1e-9), "{beside:?}");
        // At 10 Hz four intervals in a row are short by chance often: some 35 times.
        assert_eq!(beside.verdict(), Some(Verdict::Chance));
        let words = |is_rate: bool| beside.words(is_rate).expect("known");
        assert_eq!(words(true), "random firing at the same rates: about 35.1 per min");
        assert_eq!(words(false), "random firing at the same rates: about 35.1");
        let many = [channel(600, Some(10.0), 80)];
        assert_eq!(BurstsBesideChance::new(many.iter()).verdict(), Some(Verdict::MoreThanChance));
        let unknown = [channel(600, None, 80)];
        assert_eq!(BurstsBesideChance::new(unknown.iter()).verdict(), None);
    }

    #[test]
    fn network_bursts_follow_their_copies() {
        assert_eq!(network_verdict(Some(20), Some(11.0), 60.0), Some(Verdict::Chance));
        assert_eq!(network_verdict(Some(20), Some(0.5), 60.0), Some(Verdict::MoreThanChance));
        assert_eq!(network_verdict(Some(0), Some(0.0), 60.0), Some(Verdict::NoneFound));
        assert_eq!(network_verdict(Some(1), Some(0.0), 60.0), Some(Verdict::MoreThanChance));
        assert_eq!(network_verdict(Some(3), Some(1.0), 60.0), Some(Verdict::TooFew));
        assert_eq!((network_verdict(None, None, 60.0), network_verdict(Some(3), None, 60.0)), (None, None));
    }
}
