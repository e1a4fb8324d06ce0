//! Random numbers, the same on every platform.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

/// A seeded generator.
pub struct Random(Xoshiro256PlusPlus);

impl Random {
    /// Each seed gives another sequence.
    pub fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// A number of `0..n`; 0 where there is none.
    pub fn below(&mut self, n: i64) -> i64 {
        let product = u128::from(self.0.next_u64()) * u128::from(n.max(0).cast_unsigned());
        i64::try_from(product >> 64).unwrap_or_default()
    }

    /// A place in a list of `n`; 0 where there is none.
    pub fn place(&mut self, n: usize) -> usize {
        let product = u128::from(self.0.next_u64()) * n as u128;
        usize::try_from(product >> 64).unwrap_or_default()
    }

    /// A number from 0 to below 1, each alike.
    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number with an exponential distribution, 1 on average.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.uniform())
    }

    /// Puts values into a random order.
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for at in (1..values.len()).rev() {
            let other = self.place(at + 1);
            values.swap(at, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_below_and_a_shuffle_loses_nothing() {
        let mut random = Random::new(3);
        assert!((0..1000).all(|_| (0..7).contains(&random.below(7)) && random.place(5) < 5));
        assert_eq!((random.below(0), random.below(-3), random.place(0)), (0, 0, 0));
        // The mean of 10,000 lies within four of its deviations, each a hundredth.
        let mean = (0..10_000).map(|_| random.exponential()).sum::<f64>() / 10_000.0;
        assert!((mean - 1.0).abs() < 0.04, "{mean}");
        let mut values: Vec<usize> = (0..50).collect();
        random.shuffle(&mut values);
        assert!(!values.is_sorted());
        values.sort_unstable();
        assert!(values.iter().enumerate().all(|(at, value)| at == *value));
    }
}
