//! A row for each region: what a workload costs there, what it emits, how far it is.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{Grams, Region, known};
use crate::cost::{Bill, Paid, Use, Workload, WorkloadError};
use crate::table::Table;

/// A region for a workload.
#[derive(Clone, Debug)]
pub struct Row {
    /// The region.
    pub region: &'static Region,
    /// US dollars of a month; none where prices are not known.
    pub month_usd: Option<f64>,
    /// US dollars of uploading and analysing one recording.
    pub recording_usd: Option<f64>,
    /// Why there are no dollars.
    pub absent: Option<String>,
    /// Minor prices that are another region's.
    pub borrowed: Vec<Paid>,
    /// Carbon dioxide of a month; none where the grid is not known.
    pub grams: Option<Grams>,
    /// Milliseconds there and back; none where it was not measured.
    pub latency_ms: Option<f64>,
}

impl Row {
    /// Grams of carbon dioxide of a month.
    #[must_use]
    pub fn total_g(&self) -> Option<f64> {
        self.grams.map(Grams::total)
    }
}

/// All regions, in the order of the file. `latency_ms` is by their codes.
///
/// # Errors
/// When the workload is none.
pub fn rows(workload: &Workload, latency_ms: &BTreeMap<String, f64>) -> Result<Vec<Row>, WorkloadError> {
    workload.check()?;
    let (month, recording) = (workload.uses_of_a_month(), workload.uses_of_a_recording());
    let row = |region: &'static Region| {
        let prices = region.prices();
        let usd = |uses: &[Use]| prices.as_ref().ok().map(|prices| Bill::new(uses, prices).total());
        Row {
            region,
            month_usd: usd(&month),
            recording_usd: usd(&recording),
            borrowed: prices.as_ref().map(|prices| prices.borrowed().to_vec()).unwrap_or_default(),
            grams: Grams::new(&month, region, &known().energy),
            latency_ms: latency_ms.get(&region.code).copied(),
            absent: prices.err(),
        }
    };
    Ok(known().regions.iter().map(row).collect())
}

/// The value that rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// The cheapest first.
    Cost,
    /// The nearest first.
    Latency,
    /// That with the least carbon dioxide first.
    Carbon,
}

/// Sorts rows; those without a value come last, equal ones stay in the order of their codes.
pub fn sort(rows: &mut [Row], by: Sort) {
    let value = |row: &Row| match by {
        Sort::Cost => row.month_usd,
        Sort::Latency => row.latency_ms,
        Sort::Carbon => row.total_g(),
    };
    rows.sort_by(|one, other| {
        ascending(value(one), value(other)).then_with(|| one.region.code.cmp(&other.region.code))
    });
}

/// The smaller first, what is absent last.
pub(super) fn ascending(one: Option<f64>, other: Option<f64>) -> Ordering {
    one.unwrap_or(f64::INFINITY).total_cmp(&other.unwrap_or(f64::INFINITY))
}

/// The rows as a table for files.
#[must_use]
pub fn to_table(rows: &[Row]) -> Table {
    let texts = |of: fn(&Row) -> String| rows.iter().map(of).collect::<Vec<_>>();
    let numbers = |of: fn(&Row) -> Option<f64>| rows.iter().map(of).collect::<Vec<_>>();
    Table::new("regions", "Regions")
        .texts(("region", "Region"), texts(|row| row.region.code.clone()))
        .texts(("city", "City"), texts(|row| row.region.city.clone()))
        .texts(("country", "Country"), texts(|row| row.region.country.clone()))
        .numbers(("month_usd", "A month", "USD"), numbers(|row| row.month_usd))
        .numbers(("recording_usd", "A recording", "USD"), numbers(|row| row.recording_usd))
        .numbers(("month_co2_g", "Carbon dioxide of a month", "g"), numbers(Row::total_g))
        .numbers(("compute_co2_g", "of computing", "g"), numbers(|row| Some(row.grams?.compute)))
        .numbers(("transfer_co2_g", "of transfer", "g"), numbers(|row| Some(row.grams?.transfer)))
        .numbers(("storage_co2_g", "of storage", "g"), numbers(|row| Some(row.grams?.storage)))
        .numbers(("latency_ms", "Latency", "ms"), numbers(|row| row.latency_ms))
        .texts(("lacks", "Not there"), texts(|row| row.region.lacks.join("; ")))
        .texts(("law", "Law on personal data"), texts(|row| row.region.law.clone()))
        .texts(("not_known", "Not known"), texts(|row| row.absent.clone().unwrap_or_default()))
        .texts(("as_in_us_east_1", "Prices as in us-east-1"), texts(borrowed))
}

fn borrowed(row: &Row) -> String {
    row.borrowed.iter().map(|paid| paid.title()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Vec<Row> {
        rows(&Workload::default(), &BTreeMap::from([("eu-west-1".to_owned(), 20.0)])).expect("a workload")
    }

    #[test]
    fn what_is_not_known_comes_last() {
        let mut rows = found();
        sort(&mut rows, Sort::Latency);
        assert_eq!(rows[0].region.code, "eu-west-1");
        sort(&mut rows, Sort::Carbon);
        assert_eq!(rows[0].region.code, "eu-north-1");
        sort(&mut rows, Sort::Cost);
        let n_known = rows.iter().filter(|row| row.month_usd.is_some()).count();
        assert!(rows[..n_known].iter().all(|row| row.absent.is_none()));
        assert!(rows[n_known..].iter().all(|row| row.absent.is_some()));
        assert_eq!(rows[n_known - 1].region.code, "sa-east-1");
    }

    #[test]
    fn the_file_has_a_line_for_each_region_and_nothing_for_what_is_not_known() {
        let rows = found();
        let csv = to_table(&rows).to_csv();
        assert_eq!(csv.lines().count(), rows.len() + 1);
        let zurich = csv.lines().find(|line| line.starts_with("eu-central-2")).expect("a line");
        assert!(zurich.starts_with("eu-central-2,Zurich,Switzerland,,,,,,,,"), "{zurich}");
    }
}
