//! Mean, spread and skewness.

/// Moments of numbers that are shown one after the other (Welford 1962, doi:10.1080/00401706.1962.10490022).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    pub mean: f64,
    /// Sum of the squared differences from the mean.
    squares: f64,
    /// Sum of the cubed differences.
    cubes: f64,
}

impl Moments {
    /// Adds the `n`-th number, the first being 1. Of equal numbers the spread is exactly 0.
    pub fn add(&mut self, value: f64, n: f64) {
        let difference = value - self.mean;
        let step = difference / n;
        let square = difference * step * (n - 1.0);
        self.mean += step;
        self.cubes += square * step * (n - 2.0) - 3.0 * step * self.squares;
        self.squares += square;
    }

    /// The standard deviation of `n` numbers as a sample; 0 of fewer than two.
    pub fn deviation(&self, n: f64) -> f64 {
        if n > 1.0 { libm::sqrt(self.squares / (n - 1.0)) } else { 0.0 }
    }

    /// The skewness of `n` numbers; 0 where they are equal.
    pub fn skewness(&self, n: f64) -> f64 {
        if self.squares > 0.0 { libm::sqrt(n) * self.cubes / (self.squares * libm::sqrt(self.squares)) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> (Moments, f64) {
        let mut moments = Moments::default();
        let mut n = 0.0;
        for value in values {
            n += 1.0;
            moments.add(*value, n);
        }
        (moments, n)
    }

    #[test]
    fn moments_are_those_of_the_definition() {
        let values = [0.3, -1.2, 4.5, 0.0, 2.5, 2.5, -0.7];
        let (moments, n) = of(&values);
        let mean = values.iter().sum::<f64>() / n;
        let power = |k: i32| values.iter().map(|value| (value - mean).powi(k)).sum::<f64>();
        assert!((moments.mean - mean).abs() < 1e-15);
        assert!((moments.deviation(n) - (power(2) / (n - 1.0)).sqrt()).abs() < 1e-14);
        assert!((moments.skewness(n) - power(3) / n / (power(2) / n).powf(1.5)).abs() < 1e-13);
    }

    #[test]
    fn equal_numbers_have_no_spread() {
        let (moments, n) = of(&[0.1; 200]);
        assert_eq!((moments.mean, moments.deviation(n), moments.skewness(n)), (0.1, 0.0, 0.0));
        assert_eq!(Moments::default().deviation(0.0), 0.0);
    }
}
