//! The command line `neurocyte`: a thin front to the same library, for scripts.

mod analyze;
mod bad_channels;
mod calibrate;
mod dump;
mod earlier;
mod events;
mod exports;
mod files;
mod inspect;
mod invite;
mod lfp;
mod only_of_signals;
mod output;
mod pack;
mod ping;
mod regions;
mod sensitivity;
mod si_folder;
mod simulate;
mod snippets;

pub use files::open_path;

use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Serialize;
use wasm_core::blocks::handbook;
use wasm_core::pipeline::{Pipeline, schema};
use wasm_core::presets::{PRESETS, apply, differences, preset};

/// What any command may fail with: a reason that fits one line.
pub type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Opens, analyses and simulates microelectrode-array recordings.
#[derive(Parser)]
#[command(name = "neurocyte", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print what a recording holds, as JSON
    Inspect(Inspect),
    /// Write raw samples as stored: little-endian, frames x channels
    Dump(Dump),
    /// Write pulses, messages and annotations as a table (CSV)
    Events(Events),
    /// Find spikes and analyse them; writes spikes, numbers, analyses, figures and a report into a folder
    ///
    /// Files: spikes.parquet, summary.json, channels.csv, wells.csv (of plates), results.json, receipt.json,
    /// report.html; figures/ with raster, map and waveforms (SVG); analyses/ with a folder of tables (CSV) and figures
    /// (SVG) for each analysis, of plates with each number over the wells in plate/
    Analyze(Analyze),
    /// Analyse the spikes that files hold; writes what `analyze` writes, without receipt.json and waveforms
    Explore(Explore),
    /// Print electrodes that are dead, noisy, saturated or outside the tissue, as JSON
    BadChannels(BadChannels),
    /// Find the threshold at a stated rate of false spikes, from a silent recording (TTX) and an active one
    ///
    /// Both are searched in one way. What is found in the silent recording is false: the threshold is the lowest from
    /// which on there is no more than the stated rate of it. A threshold is a multiple of each recording's own noise
    Calibrate(Calibrate),
    /// Write field potentials at a lower rate, as a folder that `SpikeInterface` loads
    Lfp(Lfp),
    /// Compress a recording into the Zarr folder that the page uploads and `SpikeInterface` loads
    Pack(Pack),
    /// Write a recording whose spikes are known, with truth.parquet
    Simulate(Simulate),
    /// Compare the regions of AWS for a workload: cost, carbon dioxide, distance, law
    ///
    /// List prices of a table in this program; nothing is asked of the network without --ping
    Regions(regions::Regions),
    /// Invite somebody to upload to your bucket; list what was used and cost; revoke
    Invite(invite::Invite),
    /// Print a pipeline, a preset, the handbook of analyses or the JSON Schema
    Pipeline {
        #[command(subcommand)]
        command: PipelineCommand,
    },
}

#[derive(Args)]
pub(crate) struct Explore {
    /// File or folder that holds spikes: a table, .spk, NWB, phy…
    path: PathBuf,
    /// Pipeline file; the default analyses if left out
    #[arg(long)]
    pipeline: Option<PathBuf>,
    /// Table of events, such as stimuli (CSV), as for `analyze`
    #[arg(long)]
    events: Option<PathBuf>,
    /// Folder to write the results to
    #[arg(long)]
    out: PathBuf,
    /// Files to write beside the others, such as `--also parquet,nwb,phy`
    #[arg(long, value_enum, value_delimiter = ',')]
    also: Vec<Also>,
    /// Well of a plate that figures of one culture show, such as B3, as for `analyze`
    #[arg(long)]
    well: Option<String>,
}

impl From<&Explore> for Analyze {
    fn from(Explore { path, pipeline, events, out, also, well }: &Explore) -> Self {
        Self {
            path: path.clone(),
            pipeline: pipeline.clone(),
            events: events.clone(),
            out: out.clone(),
            also: also.clone(),
            well: well.clone(),
            stream: None,
            leave_out_bad: false,
            stored_spikes: true,
            snippets: false,
            threads: None,
        }
    }
}

