//! Which pairs pass.

use super::Compared;
use super::tail::{normal, skewed};

/// When a pair passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeRule {
    /// By the tail of a gamma distribution with mean, deviation and skewness of the copies, for all pairs together.
    Tail,
    /// By the tail of a normal distribution.
    Normal,
    /// By the rank among the copies, each pair by itself.
    Rank,
}

/// The verdict on a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairVerdict {
    /// Deviations above the mean of the copies.
    pub z: f64,
    /// Chance of so large a value.
    pub p: f64,
    /// Chance of so large a value, adjusted for all pairs together; none where each stands by itself.
    pub adjusted: Option<f64>,
    /// Whether it passes.
    pub passes: bool,
}

impl Compared {
    /// Deviations above the mean of `n` copies, and the skewness of these. Where they differ by less, they are taken
    /// as if one of them had one coincidence more than the others: from copies without a coincidence one could
    /// otherwise conclude that there never is one.
    fn place(&self, n: f64) -> (f64, f64) {
        let (deviation, least) = (self.moments.deviation(n), self.one_more / libm::sqrt(n));
        let above = self.observed - self.moments.mean;
        if deviation >= least { (above / deviation, self.moments.skewness(n)) } else { (above / least, libm::sqrt(n)) }
    }
}

/// Judges pairs that were compared with `n_copies`; `alpha` is the share of false ones that may be among those that
/// pass (Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x), or the chance of each, by rank.
#[must_use]
pub fn judge_pairs(pairs: &[Compared], n_copies: u32, rule: EdgeRule, alpha: f64) -> Vec<PairVerdict> {
    let n = f64::from(n_copies);
    let tail = |pair: &Compared| {
        let (z, skewness) = pair.place(n);
        let p = match rule {
            EdgeRule::Tail => skewed(z, skewness),
            EdgeRule::Normal => normal(z),
            // Never 0: Phipson & Smyth 2010, doi:10.2202/1544-6115.1585.
            EdgeRule::Rank => f64::from(pair.n_at_least + 1) / (n + 1.0),
        };
        (z, p)
    };
    let tails: Vec<(f64, f64)> = pairs.iter().map(tail).collect();
    if rule == EdgeRule::Rank {
        // The order statistic: a whole number of copies, whatever its last digit.
        let least = libm::ceil((1.0 - alpha) * n - 1e-9);
        let verdict = |(pair, (z, p)): (&Compared, &(f64, f64))| PairVerdict {
            z: *z,
            p: *p,
            adjusted: None,
            passes: pair.observed > 0.0 && f64::from(pair.n_at_most) >= least,
        };
        return pairs.iter().zip(&tails).map(verdict).collect();
    }
    let adjusted = adjusted(&tails.iter().map(|(_, p)| *p).collect::<Vec<f64>>());
    let verdict = |((pair, (z, p)), adjusted): ((&Compared, &(f64, f64)), f64)| PairVerdict {
        z: *z,
        p: *p,
        adjusted: Some(adjusted),
        passes: pair.observed > 0.0 && adjusted <= alpha,
    };
    pairs.iter().zip(&tails).zip(adjusted).map(verdict).collect()
}

/// The smallest share of false ones at which each passes (Benjamini & Hochberg 1995).
#[expect(clippy::cast_precision_loss, reason = "counts of pairs")]
pub fn adjusted(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (rank, at) in order.iter().enumerate().rev() {
        least = least.min(p[*at] * p.len() as f64 / (rank + 1) as f64);
        adjusted[*at] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::super::{Null, compare_pairs};
    use super::*;
    use crate::analyses::SegmentTrains;

    #[test]
    fn p_is_adjusted_as_in_the_paper() {
        let found = adjusted(&[0.01, 0.04, 0.03, 0.005]);
        let wanted = [0.02, 0.04, 0.04, 0.02];
        assert!(found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-15), "{found:?}");
        assert!(adjusted(&[]).is_empty());
    }

    #[test]
    fn a_train_is_like_itself_and_unlike_another() {
        let random = |seed: u64| {
            let mut random = crate::analyses::random::Random::new(seed);
            let mut train: Vec<i64> = (0..300).map(|_| random.below(300_000)).collect();
            train.sort_unstable();
            train
        };
        let (one, other) = (random(1), random(2));
        let near: Vec<i64> = one.iter().map(|frame| frame + 3).collect();
        let segments = [SegmentTrains { n_frames: 300_003, trains: vec![&one, &near, &other] }];
        for null in [Null::Shift { least: 5000 }, Null::Jitter { window: 500 }] {
            let compared = compare_pairs(&segments, 25, null, 101, 7);
            assert!((compared[0].observed - 1.0).abs() < 1e-12 && compared[0].n_at_least == 0, "{compared:?}");
            for rule in [EdgeRule::Tail, EdgeRule::Normal, EdgeRule::Rank] {
                let verdicts = judge_pairs(&compared, 101, rule, 0.01);
                let passes: Vec<bool> = verdicts.iter().map(|verdict| verdict.passes).collect();
                assert_eq!(passes, [true, false, false], "{null:?} {rule:?} {verdicts:?}");
            }
        }
        // The same seed, the same numbers.
        let again = || {
            judge_pairs(&compare_pairs(&segments, 25, Null::Jitter { window: 500 }, 20, 7), 20, EdgeRule::Tail, 0.01)
        };
        assert_eq!(again(), again());
    }

    #[test]
    fn trains_without_a_coincidence_in_any_copy_pass_by_no_rule() {
        let (one, other) = ([1000_i64, 250_000], [100_000_i64, 201_000]);
        let segments = [SegmentTrains { n_frames: 300_000, trains: vec![&one[..], &other[..]] }];
        let compared = compare_pairs(&segments, 1, Null::Shift { least: 0 }, 50, 1);
        for rule in [EdgeRule::Tail, EdgeRule::Normal, EdgeRule::Rank] {
            assert!(judge_pairs(&compared, 50, rule, 0.05).iter().all(|verdict| !verdict.passes && verdict.p > 0.05));
        }
        assert!(compare_pairs(&[], 1, Null::Shift { least: 0 }, 50, 1).is_empty());
    }
}
