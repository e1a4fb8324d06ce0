//! `cargo xtask bench`: analysis and compression side by side with others, on the same recording and core.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use clap::Args;
use serde_json::Value;

use crate::shell::{self, Outcome, root};

#[derive(Args)]
pub struct Options {
    /// Electrodes of the simulated recording
    #[arg(long, default_value_t = 1024)]
    channels: usize,
    /// Its length in seconds
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Runs of each program; the median counts
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Leave the others out, for long recordings
    #[arg(long)]
    alone: bool,
}

const RATE_HZ: f64 = 20_000.0;

/// Prints tables of medians; nothing fails on a time.
pub fn run(options: &Options) -> Outcome {
    shell::run("cargo", &["build", "--quiet", "--release", "--package", "lambda", "--bin", "neurocyte"])?;
    let folder = root().join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let bench = Bench { options, neurocyte: root().join("target/release/neurocyte"), folder };
    let recording = bench.recording()?;
    let packed = bench.folder.join(format!("{}x{}.zarr", options.channels, options.seconds));
    let python = if options.alone { None } else { Some(install_spikeinterface(&bench.folder)?) };
    let pack_s = bench.pack(&recording, &packed)?;
    bench.speed(&recording, &packed, python.as_deref())?;
    bench.compression(&recording, &packed, pack_s, python.as_deref())
}

struct Bench<'a> {
    options: &'a Options,
    neurocyte: PathBuf,
    folder: PathBuf,
}

impl Bench<'_> {
    fn n_samples(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a channel count")]
        let channels = self.options.channels as f64;
        channels * self.options.seconds * RATE_HZ
    }

    /// The simulated recording, made once.
    fn recording(&self) -> Outcome<PathBuf> {
        let recording = self.folder.join(format!("{}x{}", self.options.channels, self.options.seconds));
        if !recording.join("truth.parquet").exists() {
            let mut simulate = Command::new(&self.neurocyte);
            simulate.args(["simulate", "--seed", "1", "--rate", &RATE_HZ.to_string()]);
            simulate.args(["--channels", &self.options.channels.to_string()]);
            simulate.args(["--seconds", &self.options.seconds.to_string()]).arg("--out").arg(&recording);
            timed(&mut simulate)?;
        }
        Ok(recording)
    }

    /// Compresses on one core; returns the seconds.
    fn pack(&self, recording: &Path, packed: &Path) -> Outcome<f64> {
        let mut pack = Command::new(&self.neurocyte);
        pack.arg("pack").arg(recording).args(["--threads", "1", "--out"]).arg(packed);
        timed(&mut pack)
    }

    fn speed(&self, recording: &Path, packed: &Path, python: Option<&Path>) -> Outcome {
        let out = self.folder.join("out");
        let cases = [
            ("`neurocyte analyze --threads 1`, whole process", recording, "1"),
            ("`neurocyte analyze --threads 2`, whole process", recording, "2"),
            ("the same from the uploaded form, `--threads 2`", packed, "2"),
        ];
        let mut times = vec![Vec::new(); cases.len()];
        let mut memory = vec![0.0_f64; cases.len()];
        let mut theirs = Vec::new();
        let mut report = Value::Null;
        for _ in 0..self.options.runs {
            for (at, (_, path, threads)) in cases.iter().enumerate() {
                let mut analyze = Command::new(&self.neurocyte);
                analyze.arg("analyze").arg(path).args(["--threads", threads, "--out"]).arg(&out);
                times[at].push(timed(&mut analyze)?);
                let receipt: Value = serde_json::from_slice(&std::fs::read(out.join("receipt.json"))?)?;
                memory[at] = memory[at].max(receipt["peak_memory_bytes"].as_f64().unwrap_or(0.0) / 1e6);
            }
            if let Some(python) = python {
                report = spikeinterface(python, recording, &out)?;
                theirs.push(report["seconds"].as_f64().unwrap_or(f64::NAN));
            }
        }
        let Options { channels, seconds, runs, .. } = self.options;
        println!("{channels} channels x {seconds} s at 20 kHz, median of {runs}:\n");
        println!("| what | seconds | Msample/s | times SpikeInterface | memory |\n| --- | --- | --- | --- | --- |");
        let reference = median(&mut theirs);
        let row = |what: &str, seconds: f64, memory: String| {
            let rate = self.n_samples() / seconds / 1e6;
            println!("| {what} | {seconds:.2} | {rate:.0} | {:.1} | {memory} |", reference / seconds);
        };
        if python.is_some() {
            row("SpikeInterface 0.105, `detect_peaks` alone, one core", reference, String::new());
        }
        for (((what, ..), times), memory) in cases.iter().zip(&mut times).zip(&memory) {
            row(what, median(times), format!("{memory:.0} MB"));
        }
        for name in ["same_noise", "sampled_noise"] {
            if let Some(found) = report.get(name) {
                println!(
                    "\n{name}: {} of our peaks in theirs, {} of theirs in ours",
                    found["ours_in_theirs"], found["theirs_in_ours"]
                );
            }
        }
        Ok(())
    }

    fn compression(&self, recording: &Path, packed: &Path, pack_s: f64, python: Option<&Path>) -> Outcome {
        let raw_bytes = self.n_samples() * 2.0;
        #[expect(clippy::cast_precision_loss, reason = "bytes")]
        let ratio = raw_bytes / folder_bytes(packed)? as f64;
        println!("\n| compression, one core | ratio | MB/s |\n| --- | --- | --- |");
        println!(
            "| `neurocyte pack` (pco level 8), with reading and writing | {ratio:.2} | {:.0} |",
            raw_bytes / pack_s / 1e6
        );
        let Some(python) = python else { return Ok(()) };
        let script = root().join("infra/xtask/bench/compression.py");
        let seconds = self.options.seconds.min(10.0).to_string();
        let output = Command::new(python).arg(script).arg(recording).arg(seconds).output()?;
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let codec: Value = serde_json::from_str(line)?;
            let number = |field: &str| codec[field].as_f64().unwrap_or(f64::NAN);
            println!(
                "| {} | {:.2} | {:.0} |",
                codec["codec"].as_str().unwrap_or_default(),
                number("ratio"),
                number("mb_per_s")
            );
        }
        Ok(())
    }
}

