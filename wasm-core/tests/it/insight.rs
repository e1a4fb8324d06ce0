//! Real cultures against an independent program (`../shared/reference/insight`): the numbers of the
//! summary and those of every block.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wasm_core::analyses::SpikeTrains;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::StreamInfo;
use wasm_core::run::{BlockResult, Cache, Summary, results};
use wasm_core::spikes::Spike;
use wasm_core::table::Values;

use super::numbers::{info, summary};
use crate::shared::shared;

/// The data sets; none where they are not there, which is said.
pub(super) fn folder(n_cases: usize) -> Option<PathBuf> {
    shared("reference/insight", n_cases, "data sets of an independent program")
}

/// A data set of `../shared/reference/insight`: its electrodes with their wells, and its spikes.
pub(super) struct Insight {
    pub(super) info: StreamInfo,
    pub(super) spikes: Vec<Spike>,
    summary: Summary,
    pub(super) expected: Value,
}

impl Insight {
    pub(super) fn read(folder: &Path, name: &str) -> Self {
        /// Times are given to the microsecond.
        const RATE_HZ: f64 = 1e6;
        let json = |file: &str| -> Value {
            let text = std::fs::read(folder.join(file)).expect("a file");
            serde_json::from_slice(&text).expect("JSON")
        };
        let about = json(&format!("{name}.json"));
        let electrodes = about["electrodes"].as_array().expect("electrodes");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "microseconds of minutes")]
        let frame = |seconds: f64| (seconds * RATE_HZ).round() as u64;
        let mut info = info(electrodes.len(), RATE_HZ, &[frame(about["duration_s"].as_f64().expect("a length"))]);
        info.channel_ids = electrodes.iter().map(|electrode| text(&electrode["id"])).collect();
        if electrodes.iter().all(|electrode| electrode["well"].is_string()) {
            info.wells = Some(electrodes.iter().map(|electrode| text(&electrode["well"])).collect());
        }
        let place: BTreeMap<&str, u32> = info.channel_ids.iter().map(String::as_str).zip(0..).collect();
        let mut spikes: Vec<Spike> = Vec::new();
        for line in table(folder, name).lines().skip(1) {
            let (electrode, time_s) = line.split_once(',').expect("two columns");
            spikes.push(Spike {
                segment_index: 0,
                sample_index: frame(time_s.parse().expect("a number")).cast_signed(),
                channel_index: place[electrode],
                amplitude_uv: 0.0,
            });
        }
        spikes.sort_by_key(Spike::key);
        let (summary, expected) = (summary(&info, &spikes, &[], None), json(&format!("{name}.expected.json")));
        Self { info, spikes, summary, expected }
    }

    /// Compares a culture's numbers; returns how many there were.
    fn check(&self, culture: &str, found: [(&str, Option<f64>); 3]) -> usize {
        let of = |part: &str| &self.expected[part]["cultures"][culture];
        let expected = [
            &of("firing")["mean_rate_active_hz"],
            &of("bursts")["max_interval_fixed_100ms"]["mean_bursts_per_min_active"],
            &of("synchrony")["sttc_50ms"]["mean"],
        ];
        let mut n = 0;
        for ((field, found), expected) in found.into_iter().zip(expected) {
            match (found, expected.as_f64()) {
                (Some(found), Some(expected)) => {
                    let difference = (found - expected).abs() / expected.abs().max(1e-3);
                    assert!(difference < 1e-9, "{culture}: {field} is {found}, expected {expected}");
                    n += 1;
                }
                (found, expected) => assert_eq!(found, expected, "{culture}: {field}"),
            }
        }
        n
    }
}

/// The table of spikes, unpacked where it is packed.
fn table(folder: &Path, name: &str) -> String {
    let mut text = String::new();
    let read = match std::fs::File::open(folder.join(format!("{name}.csv.gz"))) {
        Ok(packed) => flate2::read::GzDecoder::new(packed).read_to_string(&mut text).map(drop),
        Err(_) => std::fs::File::open(folder.join(format!("{name}.csv")))
            .and_then(|mut plain| plain.read_to_string(&mut text).map(drop)),
    };
    read.expect("a table");
    text
}

