//! `cargo xtask bench`: analysis and compression side by side with others, on the same recording
//! and core; the engine's stages beside copying; HDF5 beside a folder; the page in a browser.

mod compression;
mod hdf5;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::shell::{self, Outcome, root};
use crate::site;

/// Where the result of two threads goes, which others are compared with.
const OUT_TWO_THREADS: &str = "out-2";

/// What can be timed by itself.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// HDF5 of several layouts beside a folder of the same samples
    Hdf5,
    /// Functional connectivity beside elephant and MEA-NAP, and each analysis by itself
    Analyses,
}

#[derive(Args)]
pub struct Options {
    /// Time only this
    #[arg(value_enum)]
    only: Option<Part>,
    /// Lengths in seconds of the recordings that are written as HDF5
    #[arg(long, value_name = "SECONDS", value_delimiter = ',', default_values_t = [60.0, 120.0])]
    hdf5_seconds: Vec<f64>,
    /// Electrodes of the simulated recording
    #[arg(long, default_value_t = 1024)]
    channels: usize,
    /// Its length in seconds
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Runs of each program; the median counts
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// A real recording to compress as well; may be given several times
    #[arg(long, value_name = "PATH")]
    real: Vec<PathBuf>,
    /// A copy of MEA-NAP's repository, to time its connectivity too: it is in no package registry
    #[arg(long, value_name = "FOLDER")]
    mea_nap: Option<PathBuf>,
    /// Leave the others out, for long recordings
    #[arg(long)]
    alone: bool,
}

const RATE_HZ: f64 = 20_000.0;
const CHROMEDRIVER: &str = "/usr/bin/chromedriver";

