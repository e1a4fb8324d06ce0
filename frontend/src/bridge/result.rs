//! What the worker that holds a result is asked, and what it answers.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use wasm_core::events::Event;
use wasm_core::kept::About;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::StreamInfo;
use wasm_core::run::{AtThreshold, BlockResult, ByMethod, CalibrationCounts, RecordingSummary, Slice, Summary};
use wasm_core::table::Table;

use super::stored::StoredOf;

/// Rows of a table that the page shows.
pub const SHOWN_ROWS: usize = 200;
/// Rows of a table that the raster draws on: more than a recording of days has network bursts.
const DRAWN_ROWS: usize = 50_000;

/// Rows of a table of an analysis that the page gets.
#[must_use]
pub fn sent_rows(kind: &str, table: &Table) -> usize {
    // Pictures of a plate are of all its wells.
    let is_drawn = table.id == "wells"
        || match kind {
            "network_bursts" => table.id == "bursts",
            "network_burst_shape" => table.column("mean_latency_ms").is_some(),
            _ => false,
        };
    if is_drawn { DRAWN_ROWS } else { SHOWN_ROWS }
}

/// What the worker that holds a result can be asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// Keep the attached spikes, which files hold, as the result.
    Stored {
        /// Name of the file or folder.
        name: String,
        /// What is known of them.
        of: Box<StoredOf>,
    },
    /// Put the attached slices together and keep the result.
    Reduce {
        /// Stream that was analysed.
        info: StreamInfo,
        /// With this pipeline.
        pipeline: Pipeline,
        /// What the summary says of the recording.
        recording: Box<RecordingSummary>,
        /// Noise of each channel.
        noise_uv: Vec<f32>,
        /// Slices of the field potentials, which are attached last; none where they are not kept.
        field: Vec<Slice>,
        /// What happened besides, such as stimuli.
        events: Vec<Event>,
    },
    /// Keep the attached `peaks.parquet`, `waveforms.npy` and spikes of further detections of a finished run as the
    /// result.
    Load {
        /// Stream that was analysed.
        info: StreamInfo,
        /// Summary of the run.
        summary: Box<Summary>,
        /// What happened besides, such as stimuli.
        events: Vec<Event>,
    },
    /// Keep what is in the attached file, which [`Request::Keep`] made, as the result.
    Restore,
    /// The kept result as a file that opens again.
    Keep {
        /// What the page knows of it.
        about: Box<About>,
    },
    /// The kept result with another threshold, in units of the noise.
    Threshold {
        /// At least the floor.
        threshold: f64,
    },
    /// The headline's numbers at another threshold; the kept result stays as it is.
    Sensitivity {
        /// At least the floor.
        threshold: f64,
    },
    /// What the kept result has above each threshold beside a silent recording, whose own kept result is attached.
    Calibrate,
    /// What a method tells of the kept result's bursts or network bursts.
    ByMethod {
        /// Kind of its block.
        kind: String,
    },
    /// The analyses of the kept result's spikes.
    Analyses {
        /// With these analyses.
        pipeline: Pipeline,
        /// Keys of the results that the page has.
        known: Vec<String>,
        /// Well of a plate that figures show; the most active one without.
        well: Option<String>,
    },
    /// A table of the analyses as a file.
    Table {
        /// Id of the block.
        block: String,
        /// Id of the table.
        table: String,
    },
    /// The spikes that the raster shows as a table: seconds within a segment, channel and amplitude.
    Raster {
        /// The segment.
        segment: usize,
        /// From when to when, in seconds from its start; spikes at either end are in it.
        times: (f64, f64),
    },
    /// The kept result's spikes as a file.
    Export {
        /// Which.
        format: ExportFormat,
    },
}

/// Files that a worker makes of spikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportFormat {
    /// `spikes.csv`
    Csv,
    /// `spikes.parquet`
    Parquet,
    /// `report.html`
    Report,
    /// `spikes.nwb`
    Nwb,
    /// The folder that phy opens, as an archive.
    Phy,
}

/// What the worker that holds a result answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// A result; attached are frames `f64`, channels `u32` and amplitudes `f32` of the spikes,
    /// segment by segment, then `f32` mean waveforms where they were computed here.
    Result {
        /// Spikes of each segment.
        n_spikes: Vec<usize>,
        /// The numbers.
        summary: Box<Summary>,
        /// Frames of a waveform before the peak, and in all.
        waveform: (usize, usize),
    },
    /// The headline's numbers at a threshold.
    Sensitivity {
        /// The numbers.
        at: Box<AtThreshold>,
    },
    /// What a silent recording and the kept result have above each threshold.
    Calibrated {
        /// The counts.
        counts: Box<CalibrationCounts>,
    },
    /// What a method tells.
    ByMethod {
        /// Numbers of the method.
        found: Box<ByMethod>,
    },
    /// What the analyses give.
    Analyses {
        /// One per analysis that is there.
        blocks: Vec<Analysed>,
        /// Analyses that are not: asked again, they come one after another.
        n_pending: usize,
    },
    /// A file, attached; a large one in parts.
    Exported,
    /// The result as a file that opens again, attached.
    Kept {
        /// CRC-32C of the file.
        crc32c: u32,
    },
}

/// What an analysis gives.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Analysed {
    /// Id of the block.
    pub id: String,
    /// Key of its result.
    pub key: String,
    /// The result with the first rows of its tables ([`sent_rows`]), and the rows of each in all; none where the
    /// page has it.
    pub result: Option<(Box<BlockResult>, Vec<usize>)>,
}