/// Rates, bursts and synchrony of real cultures, equal to those of an independent program; and
/// their network bursts.
#[test]
fn real_cultures_have_the_numbers_of_an_independent_program() {
    let names = ["hipsc_d41", "rat_plate_div07", "rat_plate_div09"];
    let Some(folder) = folder(names.len()) else { return };
    let [single, young, old] = names.map(|name| Insight::read(&folder, name));
    let headline = &single.summary.headline;
    let numbers = [
        ("mean_rate_hz", headline.mean_rate_hz),
        ("bursts_per_min", headline.bursts_per_min),
        ("synchrony_sttc", headline.synchrony_sttc),
    ];
    assert_eq!((single.check("all", numbers), headline.active_electrodes), (3, 28));
    assert!(headline.n_network_bursts.is_some_and(|n| (34..=42).contains(&n)), "{headline:?}");
    assert_eq!(headline.network_bursts_per_min_shifted, Some(0.0));
    for (plate, n_expected) in [(&young, 40), (&old, 90)] {
        let mut n = 0;
        for well in &plate.summary.wells {
            let numbers = [
                ("mean_rate_hz", well.mean_rate_hz),
                ("bursts_per_min", well.bursts_per_min),
                ("synchrony_sttc", well.synchrony_sttc),
            ];
            n += plate.check(well.well.as_deref().expect("a name"), numbers);
            let tenth = well.network_bursts_per_min.unwrap_or(0.0) / 10.0;
            assert!(well.network_bursts_per_min_shifted.unwrap_or(0.0) <= tenth.max(0.01), "{well:?}");
        }
        assert!(n > n_expected, "{n} numbers were compared");
    }
    // Two days later there is a network.
    let n_network = |plate: &Insight| plate.summary.headline.n_network_bursts.unwrap_or(0);
    assert_eq!(n_network(&young), 0);
    assert!((300..500).contains(&n_network(&old)), "{}", n_network(&old));
}

/// The result of one analysis with some values.
pub(super) fn block(of: &Insight, kind: &str, values: &[(&str, f64)]) -> BlockResult {
    let mut pipeline = Pipeline::empty().with_analyses();
    // One that is not there by itself.
    if pipeline.blocks.iter().all(|block| block.kind != kind) {
        pipeline.add_analysis(kind);
    }
    for (param, value) in values {
        pipeline.set_analysis(kind, param, (*value).into());
    }
    assert_eq!(pipeline.check(), Ok(()), "{kind} {values:?}");
    let trains = SpikeTrains::new(&of.info, &of.spikes, None);
    let all = results(&trains, 0, &pipeline, &mut Cache::default());
    let found = all.blocks.iter().find(|block| block.kind == kind).expect("the analysis");
    BlockResult::clone(found)
}

/// Numbers of a column; counts as numbers.
#[expect(clippy::cast_precision_loss, reason = "small counts")]
pub(super) fn column(of: &BlockResult, table: &str, column: &str) -> Vec<Option<f64>> {
    match of.table(table).and_then(|table| table.column(column)).expect("a column") {
        Values::Number(values) => values.clone(),
        Values::Count(values) => values.iter().map(|value| Some(*value as f64)).collect(),
        Values::Text(_) => panic!("{column} holds names"),
    }
}

/// Compares a column with expected values, electrode by electrode.
pub(super) fn equal(found: &[Option<f64>], expected: &Value, name: &str) -> usize {
    // Of plates not every column was written.
    let Some(expected) = expected.as_array() else { return 0 };
    assert_eq!(found.len(), expected.len(), "{name}");
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        match (found, expected.as_f64()) {
            (Some(found), Some(expected)) => {
                let difference = (found - expected).abs() / expected.abs().max(1e-3);
                assert!(difference < 1e-9, "{name} of electrode {at} is {found}, expected {expected}");
            }
            (found, expected) => assert_eq!(*found, expected, "{name} of electrode {at}"),
        }
    }
    found.len()
}

