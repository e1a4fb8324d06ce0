//! The threshold at a stated rate of false spikes, what it costs, and what speaks against it.

use super::{BURSTS_AT, CalibrationCounts, CountedAt};
use crate::analyses::{ACTIVE_SPIKES_PER_MIN, Interval, garwood};
use crate::decimals::grouped;
use crate::numbers::{counted, significant};
use crate::table::Table;

/// False spikes that the silent recording must be able to show at the stated rate: of fewer, the interval of their
/// rate is wider than the rate itself.
const MIN_EXPECTED: f64 = 10.0;

/// From this factor between the noises on they are told apart: 5 x noise of one are then 4 or 6.25 x noise of the
/// other.
const NOISE_FACTOR: f64 = 1.25;

/// Sampling rates that differ by more than this share are told; less is the clock.
const RATE_SHARE: f64 = 0.001;

/// One electrode with more than half of at least so many false spikes, among at least so many electrodes, is told.
const MIN_FALSE: u64 = 10;
const MIN_ELECTRODES: usize = 4;

/// What two recordings say at a stated rate of false spikes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration<'a> {
    /// Counts in both recordings.
    pub counts: &'a CalibrationCounts,
    /// False spikes per minute and electrode that are accepted.
    pub limit_per_min: f64,
    /// The lowest threshold from which on there are no more; none where there are more at all thresholds.
    pub chosen: Option<&'a CountedAt>,
}

impl CalibrationCounts {
    /// The threshold at which so many false spikes per minute and electrode are accepted.
    #[must_use]
    pub fn at_rate(&self, limit_per_min: f64) -> Calibration<'_> {
        let is_accepted = |at: &&CountedAt| self.silent_per_min(at.n_silent) <= limit_per_min;
        let n_accepted = self.at.iter().rev().take_while(is_accepted).count();
        let chosen = self.at.get(self.at.len() - n_accepted);
        Calibration { counts: self, limit_per_min, chosen }
    }

    /// Minutes of all electrodes of the silent and of the active recording.
    #[expect(clippy::cast_precision_loss, reason = "a number of electrodes")]
    fn minutes(&self) -> (f64, f64) {
        let n = self.n_electrodes as f64;
        (self.duration_s.0 / 60.0 * n, self.duration_s.1 / 60.0 * n)
    }

    /// Spikes of the silent recording per minute and electrode.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(super) fn silent_per_min(&self, count: u64) -> f64 {
        count as f64 / self.minutes().0
    }

    /// Spikes of the active recording per minute and electrode.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(super) fn active_per_min(&self, count: u64) -> f64 {
        count as f64 / self.minutes().1
    }

    /// The interval of the false rate.
    fn interval(&self, at: &CountedAt) -> Interval {
        garwood(at.n_silent).times(1.0 / self.minutes().0)
    }

    /// The rate in the silent recording as a share of that in the active one; none where that has no spikes.
    fn share(&self, at: &CountedAt) -> Option<f64> {
        (at.n_active > 0).then(|| self.silent_per_min(at.n_silent) / self.active_per_min(at.n_active))
    }

    /// All counts and rates, a row for each threshold. Intervals are those of Poisson counts.
    #[must_use]
    pub fn table(&self) -> Table {
        let rows = || self.at.iter();
        let rate = "per min and electrode";
        Table::new("calibration", "Spikes of a silent and an active recording over the threshold")
            .numbers(("threshold_x_noise", "Threshold", "x noise"), rows().map(|at| Some(at.threshold)))
            .counts(("n_spikes_silent", "Spikes, silent"), rows().map(|at| at.n_silent))
            .numbers(("false_per_min", "False rate", rate), rows().map(|at| Some(self.silent_per_min(at.n_silent))))
            .numbers(("false_per_min_low", "From", rate), rows().map(|at| Some(self.interval(at).low)))
            .numbers(("false_per_min_high", "To", rate), rows().map(|at| Some(self.interval(at).high)))
            .counts(("n_spikes_active", "Spikes, active"), rows().map(|at| at.n_active))
            .numbers(("active_per_min", "Active rate", rate), rows().map(|at| Some(self.active_per_min(at.n_active))))
            .numbers(("share_false", "Share of false spikes", ""), rows().map(|at| self.share(at)))
            .numbers(
                ("false_per_min_same_uv", "False rate at the same µV", rate),
                rows().map(|at| at.n_silent_same_uv.map(|count| self.silent_per_min(count))),
            )
    }
}

