//! Every message arrives as it was sent.

use wasm_core::run;

use super::*;
use crate::bridge::assert_arrives;
use crate::bridge::stored::sample;

fn summary() -> Summary {
    let of = sample();
    run::of_stored(&of.stored, "culture.spk", &of.format, &of.facts, &of.notes).summary
}

fn block() -> BlockResult {
    BlockResult {
        id: "firing".into(),
        kind: "firing".into(),
        version: 1,
        title: "Firing rates".into(),
        definition: "Spikes per second.".into(),
        source: "Cotterill et al. 2016".into(),
        key: "a1".into(),
        absent: Some("The recording is shorter than 30 s.".into()),
        tables: Vec::new(),
        figures: Vec::new(),
    }
}

#[test]
fn requests_arrive() {
    let (pipeline, of, summary) = (Pipeline::default(), sample(), summary());
    let about = About {
        name: "culture.spk".into(),
        note: "day 12".into(),
        created_ms: 1_700_000_000_000.0,
        pipeline: pipeline.clone(),
        events: of.events.clone(),
        receipt: None,
    };
    for request in [
        Request::Stored { name: "culture.spk".into(), of: Box::new(of.clone()) },
        Request::Reduce {
            info: of.stored.info.clone(),
            pipeline: pipeline.clone(),
            recording: Box::new(summary.recording.clone()),
            noise_uv: vec![4.75, 0.0],
            field: vec![Slice { segment: 0, first_block: 0, n_blocks: 1 }],
            events: of.events.clone(),
        },
        Request::Load { info: of.stored.info, summary: Box::new(summary), events: of.events },
        Request::Restore,
        Request::Keep { about: Box::new(about) },
        Request::Threshold { threshold: 5.5 },
        Request::Sensitivity { threshold: 4.1 },
        Request::Calibrate,
        Request::ByMethod { kind: "bursts".into() },
        Request::Analyses { pipeline, known: vec!["a1".into()], well: Some("B2".into()) },
        Request::Table { block: "firing".into(), table: "electrodes".into() },
        Request::Raster { segment: 1, times: (0.1, 1.0 / 3.0) },
        Request::Export { format: ExportFormat::Parquet },
    ] {
        assert_arrives(&request);
    }
}

#[test]
fn replies_arrive() {
    let summary = summary();
    let found = ByMethod {
        kind: "bursts".into(),
        n_bursts: Some(12),
        per_min: Some(2.4),
        per_min_shifted: None,
        remark: String::new(),
        definition: "At least three spikes.".into(),
    };
    let counts = CalibrationCounts {
        at: Vec::new(),
        n_electrodes: 60,
        n_all: (60, 64),
        duration_s: (300.0, 600.0),
        sampling_frequency_hz: (20_000.0, 20_000.0),
        noise_uv: (4.5, 5.25),
        n_bursts: (0, 0),
    };
    let at = AtThreshold { threshold: 5.0, headline: summary.headline.clone() };
    for reply in [
        Reply::Result { n_spikes: vec![3, 0], summary: Box::new(summary), waveform: (20, 60) },
        Reply::Sensitivity { at: Box::new(at) },
        Reply::Calibrated { counts: Box::new(counts) },
        Reply::ByMethod { found: Box::new(found) },
        Reply::Analyses {
            blocks: vec![
                Analysed { id: "firing".into(), key: "a1".into(), result: Some((Box::new(block()), vec![60])) },
                Analysed { id: "bursts".into(), key: "b2".into(), result: None },
            ],
            n_pending: 1,
        },
        Reply::Exported,
        Reply::Kept { crc32c: 0xdead_beef },
    ] {
        assert_arrives(&reply);
    }
}

#[test]
fn the_page_gets_the_first_rows_and_all_that_it_draws() {
    let table = |id: &str| Table { id: id.into(), title: String::new(), columns: Vec::new() };
    assert_eq!(sent_rows("firing", &table("electrodes")), SHOWN_ROWS);
    assert_eq!(sent_rows("firing", &table("wells")), DRAWN_ROWS);
    assert_eq!(sent_rows("network_bursts", &table("bursts")), DRAWN_ROWS);
}
