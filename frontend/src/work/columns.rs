//! Spikes as columns, which are transferred from worker to page and back: frames `f64`, channels `u32` and
//! amplitudes `f32`, segment by segment.

use js_sys::{Float32Array, Float64Array, Uint32Array};
use wasm_bindgen::JsValue;
use wasm_core::recording::StreamInfo;
use wasm_core::spikes::Spike;

/// Spikes that are taken out of columns at a time.
const PIECE: usize = 1 << 16;

/// The columns of spikes that are sorted by segment.
#[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
pub fn of_spikes(spikes: &[Spike]) -> Vec<JsValue> {
    // One list at a time: the memory of a worker never shrinks, and spikes come by the million.
    let frames = Float64Array::from(&of(spikes, |spike| spike.sample_index as f64)[..]).buffer();
    let channels = Uint32Array::from(&of(spikes, |spike| spike.channel_index)[..]).buffer();
    let amplitudes = Float32Array::from(&of(spikes, |spike| spike.amplitude_uv)[..]).buffer();
    [frames, channels, amplitudes].map(JsValue::from).into()
}

fn of<T>(spikes: &[Spike], value: impl Fn(&Spike) -> T) -> Vec<T> {
    spikes.iter().map(value).collect()
}

/// Spikes of each segment, where they are sorted by segment.
pub fn n_of_segments(info: &StreamInfo, spikes: &[Spike]) -> Vec<usize> {
    let before = |at: usize| spikes.partition_point(|spike| (spike.segment_index as usize) < at);
    (0..info.segments.len()).map(|at| before(at + 1) - before(at)).collect()
}

/// The spikes of columns; none where a column has fewer values than there are spikes.
#[expect(clippy::cast_possible_truncation, reason = "frames are whole numbers far below 2^53")]
pub fn to_spikes(n_spikes: &[usize], attached: &[JsValue]) -> Option<Vec<Spike>> {
    let [frames, channels, amplitudes] = attached else { return None };
    let (frames, channels) = (Float64Array::new(frames), Uint32Array::new(channels));
    let amplitudes = Float32Array::new(amplitudes);
    let n_all: usize = n_spikes.iter().sum();
    if [frames.length(), channels.length(), amplitudes.length()].iter().any(|length| *length as usize != n_all) {
        return None;
    }
    let mut spikes = Vec::with_capacity(n_all);
    let mut first = 0;
    for (segment, n) in n_spikes.iter().enumerate() {
        let segment_index = u32::try_from(segment).ok()?;
        let end = first + n;
        // Piece by piece, so that they are not held twice.
        while first < end {
            let next = end.min(first + PIECE);
            let (from, to) = (u32::try_from(first).ok()?, u32::try_from(next).ok()?);
            let frames = frames.subarray(from, to).to_vec();
            let channels = channels.subarray(from, to).to_vec();
            let amplitudes = amplitudes.subarray(from, to).to_vec();
            for ((frame, channel_index), amplitude_uv) in frames.into_iter().zip(channels).zip(amplitudes) {
                spikes.push(Spike { segment_index, sample_index: frame as i64, channel_index, amplitude_uv });
            }
            first = next;
        }
    }
    Some(spikes)
}
