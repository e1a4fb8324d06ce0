//! HDF5 of several layouts beside a folder of the same samples: a file costs what its bytes cost,
//! whatever the shape of its chunks.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

use super::{Bench, CHROMEDRIVER, RATE_HZ, median, timed};
use crate::shell::{Outcome, root};
use crate::site;

/// An ordinary array.
const CHANNELS: usize = 60;

/// What a file may cost: times what h5py takes to read it, and times what the folder costs.
const OF_READING: f64 = 1.5;
const OF_FOLDER: f64 = 2.0;

/// Ticks of a second in which Linux tells processor time, on every processor that this runs on.
const TICKS_PER_S: f64 = 100.0;

/// A file of one layout.
#[derive(Deserialize)]
struct Layout {
    #[serde(rename = "layout")]
    name: String,
    words: String,
    bytes: u64,
    /// Processor seconds of h5py.
    read_s: f64,
}

/// An analysis on one thread.
struct Analysis {
    processor_s: f64,
    peak_mb: f64,
    n_spikes: u64,
}

impl Bench<'_> {
    /// Prints processor seconds of each layout and length beside what they may be.
    pub(super) fn hdf5(&self, python: &Path) -> Outcome {
        println!("\n{CHANNELS} channels at 20 kHz, one thread, processor seconds of the whole process, medians;");
        println!("the limit is {OF_READING} x h5py (reading alone, without its start) + {OF_FOLDER} x the folder:\n");
        println!("| file | recorded | `analyze` | per minute | h5py | limit | of the limit | memory | spikes |");
        println!("|{}", " --- |".repeat(9));
        for seconds in &self.options.hdf5_seconds {
            let recording = self.simulated(CHANNELS, *seconds)?;
            let folder = self.analysed(&recording)?;
            row("folder, int16", *seconds, &folder, None);
            for (layout, file) in self.layouts(&recording, *seconds, python)? {
                let found = self.analysed(&file)?;
                #[expect(clippy::cast_precision_loss, reason = "bytes of a file")]
                let words = format!("{}, {:.0} MB", layout.words, layout.bytes as f64 / 1e6);
                let limit_s = OF_READING * layout.read_s + OF_FOLDER * folder.processor_s;
                row(&words, *seconds, &found, Some((layout.read_s, limit_s)));
            }
        }
        self.hdf5_in_the_page(python)
    }

    /// The same in a browser, each file by itself.
    fn hdf5_in_the_page(&self, python: &Path) -> Outcome {
        let Some(seconds) = self.options.hdf5_seconds.first().copied() else { return Ok(()) };
        if !Path::new(CHROMEDRIVER).exists() {
            println!("\nThe page is left out: there is no {CHROMEDRIVER} (package chromium-driver).");
            return Ok(());
        }
        let site = site::build()?;
        let recording = self.simulated(CHANNELS, seconds)?;
        let mut cases = vec![("folder, int16".to_owned(), recording.clone())];
        for (layout, file) in self.layouts(&recording, seconds, python)? {
            cases.push((layout.words, file.parent().map(Path::to_owned).unwrap_or_default()));
        }
        println!(
            "\n| {seconds} s in headless Chromium | first traces | whole analysis | memory of all its processes |"
        );
        println!("|{}", " --- |".repeat(4));
        for (words, folder) in cases {
            let report = super::in_the_page(python, &site, &folder)?;
            let [first_s, analysis_s, peak_mb] =
                ["first_traces_s", "analysis_s", "peak_mb"].map(|field| report[field].as_f64().unwrap_or(f64::NAN));
            println!("| {words} | {first_s:.2} s | {analysis_s:.1} s | {peak_mb:.0} MB |");
        }
        Ok(())
    }

    /// Writes the samples of a recording in all layouts, where they are not there yet, and has h5py
    /// read them.
    fn layouts(&self, recording: &Path, seconds: f64, python: &Path) -> Outcome<Vec<(Layout, PathBuf)>> {
        let folder = self.folder.join(format!("hdf5-{CHANNELS}x{seconds}"));
        let mut command = Command::new(python);
        command.arg(root().join("infra/xtask/bench/hdf5_files.py")).arg(recording.join("traces_cached_seg0.raw"));
        command.args([CHANNELS.to_string(), RATE_HZ.to_string()]).arg(&folder).arg(self.options.runs.to_string());
        let output = command.output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        let mut layouts = Vec::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let layout: Layout = serde_json::from_str(line)?;
            let file = folder.join(&layout.name).join("recording.h5");
            layouts.push((layout, file));
        }
        Ok(layouts)
    }

    /// Analyses a recording on one thread.
    fn analysed(&self, path: &Path) -> Outcome<Analysis> {
        let out = self.folder.join("out-hdf5");
        let mut times = Vec::new();
        for _ in 0..self.options.runs {
            let mut analyze = Command::new(&self.neurocyte);
            analyze.arg("analyze").arg(path).args(["--threads", "1", "--out"]).arg(&out);
            let before = children_s()?;
            timed(&mut analyze)?;
            times.push(children_s()? - before);
        }
        let read = |name: &str| -> Outcome<Value> { Ok(serde_json::from_slice(&std::fs::read(out.join(name))?)?) };
        let (receipt, summary) = (read("receipt.json")?, read("summary.json")?);
        Ok(Analysis {
            processor_s: median(&mut times),
            peak_mb: receipt["peak_memory_bytes"].as_f64().unwrap_or(f64::NAN) / 1e6,
            n_spikes: summary["headline"]["n_spikes"].as_u64().unwrap_or(0),
        })
    }
}

/// A row of the table; of the folder there is no limit.
fn row(words: &str, seconds: f64, found: &Analysis, limit: Option<(f64, f64)>) {
    let Analysis { processor_s, peak_mb, n_spikes } = found;
    let per_minute = processor_s / seconds * 60.0;
    let limit = match limit {
        Some((read_s, limit_s)) => {
            format!("{read_s:.2} | {limit_s:.2} | {:.0} %", processor_s / limit_s * 100.0)
        }
        None => " | | ".into(),
    };
    println!("| {words} | {seconds} s | {processor_s:.2} | {per_minute:.2} | {limit} | {peak_mb:.0} MB | {n_spikes} |");
}

/// Processor seconds of all programs that this one has started and that have ended, the system's
/// on their behalf among them: `cutime` and `cstime` of `/proc/self/stat`, see `man 5 proc`.
fn children_s() -> Outcome<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The program's name stands in brackets and may hold anything; the state, field 3, comes next.
    let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let ticks = |field: usize| -> Outcome<f64> {
        let text = fields.get(field - 3).ok_or("/proc/self/stat is shorter than expected")?;
        Ok(text.parse()?)
    };
    Ok((ticks(16)? + ticks(17)?) / TICKS_PER_S)
}
