//! `neurocyte calibrate`: the threshold at a stated rate of false spikes, from a silent and an active recording.

use std::path::Path;

use wasm_core::engine::Engine;
use wasm_core::pipeline::{Pipeline, check_searchable};
use wasm_core::recording::{FrameSource, Recording};
use wasm_core::run::{AboveFloor, CalibrationCounts, STAGES, calibration};
use wasm_core::spikes::Spike;
use wasm_core::table::Table;

use super::analyze::{self, read_pipeline, search};
use super::{Calibrate, Outcome, open_path, output, print};
use crate::threads::threads_or_all;

/// Thresholds that are printed, beside the chosen one: halves of the noise up to this.
const PRINTED_TO: f64 = 8.0;

pub fn run(options: &Calibrate) -> Outcome {
    let (silent, active) = (open_path(&options.silent)?, open_path(&options.active)?);
    let silent_source = signal(&silent, options, &options.silent)?;
    let active_source = signal(&active, options, &options.active)?;
    let given = read_pipeline(options.pipeline.as_deref())?;
    // One pipeline for both: what is compared must have been found in one way.
    let pipeline = given.unwrap_or_else(|| Pipeline::for_stream(active_source.info()));
    let n_threads = threads_or_all(options.threads);
    let silent = Searched::new(silent_source, &pipeline, n_threads)?;
    let active = Searched::new(active_source, &pipeline, n_threads)?;
    let counts = calibration(&silent.above(), &active.above())?;
    let found = counts.at_rate(options.false_rate);
    let table = counts.table();
    if let Some(path) = &options.out {
        output::write(path, table.to_csv().as_bytes())?;
    }
    // They belong to the result: whoever keeps its text keeps them.
    let mut told =
        format!("{}\n{}\n{}\n", printed(&counts, &table, found.threshold()), found.sentence(), found.noise_words());
    for warning in found.warnings() {
        told += &format!("Warning: {warning}\n");
    }
    print(&told)
}

/// The stream of a recording in which spikes can be searched for.
fn signal<'a>(
    recording: &'a Recording,
    options: &Calibrate,
    path: &Path,
) -> Result<&'a dyn FrameSource, Box<dyn std::error::Error>> {
    if recording.streams.is_empty() {
        return Err(format!(
            "{}: it holds spikes that were found at one threshold, and no signal; give the recording of the signal",
            path.display()
        )
        .into());
    }
    let source = recording.stream(options.stream.as_deref())?;
    check_searchable(source.info())?;
    Ok(source)
}

/// The peaks of a recording, with what found them.
struct Searched {
    engine: Engine,
    peaks: Vec<Spike>,
    noise_uv: Vec<f32>,
}

impl Searched {
    fn new(
        source: &dyn FrameSource,
        pipeline: &Pipeline,
        n_threads: usize,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let engine = Engine::new(source.info(), pipeline)?;
        let analyze::Searched { whole, noise_uv, .. } = search(&engine, source, (STAGES, None), n_threads)?;
        let mut peaks = whole.peaks;
        peaks.sort_by_key(Spike::key);
        Ok(Self { engine, peaks, noise_uv })
    }

    fn above(&self) -> AboveFloor<'_> {
        AboveFloor { engine: &self.engine, peaks: &self.peaks, noise_uv: &self.noise_uv }
    }
}

/// Some rows of the table, for reading; a star marks the chosen one.
fn printed(counts: &CalibrationCounts, table: &Table, chosen: Option<f64>) -> String {
    let titles = ["x noise", "silent/min", "95 % from", "to", "active/min", "false share"];
    let columns = [
        "threshold_x_noise",
        "false_per_min",
        "false_per_min_low",
        "false_per_min_high",
        "active_per_min",
        "share_false",
    ];
    let is_shown =
        |threshold: f64| Some(threshold) == chosen || (threshold <= PRINTED_TO && (2.0 * threshold).fract() == 0.0);
    let line = |cells: Vec<String>, mark: &str| {
        let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:>12}")).collect();
        format!("{}{mark}\n", cells.concat())
    };
    let mut text = line(titles.map(str::to_owned).to_vec(), "");
    for (row, at) in counts.at.iter().enumerate().filter(|(_, at)| is_shown(at.threshold)) {
        let shown = |name: &&str| table.column(name).map_or_else(String::new, |values| values.shown(row));
        let mark = if Some(at.threshold) == chosen { " *" } else { "" };
        text += &line(columns.iter().map(shown).collect(), mark);
    }
    text
}

/// Reads a rate such as `1/min`, `0.05/s` or `30/h`, as spikes per minute.
pub fn per_minute(text: &str) -> Result<f64, String> {
    let (number, unit) = text.split_once('/').unwrap_or((text, "min"));
    let factor = match unit.trim() {
        "min" => 1.0,
        "s" => 60.0,
        "h" => 1.0 / 60.0,
        _ => return Err("the unit must be /min, /s or /h, as in 1/min".into()),
    };
    let rate = number.trim().parse::<f64>().ok().filter(|rate| *rate > 0.0 && rate.is_finite());
    rate.map(|rate| rate * factor).ok_or_else(|| "it must be a number above 0, as in 1/min".into())
}

#[cfg(test)]
mod tests {
    use super::per_minute;

    #[test]
    fn rates_are_read_with_their_unit() {
        assert_eq!(per_minute("1/min"), Ok(1.0));
        assert_eq!(per_minute("2"), Ok(2.0));
        assert_eq!(per_minute("0.5 / s"), Ok(30.0));
        assert_eq!(per_minute("30/h"), Ok(0.5));
        for wrong in ["1/day", "-1/min", "0", "NaN/min", "inf", ""] {
            assert!(per_minute(wrong).is_err(), "{wrong}");
        }
    }
}
