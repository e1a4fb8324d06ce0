//! Which region suits a workload, and why, in a sentence.

use super::carbon::grams;
use super::rows::{Row, ascending};

/// A region may cost so much more than the cheapest to be chosen for something else.
const CLOSE: f64 = 1.05;
/// Milliseconds that a region may be farther away than the nearest, likewise.
const NEAR_MS: f64 = 30.0;

/// The region that is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Code of the region.
    pub code: &'static str,
    /// Why, in one sentence.
    pub why: String,
}

/// Chooses among the rows of an area, or among all: of those that cost at most 5 % more than the cheapest, and
/// are at most 30 ms farther than the nearest of them where that was measured, the one whose grid emits least.
/// None where no price is known.
#[must_use]
pub fn choose(rows: &[Row], area: Option<&str>) -> Option<Choice> {
    let is_there = |row: &&Row| area.is_none_or(|area| row.region.area == area) && row.month_usd.is_some();
    let mut there: Vec<&Row> = rows.iter().filter(is_there).collect();
    there.sort_by(|one, other| {
        ascending(one.month_usd, other.month_usd).then_with(|| one.region.code.cmp(&other.region.code))
    });
    let cheapest = *there.first()?;
    let least_usd = cheapest.month_usd?;
    let mut close: Vec<&Row> =
        there.iter().copied().filter(|row| row.month_usd.is_some_and(|usd| usd <= least_usd * CLOSE)).collect();
    let nearest_ms = close.iter().filter_map(|row| row.latency_ms).min_by(f64::total_cmp);
    if let Some(nearest_ms) = nearest_ms {
        close.retain(|row| row.latency_ms.is_some_and(|ms| ms <= nearest_ms + NEAR_MS));
    }
    // Equal ones stay in the order of their prices.
    let chosen = close.iter().copied().min_by(|one, other| ascending(one.total_g(), other.total_g()))?;
    Some(Choice { code: &chosen.region.code, why: why(chosen, cheapest, close.len(), there.len()) })
}

/// The sentence.
fn why(chosen: &Row, cheapest: &Row, n_close: usize, n_there: usize) -> String {
    let usd = chosen.month_usd.unwrap_or_default();
    let least_usd = cheapest.month_usd.unwrap_or_default();
    let mut text = format!("{} costs {} a month", chosen.region.title(), dollars(usd));
    if usd <= least_usd {
        text += &format!(", the least of the {n_there} whose prices are known");
    } else {
        let more = (usd / least_usd - 1.0) * 100.0;
        text += &format!(", {more:.1} % more than the cheapest, {}", cheapest.region.title());
    }
    if let Some(ms) = chosen.latency_ms {
        text += &format!(", is {ms:.0} ms away from here");
    }
    match chosen.total_g() {
        Some(g) if n_close > 1 => {
            let near = if chosen.latency_ms.is_some() { " and about as near" } else { "" };
            text += &format!(
                ", and of the {n_close} that are about as cheap{near} its grid emits least: {} of CO₂ a month.",
                grams(g)
            );
        }
        Some(g) => text += &format!(", and emits {} of CO₂ a month.", grams(g)),
        None => text += "; what its grid emits is not known.",
    }
    text
}

/// Dollars with as many digits as count.
fn dollars(usd: f64) -> String {
    if usd >= 1.0 { format!("${usd:.2}") } else { format!("${usd:.4}") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cost::Workload;
    use crate::regions::rows;

    fn chosen(latency_ms: &[(&str, f64)], area: Option<&str>) -> Choice {
        let latency_ms: BTreeMap<String, f64> = latency_ms.iter().map(|(code, ms)| ((*code).to_owned(), *ms)).collect();
        choose(&rows(&Workload::default(), &latency_ms).expect("a workload"), area).expect("a region")
    }

    #[test]
    fn among_those_that_cost_alike_the_cleanest_is_chosen() {
        let Choice { code, why } = chosen(&[], None);
        assert_eq!(code, "eu-north-1");
        assert!(why.contains("a month") && why.contains("its grid emits least"), "{why}");
        assert_eq!(why.matches(". ").count(), 0, "one sentence: {why}");
    }

    #[test]
    fn a_region_that_is_far_is_not_chosen() {
        let far = [("eu-north-1", 120.0), ("us-east-1", 10.0), ("us-east-2", 22.0), ("us-west-2", 70.0)];
        let Choice { code, why } = chosen(&far, None);
        assert!(["us-east-1", "us-east-2"].contains(&code), "{why}");
        assert!(why.contains(" ms away from here"), "{why}");
    }

    #[test]
    fn data_stay_in_the_area_that_is_asked_for() {
        assert_eq!(chosen(&[], Some("South America")).code, "sa-east-1");
        assert_eq!(chosen(&[], Some("United Kingdom and Switzerland")).code, "eu-west-2");
        let rows = rows(&Workload::default(), &BTreeMap::new()).expect("a workload");
        assert_eq!(choose(&rows, Some("Africa and Middle East")), None, "no price is known there");
    }
}