/// What `analyze` writes when it is asked to.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Also {
    /// Each table of the analyses as Parquet, beside its CSV
    Parquet,
    /// The spikes as Neurodata Without Borders: spikes.nwb
    Nwb,
    /// The spikes as a folder that phy and `SpikeInterface` open: phy/
    Phy,
    /// The five numbers of the summary at 4 to 8 x noise: sensitivity.csv, and a figure of each in figures/. Only of a
    /// signal, not of stored spikes
    Sensitivity,
    /// Tables for Prism: a CSV for each number, with a column for each well, in analyses/*/prism/. Only of plates
    Prism,
}

#[derive(Args)]
pub(crate) struct Inspect {
    /// File or folder of the recording
    path: PathBuf,
    /// Print one compact line, for programs
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Dump {
    /// File or folder of the recording
    path: PathBuf,
    /// Stream, as `inspect` names it; the first if left out
    #[arg(long)]
    stream: Option<String>,
    /// Segment, counted from 0
    #[arg(long, default_value_t = 0)]
    segment: usize,
    /// First frame
    #[arg(long)]
    start: u64,
    /// Number of frames
    #[arg(long)]
    frames: u64,
    /// File to write
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
pub(crate) struct Analyze {
    /// File or folder of the recording
    path: PathBuf,
    /// Stream, as `inspect` names it; the first if left out
    #[arg(long)]
    stream: Option<String>,
    /// Pipeline file; the default pipeline if left out
    #[arg(long)]
    pipeline: Option<PathBuf>,
    /// Table of events, such as stimuli (CSV): `time_s`, and perhaps label, channel, `duration_s`, `segment_index`;
    /// beside those that the recording holds
    #[arg(long)]
    events: Option<PathBuf>,
    /// Folder to write the results to
    #[arg(long)]
    out: PathBuf,
    /// Find dead, noisy and saturated electrodes first, as `bad-channels` does, and leave them out
    #[arg(long)]
    leave_out_bad: bool,
    /// Take the spikes that the files hold instead of finding them
    #[arg(long)]
    stored_spikes: bool,
    /// Also write every spike's waveform: snippets.npy, spikes x frames in microvolts
    #[arg(long)]
    snippets: bool,
    /// Files to write beside the others, such as `--also parquet,nwb,phy`
    #[arg(long, value_enum, value_delimiter = ',')]
    also: Vec<Also>,
    /// Well of a plate that figures of one culture show, such as B3; the most active one if left out. Tables have all
    /// wells
    #[arg(long)]
    well: Option<String>,
    /// Worker threads; one per processor core if left out
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

#[derive(Args)]
pub(crate) struct Events {
    /// File or folder of the recording
    path: PathBuf,
    /// File to write; standard output if left out
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct BadChannels {
    /// File or folder of the recording
    path: PathBuf,
    /// Stream, as `inspect` names it; the first if left out
    #[arg(long)]
    stream: Option<String>,
    /// mad: far from the median electrode's deviation; coherence+psd: unlike those near it on a probe
    #[arg(long, default_value = "mad", value_parser = ["mad", "coherence+psd"])]
    method: String,
}

#[derive(Args)]
pub(crate) struct Calibrate {
    /// File or folder of the silent recording: the array under TTX, or without cells
    silent: PathBuf,
    /// File or folder of the active recording, of the same array
    active: PathBuf,
    /// False spikes that are accepted, per electrode: such as 1/min, 0.05/s or 30/h. At the default of one per minute,
    /// a fifth of what makes an electrode active, noise alone makes none active
    #[arg(long, value_name = "RATE", default_value = "1/min", value_parser = calibrate::per_minute)]
    false_rate: f64,
    /// Stream of both, as `inspect` names it; the first if left out
    #[arg(long)]
    stream: Option<String>,
    /// Pipeline file for both; the default pipeline if left out
    #[arg(long)]
    pipeline: Option<PathBuf>,
    /// Table to write (CSV): counts and rates at each threshold
    #[arg(long)]
    out: Option<PathBuf>,
    /// Worker threads; one per processor core if left out
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

#[derive(Args)]
pub(crate) struct Lfp {
    /// File or folder of the recording
    path: PathBuf,
    /// Stream, as `inspect` names it; the first if left out
    #[arg(long)]
    stream: Option<String>,
    /// Frames per second to come close to: the recording's rate divided by a whole number
    #[arg(long, default_value_t = 1000.0)]
    rate: f64,
    /// Folder to write
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
pub(crate) struct Pack {
    /// File or folder of the recording
    path: PathBuf,
    /// Stream, as `inspect` names it; the first if left out
    #[arg(long)]
    stream: Option<String>,
    /// Folder to write, such as culture.zarr
    #[arg(long)]
    out: PathBuf,
    /// How hard it is packed; all levels hold the same samples
    #[arg(long, value_enum, default_value_t = PackLevel::Even)]
    level: PackLevel,
    /// Worker threads; one per processor core if left out
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// Bytes against time.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PackLevel {
    /// The least time
    Fast,
    /// About 1 % more bytes than `small`, in two thirds of its time
    Even,
    /// The fewest bytes
    Small,
}

#[derive(Args)]
pub(crate) struct Simulate {
    /// Electrodes
    #[arg(long)]
    channels: usize,
    /// Frames per second
    #[arg(long, value_name = "HZ")]
    rate: f64,
    /// Length in seconds
    #[arg(long)]
    seconds: f64,
    /// The same seed gives the same recording
    #[arg(long)]
    seed: u64,
    /// Folder to write, which `SpikeInterface` can load
    #[arg(long)]
    out: PathBuf,
}

#[derive(Subcommand)]
enum PipelineCommand {
    /// The default pipeline
    Default,
    /// The default pipeline with its analyses spelt out, to be changed (version 2)
    Analyses,
    /// The default pipeline with the values of another program, such as `mea-nap`
    Preset {
        /// Id of the preset; all are listed if left out
        id: Option<String>,
    },
    /// What each analysis computes, with its values and sources (Markdown)
    Handbook,
    /// The JSON Schema of pipeline files, made from all blocks that there are
    Schema,
}

/// Runs a command.
pub fn run(cli: &Cli) -> Outcome {
    match &cli.command {
        Command::Inspect(options) => inspect::run(options),
        Command::Dump(options) => dump::run(options),
        Command::Events(options) => events::run(options),
        Command::Analyze(options) => analyze::run(options),
        Command::Explore(options) => analyze::run(&options.into()),
        Command::BadChannels(options) => bad_channels::run(options),
        Command::Calibrate(options) => calibrate::run(options),
        Command::Lfp(options) => lfp::run(options),
        Command::Pack(options) => pack::run(options),
        Command::Simulate(options) => simulate::run(options),
        Command::Regions(options) => regions::run(options),
        Command::Invite(options) => invite::run(options),
        Command::Pipeline { command } => match command {
            PipelineCommand::Default => print_json(&Pipeline::default()),
            PipelineCommand::Analyses => print_json(&Pipeline::default().with_analyses()),
            PipelineCommand::Preset { id } => print_preset(id.as_deref()),
            PipelineCommand::Handbook => print(&handbook()),
            PipelineCommand::Schema => print_json(&schema()),
        },
    }
}

/// A preset as a pipeline file; all of them with what they change where none is named.
fn print_preset(id: Option<&str>) -> Outcome {
    let default = Pipeline::default().with_analyses();
    let Some(id) = id else {
        let mut text = String::new();
        for preset in PRESETS {
            text += &format!("{}: {}\n", preset.id, preset.title);
            for change in differences(&default, &apply(preset, default.clone())) {
                text += &format!("    {change}\n");
            }
        }
        return print(&text);
    };
    let known = || PRESETS.iter().map(|preset| preset.id).collect::<Vec<_>>().join(", ");
    let preset = preset(id).ok_or_else(|| format!("there is no preset “{id}”; there are: {}", known()))?;
    print_json(&apply(preset, default))
}

/// What is wrong with the arguments, without the usage that `--help` gives too.
#[must_use]
pub fn in_one_line(error: &str) -> String {
    let said = error.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = said.split_whitespace().collect();
    format!("{}; see --help", words.join(" "))
}

/// Prints text; who reads it may stop when it has enough.
fn print(text: &str) -> Outcome {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

fn print_json(answer: &impl Serialize) -> Outcome {
    print(&(serde_json::to_string_pretty(answer)? + "\n"))
}
