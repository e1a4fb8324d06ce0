//! Intervals of the numbers of a culture or of a whole recording; where a number has none, the reason stands in its
//! place.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::absent::too_short_for_rates;
use super::culture::{Culture, Trains};
use crate::analyses::{Interval, MIN_RESAMPLED, PairSums, bootstrap_mean, garwood, too_short, wilson};

/// Why values that are all the same have no interval: drawn again from them, they are the same again.
const ALL_EQUAL: &str = "all values are the same, so they do not tell how much they vary";

/// Intervals of 95 %, by the fields of `summary.json` that hold the numbers. A number that is absent has neither an
/// interval nor a reason here: its own reason stands with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    /// Intervals that there are.
    #[serde(default)]
    pub known: BTreeMap<String, Interval>,
    /// Why numbers have none.
    #[serde(default)]
    pub absent: BTreeMap<String, String>,
}

impl Intervals {
    /// Whether nothing is said, as in results of earlier versions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.absent.is_empty()
    }

    /// The interval of a number.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<Interval> {
        self.known.get(field).copied()
    }

    /// Both ends of the interval of a number in words, or why it has none; nothing where nothing is said. Ends that
    /// are the same tell no uncertainty, so they are no interval.
    #[must_use]
    pub fn words(&self, field: &str, shown: impl Fn(f64) -> String) -> Option<String> {
        let known = self.of(field).map(|Interval { low, high }| {
            let ends = (shown(low), shown(high));
            if low == high {
                format!("no interval: {ALL_EQUAL}")
            } else if ends.0 == ends.1 {
                format!("95 %: both ends round to {}", ends.0)
            } else {
                format!("95 %: {} to {}", ends.0, ends.1)
            }
        });
        known.or_else(|| self.absent.get(field).map(|reason| format!("no interval: {reason}")))
    }

    fn put(&mut self, field: &str, interval: Option<Interval>, reason: impl FnOnce() -> String) {
        if let Some(interval) = interval {
            self.known.insert(field.to_owned(), interval);
        } else {
            self.absent.insert(field.to_owned(), reason());
        }
    }

    /// The intervals of the numbers of single electrodes: how many of `group` are active, and the means over the
    /// active ones.
    pub(super) fn over_electrodes(of: &Trains<'_>, group: &[usize], active: &[usize]) -> Self {
        let mut found = Self::default();
        let works = |at: &&usize| of.channels.get(**at).is_some_and(|channel| !channel.left_out && !channel.dead);
        let n_working = group.iter().filter(works).count();
        let share = if n_working > 1 { wilson(active.len(), n_working) } else { None };
        match too_short_for_rates(of.trains.info().duration_s()) {
            Some(reason) => found.put("active_electrodes", None, || reason),
            None => found.put("active_electrodes", share, || "needs at least 2 working electrodes".into()),
        }
        let rates: Vec<f64> = active.iter().filter_map(|at| of.channels[*at].rate_hz).collect();
        found.resampled("mean_rate_hz", &rates, "active electrodes");
        if too_short(of.trains.info().duration_s()).is_none() {
            let rates: Vec<f64> = active.iter().map(|at| of.bursts_per_min(&[*at])).collect();
            found.resampled("bursts_per_min", &rates, "active electrodes");
        }
        found
    }

    /// That of a mean over things.
    fn resampled(&mut self, field: &str, values: &[f64], things: &str) {
        if !values.is_empty() {
            self.put(field, bootstrap_mean(values), || too_few(values.len(), things));
        }
    }

    /// That of a number per minute of which so many were counted.
    pub(super) fn counted(&mut self, field: &str, count: u64, duration_s: f64) {
        if duration_s > 0.0 {
            self.known.insert(field.to_owned(), garwood(count).times(60.0 / duration_s));
        }
    }

    /// That of the mean over the pairs of so many active electrodes.
    pub(super) fn over_pairs(&mut self, field: &str, pairs: &PairSums, n_active: usize) {
        if pairs.mean().is_some() {
            let dense = || "too many electrodes fire so densely that no time is away from their spikes".to_owned();
            let reason = || if n_active < MIN_RESAMPLED { too_few(n_active, "active electrodes") } else { dense() };
            self.put(field, pairs.interval(), reason);
        }
    }

    /// The intervals of a whole recording: of its one culture, or of a plate, whose network is that of its wells.
    pub(super) fn of_recording(of: &Trains<'_>, active: &[usize], cultures: &[Culture]) -> Self {
        if let [only] = cultures {
            return only.intervals.clone();
        }
        let all: Vec<usize> = (0..of.channels.len()).collect();
        let mut found = Self::over_electrodes(of, &all, active);
        let over = |value: &dyn Fn(&Culture) -> Option<f64>| cultures.iter().filter_map(value).collect::<Vec<f64>>();
        found.resampled("network_bursts_per_min", &over(&|of| of.network_bursts_per_min), "wells with that number");
        found.resampled("synchrony_sttc", &over(&|of| of.synchrony_sttc), "wells with that number");
        found
    }
}

