//! `cargo xtask bench`: analysis side by side with SpikeInterface, on the same recording and core.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use clap::Args;

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
}

const RATE_HZ: f64 = 20_000.0;

/// Prints a table of medians; nothing fails on a time.
#[expect(clippy::cast_precision_loss, reason = "counts of samples")]
pub fn run(options: &Options) -> Outcome {
    shell::run("cargo", &["build", "--quiet", "--release", "--package", "lambda"])?;
    let folder = root().join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let recording = folder.join(format!("{}x{}", options.channels, options.seconds));
    let neurocyte = root().join("target/release/neurocyte");
    if !recording.join("truth.parquet").exists() {
        let mut simulate = Command::new(&neurocyte);
        simulate.args(["simulate", "--seed", "1", "--rate", &RATE_HZ.to_string()]);
        simulate.args(["--channels", &options.channels.to_string(), "--seconds", &options.seconds.to_string()]);
        simulate.arg("--out").arg(&recording);
        timed(&mut simulate)?;
    }
    let python = install_spikeinterface(&folder)?;
    let (mut theirs, mut one, mut two) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.runs {
        theirs.push(spikeinterface_seconds(&python, &recording)?);
        for (threads, times) in [("1", &mut one), ("2", &mut two)] {
            let mut analyze = Command::new(&neurocyte);
            analyze.arg("analyze").arg(&recording).args(["--threads", threads, "--out"]).arg(folder.join("out"));
            times.push(timed(&mut analyze)?);
        }
    }
    let samples = options.channels as f64 * options.seconds * RATE_HZ;
    let reference = median(&mut theirs);
    println!("{} channels x {} s at 20 kHz, median of {}:", options.channels, options.seconds, options.runs);
    println!("| what | seconds | Msample/s | times SpikeInterface |\n| --- | --- | --- | --- |");
    let rows = [
        ("SpikeInterface 0.105, `detect_peaks` alone, one core", reference),
        ("`neurocyte analyze --threads 1`, whole process", median(&mut one)),
        ("`neurocyte analyze --threads 2`, whole process", median(&mut two)),
    ];
    for (what, seconds) in rows {
        println!("| {what} | {seconds:.2} | {:.0} | {:.1} |", samples / seconds / 1e6, reference / seconds);
    }
    Ok(())
}

fn timed(command: &mut Command) -> Outcome<f64> {
    let start = Instant::now();
    let output = command.output().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(start.elapsed().as_secs_f64())
}

fn install_spikeinterface(folder: &Path) -> Outcome<std::path::PathBuf> {
    let venv = folder.join("venv");
    let python = venv.join("bin/python");
    if !python.exists() {
        shell::run("python3", &["-m", "venv", &venv.display().to_string()])?;
        let pip = ["-m", "pip", "install", "--quiet", "spikeinterface==0.105.*", "scipy", "numba", "pyarrow", "pandas"];
        shell::run(&python.display().to_string(), &pip)?;
    }
    Ok(python)
}

fn spikeinterface_seconds(python: &Path, recording: &Path) -> Outcome<f64> {
    let script = root().join("infra/xtask/bench/spikeinterface_peaks.py");
    let one_core = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"];
    let output = Command::new(python).arg(script).arg(recording).envs(one_core.map(|name| (name, "1"))).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let seconds = text.split("\"seconds\": ").nth(1).and_then(|rest| rest.split(',').next()?.parse().ok());
    seconds.ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned().into())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
