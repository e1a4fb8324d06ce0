//! Upper tails of distributions.

/// Below this skewness a distribution is taken as normal.
const LEAST_SKEWNESS: f64 = 0.01;

/// The share of a normal distribution above `z` deviations.
pub fn normal(z: f64) -> f64 {
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The share above `z` deviations of the gamma distribution (Pearson's type III) that has this skewness.
///
/// Winkler et al. 2016, doi:10.1016/j.neuroimage.2016.05.068: from few copies a tail is found that is long where
/// coincidences are rare, where a normal one would be much too short.
pub fn skewed(z: f64, skewness: f64) -> f64 {
    if !(skewness > LEAST_SKEWNESS) {
        return normal(z);
    }
    let root = 2.0 / skewness;
    incomplete_gamma(root * root, root * (root + z))
}

/// The regularised upper incomplete gamma function of order `a`, by its series and its continued fraction.
fn incomplete_gamma(a: f64, x: f64) -> f64 {
    const MAX_TERMS: u32 = 5000;
    if !(x > 0.0) {
        return 1.0;
    }
    let scale = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for k in 1..MAX_TERMS {
            term *= x / (a + f64::from(k));
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        return (1.0 - scale * sum).max(0.0);
    }
    // Lentz's way through the fraction; nothing is 0 here, as x > a + 1.
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (f64::MAX, 1.0 / b);
    let mut value = d;
    for k in 1..MAX_TERMS {
        let k = f64::from(k);
        let part = -k * (k - a);
        b += 2.0;
        d = 1.0 / (part * d + b);
        c = b + part / c;
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() < 1e-15 {
            break;
        }
    }
    scale * value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_have_their_closed_forms() {
        assert!((normal(0.0) - 0.5).abs() < 1e-15);
        assert!((normal(1.959_963_984_540_054) - 0.025).abs() < 1e-15);
        // Order 1 is exponential, order 2 is (1 + x) exp(-x), order 1/2 is erfc of the root.
        for x in [0.01, 0.3, 1.0, 2.5, 7.0, 40.0_f64] {
            let near =
                |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 1e-12, "{found} is not {wanted}");
            near(incomplete_gamma(1.0, x), libm::exp(-x));
            near(incomplete_gamma(2.0, x), (1.0 + x) * libm::exp(-x));
            near(incomplete_gamma(0.5, x), libm::erfc(x.sqrt()));
        }
        // The exponential distribution has mean 1, deviation 1 and skewness 2.
        assert!((skewed(3.0, 2.0) - libm::exp(-4.0)).abs() < 1e-15);
        assert_eq!((skewed(-2.0, 2.0), incomplete_gamma(3.0, 0.0)), (1.0, 1.0));
    }

    #[test]
    fn little_skewness_is_none() {
        for z in [-1.0, 0.0, 2.0, 5.0] {
            let (own, normal) = (skewed(z, 0.011), normal(z));
            assert!(own >= normal * 0.9 && own < normal * 1.5, "{z}: {own}, {normal}");
            assert_eq!(skewed(z, -0.5), normal);
        }
    }
}
