//! One block: read with margins, filter, subtract the reference.

use std::ops::Range;

use super::grid::BlockId;
use super::median::FrameMedian;
use crate::filter::LANES;
use crate::pipeline::{Pipeline, PipelineError, ReferenceOperator, Settings};
use crate::recording::{FrameSource, ReadError, StreamInfo};
use crate::sample::RawBlock;

/// Milliseconds of a waveform before and after its peak; `SpikeInterface`'s defaults.
const WAVEFORM_BEFORE_MS: f64 = 1.0;
const WAVEFORM_AFTER_MS: f64 = 2.0;

/// A pipeline bound to a stream.
pub struct Engine {
    pub(super) settings: Settings,
    pub(super) info: StreamInfo,
    gains: Vec<f32>,
    offsets: Vec<f32>,
    halo: usize,
    /// Waveform frames before and after the peak.
    pub(super) waveform: (usize, usize),
}

/// Frames of a block as stored, with those that its margins need.
pub struct RawWindow {
    /// Segment of the stream.
    pub segment: usize,
    /// The block's own frames.
    pub own: Range<u64>,
    /// First frame of `raw`.
    pub first_frame: u64,
    /// All frames that were read.
    pub raw: RawBlock,
}

/// A block's signal after filter and reference, in microvolts.
pub struct FilteredBlock {
    /// Segment of the stream.
    pub segment: usize,
    /// First frame of `groups`, in frames of the segment.
    pub first_frame: u64,
    /// The block's own frames, as indices into `groups`.
    pub own: Range<usize>,
    /// Frames held per group: the block's own and a halo on both sides.
    pub n_frames: usize,
    /// Sixteen channels at a time, `[group][frame][lane]`.
    groups: Vec<[f32; LANES]>,
}

impl FilteredBlock {
    /// Frames of the sixteen channels from `16 * group`.
    #[must_use]
    pub fn group(&self, group: usize) -> &[[f32; LANES]] {
        &self.groups[group * self.n_frames..][..self.n_frames]
    }

    /// One channel's signal over all frames held.
    #[must_use]
    pub fn channel(&self, channel: usize) -> impl ExactSizeIterator<Item = f32> + '_ {
        self.group(channel / LANES).iter().map(move |frame| frame[channel % LANES])
    }
}

impl Engine {
    /// Binds a pipeline to a stream.
    ///
    /// # Errors
    /// When the pipeline is not valid for this stream.
    #[expect(clippy::cast_possible_truncation, reason = "the engine computes in f32 by design")]
    pub fn new(info: &StreamInfo, pipeline: &Pipeline) -> Result<Self, PipelineError> {
        let settings = Settings::new(pipeline, info.sampling_frequency_hz)?;
        let waveform = (info.frames_from_ms(WAVEFORM_BEFORE_MS), info.frames_from_ms(WAVEFORM_AFTER_MS));
        Ok(Self {
            halo: settings.exclude_sweep_frames.max(waveform.0).max(waveform.1),
            gains: info.gain_to_uv.iter().map(|gain| *gain as f32).collect(),
            offsets: info.offset_to_uv.iter().map(|offset| *offset as f32).collect(),
            info: info.clone(),
            settings,
            waveform,
        })
    }

    /// The stream that the engine is bound to.
    #[must_use]
    pub const fn info(&self) -> &StreamInfo {
        &self.info
    }

    /// What the pipeline resolved to.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Frames that a block needs beyond its own on each side.
    #[must_use]
    pub fn reach_frames(&self) -> usize {
        self.halo + self.settings.filter.as_ref().map_or(0, crate::filter::ZeroPhase::margin_frames)
    }

    /// Reads the frames of a block, with what its margins need.
    ///
    /// # Errors
    /// When the source cannot give the frames.
    pub fn read(&self, source: &dyn FrameSource, id: BlockId) -> Result<RawWindow, ReadError> {
        let n_frames = self.info.segments.get(id.segment).map_or(0, |segment| segment.n_frames);
        self.read_range(source, id.segment, id.frames(n_frames))
    }

    fn read_range(&self, source: &dyn FrameSource, segment: usize, own: Range<u64>) -> Result<RawWindow, ReadError> {
        let n_frames = self.info.segments.get(segment).map_or(0, |segment| segment.n_frames);
        let reach = self.reach_frames() as u64;
        let read = own.start.saturating_sub(reach)..(own.end + reach).min(n_frames);
        let raw = source.read(segment, read.start, index(read.end - read.start))?;
        Ok(RawWindow { segment, own, first_frame: read.start, raw })
    }

    /// Reads and filters a block.
    ///
    /// # Errors
    /// When the source cannot give the block's frames.
    pub fn block(&self, source: &dyn FrameSource, id: BlockId) -> Result<FilteredBlock, ReadError> {
        Ok(self.filter(&self.read(source, id)?))
    }

    /// Reads and filters any range of frames. Its values differ from those of the grid's
    /// blocks by rounding and by what the margins leave, far below the noise.
    ///
    /// # Errors
    /// When the source cannot give the frames.
    pub fn range(&self, source: &dyn FrameSource, segment: usize, own: Range<u64>) -> Result<FilteredBlock, ReadError> {
        Ok(self.filter(&self.read_range(source, segment, own)?))
    }

