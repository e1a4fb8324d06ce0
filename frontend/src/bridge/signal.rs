//! What the workers that read files are asked, and what they answer.

#[cfg(test)]
mod tests;

use std::ops::Range;

use serde::{Deserialize, Serialize};
use wasm_core::analyses::{BadChannelMethod, ChannelLabel};
use wasm_core::events::Event;
use wasm_core::formats::PlainBinary;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::{Fact, StoredSpikes, StreamInfo};
use wasm_core::run::Slice;
use wasm_core::secret::Secret;
use wasm_core::view::{Detail, ViewRequest};
use wasm_core::zarr::{ChunkId, Level};

use super::stored::StoredOf;

/// Format of a recording that the cloud holds.
pub const UPLOADED: &str = "uploaded";

/// What a worker that reads can be asked.
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
        stream: Box<StreamInfo>,
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
    /// The spikes that the opened files hold, for the worker that makes a result of them.
    StoredSpikes,
}

/// What a worker that reads answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// A recording is open.
    Opened {
        /// Format of the recording.
        format: String,
        /// Streams of the recording.
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
    /// A slice is analysed; attached are its peaks, for [`crate::bridge::result::Request::Reduce`].
    Analysed {
        /// How many of them are spikes; the others lie below the threshold.
        n_spikes: usize,
    },
    /// Attached are the sums of a worker, for [`crate::bridge::result::Request::Reduce`].
    Sums,
    /// Attached are the field potentials of a slice, `[samples, electrodes]` of `f32`, for
    /// [`crate::bridge::result::Request::Reduce`].
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
        /// Bytes before compression, without what pads a chunk.
        raw_bytes: u64,
        /// Milliseconds that reading and compressing took, without waiting for the worker.
        took_ms: f64,
    },
    /// The spikes that the files hold, attached as [`crate::bridge::stored`] tells.
    StoredSpikes {
        /// What is known of them.
        of: Box<StoredOf>,
    },
}
