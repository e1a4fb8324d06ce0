//! The uses before and after a run: the upload, storage, and people who look at the result.

use super::work::EVENTS_PER_OBJECT;
use super::{Paid, Stage, Use};
use crate::api::n_chunks;
use crate::recording::StreamInfo;
use crate::zarr::{CHUNK_CHANNELS, CHUNK_FRAMES};

/// Memory of the API's function in GB, and seconds of a call.
const API_GB: f64 = 0.5;
const API_CALL_S: f64 = 0.03;

/// What a call of a function writes into the log: three lines.
pub(super) const LOGS_GB_PER_CALL: f64 = 600e-9;

/// Share of a recording that is left when it is packed, where it was not tried: 3.62 MB of a chunk of 8.39.
const PACKED_SHARE: f64 = 0.4315;

/// Objects of an uploaded recording beside its chunks.
const METADATA_OBJECTS: f64 = 13.0;
/// Chunks that the page has signed together.
const SIGNED_TOGETHER: usize = 6;

/// Bytes of a result that a viewer fetches (peaks, spikes, waveforms), for each sample of the recording:
/// 26.3 MB of the 6.1 thousand million samples of 12 GB.
const RESULT_BYTES_PER_SAMPLE: f64 = 26.3e6 / 6.144e9;

/// A call of the API with what it asks of S3.
pub(super) fn call(stage: Stage, what: &'static str, asks: &[(Paid, f64)]) -> Vec<Use> {
    let own = [
        (Paid::ApiCall, 1.0),
        (Paid::Call, 1.0),
        (Paid::ComputeGbS, API_GB * API_CALL_S),
        (Paid::LogsGb, LOGS_GB_PER_CALL),
    ];
    own.iter().chain(asks).map(|(paid, amount)| Use { stage, what, paid: *paid, amount: *amount }).collect()
}

/// Bytes of a whole chunk of a recording when it is packed.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(super) fn packed_chunk_bytes(info: &StreamInfo) -> f64 {
    let frame_bytes = info.n_channels.min(CHUNK_CHANNELS) * info.sample_type.size_bytes();
    let n_frames = info.segments.iter().map(|segment| segment.n_frames.min(CHUNK_FRAMES)).max().unwrap_or(0);
    n_frames as f64 * frame_bytes as f64 * PACKED_SHARE
}

/// GB of a recording when it is packed, where that was not tried.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub fn packed_gb(info: &StreamInfo) -> f64 {
    info.size_bytes() as f64 * PACKED_SHARE / 1e9
}

/// What the upload of a recording uses.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of objects")]
pub fn upload(info: &StreamInfo) -> Vec<Use> {
    let n_groups = info.n_channels.div_ceil(CHUNK_CHANNELS).max(1);
    let n_chunks = n_chunks(info);
    let n_objects = n_chunks as f64 + METADATA_OBJECTS;
    // Rows are sent one by one, some chunks of each at a time.
    let n_signings = (n_chunks / n_groups as u64 * n_groups.div_ceil(SIGNED_TOGETHER) as u64) as f64;
    let of = |what: &'static str, paid: Paid, amount: f64| Use { stage: Stage::Upload, what, paid, amount };
    let signing = call(Stage::Upload, "Signing", &[(Paid::Get, 1.0)]);
    let mut uses = vec![
        of("S3: chunks", Paid::Put, n_objects),
        of("Events of S3", Paid::Event, n_objects * EVENTS_PER_OBJECT),
        of("Transfer in", Paid::IngressGb, packed_gb(info)),
    ];
    uses.extend(signing.into_iter().map(|part| part.times(n_signings)));
    uses
}

/// What it takes to keep a recording for so many months.
#[must_use]
pub fn keep(info: &StreamInfo, months: f64) -> Vec<Use> {
    vec![Use { stage: Stage::Keep, what: "Storage", paid: Paid::StorageGbMonth, amount: packed_gb(info) * months }]
}

/// What it takes that somebody opens the result of a recording, and looks at one window of traces of all channels.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub fn view(info: &StreamInfo) -> Vec<Use> {
    let n_groups = info.n_channels.div_ceil(CHUNK_CHANNELS).max(1) as f64;
    let n_samples = info.n_frames() as f64 * info.n_channels as f64;
    let of = |what: &'static str, paid: Paid, amount: f64| Use { stage: Stage::View, what, paid, amount };
    let mut uses = vec![
        of("The result", Paid::EgressGb, n_samples * RESULT_BYTES_PER_SAMPLE / 1e9),
        of("Traces", Paid::EgressGb, n_groups * packed_chunk_bytes(info) / 1e9),
    ];
    // Each chunk is signed, then read; the page reads no faster than it signs.
    let signing = call(Stage::View, "Traces", &[(Paid::Get, 2.0)]);
    uses.extend(signing.into_iter().map(|part| part.times(n_groups)));
    uses
}
