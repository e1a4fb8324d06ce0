//! `neurocyte regions`.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use wasm_core::cost::Workload;
use wasm_core::regions::{Row, Sort, areas, choose, known, rows, sort, to_table};

use super::ping::ping;
use super::{Outcome, print, print_json};

#[derive(Args)]
pub(crate) struct Regions {
    /// Recordings that are uploaded and analysed in a month
    #[arg(long, default_value_t = Workload::default().recordings_per_month)]
    recordings_per_month: f64,
    /// Channels of each
    #[arg(long, default_value_t = Workload::default().channels)]
    channels: usize,
    /// Length of each in seconds
    #[arg(long, default_value_t = Workload::default().seconds)]
    seconds: f64,
    /// Frames per second
    #[arg(long, value_name = "HZ", default_value_t = Workload::default().rate_hz)]
    rate: f64,
    /// Months for which each is kept
    #[arg(long, default_value_t = Workload::default().months_kept)]
    months: f64,
    /// People who open each result
    #[arg(long, default_value_t = Workload::default().viewers)]
    viewers: f64,
    /// Where data must stay, such as "European Union"; anywhere if left out
    #[arg(long)]
    area: Option<String>,
    /// What comes first
    #[arg(long, value_enum, default_value_t = By::Cost)]
    sort: By,
    /// Measure how far each region is from this machine: AWS sees its address, nothing is sent
    #[arg(long)]
    ping: bool,
    /// Print JSON, with all that is known and where it comes from
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print a table for other programs (CSV)
    #[arg(long)]
    csv: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    Cost,
    Latency,
    Carbon,
}

pub fn run(options: &Regions) -> Outcome {
    let workload = Workload {
        recordings_per_month: options.recordings_per_month,
        channels: options.channels,
        seconds: options.seconds,
        rate_hz: options.rate,
        months_kept: options.months,
        viewers: options.viewers,
    };
    workload.check()?;
    let area = options.area.as_deref();
    if area.is_some_and(|area| !areas().contains(&area)) {
        return Err(format!("--area is one of: {}", areas().join(", ")).into());
    }
    let latency_ms = if options.ping { ping(&known().regions) } else { BTreeMap::new() };
    if options.ping && latency_ms.is_empty() {
        eprintln!("No region answered; is this machine on the internet, and may it connect to port 443?");
    }
    let mut rows = rows(&workload, &latency_ms)?;
    rows.retain(|row| area.is_none_or(|area| row.region.area == area));
    sort(
        &mut rows,
        match options.sort {
            By::Cost => Sort::Cost,
            By::Latency => Sort::Latency,
            By::Carbon => Sort::Carbon,
        },
    );
    if options.json {
        return print_json(&in_full(&workload, &rows));
    }
    print(&if options.csv { to_table(&rows).to_csv() } else { in_columns(&rows) })
}

/// For people: a line for each region, then what is proposed.
fn in_columns(rows: &[Row]) -> String {
    let number =
        |value: Option<f64>, digits: usize| value.map_or_else(|| "–".into(), |value| format!("{value:.digits$}"));
    let mut text = format!(
        "{:<16}{:<14}{:<16}{:>12}{:>14}{:>12}{:>12}\n",
        "region", "city", "country", "USD a month", "USD a record.", "g CO2 a mo.", "latency ms"
    );
    for row in rows {
        text += &format!(
            "{:<16}{:<14}{:<16}{:>12}{:>14}{:>12}{:>12}\n",
            row.region.code,
            row.region.city,
            row.region.country,
            number(row.month_usd, 2),
            number(row.recording_usd, 4),
            number(row.total_g(), 0),
            number(row.latency_ms, 0)
        );
    }
    if let Some(choice) = choose(rows, None) {
        text += &format!("\n{}\n", choice.why);
    }
    let unknown: Vec<&str> =
        rows.iter().filter(|row| row.absent.is_some()).map(|row| row.region.code.as_str()).collect();
    if !unknown.is_empty() {
        text += &format!("Prices are not known of: {}.\n", unknown.join(", "));
    }
    text += &format!(
        "AWS list prices of {}, without tax and free allowances. --json tells where each number comes from.\n",
        known().checked
    );
    text
}

/// All that is known.
fn in_full(workload: &Workload, rows: &[Row]) -> Value {
    let known = known();
    let row = |row: &Row| {
        json!({
            "region": row.region.code,
            "city": row.region.city,
            "country": row.region.country,
            "area": row.region.area,
            "month_usd": row.month_usd,
            "recording_usd": row.recording_usd,
            "not_known": row.absent,
            "prices_as_in_us_east_1": row.borrowed.iter().map(|paid| paid.title()).collect::<Vec<_>>(),
            "co2_g": row.grams.map(|grams| json!({
                "compute": grams.compute, "transfer": grams.transfer, "storage": grams.storage, "total": grams.total(),
            })),
            "latency_ms": row.latency_ms,
            "lacks": row.region.lacks,
            "law": row.region.law,
        })
    };
    let source = |source: &wasm_core::regions::Source| json!({ "column": source.column, "date": source.date, "text": source.text, "url": source.url });
    json!({
        "workload": workload,
        "checked": known.checked,
        "proposed": choose(rows, None).map(|choice| json!({ "region": choice.code, "why": choice.why })),
        "regions": rows.iter().map(row).collect::<Vec<_>>(),
        "sources": known.sources.iter().map(source).collect::<Vec<_>>(),
    })
}
