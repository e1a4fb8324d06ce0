//! Verdicts on bursts beside random firing at the same rates, and on network bursts beside shifted copies: the words
//! about a culture follow them.

use super::{ChannelSummary, Culture, Headline};
use crate::analyses::{BesideRandom, BurstSums, ByChance, Verdict, is_active, random_bursts};
use crate::numbers::significant;

/// The bursts of the active electrodes among some channels, beside random firing at the same rates.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BurstsBesideRandom {
    beside: BesideRandom,
    per_min: f64,
    n_active: u32,
    /// Active electrodes of which the time inside bursts is known.
    n_known: u32,
}

impl BurstsBesideRandom {
    /// Adds up the active channels.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
    pub fn new<'a>(channels: impl Iterator<Item = &'a ChannelSummary>) -> Self {
        let mut of = Self::default();
        for channel in channels {
            let Some(rate_hz) = channel.rate_hz.filter(|rate_hz| *rate_hz > 0.0) else { continue };
            let observed_s = channel.n_spikes as f64 / rate_hz;
            if !is_active(channel.n_spikes, observed_s) {
                continue;
            }
            of.n_active += 1;
            let (Some(n_inside), Some(time)) = (channel.n_spikes_in_bursts, channel.time_in_bursts_s) else { continue };
            let found = BurstSums { n: channel.n_bursts, n_intervals: n_inside - channel.n_bursts.min(n_inside), time };
            let random = random_bursts(channel.n_spikes, observed_s);
            of.n_known += 1;
            of.per_min += random.count.mean * 60.0 / observed_s;
            of.beside = of.beside.and(BesideRandom::new(found, (channel.n_spikes, observed_s), random));
        }
        of
    }

    /// What is known; nothing where no electrode is active, and of results of earlier versions.
    fn known(&self) -> Option<&BesideRandom> {
        (self.n_active > 0 && self.n_active == self.n_known).then_some(&self.beside)
    }

    /// Bursts that random firing brings; none where that is not known.
    #[must_use]
    pub fn by_chance(&self) -> Option<f64> {
        self.known().map(|beside| beside.by_chance.mean)
    }

    /// The same per minute of an active electrode, on average.
    #[must_use]
    pub fn by_chance_per_min(&self) -> Option<f64> {
        self.known().map(|_| self.per_min / f64::from(self.n_active))
    }

    /// Whether they are more; none where nothing is known of chance.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.known().map(BesideRandom::verdict)
    }

    /// Random firing in words, to stand beside the rate of bursts, or beside their count; none where it is not known.
    #[must_use]
    pub fn words(&self, is_rate: bool) -> Vec<String> {
        let (value, unit) = if is_rate { (self.by_chance_per_min(), " per min") } else { (self.by_chance(), "") };
        let about = value.map(|value| format!("random firing at the same rates: about {}{unit}", significant(value)));
        let why = self.known().filter(|beside| beside.by_count() != Verdict::MoreThanChance).and_then(why_more);
        about.into_iter().chain(why).collect()
    }
}

/// Why bursts are more than chance that are not by their count; none where they are not.
fn why_more(beside: &BesideRandom) -> Option<String> {
    let inside = beside.faster().map(|times| {
        format!("inside, spikes follow each other {} times as fast as in random firing", significant(times))
    });
    let outside = || {
        let (outside, random) = beside.few_outside()?;
        Some(format!("few spikes lie outside bursts: {outside:.0} % where random firing has {random:.0} %"))
    };
    let electrodes = || {
        let (n_more, n_bursting) = beside.electrodes()?;
        Some(format!("{n_more} of {n_bursting} electrodes with bursts have more than random firing"))
    };
    inside.or_else(outside).or_else(electrodes)
}

/// Whether so many network bursts are more than in shifted copies, where `shifted_per_min` of them are found in
/// `duration_s`; none where neither is known.
fn network_verdict(n: Option<u64>, shifted_per_min: Option<f64>, duration_s: f64) -> Option<Verdict> {
    // The search accepts network bursts only where chance brings as many in at most a share of
    // `CHANCE_MAX_PROBABILITY` of recordings. Copies without any need no further doubt: `least` is 0.
    let chance = ByChance { mean: shifted_per_min? * duration_s / 60.0, ..ByChance::default() };
    Some(Verdict::beside(n?, chance))
}