pub(super) const BURST_COLUMNS: [&str; 9] = [
    "n_bursts",
    "n_spikes_in_bursts",
    "bursts_per_min",
    "percent_spikes_in_bursts",
    "mean_duration_s",
    "mean_spikes",
    "mean_rate_inside_hz",
    "mean_ibi_s",
    "cv_ibi",
];

/// Bursts by two methods, intervals and pairs of three real cultures.
#[test]
fn blocks_have_the_numbers_of_an_independent_program() {
    let names = ["hipsc_d41", "rat_plate_div07", "rat_plate_div09"];
    let Some(folder) = folder(names.len()) else { return };
    let set = |start: f64, end: f64, gap: f64, duration: f64, spikes: f64| {
        vec![
            ("max_start_interval_ms", start),
            ("max_end_interval_ms", end),
            ("min_gap_ms", gap),
            ("min_duration_ms", duration),
            ("min_spikes", spikes),
        ]
    };
    let max_interval = [
        ("max_interval_fixed_100ms", Vec::new()),
        ("max_interval_meartools", set(100.0, 250.0, 300.0, 50.0, 5.0)),
        ("max_interval_sjemea", set(100.0, 250.0, 800.0, 50.0, 6.0)),
        ("max_interval_cotterill_2016", set(170.0, 300.0, 200.0, 10.0, 3.0)),
    ];
    let mut n = 0;
    for name in names {
        let of = Insight::read(&folder, name);
        let bursts = &of.expected["bursts"]["per_electrode"];
        for (set, values) in &max_interval {
            let found = block(&of, "bursts_max_interval", values);
            for field in BURST_COLUMNS {
                n += equal(&column(&found, "electrodes", field), &bursts[set][field], &format!("{name} {set} {field}"));
            }
        }
        let found = block(&of, "bursts_log_isi", &[]);
        for field in BURST_COLUMNS {
            n += equal(
                &column(&found, "electrodes", field),
                &bursts["log_isi"][field],
                &format!("{name} logISI {field}"),
            );
        }
        // A valley at 1 s or more is no limit, and neither is none: they are 100 ms where there are bursts.
        let is_used = |limit: &Option<f64>| limit.filter(|limit| *limit < 1000.0 && *limit != 100.0);
        let limits: Vec<_> = column(&found, "electrodes", "limit_ms").iter().map(is_used).collect();
        let valleys = bursts["log_isi"]["threshold_ms"].as_array().expect("limits").iter();
        let valleys: Value = valleys.map(|valley| is_used(&valley.as_f64())).collect();
        n += equal(&limits, &valleys, &format!("{name} logISI limit"));
        let found = block(&of, "intervals", &[]);
        for field in ["isi_mean_s", "isi_median_s", "isi_min_s", "cv", "cv2", "lv"] {
            let expected = &of.expected["firing"]["per_electrode"][field];
            n += equal(&column(&found, "electrodes", field), expected, &format!("{name} {field}"));
        }
    }
    let single = Insight::read(&folder, names[0]);
    for (dt_ms, field) in [(10.0, "sttc_10ms"), (25.0, "sttc_25ms"), (50.0, "sttc_50ms")] {
        let found = block(&single, "sttc", &[("dt_ms", dt_ms)]);
        let expected = &single.expected["synchrony"]["cultures"]["all"][field]["upper_triangle"];
        n += equal(&column(&found, "pairs", "sttc"), expected, field);
    }
    assert!(n > 10_000, "{n} numbers were compared");
    let network = block(&single, "network_bursts", &[]);
    let counted = column(&network, "cultures", "n_network_bursts");
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let headline = single.summary.headline.n_network_bursts.map(|n| n as f64);
    assert_eq!(counted, [headline], "the block and the summary tell the same");
}