/// Why so few things have no interval.
fn too_few(n: usize, things: &str) -> String {
    format!("needs at least {MIN_RESAMPLED} {things}, and has {n}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_electrodes_have_a_reason_in_place_of_an_interval() {
        let mut found = Intervals::default();
        assert!(found.is_empty());
        found.resampled("mean_rate_hz", &[], "active electrodes");
        assert!(found.is_empty(), "the number itself is absent");
        found.resampled("mean_rate_hz", &[2.0], "active electrodes");
        let words = found.words("mean_rate_hz", |value| value.to_string());
        assert_eq!(words.as_deref(), Some("no interval: needs at least 6 active electrodes, and has 1"));
        // Six electrodes without bursts do not tell that no other has one.
        found.resampled("bursts_per_min", &[0.0; 6], "active electrodes");
        let words = found.words("bursts_per_min", |value| value.to_string()).expect("a reason");
        assert!(words.starts_with("no interval: all values are the same"), "{words}");
        found.resampled("synchrony_sttc", &[0.5; 3], "wells with that number");
        assert_eq!(found.absent["synchrony_sttc"], "needs at least 6 wells with that number, and has 3");
        assert_eq!(found.words("n_spikes", |value| value.to_string()), None);
    }

    #[test]
    fn ends_that_are_one_number_are_no_interval() {
        let of = |low: f64, high: f64| {
            let known = BTreeMap::from([("mean_rate_hz".to_owned(), Interval { low, high })]);
            let found = Intervals { known, ..Intervals::default() };
            found.words("mean_rate_hz", |value| format!("{value:.1}")).expect("words")
        };
        assert!(of(0.0, 0.0).starts_with("no interval: "), "{}", of(0.0, 0.0));
        assert_eq!(of(0.01, 0.04), "95 %: both ends round to 0.0");
        assert_eq!(of(0.0, 0.3), "95 %: 0.0 to 0.3");
    }

    #[test]
    fn counts_per_minute_have_the_interval_of_the_count() {
        let mut found = Intervals::default();
        found.counted("network_bursts_per_min", 0, 120.0);
        let Interval { low, high } = found.of("network_bursts_per_min").expect("an interval");
        assert!(low == 0.0 && (high - 3.688_879_454_113_935 / 2.0).abs() < 1e-9, "{high}");
        found.counted("other", 3, 0.0);
        assert_eq!(found.of("other"), None, "nothing is known of no time");
    }

    #[test]
    fn a_summary_of_an_earlier_version_has_none() {
        let text = r#"{"known":{"mean_rate_hz":{"low":1.5,"high":2.25}},"absent":{}}"#;
        let found: Intervals = serde_json::from_str(text).expect("intervals");
        assert_eq!(found.of("mean_rate_hz"), Some(Interval { low: 1.5, high: 2.25 }));
        assert_eq!(serde_json::to_string(&found).expect("JSON"), text);
        assert!(serde_json::from_str::<Intervals>("{}").expect("none").is_empty());
    }
}
