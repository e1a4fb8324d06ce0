//! Messages between the page and its workers.
//!
//! A message is a JavaScript array `[id, json, attachments...]`: the JSON is small, large
//! arrays travel as buffers that are transferred, not copied, and files as handles.

use std::ops::Range;

use js_sys::{Array, Uint8Array};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_core::analyses::{BadChannelMethod, ChannelLabel};
use wasm_core::events::Event;
use wasm_core::formats::PlainBinary;
use wasm_core::kept::About;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::{Fact, StoredSpikes, StreamInfo};
use wasm_core::run::{AtThreshold, BlockResult, ByMethod, CalibrationCounts, RecordingSummary, Slice, Summary};
use wasm_core::secret::Secret;
use wasm_core::table::Table;
use wasm_core::view::{Detail, ViewRequest};
use wasm_core::zarr::{ChunkId, Level};

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

/// Format of a recording that the cloud holds.
pub const UPLOADED: &str = "uploaded";

/// What a worker can be asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// Open the attached files, whose paths these are.
    Open {
        /// One per attachment.
        paths: Vec<String>,
        /// For plain binary without a description beside it.
        described: Option<PlainBinary>,
    },
    /// Open a simulated recording.
    Simulate {
        /// Electrodes.
        n_channels: usize,
        /// Length.
        duration_s: f64,
    },
    /// Open an uploaded recording.
    OpenRemote {
        /// The stream that was uploaded.
        stream: StreamInfo,
        /// Address that signs reads of chunks.
        reads_url: String,
        /// Slices of the run, whose outlines are stored.
        slices: Vec<Slice>,
        /// The events that came with it.
        events: Vec<Event>,
        /// The owner's key; none for a share.
        owner_key: Option<Secret>,
    },
    /// One of the parts of a window of traces.
    View {
        /// Stream of the recording.
        stream: usize,
        /// With this pipeline.
        pipeline: Pipeline,
        /// Which window.
        view: ViewRequest,
        /// Which of its frames.
        part: Range<u64>,
    },
    /// Noise and activity of one excerpt of the noise sample.
    Noise {
        /// Stream of the recording.
        stream: usize,
        /// With this pipeline.
        pipeline: Pipeline,
        /// Index into the sample.
        index: usize,
    },
    /// Peaks of a slice. The sums of the waveforms stay with the worker until the run's end.
    Analyse {
        /// Number of the run: sums of an earlier one are forgotten.
        run: u32,
        /// Stream of the recording.
        stream: usize,
        /// With this pipeline.
        pipeline: Pipeline,
        /// Noise of each channel.
        noise_uv: Vec<f32>,
        /// Which frames.
        slice: Slice,
    },
    /// The field potentials of a slice.
    Field {
        /// Stream of the recording.
        stream: usize,
        /// With this pipeline, which says what is kept.
        pipeline: Pipeline,
        /// Which frames.
        slice: Slice,
    },
    /// The sums of a run.
    Sums {
        /// Number of the run.
        run: u32,
    },
    /// Labels of all channels: which are dead or noisy.
    BadChannels {
        /// Stream of the recording.
        stream: usize,
        /// How they are told.
        method: BadChannelMethod,
    },
    /// Power spectra of a channel, as stored and after the pipeline.
    Spectrum {
        /// Stream of the recording.
        stream: usize,
        /// With this pipeline.
        pipeline: Pipeline,
        /// Segment of the stream.
        segment: usize,
        /// Time around which the signal is taken, in frames.
        around: u64,
        /// Which channel.
        channel: usize,
    },
    /// Keep the spikes that the opened files hold as the result.
    Stored {
        /// Name of the file or folder.
        name: String,
    },
    /// What compression makes of some frames.
    TryPacking {
        /// Stream of the recording.
        stream: usize,
    },
    /// Compressed chunks of a row.
    Encode {
        /// Stream of the recording.
        stream: usize,
        /// Segment of the stream.
        segment: usize,
        /// Row of chunks.
        row: u64,
        /// Which of its groups.
        groups: Vec<usize>,
        /// How hard.
        level: Level,
    },
    /// Put the attached slices together and keep the result.
    Reduce {
        /// Stream that was analysed.
        info: StreamInfo,
        /// With this pipeline.
        pipeline: Pipeline,
        /// What the summary says of the recording.
        recording: RecordingSummary,
        /// Noise of each channel.
        noise_uv: Vec<f32>,
        /// Slices of the field potentials, which are attached last; none where they are not kept.
        field: Vec<Slice>,
    },
    /// Keep the attached `peaks.parquet`, `waveforms.npy` and spikes of further detections of a finished run as the
    /// result.
    Load {
        /// Stream that was analysed.
        info: StreamInfo,
        /// Its summary.
        summary: Box<Summary>,
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

/// What a worker answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// A recording is open.
    Opened {
        /// Its format.
        format: String,
        /// Its streams.
        streams: Vec<StreamInfo>,
        /// Spikes that the files hold; their number, as the spikes themselves stay in the worker.
        stored: Option<(Box<StoredSpikes>, usize)>,
        /// Pulses, messages and annotations.
        events: Vec<Event>,
        /// What the files tell about how they were recorded.
        facts: Vec<Fact>,
        /// What a person should know.
        notes: Vec<String>,
        /// The one of several files that it came from.
        from_file: Option<String>,
    },
    /// Labels of all channels.
    BadChannels {
        /// In the stream's order.
        labels: Vec<ChannelLabel>,
    },
    /// Spectra; attached are frequencies and the two densities, `f32`.
    Spectrum {
        /// Seconds of signal that they are made of.
        duration_s: f64,
    },
    /// Part of a window; attached are the smallest and largest values of its columns, `f32`.
    View {
        /// Columns of the whole window.
        n_columns: usize,
        /// Columns of the part.
        columns: Range<usize>,
        /// Spikes as (channel, frame, amplitude in microvolts).
        spikes: Vec<(u32, i64, f32)>,
        /// What the columns stand for.
        detail: Detail,
    },
    /// Noise of one block.
    Noise {
        /// Of each channel.
        noise_uv: Vec<f32>,
        /// Peaks per second of all channels, with the block's own noise.
        rate_hz: f64,
        /// Milliseconds that measuring took, without waiting for the worker.
        took_ms: f64,
    },
    /// A slice is analysed; attached are its peaks, for [`Request::Reduce`].
    Analysed {
        /// How many of them are spikes; the others lie below the threshold.
        n_spikes: usize,
    },
    /// Attached are the sums of a worker, for [`Request::Reduce`].
    Sums,
    /// Attached are the field potentials of a slice, `[samples, electrodes]` of `f32`, for [`Request::Reduce`].
    Field,
    /// What compression made of some frames.
    Packed {
        /// Bytes before compression.
        raw_bytes: u64,
        /// Bytes after it.
        packed_bytes: u64,
    },
    /// Compressed chunks, one attachment each.
    Encoded {
        /// Place and checksum of each.
        chunks: Vec<(ChunkId, u32)>,
        /// Bytes before compression.
        raw_bytes: u64,
        /// Milliseconds that reading and compressing took, without waiting for the worker.
        took_ms: f64,
    },
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
        /// Its numbers.
        found: Box<ByMethod>,
    },
    /// What the analyses give.
    Analyses {
        /// One per analysis that is there.
        blocks: Vec<Analysed>,
        /// Analyses that are not: asked again, they come one after another.
        n_pending: usize,
    },
    /// A file, attached.
    Exported,
    /// The result as a file that opens again, attached.
    Kept {
        /// CRC-32C of the file.
        crc32c: u32,
    },
    /// It did not work.
    Failed {
        /// Why, for people.
        reason: String,
        /// What would help.
        remedy: Remedy,
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

/// What a person can do about files that did not open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// Describe them in a form: they may be plain binary.
    pub describe: bool,
    /// Add the file that belongs to them.
    pub add: bool,
}

