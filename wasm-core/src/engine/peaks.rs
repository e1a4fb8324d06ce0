//! Peaks: extrema in time above a floor.

use super::block::{Engine, FilteredBlock, LARGEST_NEARBY};
use super::neighbours::neighbours;
use super::passes::{Rows, Span};
use crate::analyses::{CoincidenceFilter, without_coincident};
use crate::filter::{Cell, LANES};
use crate::pipeline::{Coincidence, Detection, PeakSign, PipelineError};
use crate::recording::StreamInfo;
use crate::simd::widest;
use crate::spikes::{Spike, above};

/// Peaks are kept from this many times the noise, so that the threshold can be moved
/// afterwards without reading the recording again. Being an extremum does not depend on
/// the threshold, so the result is that of a new run.
pub const FLOOR: f32 = 4.0;

/// A detection bound to a stream.
pub(super) struct Detector {
    /// A peak is the largest within this many frames on each side.
    sweep: usize,
    /// Channels of all of which a peak is the largest too, if the pipeline asks for it.
    exclusion: Option<Vec<Vec<usize>>>,
    /// The sign of the peaks.
    sign: PeakSign,
}

impl Detector {
    /// Binds a detection to a stream; channels that are left out have no part in any exclusion.
    pub(super) fn new(of: &Detection, info: &StreamInfo, left_out: &[bool]) -> Result<Self, PipelineError> {
        let exclusion = of.exclude_radius_um.map(|radius_um| neighbours(info, radius_um, LARGEST_NEARBY));
        let mut exclusion = exclusion.transpose()?;
        for list in exclusion.iter_mut().flatten() {
            list.retain(|channel| !left_out[*channel]);
        }
        Ok(Self { sweep: of.exclude_sweep_frames, exclusion, sign: of.peak_sign })
    }
}

impl Engine {
    /// The smallest absolute value of a kept peak, per channel, in microvolts. Infinite for
    /// a channel without noise: a disconnected electrode has no spikes.
    #[must_use]
    pub fn floors(&self, noise_uv: &[f32]) -> Vec<f32> {
        self.thresholds_at(FLOOR.min(self.settings.detection.detect_threshold), noise_uv)
    }

    /// The pipeline's threshold per channel, in microvolts.
    #[must_use]
    pub fn thresholds(&self, noise_uv: &[f32]) -> Vec<f32> {
        self.thresholds_at(self.settings.detection.detect_threshold, noise_uv)
    }

    /// A multiple of the noise per channel, in microvolts; infinite for a silent channel and
    /// for one that is left out.
    #[must_use]
    pub fn thresholds_at(&self, factor: f32, noise_uv: &[f32]) -> Vec<f32> {
        let one = |(noise, left_out): (&f32, &bool)| {
            if *noise > 0.0 && !left_out { factor * noise } else { f32::INFINITY }
        };
        noise_uv.iter().zip(&self.left_out).map(one).collect()
    }

    /// The spikes among peaks sorted by segment and frame: those beyond their channel's
    /// threshold, without coincident events if the pipeline drops them.
    #[must_use]
    pub fn spikes(&self, peaks: &[Spike], thresholds_uv: &[f32]) -> Vec<Spike> {
        self.counted(&self.settings.detection, above(peaks, thresholds_uv))
    }

    /// The spikes of a detection without its coincident events, if it drops them.
    #[must_use]
    pub fn counted(&self, detection: &Detection, spikes: Vec<Spike>) -> Vec<Spike> {
        let Some(Coincidence { min_electrodes, window_frames }) = detection.coincidence else { return spikes };
        without_coincident(&spikes, &self.group_of(), window_frames, min_electrodes)
    }

    /// The same filter for spikes that come bit by bit; none where a detection drops nothing.
    #[must_use]
    pub fn coincidence_filter(&self, detection: &Detection) -> Option<CoincidenceFilter> {
        let Coincidence { min_electrodes, window_frames } = detection.coincidence?;
        Some(CoincidenceFilter::new(self.group_of(), window_frames, min_electrodes))
    }

    /// The number of each channel's well.
    fn group_of(&self) -> Vec<usize> {
        let mut group_of = vec![0; self.info.n_channels];
        for (number, group) in self.info.groups().iter().enumerate() {
            for channel in group {
                group_of[*channel] = number;
            }
        }
        group_of
    }

    /// Peaks of the block's own frames, sorted by frame and channel.
    ///
    /// A negative peak lies below minus the floor, strictly below the `exclude_sweep_frames`
    /// before it and not above those after it, so the first of equal values wins: the rule
    /// of `SpikeInterface`'s `detect_peaks(method="by_channel")`. At the ends of a segment
    /// the neighbourhood is what there is of it.
    #[must_use]
    pub fn peaks(&self, block: &FilteredBlock, floors_uv: &[f32]) -> Vec<Spike> {
        let floors = self.detector.bounds(floors_uv);
        let mut candidates = Vec::new();
        for row in block.span.own.clone() {
            Self::candidates(block, &block.span, row, &floors, &mut candidates);
        }
        let mut peaks = Vec::new();
        for (row, group) in candidates {
            let found = |peak: Peak| peaks.push(peak.spike(&block.span));
            self.detector.peaks_of_cell(block, &block.span, (row, group), &floors, found);
        }
        peaks
    }
}

