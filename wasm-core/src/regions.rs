//! The regions of AWS: prices, carbon, services and law of each, and which suits a workload.
//!
//! All that is known stands in one file, `regions.json`, with a date and a source for each column;
//! `infra/regions.py` renews its prices. What is not known is absent.

mod carbon;
mod choice;
mod rows;

pub use carbon::{Grams, grams};
pub use choice::{Choice, choose};
pub use rows::{Row, Sort, rows, sort, to_table};

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::cost::{Paid, Prices};

const FILE: &str = include_str!("regions.json");

/// The region whose prices are taken where none is named, and lends minor prices to others.
pub const DEFAULT: &str = "us-east-1";

/// The table of all regions.
#[derive(Debug, Deserialize)]
pub struct Known {
    /// Day on which the file was last looked through.
    pub checked: String,
    /// Where each column comes from.
    pub sources: Vec<Source>,
    /// The energy that work takes.
    pub energy: Energy,
    /// Answers to questions about data and law.
    pub compliance: Vec<Answer>,
    /// The regions.
    pub regions: Vec<Region>,
}

/// Where a column comes from.
#[derive(Debug, Deserialize)]
pub struct Source {
    /// Name of the column.
    pub column: String,
    /// The day, or the end of the time, that it is of.
    pub date: String,
    /// In words.
    pub text: String,
    /// Where to look.
    pub url: String,
}

/// The energy that work takes.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Energy {
    /// Watts of a busy processor core.
    pub w_per_core: f64,
    /// Watt-hours of a terabyte that is kept for an hour.
    pub wh_per_tb_h: f64,
    /// Copies of what is kept.
    pub copies: f64,
    /// Watt-hours of a gigabyte that is moved.
    pub wh_per_gb_moved: f64,
}

/// A question about data, and its answer.
#[derive(Debug, Deserialize)]
pub struct Answer {
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// Where to look.
    pub url: Option<String>,
}

/// A region.
#[derive(Debug, Deserialize)]
pub struct Region {
    /// Such as `eu-north-1`.
    pub code: String,
    /// City or state that it is named after.
    pub city: String,
    /// Country.
    pub country: String,
    /// Part of the world.
    pub area: String,
    /// Law on personal data, by name.
    pub law: String,
    /// List prices in US dollars, by the names of [`Paid::listed`].
    prices: BTreeMap<String, Option<f64>>,
    /// Carbon dioxide of a kilowatt-hour of its grid, in grams.
    pub grid_g_per_kwh: Option<f64>,
    /// Energy of the building for that of its computers.
    pub pue: Option<f64>,
    /// Services that the deployment could use and that the region does not have.
    pub lacks: Vec<String>,
}

impl Region {
    /// How people call it: `Stockholm (eu-north-1)`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} ({})", self.city, self.code)
    }

    /// The list prices of the region.
    ///
    /// # Errors
    /// Where prices are not known: names them.
    pub fn prices(&self) -> Result<Prices, String> {
        let lender = lender();
        Prices::new(&self.prices, lender).map_err(|unknown| {
            let names: Vec<&str> = unknown.into_iter().map(Paid::title).collect();
            format!("prices not known: {}", names.join(", "))
        })
    }

    /// An address that answers `healthy` to anybody: AWS's own sign of life, which latency is measured with.
    #[must_use]
    pub fn ping_address(&self) -> String {
        format!("https://{}/ping", self.ping_host())
    }

    /// The host of that address.
    #[must_use]
    pub fn ping_host(&self) -> String {
        format!("dynamodb.{}.amazonaws.com", self.code)
    }
}

/// All that is known.
#[must_use]
pub fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| {
        serde_json::from_str(FILE).unwrap_or_else(|error| unreachable!("a test reads this file: {error}"))
    })
}

/// The region of this code.
#[must_use]
pub fn find(code: &str) -> Option<&'static Region> {
    known().regions.iter().find(|region| region.code == code)
}

/// Prices that stand in for minor ones that are not known.
fn lender() -> Option<&'static Prices> {
    static LENDER: OnceLock<Option<Prices>> = OnceLock::new();
    LENDER.get_or_init(|| Prices::new(&find(DEFAULT)?.prices, None).ok()).as_ref()
}

/// The prices of a region, with its code; those of [`DEFAULT`] where none is named, or where its own are not known.
#[must_use]
pub fn priced(code: Option<&str>) -> (&'static str, Prices) {
    let own = code.and_then(find).and_then(|region| Some((region.code.as_str(), region.prices().ok()?)));
    own.or_else(|| Some((DEFAULT, lender()?.clone()))).unwrap_or_else(|| unreachable!("a test prices this region"))
}

/// Parts of the world that there are regions in, in the order of the file.
#[must_use]
pub fn areas() -> Vec<&'static str> {
    let mut areas: Vec<&str> = Vec::new();
    for region in &known().regions {
        if !areas.contains(&region.area.as_str()) {
            areas.push(&region.area);
        }
    }
    areas
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::PAID;

    #[test]
    fn the_file_is_whole_dated_and_cited() {
        let known = known();
        let is_day = |text: &str| text.len() == 10 && text.split('-').count() == 3;
        assert!(is_day(&known.checked));
        for source in &known.sources {
            assert!(
                is_day(&source.date) && source.url.starts_with("https://") && !source.text.is_empty(),
                "{source:?}"
            );
        }
        let names: Vec<&str> = PAID.into_iter().filter_map(Paid::listed).map(|(name, _)| name).collect();
        for region in &known.regions {
            assert_eq!(known.regions.iter().filter(|other| other.code == region.code).count(), 1, "{}", region.code);
            let mut found: Vec<&str> = region.prices.keys().map(String::as_str).collect();
            let mut expected = names.clone();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{}", region.code);
            assert_eq!(region.grid_g_per_kwh.is_some(), region.pue.is_some(), "{}", region.code);
        }
        assert!(find(DEFAULT).is_some_and(|region| region.prices().is_ok_and(|prices| prices.borrowed().is_empty())));
    }

    #[test]
    fn a_region_without_prices_says_which() {
        let reason = find("eu-central-2").map(Region::prices).expect("it is there").expect_err("not known");
        assert!(reason.contains("S3, storage") && !reason.contains("logs"), "{reason}");
        let stockholm = find("eu-north-1").expect("it is there").prices().expect("known");
        assert_eq!(stockholm.borrowed(), [Paid::ApiCall, Paid::LogsGb]);
    }

    #[test]
    fn receipts_have_the_prices_of_where_they_are_written() {
        assert_eq!(priced(Some("sa-east-1")).0, "sa-east-1");
        assert_eq!(priced(None).0, DEFAULT);
        assert_eq!(priced(Some("eu-central-2")).0, DEFAULT);
        assert_eq!(priced(Some("nowhere-1")).0, DEFAULT);
    }

    #[test]
    fn pings_go_to_one_address_of_each_region() {
        let region = find("eu-north-1").expect("it is there");
        assert_eq!(region.ping_address(), "https://dynamodb.eu-north-1.amazonaws.com/ping");
    }
}
