//! From stored steps to microvolts.

use std::ops::Range;

use crate::filter::{Cascade, Cell};
use crate::pipeline::Settings;
use crate::recording::StreamInfo;
use crate::sample::{Conversion, RawBlock};

/// The conversion of one window.
///
/// Where the filter rejects a constant, the window's first frame is subtracted beforehand:
/// a large offset then costs no precision. The filter's gain
/// for both ways goes into the same product.
pub struct Scale {
    conversion: Conversion,
    /// Stored floats may hold NaN; a missing sample reads as no signal.
    floating: bool,
}

impl Scale {
    /// The conversion of a window that begins with frame `first` of `raw`.
    #[expect(clippy::cast_possible_truncation, reason = "the engine computes in f32 by design")]
    pub fn new(info: &StreamInfo, settings: &Settings, (raw, first): (&RawBlock, usize)) -> Self {
        let filter_gain = settings.filter.as_ref().map_or(1.0, Cascade::input_gain);
        let input_gain = if settings.causal { filter_gain } else { filter_gain * filter_gain };
        let mut wide_base = vec![0.0; info.n_channels];
        let mut offset: Vec<f32> = info.offset_to_uv.iter().map(|offset| *offset as f32 * input_gain).collect();
        if settings.rejects_dc && raw.n_frames > 0 {
            let row_bytes = raw.n_channels * raw.sample_type.size_bytes();
            let values = raw.sample_type.doubles(&raw.bytes[first * row_bytes..(first + 1) * row_bytes]);
            for (base, value) in wide_base.iter_mut().zip(values).filter(|(_, value)| value.is_finite()) {
                *base = value;
            }
            offset.fill(0.0);
        }
        let gain = info.gain_to_uv.iter().map(|gain| *gain as f32 * input_gain).collect();
        let base = wide_base.iter().map(|base| *base as f32).collect();
        Self { conversion: Conversion { base, wide_base, gain, offset }, floating: info.sample_type.size_bytes() >= 4 }
    }

    /// Converts consecutive frames into rows of cells.
    pub fn rows(&self, raw: &RawBlock, frames: Range<usize>, rows: &mut [Cell], stride: usize) {
        let stride = stride * size_of::<Cell>() / size_of::<f32>();
        let values = rows.as_flattened_mut();
        raw.rows(frames, &self.conversion, values, stride);
        let n_channels = self.conversion.gain.len();
        if n_channels < stride || self.floating {
            for row in values.chunks_exact_mut(stride) {
                let (own, padding) = row.split_at_mut(n_channels);
                padding.fill(0.0);
                for value in own.iter_mut().filter(|value| self.floating && !value.is_finite()) {
                    *value = 0.0;
                }
            }
        }
    }

    /// Continues the signal beyond an end, whose row is `edge`: `2 * edge - frame` for each of `frames`.
    pub fn mirrored(
        &self,
        raw: &RawBlock,
        frames: impl Iterator<Item = usize>,
        edge: &[Cell],
        rows: &mut [Cell],
        stride: usize,
    ) {
        for (frame, row) in frames.zip(rows.chunks_exact_mut(stride)) {
            self.rows(raw, frame..frame + 1, row, stride);
            for (value, edge) in row.as_flattened_mut().iter_mut().zip(edge.as_flattened()) {
                *value = 2.0 * edge - *value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::LANES;
    use crate::pipeline::Pipeline;
    use crate::recording::FrameSource;
    use crate::sample::{Layout, SampleType};
    use crate::simulation::{Simulation, SimulationSpec};

    #[test]
    fn wide_numbers_far_from_zero_are_those_of_narrow_ones() {
        let spec = SimulationSpec { n_channels: 2, sampling_frequency_hz: 20_000.0, duration_s: 0.1, seed: 1 };
        let info = Simulation::new(spec).info().clone();
        let settings = Settings::new(&Pipeline::default(), info.sampling_frequency_hz).expect("valid");
        let rows = |sample_type: SampleType, bytes: Vec<u8>| {
            let raw = RawBlock { sample_type, layout: Layout::Interleaved, n_frames: 3, n_channels: 2, bytes };
            let mut rows = vec![[0.0; LANES]; 3];
            Scale::new(&info, &settings, (&raw, 0)).rows(&raw, 0..3, &mut rows, 1);
            rows
        };
        let steps = [5_u16, 900, 6, 903, 0, 1000];
        let narrow = rows(SampleType::Uint16, steps.iter().flat_map(|step| step.to_le_bytes()).collect());
        let far = |step: &u16| ((1_u32 << 31) + u32::from(*step)).to_le_bytes();
        assert_eq!(rows(SampleType::Uint32, steps.iter().flat_map(far).collect()), narrow);
        assert!(narrow[0] == [0.0; LANES] && narrow[1][0] != 0.0 && narrow[1][1] == 3.0 * narrow[1][0], "{narrow:?}");
    }
}