fn folder_bytes(folder: &Path) -> Outcome<u64> {
    let mut total = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        total += if path.is_dir() { folder_bytes(&path)? } else { path.metadata()?.len() };
    }
    Ok(total)
}

fn timed(command: &mut Command) -> Outcome<f64> {
    let start = Instant::now();
    let output = command.output().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(start.elapsed().as_secs_f64())
}

fn install_spikeinterface(folder: &Path) -> Outcome<PathBuf> {
    let venv = folder.join("venv");
    let python = venv.join("bin/python");
    if !python.exists() {
        shell::run("python3", &["-m", "venv", &venv.display().to_string()])?;
        let python = python.display().to_string();
        let peers = ["spikeinterface==0.105.*", "scipy", "numba", "pyarrow", "pandas"];
        shell::run(&python, &[&["-m", "pip", "install", "--quiet"], &peers[..]].concat())?;
        // Codecs that not every platform has; their rows are left out where they are missing.
        for codec in ["flac-numcodecs", "wavpack-numcodecs"] {
            drop(shell::run(&python, &["-m", "pip", "install", "--quiet", codec]));
        }
    }
    Ok(python)
}

/// Seconds and peaks of `SpikeInterface`, and how far they agree with ours in `results`.
fn spikeinterface(python: &Path, recording: &Path, results: &Path) -> Outcome<Value> {
    let script = root().join("infra/xtask/bench/spikeinterface_peaks.py");
    let one_core = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"];
    let mut command = Command::new(python);
    command.arg(script).arg(recording).arg(results).envs(one_core.map(|name| (name, "1")));
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned().into())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
