//! Closed forms, and values of scipy 1.

use super::*;

fn is_near(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected.abs().max(1e-12)
}

/// Ends from `scipy.stats.chi2.ppf(0.025, 2 * n) / 2` and `chi2.ppf(0.975, 2 * n + 2) / 2`.
#[test]
fn poisson_intervals_are_those_of_the_chi_square() {
    for (count, low, high, tolerance) in [
        (0, 0.0, 3.688_879_454_113_935_4, 1e-10),
        (1, 0.025_317_807_984_289_876, 5.571_643_390_938_898, 1e-10),
        (5, 1.623_486_390_118_420_7, 11.668_332_079_322_67, 1e-10),
        (20, 12.216_519_585_403_944, 30.888_377_902_674_6, 1e-10),
        (100, 81.363_991_250_923_14, 121.626_793_792_426_38, 1e-10),
        (999, 938.004_018_561_767_6, 1_062.921_151_224_887_8, 1e-10),
        (1000, 938.973_018_407_695_2, 1_063.952_136_016_302, 1e-6),
        (1_000_000, 998_040.983_340_293_9, 1_001_961.911_945_432_2, 1e-6),
    ] {
        let found = garwood(count);
        assert!(is_near(found.low, low, tolerance) && is_near(found.high, high, tolerance), "{count}: {found:?}");
    }
    // Of no event the upper end has a closed form.
    assert!(is_near(garwood(0).high, -libm::log(0.025), 1e-12));
}

#[test]
fn shares_have_the_interval_of_the_score() {
    for (n_with, n, low, high) in [
        (0, 10, 0.0, 2.775_327_998_628_892),
        (5, 10, 2.365_930_905_125_64, 7.634_069_094_874_361),
        (10, 10, 7.224_672_001_371_108, 10.0),
        (52, 60, 45.500_904_194_100_22, 55.851_534_311_647_82),
    ] {
        let found = wilson(n_with, n).expect("electrodes");
        assert!((found.low - low).abs() < 1e-9 && (found.high - high).abs() < 1e-9, "{n_with} of {n}: {found:?}");
    }
    assert_eq!(wilson(0, 0), None);
}

#[test]
fn a_bootstrap_is_the_same_every_time_and_as_wide_as_the_error_of_the_mean() {
    let values: Vec<f64> = (0..200).map(|at| f64::from(at % 20)).collect();
    let found = bootstrap_mean(&values).expect("enough values");
    assert_eq!(bootstrap_mean(&values), Some(found));
    // The deviation of 0 to 19 is the root of 33.25; 1.96 times its share of 200 values to each side.
    let half = NORMAL * (33.25_f64 / 200.0).sqrt();
    assert!((found.low - (9.5 - half)).abs() < 0.12 && (found.high - (9.5 + half)).abs() < 0.12, "{found:?}");
    // Equal values leave nothing open, and few leave too much.
    assert_eq!(bootstrap_mean(&[2.5; 6]), Some(Interval { low: 2.5, high: 2.5 }));
    assert_eq!(bootstrap_mean(&[1.0, 2.0, 3.0, 4.0, 5.0]), None);
    assert_eq!(bootstrap_mean(&[]), None);
}

#[test]
fn a_jackknife_of_a_mean_is_the_interval_of_the_mean() {
    let values: [f64; 8] = [1.0, 2.0, 4.0, 4.0, 5.0, 7.0, 8.0, 9.0];
    let sum: f64 = values.iter().sum();
    let without: Vec<f64> = values.iter().map(|value| (sum - value) / 7.0).collect();
    let found = jackknife(5.0, &without).expect("enough values");
    // Sum of squares 56, so the error of the mean is 1; scipy.stats.t.ppf(0.975, 7).
    assert!((found.high - 5.0 - 2.364_624_251_592_784_4).abs() < 1e-3, "{found:?}");
    assert!((found.low + found.high - 10.0).abs() < 1e-12);
    assert_eq!(jackknife(0.5, &[0.5; 5]), None);
    assert!(is_near(student(5.0), 2.570_581_835_636_314, 2e-3));
    assert!(is_near(student(1000.0), 1.962_339_080_826_408_3, 1e-9));
}