/// Whether network bursts are more than in shifted copies, and yet copies that are shifted by little, in which a rate
/// that changes slowly stays common, hold half as many or more.
fn is_of_slow_rate(per_min: Option<f64>, near_per_min: Option<f64>) -> bool {
    per_min.zip(near_per_min).is_some_and(|(per_min, near)| per_min > 0.0 && 2.0 * near >= per_min)
}

impl Culture {
    /// Whether a slow change of the rate explains the network bursts.
    #[must_use]
    pub fn is_of_slow_rate(&self) -> bool {
        is_of_slow_rate(self.network_bursts_per_min, self.network_bursts_per_min_near)
    }

    /// Whether the network bursts are more than in shifted copies, in a recording of so many seconds; none where
    /// nothing is known of them.
    #[must_use]
    pub fn network_verdict(&self, duration_s: f64) -> Option<Verdict> {
        let verdict = network_verdict(self.n_network_bursts, self.network_bursts_per_min_shifted, duration_s);
        if self.is_of_slow_rate() { Some(Verdict::Chance) } else { verdict }
    }
}

impl Headline {
    /// Whether a slow change of the rate explains the network bursts of a recording of one culture.
    #[must_use]
    pub fn is_of_slow_rate(&self) -> bool {
        is_of_slow_rate(self.network_bursts_per_min, self.network_bursts_per_min_near)
    }

    /// Whether the network bursts of a recording of one culture are more than in shifted copies; none where nothing
    /// is known of them.
    #[must_use]
    pub fn network_verdict(&self) -> Option<Verdict> {
        let verdict = network_verdict(self.n_network_bursts, self.network_bursts_per_min_shifted, self.duration_s);
        if self.is_of_slow_rate() { Some(Verdict::Chance) } else { verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A channel whose bursts have ten spikes each, `interval_s` apart.
    fn channel(n_spikes: u64, rate_hz: Option<f64>, n_bursts: u32, interval_s: f64) -> ChannelSummary {
        ChannelSummary {
            n_spikes,
            rate_hz,
            n_bursts: n_bursts.into(),
            n_spikes_in_bursts: Some(10 * u64::from(n_bursts)),
            time_in_bursts_s: Some(9.0 * f64::from(n_bursts) * interval_s),
            ..ChannelSummary::default()
        }
    }

    #[test]
    fn only_active_electrodes_count() {
        let silent = [channel(3, Some(0.05), 1, 0.05), channel(0, Some(0.0), 0, 0.05)];
        let of = |own: ChannelSummary| BurstsBesideRandom::new([own].iter().chain(&silent));
        let beside = of(channel(600, Some(10.0), 30, 0.05));
        let wanted = random_bursts(600, 60.0).count.mean;
        assert_eq!(beside.by_chance(), Some(wanted));
        assert!(beside.by_chance_per_min().is_some_and(|per_min| (per_min - wanted).abs() < 1e-9), "{beside:?}");
        // At 10 Hz four intervals in a row are short by chance often: some 35 times, of 43 ms each.
        assert_eq!(beside.verdict(), Some(Verdict::Chance));
        assert_eq!(beside.words(true), ["random firing at the same rates: about 35.1 per min"]);
        assert_eq!(beside.words(false), ["random firing at the same rates: about 35.1"]);
        assert_eq!(of(channel(600, Some(10.0), 80, 0.05)).verdict(), Some(Verdict::MoreThanChance));
        // Outside lie 300 of 600 spikes, 363 in random firing; with 55 bursts 50 do.
        let few = of(channel(600, Some(10.0), 55, 0.05));
        assert_eq!(few.verdict(), Some(Verdict::MoreThanChance));
        assert_eq!(few.words(true)[1], "few spikes lie outside bursts: 8 % where random firing has 61 %");
        let fast = of(channel(600, Some(10.0), 30, 0.02));
        assert_eq!(fast.verdict(), Some(Verdict::MoreThanChance));
        assert_eq!(fast.words(true)[1], "inside, spikes follow each other 2.13 times as fast as in random firing");
    }

    #[test]
    fn what_is_not_known_is_not_judged() {
        let earlier = ChannelSummary { time_in_bursts_s: None, ..channel(600, Some(10.0), 30, 0.05) };
        for own in [channel(600, None, 80, 0.05), earlier] {
            let beside = BurstsBesideRandom::new([own].iter());
            assert_eq!((beside.verdict(), beside.by_chance(), beside.words(true).len()), (None, None, 0));
        }
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