/// A message with what is attached to it.
pub struct Envelope<T> {
    /// Pairs answers with requests.
    pub id: u32,
    /// The small part.
    pub body: T,
    /// The large part.
    pub attached: Vec<JsValue>,
}

impl<T: Serialize + DeserializeOwned> Envelope<T> {
    /// As a value that `postMessage` takes, with the list of buffers to transfer.
    #[must_use]
    pub fn to_js(&self) -> (Array, Array) {
        let json = serde_json::to_string(&self.body).unwrap_or_default();
        let message = Array::of2(&JsValue::from(self.id), &JsValue::from(json));
        let transfer = Array::new();
        for value in &self.attached {
            message.push(value);
            if value.is_instance_of::<js_sys::ArrayBuffer>() {
                transfer.push(value);
            }
        }
        (message, transfer)
    }

    /// From what `onmessage` got; `None` for a stranger's message. A message of ours that is
    /// not understood gives the error, so that its asker does not wait for ever.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an id that was a u32")]
    pub fn from_js(message: &JsValue) -> Option<Envelope<Result<T, String>>> {
        let message: &Array = message.dyn_ref()?;
        let id = message.get(0).as_f64()? as u32;
        let body = serde_json::from_str(&message.get(1).as_string()?).map_err(|error| error.to_string());
        Some(Envelope { id, body, attached: message.iter().skip(2).collect() })
    }
}

/// Bytes as a buffer that can be transferred.
#[must_use]
pub fn buffer(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).buffer().into()
}

/// The bytes of an attached buffer.
#[must_use]
pub fn bytes(value: &JsValue) -> Vec<u8> {
    Uint8Array::new(value).to_vec()
}

/// `f32` values as a buffer.
#[must_use]
pub fn floats_buffer(values: &[f32]) -> JsValue {
    js_sys::Float32Array::from(values).buffer().into()
}

/// The values of an attached buffer of `f32`.
#[must_use]
pub fn floats(value: &JsValue) -> Vec<f32> {
    js_sys::Float32Array::new(value).to_vec()
}