impl Detector {
    /// The peaks among the sixteen values of a cell.
    pub(super) fn peaks_of_cell(
        &self,
        rows: &impl Rows,
        span: &Span,
        (row, group): (usize, usize),
        bounds: &[Bounds],
        mut found: impl FnMut(Peak),
    ) {
        let around = (self.sweep.min(row), self.sweep.min(span.n_frames - 1 - row));
        let (cell, bounds) = (rows.row(row)[group], &bounds[group]);
        for lane in 0..LANES {
            let value = cell[lane];
            let (is_low, is_high) = (value < bounds.low[lane], value > bounds.high[lane]);
            if !is_low && !is_high {
                continue;
            }
            let channel = group * LANES + lane;
            let near = rows.around(row, channel);
            let is_peak = if is_low {
                is_minimum(value, around, &near) && self.is_largest_nearby(rows, (row, channel), around, 1.0)
            } else {
                is_minimum(-value, around, |distance| -near(distance))
                    && self.is_largest_nearby(rows, (row, channel), around, -1.0)
            };
            if is_peak {
                let [row, channel] = [row, channel].map(|index| u32::try_from(index).unwrap_or(u32::MAX));
                found(Peak { row, channel, amplitude_uv: value });
            }
        }
    }
}

impl Detector {
    /// Whether no neighbouring channel goes further within the exclusion time. Of equal values
    /// the earlier wins, and at the same frame the lower channel.
    fn is_largest_nearby(
        &self,
        rows: &impl Rows,
        (row, channel): (usize, usize),
        (before, after): (usize, usize),
        sign: f32,
    ) -> bool {
        let Some(exclusion) = &self.exclusion else { return true };
        let value = sign * rows.around(row, channel)(0);
        exclusion[channel].iter().all(|other| {
            let near = rows.around(row, *other);
            let now = sign * near(0);
            (value < now || (value == now && channel < *other))
                && is_minimum(value, (before, after), |distance| sign * near(distance))
        })
    }
}

/// A peak within a block: half the size of a spike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Peak {
    /// Row of the block, counted from the first one held.
    pub row: u32,
    /// Channel of the stream.
    pub channel: u32,
    /// The value there.
    pub amplitude_uv: f32,
}

impl Peak {
    /// The spike of a block that holds these frames.
    pub(super) fn spike(self, span: &Span) -> Spike {
        Spike {
            segment_index: u32::try_from(span.segment).unwrap_or(u32::MAX),
            sample_index: i64::try_from(span.first_frame + u64::from(self.row)).unwrap_or(i64::MAX),
            channel_index: self.channel,
            amplitude_uv: self.amplitude_uv,
        }
    }
}

/// The bounds beyond which values of sixteen channels must lie; infinite where nothing counts.
pub(super) struct Bounds {
    low: Cell,
    high: Cell,
}

impl Detector {
    /// The bounds that these floors and the sign of the peaks give.
    pub(super) fn bounds(&self, floors_uv: &[f32]) -> Vec<Bounds> {
        let (neg, pos) = match self.sign {
            PeakSign::Neg => (true, false),
            PeakSign::Pos => (false, true),
            PeakSign::Both => (true, true),
        };
        let of = |floors: &[f32]| {
            let floor = |lane: usize, counts: bool| floors.get(lane).filter(|_| counts).map_or(f32::INFINITY, |f| *f);
            Bounds {
                low: std::array::from_fn(|lane| -floor(lane, neg)),
                high: std::array::from_fn(|lane| floor(lane, pos)),
            }
        };
        floors_uv.chunks(LANES).map(of).collect()
    }
}

impl Engine {
    /// Adds the cells of a row that may hold a peak: a value beyond its bounds that the next
    /// frames on both sides do not exceed. Most hold none, which a few comparisons of sixteen
    /// lanes settle. Both next rows must be finished where there are any.
    pub(super) fn candidates(
        rows: &impl Rows,
        span: &Span,
        row: usize,
        bounds: &[Bounds],
        found: &mut impl Extend<(usize, usize)>,
    ) {
        let cells = rows.row(row);
        // At an end a row is compared with itself, which excludes nothing.
        let near = |other: usize| if other < span.n_frames { rows.row(other) } else { cells };
        let (before, after) = (near(row.wrapping_sub(1)), near(row + 1));
        widest(
            #[inline(always)]
            || {
                let near = before.iter().zip(after);
                for (group, ((cell, Bounds { low, high }), (before, after))) in
                    cells.iter().zip(bounds).zip(near).enumerate()
                {
                    let mut any = false;
                    for lane in 0..LANES {
                        let (value, before, after) = (cell[lane], before[lane], after[lane]);
                        any |= ((value < low[lane]) & (value <= before) & (value <= after))
                            | ((value > high[lane]) & (value >= before) & (value >= after));
                    }
                    if any {
                        found.extend([(row, group)]);
                    }
                }
            },
        );
    }
}

/// Whether `value` is strictly below the frames before it and not above those after it.
/// The nearest are asked first, because they settle most cases.
#[inline]
fn is_minimum(value: f32, (before, after): (usize, usize), near: impl Fn(isize) -> f32) -> bool {
    (1..=before.cast_signed()).all(|distance| value < near(-distance))
        && (1..=after.cast_signed()).all(|distance| value <= near(distance))
}
