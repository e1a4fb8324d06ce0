//! The random numbers of a simulation: the same on every platform.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

pub struct Random(Xoshiro256PlusPlus);

impl Random {
    /// An independent stream for each pair of seed and block.
    pub fn new(seed: u64, block: u64) -> Self {
        let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ block.wrapping_mul(0xD1B5_4A32_D192_ED03);
        Self(Xoshiro256PlusPlus::seed_from_u64(mixed))
    }

    /// Uniform in `[0, 1)`.
    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Nearly normal, with thinner tails (the density is 5 % low at three standard deviations
    /// and 23 % at four): the number of ones among
    /// 64 random bits, smoothed by a uniform value. Two draws, no logarithm.
    #[expect(clippy::cast_precision_loss, reason = "16 bits")]
    pub fn normal(&mut self) -> f32 {
        // Variance of the binomial (16) and of the uniform (1/12).
        const SD: f32 = 4.010_403;
        let ones = self.0.next_u64().count_ones() as f32 - 32.0;
        let fraction = (self.0.next_u64() >> 48) as f32 / 65_536.0 - 0.5;
        (ones + fraction) / SD
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.uniform())
    }
}
