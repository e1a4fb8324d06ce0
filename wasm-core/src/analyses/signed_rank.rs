//! Whether paired numbers differ to one side: Wilcoxon's signed ranks (Wilcoxon 1945, doi:10.2307/3001968).

use std::cmp::Ordering;

use super::connectivity::normal;

/// Steps that the exact probability may take: for one train among a thousand it must be quick.
const MAX_STEPS: u64 = 150_000;

/// The result of a signed-rank test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignedRank {
    /// Probability that differences which lie above 0 as often as below it come to lie so far to one side, whichever.
    pub p: f64,
    /// On which side of 0 they lie.
    pub side: Ordering,
}

impl SignedRank {
    /// Judges whole differences. Those of 0 say nothing and are left out; equal ones share the mean of their ranks.
    /// None where nothing is left.
    ///
    /// The probability is exact, given the sizes that there are. Where that would take too long it is that of a
    /// normal distribution with the same mean and variance, half a step of the sum of ranks closer to the middle.
    #[must_use]
    pub fn new(differences: &[i64]) -> Option<Self> {
        let (ranks, above) = doubled_ranks(differences);
        let step = ranks.iter().copied().fold(0, greatest_divisor);
        if step == 0 {
            return None;
        }
        let ranks: Vec<u64> = ranks.iter().map(|rank| rank / step).collect();
        let (above, total) = (above / step, ranks.iter().sum::<u64>());
        let is_short = total.saturating_mul(ranks.len() as u64) <= MAX_STEPS;
        let p = if is_short { exact(&ranks, total, above) } else { by_normal(&ranks, total, above) };
        Some(Self { p, side: (2 * above).cmp(&total) })
    }
}

/// Twice the rank of each difference, by size, which is a whole number for equal ones too, and the sum of those of
/// differences above 0.
fn doubled_ranks(differences: &[i64]) -> (Vec<u64>, u64) {
    let unequal = differences.iter().filter(|difference| **difference != 0);
    let mut sizes: Vec<(u64, bool)> = unequal.map(|difference| (difference.unsigned_abs(), *difference > 0)).collect();
    sizes.sort_unstable();
    let mut ranks = Vec::with_capacity(sizes.len());
    let (mut above, mut n_below) = (0, 0);
    for equal in sizes.chunk_by(|one, other| one.0 == other.0) {
        let n = equal.len() as u64;
        let rank = 2 * n_below + n + 1;
        above += rank * equal.iter().filter(|(_, is_above)| *is_above).count() as u64;
        ranks.extend(equal.iter().map(|_| rank));
        n_below += n;
    }
    (ranks, above)
}

fn greatest_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_divisor(b, a % b) }
}

/// Each rank counts above 0 or not, with equal chance: the share of all ways that lie as far to the side.
fn exact(ranks: &[u64], total: u64, above: u64) -> f64 {
    let place = |sum: u64| usize::try_from(sum).unwrap_or_default();
    let mut shares = vec![0.0; place(total) + 1];
    shares[0] = 1.0;
    let mut reached = 0;
    for rank in ranks.iter().map(|rank| place(*rank)) {
        reached += rank;
        for sum in (0..=reached).rev() {
            let with = if sum >= rank { shares[sum - rank] } else { 0.0 };
            shares[sum] = 0.5 * (shares[sum] + with);
        }
    }
    let above = place(above);
    let (most, least): (f64, f64) = (shares[above..].iter().sum(), shares[..=above].iter().sum());
    (2.0 * most.min(least)).min(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "sums of ranks stay far below 2^53")]
fn by_normal(ranks: &[u64], total: u64, above: u64) -> f64 {
    let variance = ranks.iter().map(|rank| *rank as f64 * *rank as f64).sum::<f64>() / 4.0;
    let distance = ((above as f64 - total as f64 / 2.0).abs() - 0.5).max(0.0);
    (2.0 * normal(distance / libm::sqrt(variance))).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(differences: &[i64]) -> f64 {
        SignedRank::new(differences).expect("differences").p
    }

    #[test]
    fn small_numbers_have_their_closed_forms() {
        // All on one side: one of 2^n ways, on either side.
        for n in 1..12_i32 {
            let all: Vec<i64> = (1..=i64::from(n)).collect();
            assert!((p(&all) - 2.0 * 0.5_f64.powi(n)).abs() < 1e-15, "{n}");
        }
        // 13 of 15 lie above 0: as much as there is without nothing, 1 or 2, which are 3 of 32 ways.
        assert!((p(&[1, -2, 3, 4, 5]) - 6.0 / 32.0).abs() < 1e-15, "{}", p(&[1, -2, 3, 4, 5]));
        // Equal sizes make it a test of signs: 9 or more of 10 are 11 of 1,024 ways.
        let mut signs = vec![1_i64; 9];
        signs.push(-1);
        assert!((p(&signs) - 22.0 / 1024.0).abs() < 1e-15);
        signs.extend([0; 40]);
        assert!((p(&signs) - 22.0 / 1024.0).abs() < 1e-15, "those of 0 say nothing");
        assert_eq!((p(&[1, -1]), p(&[-7])), (1.0, 1.0));
        assert_eq!((SignedRank::new(&[]), SignedRank::new(&[0, 0])), (None, None));
    }

    #[test]
    fn the_side_is_that_of_the_larger_sum() {
        let side = |differences: &[i64]| SignedRank::new(differences).map(|found| found.side);
        assert_eq!(side(&[5, -1, -2]), Some(Ordering::Equal));
        assert_eq!(side(&[6, 5, -1, -2]), Some(Ordering::Greater));
        assert_eq!(side(&[-6, -5, 1, 2]), Some(Ordering::Less));
        assert!((p(&[6, 5, -1, -2]) - p(&[-6, -5, 1, 2])).abs() < 1e-15);
    }

    #[test]
    fn many_differences_are_close_to_the_exact_probability() {
        // Sizes 1 to 50, every third of them below 0: exact, and as the normal distribution has it.
        let differences: Vec<i64> = (1..=50).map(|at| if at % 3 == 0 { -at } else { at }).collect();
        let (ranks, above) = doubled_ranks(&differences);
        let ranks: Vec<u64> = ranks.iter().map(|rank| rank / 2).collect();
        let total = ranks.iter().sum();
        let (exact, near) = (exact(&ranks, total, above / 2), by_normal(&ranks, total, above / 2));
        assert!((exact / near - 1.0).abs() < 0.05, "{exact} and {near}");
        assert_eq!(p(&differences), exact);
        // Too many for the exact one.
        let many: Vec<i64> = (1..=400).map(|at| if at % 2 == 0 { -at } else { at }).collect();
        assert!((0.5..=1.0).contains(&p(&many)), "{}", p(&many));
        let far: Vec<i64> = (1..=400).map(|at| if at % 4 == 0 { -at } else { at }).collect();
        assert!(p(&far) < 1e-15, "{}", p(&far));
    }
}