/// Prints tables of medians; nothing fails on a time.
pub fn run(options: &Options) -> Outcome {
    shell::run("cargo", &["build", "--quiet", "--release", "--package", "lambda", "--bin", "neurocyte"])?;
    let folder = root().join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let bench = Bench { options, neurocyte: root().join("target/release/neurocyte"), folder };
    match options.only {
        Some(Part::Hdf5) => return bench.hdf5(&install_peers(&bench.folder)?),
        Some(Part::Analyses) => return bench.analyses(&install_peers(&bench.folder)?),
        None => {}
    }
    let recording = bench.simulated(options.channels, options.seconds)?;
    let packed = bench.folder.join(format!("{}x{}.zarr", options.channels, options.seconds));
    let python = if options.alone { None } else { Some(install_peers(&bench.folder)?) };
    let peers = python.as_deref();
    let pack_s = bench.pack(&recording, &packed)?;
    bench.speed(&recording, &packed, peers)?;
    Bench::stages(peers)?;
    bench.compression(&recording, &packed, pack_s, peers)?;
    if let Some(python) = peers {
        bench.hdf5(python)?;
        bench.analyses(python)?;
    }
    if !Path::new(CHROMEDRIVER).exists() {
        println!("\nThe page is left out: there is no {CHROMEDRIVER} (package chromium-driver).");
        return Ok(());
    }
    let Some(python) = peers else {
        println!("\nThe page is left out: Python drives it, which comes with the peers.");
        return Ok(());
    };
    bench.page(&recording, python)
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

    /// A simulated recording, made once.
    fn simulated(&self, channels: usize, seconds: f64) -> Outcome<PathBuf> {
        let recording = self.folder.join(format!("{channels}x{seconds}"));
        if !recording.join("truth.parquet").exists() {
            let mut simulate = Command::new(&self.neurocyte);
            simulate.args(["simulate", "--seed", "1", "--rate", &RATE_HZ.to_string()]);
            simulate.args(["--channels", &channels.to_string()]);
            simulate.args(["--seconds", &seconds.to_string()]).arg("--out").arg(&recording);
            timed(&mut simulate)?;
        }
        Ok(recording)
    }

    /// Compresses on one core, to the fewest bytes; returns the seconds.
    fn pack(&self, recording: &Path, packed: &Path) -> Outcome<f64> {
        let mut pack = Command::new(&self.neurocyte);
        pack.arg("pack").arg(recording).args(["--level", "small", "--threads", "1", "--out"]).arg(packed);
        timed(&mut pack)
    }

    fn speed(&self, recording: &Path, packed: &Path, python: Option<&Path>) -> Outcome {
        let cases = [
            ("`neurocyte analyze --threads 1`, whole process", recording, "1", "out-1"),
            ("`neurocyte analyze --threads 2`, whole process", recording, "2", OUT_TWO_THREADS),
            ("the same from the uploaded form, `--threads 2`", packed, "2", "out-packed"),
        ];
        let mut times = vec![Vec::new(); cases.len()];
        let mut memory = vec![0.0_f64; cases.len()];
        let mut theirs = Vec::new();
        let mut report = Value::Null;
        for _ in 0..self.options.runs {
            for (at, (_, path, threads, out)) in cases.iter().enumerate() {
                let out = self.folder.join(out);
                let mut analyze = Command::new(&self.neurocyte);
                analyze.arg("analyze").arg(path).args(["--threads", threads, "--out"]).arg(&out);
                times[at].push(timed(&mut analyze)?);
                let receipt: Value = serde_json::from_slice(&std::fs::read(out.join("receipt.json"))?)?;
                memory[at] = memory[at].max(receipt["peak_memory_bytes"].as_f64().unwrap_or(0.0) / 1e6);
            }
            if let Some(python) = python {
                report = spikeinterface(python, recording, &self.folder.join(OUT_TWO_THREADS))?;
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
        let agreements = [
            ("same_noise", "With the same noise levels"),
            ("sampled_noise", "With noise that SpikeInterface samples at random"),
            ("spikeinterface_twice", "SpikeInterface with two random samples of noise"),
        ];
        for (name, title) in agreements {
            if let Some(found) = report.get(name) {
                let percent = |field: &str| found[field].as_f64().unwrap_or(f64::NAN) * 100.0;
                println!("\n{title}: {:.2} % and {:.2} %", percent("ours_in_theirs"), percent("theirs_in_ours"));
            }
        }
        Ok(())
    }

    /// The engine's stages on one core, beside copying memory and, where a browser can be driven,
    /// beside the same program in it.
    fn stages(python: Option<&Path>) -> Outcome {
        let arguments = ["run", "--quiet", "--release", "--package", "wasm-core", "--example", "stages"];
        let native = stages_of(&shell::output("cargo", &arguments).ok_or("the stages could not be run")?);
        let python = python.filter(|_| Path::new(CHROMEDRIVER).exists());
        let wasm = python.map(wasm_stages).transpose()?.unwrap_or_default();
        println!(
            "\n| stage, 1,024 channels, one core | ns per sample | of the speed of copying | in Chromium | of native |\n| --- | --- | --- | --- | --- |"
        );
        let copy = native.first().map_or(f64::NAN, |(_, ns)| *ns);
        for (name, ns) in &native {
            let found = wasm.iter().find(|(other, _)| other == name).map(|(_, ns)| *ns);
            let [browser, share] = match found {
                Some(wasm) => [format!("{wasm:.2}"), format!("{:.2} x", ns / wasm)],
                None => Default::default(),
            };
            println!("| {name} | {ns:.2} | {:.0} % | {browser} | {share} |", copy / ns * 100.0);
        }
        Ok(())
    }

    /// Functional connectivity beside elephant, and the time of each analysis.
    fn analyses(&self, python: &Path) -> Outcome {
        let script = root().join("infra/xtask/bench/connectivity.py");
        let mut command = Command::new(python);
        command.arg(script).arg(&self.neurocyte).arg(&self.folder).args(&self.options.mea_nap);
        let output = command.output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        println!("\n| connectivity (STTC within 25 ms) | |\n| --- | --- |");
        print!("{}", String::from_utf8_lossy(&output.stdout));
        let arguments = ["run", "--quiet", "--release", "--package", "wasm-core", "--example", "blocks"];
        println!("\n| analysis of 10^6 spikes on 1,024 electrodes, one core | ms |\n| --- | --- |");
        for (name, ms) in stages_of(&shell::output("cargo", &arguments).ok_or("the analyses could not be run")?) {
            println!("| {name} | {ms:.0} |");
        }
        Ok(())
    }

    /// The recording analysed by the page in a browser, beside this program with as many threads.
    fn page(&self, recording: &Path, python: &Path) -> Outcome {
        let report = in_the_page(python, &site::build()?, recording)?;
        let receipt: Value =
            serde_json::from_slice(&std::fs::read(self.folder.join(OUT_TWO_THREADS).join("receipt.json"))?)?;
        let native_s: f64 = ["noise", "analyse"].iter().map(|name| stage_s(&receipt, name)).sum();
        let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
        let wasm_s = number(&report["stages_s"]["noise"]) + number(&report["stages_s"]["analyse"]);
        println!("\n| in headless Chromium, nothing uploaded | |\n| --- | --- |");
        println!("| first traces | {:.2} s |", number(&report["first_traces_s"]));
        println!("| whole analysis | {:.1} s |", number(&report["analysis_s"]));
        println!(
            "| its workers' time, against {native_s:.1} s of the threads above | {wasm_s:.1} s ({:.2} x the speed) |",
            native_s / wasm_s
        );
        println!(
            "| memory of all browser processes, proportional | {:.0} MB, of which {:.0} MB before a file is opened |",
            number(&report["peak_mb"]),
            number(&report["idle_mb"])
        );
        Ok(())
    }
}

/// What the page takes to analyse the files of a folder in a browser.
fn in_the_page(python: &Path, site: &Path, folder: &Path) -> Outcome<Value> {
    let script = root().join("infra/xtask/bench/page.py");
    let output = Command::new(python).arg(script).arg(site).arg(folder).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(text.lines().last().unwrap_or_default())
        .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned().into())
}

/// Names of stages and their nanoseconds per sample.
fn stages_of(printed: &str) -> Vec<(String, f64)> {
    let rows = printed.lines().filter_map(|line| line.split_once('\t'));
    rows.filter_map(|(name, ns)| Some((name.to_owned(), ns.parse().ok()?))).collect()
}

/// The stages in a browser.
fn wasm_stages(python: &Path) -> Outcome<Vec<(String, f64)>> {
    const WASI: &str = "wasm32-wasip1";
    site::add_target(WASI)?;
    let build =
        ["build", "--quiet", "--profile", "web", "--package", "wasm-core", "--example", "stages", "--target", WASI];
    shell::run("cargo", &build)?;
    let program = root().join(format!("target/{WASI}/web/examples/stages.wasm"));
    let output = Command::new(python).arg(root().join("infra/xtask/bench/stages.py")).arg(program).output()?;
    let stages = stages_of(&String::from_utf8_lossy(&output.stdout));
    if stages.is_empty() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(stages)
}

/// Worker seconds of a stage of a receipt.
fn stage_s(receipt: &Value, name: &str) -> f64 {
    let stages = receipt["stages"].as_array().into_iter().flatten();
    stages.filter(|stage| stage["name"] == name).filter_map(|stage| stage["worker_s"].as_f64()).sum()
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

fn install_peers(folder: &Path) -> Outcome<PathBuf> {
    let venv = folder.join("venv");
    let python = venv.join("bin/python");
    // Names what is installed, so that a longer list is installed again.
    let complete = venv.join("complete");
    let peers =
        ["spikeinterface==0.105.*", "scipy", "numba", "pyarrow", "pandas", "h5py", "selenium", "elephant==1.2.1"];
    if std::fs::read_to_string(&complete).ok() != Some(peers.join(" ")) {
        shell::run("python3", &["-m", "venv", &venv.display().to_string()])?;
        let python = python.display().to_string();
        shell::run(&python, &[&["-m", "pip", "install", "--quiet"], &peers[..]].concat())?;
        // Python's WavPack is built against the platform's.
        if let Err(error) = shell::need(&["wavpack"], &["wavpack", "libwavpack-dev", "python3-dev", "gcc"]) {
            println!("{error}");
        }
        for codec in ["flac-numcodecs", "wavpack-numcodecs"] {
            if shell::output(&python, &["-m", "pip", "install", "--quiet", codec]).is_none() {
                println!("{codec} cannot be installed on this platform; its row is left out.");
            }
        }
        std::fs::write(complete, peers.join(" "))?;
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
