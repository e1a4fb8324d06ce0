//! The branching ratio of one culture by the MR estimator, beside that of shifted copies.

use crate::analyses::{Binned, DECAY_MIN_R_SQUARED, Decay, SHIFTED_COPIES, decay, mean, regressions};
use crate::decimals::fixed;

/// Branching of one culture.
pub struct Branching {
    /// The coefficients `r_k`, for k from 1; empty where there are none.
    pub coefficients: Vec<f64>,
    /// Their means over the copies; empty where there are none.
    pub shifted: Vec<f64>,
    /// The fit, be it good or bad.
    pub fit: Option<Decay>,
    /// The mean m of the copies with a good fit.
    pub m_shifted: Option<f64>,
    /// Why the fit tells nothing; empty where it does.
    pub reason: String,
}

impl Branching {
    /// From the spikes in whole bins.
    pub fn new(binned: &Binned, n_lags: usize) -> Self {
        let coefficients = regressions(&binned.busy(), n_lags).unwrap_or_default();
        let copies: Vec<Vec<f64>> =
            (0..SHIFTED_COPIES).filter_map(|copy| regressions(&binned.shifted(copy).busy(), n_lags)).collect();
        let (fit, reason) = match decay(&coefficients) {
            _ if coefficients.is_empty() => (None, "the activity does not vary".to_owned()),
            Err(why) => (None, why.reason().to_owned()),
            Ok(fit) if fit.r_squared < DECAY_MIN_R_SQUARED => {
                (Some(fit), format!("the fit is bad (R² {})", fixed(fit.r_squared, 2)))
            }
            Ok(fit) => (Some(fit), String::new()),
        };
        // Electrodes that burst, each for itself, have slowly decaying coefficients, too.
        let first = |own: &Vec<f64>| own.first().copied();
        let is_chance = first(&coefficients) <= copies.iter().filter_map(first).reduce(f64::max);
        let reason = if is_chance && !coefficients.is_empty() {
            "r_1 is not above that of all shifted copies".to_owned()
        } else {
            reason
        };
        let good = |own: &Vec<f64>| decay(own).ok().filter(|fit| fit.r_squared >= DECAY_MIN_R_SQUARED);
        let at = |lag: usize| mean(copies.iter().filter_map(|own| own.get(lag).copied()));
        Self {
            shifted: (0..coefficients.len()).filter_map(at).collect(),
            m_shifted: mean(copies.iter().filter_map(good).map(|fit| fit.m)),
            coefficients,
            fit,
            reason,
        }
    }

    /// The fit where it tells something.
    pub fn told(&self) -> Option<Decay> {
        self.fit.filter(|_| self.reason.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::{BinWidth, SegmentTrains};

    fn of(trains: &[Vec<i64>], n_lags: usize) -> Branching {
        let trains = trains.iter().map(Vec::as_slice).collect();
        Branching::new(&Binned::whole(&[SegmentTrains { n_frames: 60_000, trains }], BinWidth::of_frames(4)), n_lags)
    }

    #[test]
    fn a_bad_fit_and_silence_have_reasons() {
        // Volleys every three seconds that go from electrode to electrode: activity leads to activity, but
        // not by an exponential.
        let volley = |start: i64| [0, 10, 30, 60, 100, 150, 210, 280].map(|later| start + later);
        let train = |electrode: i64| (0..20).flat_map(move |at| volley(at * 3000 + 17 * (at % 5) + 7 * electrode));
        let trains: Vec<Vec<i64>> = (0..6).map(|electrode| train(electrode).collect()).collect();
        let found = of(&trains, 50);
        assert_eq!((found.coefficients.len(), found.shifted.len()), (50, 50));
        assert!((found.coefficients[0] - 0.390_733).abs() < 1e-5, "{}", found.coefficients[0]);
        assert_eq!((found.told(), found.reason.as_str()), (None, "the fit is bad (R² 0.78)"));
        assert!(found.fit.is_some_and(|fit| (fit.m - 0.970_97).abs() < 1e-4), "{:?}", found.fit);
        let silent = of(&vec![Vec::new(); 3], 50);
        assert_eq!((silent.told(), silent.reason.as_str()), (None, "the activity does not vary"));
        assert!(silent.coefficients.is_empty() && silent.shifted.is_empty() && silent.m_shifted.is_none());
    }
}
