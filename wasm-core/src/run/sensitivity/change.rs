//! How much a number changes over the thresholds that people choose, in a word.

use super::numbers::STTC_DIGIT;
use super::{HeadlineNumber, Sensitivity};

/// Thresholds that are compared: most programs and papers take one of them.
const COMPARED: [f64; 4] = [4.5, 5.0, 5.5, 6.0];

/// Percent up to which a number hardly changes, and above which it depends on the threshold.
const HARDLY_PERCENT: f64 = 10.0;
const DEPENDS_PERCENT: f64 = 50.0;

/// How much a number changes between 4.5 and 6 x noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Hardly.
    Hardly,
    /// By so many percent of its largest value.
    ByPercent(f64),
    /// More than that, or it is known at some thresholds only.
    Depends,
}

impl Change {
    /// Judges the values at the thresholds that are compared; differences up to `none` are none. Nothing is said of a
    /// number that is absent at all of them.
    fn new(values: &[Option<f64>], none: f64) -> Option<Self> {
        let known = || values.iter().copied().flatten();
        let n_known = known().count();
        if n_known == 0 {
            return None;
        }
        let (low, high) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
        let difference = high - low;
        let percent = 100.0 * difference / high.abs().max(low.abs());
        Some(if n_known < values.len() {
            Self::Depends
        } else if difference <= none || percent <= HARDLY_PERCENT {
            Self::Hardly
        } else if percent <= DEPENDS_PERCENT {
            Self::ByPercent(percent)
        } else {
            Self::Depends
        })
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Hardly => "hardly changes".into(),
            Self::ByPercent(percent) => format!("changes by {percent:.0} %"),
            Self::Depends => "depends on the threshold".into(),
        }
    }

    /// In a sentence, with the thresholds that are compared.
    pub(super) fn sentence(self) -> String {
        let [first, .., last] = COMPARED;
        format!("Between {first} and {last} x noise it {}.", self.words())
    }

    /// The rule by which it is judged.
    #[must_use]
    pub fn rule() -> String {
        let [first, second, third, last] = COMPARED;
        format!(
            "Compared are {first}, {second}, {third} and {last} x noise, by the largest difference between two of them \
             as a share of the largest value. Up to {HARDLY_PERCENT} % a number hardly changes. Above \
             {DEPENDS_PERCENT} %, or where it is known at some of these thresholds and absent at others, it depends on \
             the threshold. A difference in synchrony of at most {STTC_DIGIT}, the last digit that is shown, is none."
        )
    }
}

impl Sensitivity {
    /// How much a number changes; none as long as a threshold that is compared is missing, and of a number that is
    /// absent at all of them.
    #[must_use]
    pub fn change(&self, number: &HeadlineNumber) -> Option<Change> {
        let at = |threshold: f64| self.at().iter().find(|at| (at.threshold - threshold).abs() < 1e-9);
        let value = |threshold: f64| Some((number.value)(&at(threshold)?.headline));
        let values: Option<Vec<Option<f64>>> = COMPARED.into_iter().map(value).collect();
        Change::new(&values?, number.none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(values: &[f64], none: f64) -> Option<String> {
        let values: Vec<Option<f64>> = values.iter().map(|value| Some(*value)).collect();
        Change::new(&values, none).map(Change::words)
    }

    #[test]
    fn the_limits_are_inside() {
        let told = |values: &[f64]| words(values, 0.0).unwrap_or_default();
        assert_eq!(told(&[100.0, 95.0, 90.0]), "hardly changes");
        assert_eq!(told(&[100.0, 89.0]), "changes by 11 %");
        assert_eq!(told(&[50.0, 100.0]), "changes by 50 %");
        assert_eq!(told(&[49.0, 100.0]), "depends on the threshold");
        // None at all, at every threshold.
        assert_eq!(told(&[0.0, 0.0]), "hardly changes");
        assert_eq!(told(&[0.0, 0.1]), "depends on the threshold");
        // Nothing to divide by: both signs.
        assert_eq!(told(&[-0.2, 0.2]), "depends on the threshold");
    }

    #[test]
    fn small_differences_and_absent_numbers() {
        assert_eq!(words(&[0.001, 0.009], STTC_DIGIT).as_deref(), Some("hardly changes"));
        assert_eq!(words(&[0.001, 0.02], STTC_DIGIT).as_deref(), Some("depends on the threshold"));
        assert_eq!(Change::new(&[Some(1.0), None], 0.0), Some(Change::Depends));
        assert_eq!(Change::new(&[None, None], 0.0), None);
        assert!(Change::rule().contains("4.5, 5, 5.5 and 6 x noise"), "{}", Change::rule());
    }
}
