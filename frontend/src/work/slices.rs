//! A slice's result as bytes, from the worker that analysed it to the one that reduces.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_core::engine::WaveformSums;
use wasm_core::run::SliceResult;
use wasm_core::spikes::Spike;

const HEADER_BYTES: usize = 48;
const SPIKE_BYTES: usize = 12;

/// Counts of peaks, channels and waveform frames, segment and frame of the first peak, number of further
/// detections and the count of peaks of each; then peaks, those of further detections, counts and sums. A slice
/// lies in one segment, and its peaks count from the first.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a slice has far fewer frames")]
pub fn to_bytes(result: &SliceResult) -> Vec<u8> {
    let waveforms = &result.waveforms;
    let n_values = waveforms.counts.len() + waveforms.sums.len();
    let lists = || std::iter::once(&result.peaks).chain(&result.further);
    let n_peaks: usize = lists().map(Vec::len).sum();
    let n_bytes = HEADER_BYTES + (result.further.len() + n_values) * 8 + n_peaks * SPIKE_BYTES;
    let mut bytes = Vec::with_capacity(n_bytes);
    let (segment, first, _) = lists().filter_map(|list| list.first()).map(Spike::key).min().unwrap_or((0, 0, 0));
    for count in [result.peaks.len(), waveforms.counts.len(), waveforms.n_frames, segment as usize] {
        bytes.extend((count as u64).to_le_bytes());
    }
    bytes.extend(first.to_le_bytes());
    for count in std::iter::once(result.further.len()).chain(result.further.iter().map(Vec::len)) {
        bytes.extend((count as u64).to_le_bytes());
    }
    for peak in lists().flatten() {
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
    let number = |bytes: &[u8; 8]| usize::try_from(u64::from_le_bytes(*bytes)).ok();
    let count = |at: usize| number(&header[at]);
    let (n_peaks, n_channels, n_frames) = (count(0)?, count(1)?, count(2)?);
    let (segment_index, first) = (u32::try_from(count(3)?).ok()?, i64::from_le_bytes(header[4]));
    let (n_further, mut rest) = rest.split_at_checked(count(5)?.checked_mul(8)?)?;
    let mut peaks = |n: usize| {
        let (own, behind) = rest.split_at_checked(n.checked_mul(SPIKE_BYTES)?)?;
        rest = behind;
        let peak = |[frame, channel, amplitude]: &[[u8; 4]; 3]| Spike {
            segment_index,
            sample_index: first + i64::from(u32::from_le_bytes(*frame)),
            channel_index: u32::from_le_bytes(*channel),
            amplitude_uv: f32::from_le_bytes(*amplitude),
        };
        Some(own.as_chunks::<4>().0.as_chunks::<3>().0.iter().map(peak).collect::<Vec<Spike>>())
    };
    let own = peaks(n_peaks)?;
    let further = n_further.as_chunks::<8>().0.iter().map(|n| peaks(number(n)?)).collect::<Option<Vec<_>>>()?;
    let values: Vec<i64> = rest.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect();
    let (counts, sums) = values.split_at_checked(n_channels)?;
    let waveforms = WaveformSums { n_frames, counts: counts.to_vec(), sums: sums.to_vec() };
    Some(SliceResult { peaks: own, waveforms, further })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peaks(from: i64, n: u32) -> Vec<Spike> {
        let peak = |at: u32| Spike {
            segment_index: 2,
            sample_index: from + i64::from(at) * 10,
            channel_index: at,
            amplitude_uv: -1.5,
        };
        (0..n).map(peak).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let waveforms = WaveformSums { n_frames: 2, counts: vec![1, 0], sums: vec![5, -6, 0, 0] };
        let lists = [vec![], vec![peaks(8_999_999_990, 3), Vec::new()], vec![peaks(9_000_000_010, 1)]];
        for further in lists {
            for own in [peaks(9_000_000_000, 5), Vec::new()] {
                let result = SliceResult { peaks: own, waveforms: waveforms.clone(), further: further.clone() };
                let bytes = to_bytes(&result);
                assert_eq!(from_bytes(&bytes), Some(result));
                assert_eq!(from_bytes(&bytes[..HEADER_BYTES - 1]), None);
            }
        }
    }
}
