//! Carbon dioxide of what is used, by the grid of a region.

use super::{Energy, Region};
use crate::cost::{ANALYSE_GB, Paid, Use};

/// Hours of a month.
const HOURS: f64 = 730.0;

/// Grams of carbon dioxide.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Grams {
    /// Of functions.
    pub compute: f64,
    /// Of what is sent and fetched.
    pub transfer: f64,
    /// Of what is kept.
    pub storage: f64,
}

impl Grams {
    /// Of these uses; none where the grid of the region is not known.
    #[must_use]
    pub fn new(uses: &[Use], region: &Region, energy: &Energy) -> Option<Self> {
        let g_per_wh = region.grid_g_per_kwh? * region.pue? / 1e3;
        let of = |paid: Paid| uses.iter().filter(|part| part.paid == paid).map(|part| part.amount).sum::<f64>();
        // The memory of Analyse is what a whole core comes with.
        let core_h = of(Paid::ComputeGbS) / ANALYSE_GB / 3600.0;
        let moved_gb = of(Paid::IngressGb) + of(Paid::EgressGb);
        let tb_h = of(Paid::StorageGbMonth) * HOURS / 1e3 * energy.copies;
        Some(Self {
            compute: core_h * energy.w_per_core * g_per_wh,
            transfer: moved_gb * energy.wh_per_gb_moved * g_per_wh,
            storage: tb_h * energy.wh_per_tb_h * g_per_wh,
        })
    }

    /// All of it.
    #[must_use]
    pub fn total(self) -> f64 {
        self.compute + self.transfer + self.storage
    }
}

/// Grams in words, or kilograms.
#[must_use]
pub fn grams(g: f64) -> String {
    match g {
        g if g >= 1000.0 => format!("{:.1} kg", g / 1000.0),
        g if g >= 10.0 => format!("{g:.0} g"),
        g => format!("{g:.1} g"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::Stage;
    use crate::regions::{find, known};

    #[test]
    fn grams_read_well() {
        assert_eq!([0.04, 9.94, 12.3, 1234.0].map(super::grams), ["0.0 g", "9.9 g", "12 g", "1.2 kg"]);
    }

    #[test]
    fn grams_are_those_of_a_calculation_by_hand() {
        let used = |paid: Paid, amount: f64| Use { stage: Stage::Run, what: "", paid, amount };
        let uses =
            [used(Paid::ComputeGbS, 3600.0 * ANALYSE_GB), used(Paid::IngressGb, 6.0), used(Paid::StorageGbMonth, 6.0)];
        let virginia = find("us-east-1").expect("it is there");
        let grams = Grams::new(&uses, virginia, &known().energy).expect("its grid is known");
        // 396 g per kWh x 1.15: 0.4554 g per Wh. A core for an hour: 3.5 Wh. 6 GB: 6 Wh. 6 GB for a month:
        // 0.006 TB x 730 h x 3 x 0.65 Wh = 8.541 Wh.
        for (found, by_hand) in [(grams.compute, 1.5939), (grams.transfer, 2.7324), (grams.storage, 3.8896)] {
            assert!((found - by_hand).abs() < 1e-3, "{found} is not {by_hand}");
        }
        assert!(Grams::new(&uses, find("eu-west-3").expect("it is there"), &known().energy).is_none());
    }
}
