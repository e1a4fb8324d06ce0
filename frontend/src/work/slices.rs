//! A slice's result as bytes, from the worker that analysed it to the one that reduces.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_core::engine::WaveformSums;
use wasm_core::run::SliceResult;
use wasm_core::spikes::Spike;

const HEADER_BYTES: usize = 40;
const SPIKE_BYTES: usize = 12;

/// Counts of peaks, channels and waveform frames, segment and frame of the first peak; then
/// peaks, counts and sums. A slice lies in one segment, and its peaks count from the first.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a slice has far fewer frames")]
pub fn to_bytes(result: &SliceResult) -> Vec<u8> {
    let waveforms = &result.waveforms;
    let n_values = waveforms.counts.len() + waveforms.sums.len();
    let mut bytes = Vec::with_capacity(HEADER_BYTES + result.peaks.len() * SPIKE_BYTES + n_values * 8);
    let (segment, first, _) = result.peaks.first().map_or((0, 0, 0), Spike::key);
    for count in [result.peaks.len(), waveforms.counts.len(), waveforms.n_frames, segment as usize] {
        bytes.extend((count as u64).to_le_bytes());
    }
    bytes.extend(first.to_le_bytes());
    for peak in &result.peaks {
        bytes.extend(((peak.sample_index - first) as u32).to_le_bytes());
        bytes.extend(peak.channel_index.to_le_bytes());
        bytes.extend(peak.amplitude_uv.to_le_bytes());
    }
    for value in waveforms.counts.iter().chain(&waveforms.sums) {
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

/// The most peaks that a buffer of [`to_bytes`] can hold.
pub fn most_peaks(buffer: &JsValue) -> usize {
    Uint8Array::new(buffer).length() as usize / SPIKE_BYTES
}

/// Reads what [`to_bytes`] wrote.
pub fn from_bytes(bytes: &[u8]) -> Option<SliceResult> {
    let (header, rest) = bytes.split_at_checked(HEADER_BYTES)?;
    let header = header.as_chunks::<8>().0;
    let count = |at: usize| usize::try_from(u64::from_le_bytes(header[at])).ok();
    let (n_peaks, n_channels, n_frames) = (count(0)?, count(1)?, count(2)?);
    let (segment_index, first) = (u32::try_from(count(3)?).ok()?, i64::from_le_bytes(header[4]));
    let (peaks, sums) = rest.split_at_checked(n_peaks.checked_mul(SPIKE_BYTES)?)?;
    let peak = |[frame, channel, amplitude]: &[[u8; 4]; 3]| Spike {
        segment_index,
        sample_index: first + i64::from(u32::from_le_bytes(*frame)),
        channel_index: u32::from_le_bytes(*channel),
        amplitude_uv: f32::from_le_bytes(*amplitude),
    };
    let values: Vec<i64> = sums.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect();
    let (counts, sums) = values.split_at_checked(n_channels)?;
    Some(SliceResult {
        peaks: peaks.as_chunks::<4>().0.as_chunks::<3>().0.iter().map(peak).collect(),
        waveforms: WaveformSums { n_frames, counts: counts.to_vec(), sums: sums.to_vec() },
    })
}