    /// Filters what was read and subtracts the reference.
    #[must_use]
    pub fn filter(&self, window: &RawWindow) -> FilteredBlock {
        let RawWindow { segment, own, first_frame, raw } = window;
        let (segment, first_frame) = (*segment, *first_frame);
        let n_frames = self.info.segments[segment].n_frames;
        let halo = self.halo as u64;
        let held = own.start.saturating_sub(halo)..(own.end + halo).min(n_frames);
        let skip = index(held.start - first_frame);
        let held_frames = index(held.end - held.start);
        let n_groups = self.info.n_channels.div_ceil(LANES);

        let margin = self.settings.filter.as_ref().map_or(0, crate::filter::ZeroPhase::margin_frames);
        // At the ends of a segment the signal goes on mirrored, as in SciPy's odd extension.
        let before = if first_frame == 0 { margin } else { 0 };
        let after = if first_frame + raw.n_frames as u64 == n_frames { margin } else { 0 };
        let mut scratch = vec![[0.0; LANES]; before + raw.n_frames + after];
        let mut groups = Vec::with_capacity(n_groups * held_frames);
        for group in 0..n_groups {
            let inner = &mut scratch[before..][..raw.n_frames];
            raw.lanes(group * LANES, inner);
            self.scale(group, inner);
            if let Some(filter) = &self.settings.filter {
                extend_odd(&mut scratch, before, raw.n_frames);
                filter.run(&mut scratch);
            }
            groups.extend_from_slice(&scratch[before + skip..][..held_frames]);
        }
        let mut block = FilteredBlock {
            segment,
            first_frame: held.start,
            own: index(own.start - held.start)..index(own.end - held.start),
            n_frames: held_frames,
            groups,
        };
        self.subtract_reference(&mut block);
        block
    }

    /// Turns stored steps into microvolts. Where the filter rejects a constant, the first
    /// frame is subtracted beforehand: the filter then starts at rest, and a large offset
    /// costs no precision.
    fn scale(&self, group: usize, frames: &mut [[f32; LANES]]) {
        let of = |values: &[f32], otherwise: f32| {
            std::array::from_fn::<f32, LANES, _>(|lane| values.get(group * LANES + lane).copied().unwrap_or(otherwise))
        };
        let gain = of(&self.gains, 0.0);
        let offset = of(&self.offsets, 0.0);
        let rejects_dc = self.settings.rejects_dc;
        let base = if rejects_dc { frames.first().copied().unwrap_or([0.0; LANES]) } else { [0.0; LANES] };
        let base = base.map(|value| if value.is_finite() { value } else { 0.0 });
        let floating = self.info.sample_type.size_bytes() >= 4;
        for frame in frames {
            for lane in 0..LANES {
                let value = (frame[lane] - base[lane]) * gain[lane];
                let value = if rejects_dc { value } else { value + offset[lane] };
                // Stored floats may hold NaN; a missing sample reads as no signal.
                frame[lane] = if floating && !value.is_finite() { 0.0 } else { value };
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "channel counts are small")]
    fn subtract_reference(&self, block: &mut FilteredBlock) {
        let n_channels = self.info.n_channels;
        // The reference of a lone channel is the channel itself; subtracting it would leave nothing.
        if self.settings.reference == ReferenceOperator::None || n_channels < 2 {
            return;
        }
        let n_groups = n_channels.div_ceil(LANES);
        let mut values = vec![0.0; n_groups * LANES];
        let mut median = FrameMedian::default();
        for frame in 0..block.n_frames {
            for (group, lanes) in values.chunks_exact_mut(LANES).enumerate() {
                lanes.copy_from_slice(&block.groups[group * block.n_frames + frame]);
            }
            let channels = &values[..n_channels];
            let reference = match self.settings.reference {
                ReferenceOperator::Mean => channels.iter().sum::<f32>() / n_channels as f32,
                _ => median.of(channels),
            };
            for group in 0..n_groups {
                for value in &mut block.groups[group * block.n_frames + frame] {
                    *value -= reference;
                }
            }
        }
    }
}

/// A count that is known to fit memory.
#[expect(clippy::cast_possible_truncation, reason = "counts of frames within one block")]
pub(super) const fn index(frames: u64) -> usize {
    frames as usize
}

/// Fills what lies before and after `inner` frames with `2 * edge - mirrored`.
fn extend_odd(frames: &mut [[f32; LANES]], before: usize, inner: usize) {
    if inner == 0 {
        return;
    }
    let last = before + inner - 1;
    let reflect =
        |edge: [f32; LANES], mirrored: [f32; LANES]| std::array::from_fn(|lane| 2.0 * edge[lane] - mirrored[lane]);
    for distance in 1..=before {
        frames[before - distance] = reflect(frames[before], frames[before + distance.min(inner - 1)]);
    }
    for distance in 1..frames.len() - last {
        frames[last + distance] = reflect(frames[last], frames[last - distance.min(inner - 1)]);
    }
}