impl Calibration<'_> {
    /// The threshold, in multiples of the noise.
    #[must_use]
    pub fn threshold(&self) -> Option<f64> {
        self.chosen.map(|at| at.threshold)
    }

    /// The outcome, in sentences.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (counts, limit) = (self.counts, significant(self.limit_per_min));
        let spikes = if limit == "1" { "spike" } else { "spikes" };
        let Some(at) = self.chosen else {
            let Some(last) = counts.at.last() else { return "No threshold was looked at.".into() };
            return format!(
                "There is no such threshold: even at {} x noise the silent recording has {} spikes per minute and \
                 electrode, more than the {limit} that are accepted.",
                significant(last.threshold),
                significant(counts.silent_per_min(last.n_silent))
            );
        };
        let Interval { low, high } = counts.interval(at);
        let lowest = match counts.at.first() {
            Some(first) if first == at => " Peaks below it were not kept: a lower threshold may do as well.",
            _ => "",
        };
        format!(
            "From {} x noise on, the silent recording has no more than {limit} {spikes} per minute and electrode. There \
             it has {} (95 %: {} to {}). {}{lowest}",
            significant(at.threshold),
            significant(counts.silent_per_min(at.n_silent)),
            significant(low),
            significant(high),
            self.told_share(at)
        )
    }

    /// How many of the spikes of the active recording are false.
    fn told_share(&self, at: &CountedAt) -> String {
        let counts = self.counts;
        let Some(share) = counts.share(at) else { return "The active recording has no spikes there.".into() };
        let active = counts.active_per_min(at.n_active);
        let Interval { low, high } = counts.interval(at);
        format!(
            "The active recording has {}, of which {} % (95 %: {} to {} %, by the count of false spikes) are false.",
            significant(active),
            significant(100.0 * share),
            significant(100.0 * low / active),
            significant(100.0 * high / active)
        )
    }

    /// What a threshold is a multiple of, and what the same microvolts would give.
    #[must_use]
    pub fn noise_words(&self) -> String {
        let (silent, active) = self.counts.noise_uv;
        let same = self.chosen.and_then(|at| at.n_silent_same_uv).map(|count| {
            let rate = significant(self.counts.silent_per_min(count));
            format!(" Beyond the thresholds of the active recording in microvolts, the silent one has {rate}.")
        });
        format!(
            "A threshold is a multiple of each recording's own noise: {} µV in the silent one, {} µV in the active one \
             (medians).{}",
            significant(silent),
            significant(active),
            same.unwrap_or_default()
        )
    }

    /// What speaks against it, or should be known.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let all = [
            self.not_silent(),
            self.fires(),
            self.exchanged(),
            self.other_rate(),
            self.short(),
            self.other_noise(),
            self.one_electrode(),
            self.others(),
        ];
        all.into_iter().flatten().collect()
    }

    fn not_silent(&self) -> Option<String> {
        let (n, n_network) = self.counts.n_bursts;
        (n > 0 || n_network > 0).then(|| {
            format!(
                "The silent recording is not silent: it has {} and {} at {BURSTS_AT} x noise. Real spikes are counted as \
                 false, so the threshold is too high. Record again when the drug has worked.",
                counted(n, "burst"),
                counted(n_network, "network burst")
            )
        })
    }

    /// A silent recording whose electrodes would count as active.
    fn fires(&self) -> Option<String> {
        let at = self.counts.at.iter().find(|at| at.threshold >= BURSTS_AT)?;
        let silent = self.counts.silent_per_min(at.n_silent);
        (silent >= ACTIVE_SPIKES_PER_MIN).then(|| {
            format!(
                "The silent recording fires: it has {} spikes per minute and electrode at {} x noise, and the active one \
                 {}. From {ACTIVE_SPIKES_PER_MIN} on an electrode counts as active. Look whether the drug had worked, and \
                 whether two active recordings were chosen.",
                significant(silent),
                significant(at.threshold),
                significant(self.counts.active_per_min(at.n_active))
            )
        })
    }

    fn exchanged(&self) -> Option<String> {
        let share = self.chosen.and_then(|at| self.counts.share(at))?;
        (share >= 1.0).then(|| {
            "The active recording has no more spikes there than the silent one. Look whether the two were exchanged."
                .into()
        })
    }

    fn other_rate(&self) -> Option<String> {
        let (silent, active) = self.counts.sampling_frequency_hz;
        ((silent - active).abs() > RATE_SHARE * active).then(|| {
            format!(
                "The two recordings have different sampling rates: {} Hz in the silent one, {} Hz in the active one. \
                 Noise and spikes have other sizes at another rate, so the threshold of one is not that of the other. \
                 Record both with the same settings.",
                grouped(silent),
                grouped(active)
            )
        })
    }

    fn short(&self) -> Option<String> {
        let expected = self.limit_per_min * self.counts.minutes().0;
        (expected < MIN_EXPECTED).then(|| {
            format!(
                "The silent recording is short: at the stated rate it has {} false spikes in all, and at least \
                 {MIN_EXPECTED} are needed to tell that rate. Record longer, or accept a higher rate.",
                significant(expected)
            )
        })
    }

    fn other_noise(&self) -> Option<String> {
        let (silent, active) = self.counts.noise_uv;
        let factor = silent.max(active) / silent.min(active);
        (factor >= NOISE_FACTOR).then(|| {
            format!(
                "The noise of the two recordings differs by a factor of {}. The same multiple of the noise is another \
                 size of spikes in each; activity raises the noise, too.",
                significant(factor)
            )
        })
    }

    fn one_electrode(&self) -> Option<String> {
        let at = self.chosen?;
        let (one, all) = (at.n_silent_of_one, at.n_silent);
        (all >= MIN_FALSE && 2 * one > all && self.counts.n_electrodes >= MIN_ELECTRODES).then(|| {
            format!(
                "One electrode has {one} of the {all} false spikes. If it is broken, leave it out of both recordings: the \
                 others need a lower threshold."
            )
        })
    }

    fn others(&self) -> Option<String> {
        let (n, (silent, active)) = (self.counts.n_electrodes, self.counts.n_all);
        if silent != active {
            return Some(format!(
                "The two recordings have different numbers of electrodes, {silent} in the silent one and {active} in the \
                 active one: they may be of different arrays. Counted are the {n} electrodes of the same names; look \
                 whether these are the same electrodes."
            ));
        }
        (n < silent).then(|| format!("Counted are the {n} electrodes that work in both recordings; each has {silent}."))
    }
}
