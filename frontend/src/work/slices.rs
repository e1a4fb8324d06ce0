//! A slice's result as bytes, from the worker that analysed it to the one that reduces.

use wasm_core::engine::WaveformSums;
use wasm_core::run::SliceResult;
use wasm_core::spikes::Spike;

const SPIKE_BYTES: usize = 18;

/// Counts of peaks, channels and waveform frames; then peaks, counts and sums.
pub fn to_bytes(result: &SliceResult) -> Vec<u8> {
    let waveforms = &result.waveforms;
    let mut bytes = Vec::with_capacity(24 + result.peaks.len() * SPIKE_BYTES + waveforms.sums.len() * 8);
    for count in [result.peaks.len(), waveforms.counts.len(), waveforms.n_frames] {
        bytes.extend((count as u64).to_le_bytes());
    }
    for peak in &result.peaks {
        bytes.extend(peak.segment_index.to_le_bytes());
        bytes.extend(peak.sample_index.to_le_bytes());
        bytes.extend(peak.channel_index.to_le_bytes());
        bytes.extend(peak.amplitude_uv.to_le_bytes());
    }
    for value in waveforms.counts.iter().chain(&waveforms.sums) {
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

/// Reads what [`to_bytes`] wrote.
pub fn from_bytes(bytes: &[u8]) -> Option<SliceResult> {
    let (counts, rest) = bytes.split_at_checked(24)?;
    let count = |at: usize| usize::try_from(u64::from_le_bytes(counts[8 * at..8 * at + 8].try_into().ok()?)).ok();
    let (n_peaks, n_channels, n_frames) = (count(0)?, count(1)?, count(2)?);
    let (peaks, sums) = rest.split_at_checked(n_peaks.checked_mul(SPIKE_BYTES)?)?;
    let peak = |bytes: &[u8]| {
        Some(Spike {
            segment_index: u16::from_le_bytes(bytes[..2].try_into().ok()?),
            sample_index: i64::from_le_bytes(bytes[2..10].try_into().ok()?),
            channel_index: u32::from_le_bytes(bytes[10..14].try_into().ok()?),
            amplitude_uv: f32::from_le_bytes(bytes[14..18].try_into().ok()?),
        })
    };
    let peaks: Option<Vec<Spike>> = peaks.chunks_exact(SPIKE_BYTES).map(peak).collect();
    let values: Vec<i64> = sums.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect();
    let (counts, sums) = values.split_at_checked(n_channels)?;
    Some(SliceResult {
        peaks: peaks?,
        waveforms: WaveformSums { n_frames, counts: counts.to_vec(), sums: sums.to_vec() },
    })
}
