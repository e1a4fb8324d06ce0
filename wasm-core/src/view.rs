//! A window of traces, reduced to what can be drawn.
//!
//! Each column of pixels gets the smallest and largest value of its frames. A window of any
//! width is answered at once: where reading all of it would take too long, each column is
//! represented by a few frames from its middle, and the answer says so.

mod memory;

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use memory::Memory;

use crate::engine::{BLOCK_FRAMES, BlockId, Engine, FilteredBlock, Workspace};
use crate::recording::{FrameSource, ReadError};
use crate::sample::RawBlock;
use crate::spikes::Spike;
use crate::zarr::CHUNK_FRAMES;

/// Samples (frames x channels) that a raw window may read whole: 32 MB of int16.
const WHOLE_RAW_SAMPLES: u64 = 16 << 20;
/// Samples that a filtered window may compute; filtering takes longer than reading.
const WHOLE_FILTERED_SAMPLES: u64 = 12 << 20;
/// Frames that stand for a raw column in a sampled window.
const RAW_PIECE_FRAMES: u64 = 64;
/// Frames that stand for a filtered column; each also costs its margins.
const FILTERED_PIECE_FRAMES: u64 = 256;
/// Filtered samples that are kept for the next view (4 bytes each).
const KEPT_SAMPLES: usize = 24 << 20;

/// What to show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ViewRequest {
    /// Segment of the stream.
    pub segment: usize,
    /// First frame.
    pub start: u64,
    /// Frames.
    pub n_frames: u64,
    /// Channels, top to bottom.
    pub channels: Vec<usize>,
    /// Columns of pixels.
    pub n_columns: usize,
    /// After filter and reference, with spikes, or as stored.
    pub filtered: bool,
    /// Threshold of each channel of the stream in microvolts; without it no spikes are marked.
    pub thresholds_uv: Option<Vec<f32>>,
}

/// What can be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Columns: as asked, or one per frame where there are fewer frames.
    pub n_columns: usize,
    /// Smallest value of each column in microvolts, `[channels, columns]`.
    pub min_uv: Vec<f32>,
    /// Largest value of each column.
    pub max_uv: Vec<f32>,
    /// Spikes in the window on the channels shown; none where not every frame was looked at.
    pub spikes: Vec<Spike>,
    /// What the columns stand for.
    pub detail: Detail,
}

/// What the columns of a view stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Detail {
    /// Every frame of the window.
    Every,
    /// Some frames of each column.
    Sampled,
    /// Every frame, from the stored outline of the unfiltered signal.
    Outline,
}

impl View {
    fn empty(request: &ViewRequest, n_columns: usize, detail: Detail) -> Self {
        let n = request.channels.len() * n_columns;
        Self {
            n_columns,
            min_uv: vec![f32::INFINITY; n],
            max_uv: vec![f32::NEG_INFINITY; n],
            spikes: Vec::new(),
            detail,
        }
    }

    /// Widens the column of `frame` (counted from the window's start) of the row `row`.
    fn widen(&mut self, row: usize, column: usize, value: f32) {
        let at = row * self.n_columns + column;
        self.min_uv[at] = self.min_uv[at].min(value);
        self.max_uv[at] = self.max_uv[at].max(value);
    }
}

/// Makes views of one stream with one pipeline, keeping recent blocks.
pub struct Viewer {
    engine: Engine,
    kept: VecDeque<(BlockId, Arc<FilteredBlock>)>,
    memory: Memory,
}

impl Viewer {
    /// A viewer over an engine.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self { engine, kept: VecDeque::new(), memory: Memory::default() }
    }

    /// The same stream with another pipeline; what was read of it is kept.
    #[must_use]
    pub fn retuned(self, engine: Engine) -> Self {
        Self { engine, kept: VecDeque::new(), ..self }
    }

    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Answers a request, with memory that may be used again; frames beyond the segment's end
    /// are left out.
    ///
    /// # Errors
    /// When the source cannot give the frames.
    pub fn view(
        &mut self,
        source: &dyn FrameSource,
        request: &ViewRequest,
        workspace: &mut Workspace,
    ) -> Result<View, ReadError> {
        let info = self.engine.info();
        let available = info.segments.get(request.segment).map_or(0, |segment| segment.n_frames);
        let start = request.start.min(available);
        let mut request = ViewRequest { start, n_frames: request.n_frames.min(available - start), ..request.clone() };
        request.channels.retain(|channel| *channel < info.n_channels);
        let n_channels = info.n_channels as u64;
        let columns = request.n_columns.clamp(1, 1 << 14).min(as_index(request.n_frames).max(1));
        let samples = request.n_frames * n_channels;
        if request.n_frames > CHUNK_FRAMES
            && let Some(view) = self.outline(source, &request, columns)?
        {
            return Ok(view);
        }
        match (request.filtered, samples) {
            _ if request.n_frames == 0 => Ok(View::empty(&request, 1, Detail::Every)),
            (false, ..=WHOLE_RAW_SAMPLES) => self.raw(source, &request, columns),
            (false, _) => self.raw_sampled(source, &request, columns),
            (true, ..=WHOLE_FILTERED_SAMPLES) => self.filtered(source, &request, columns, workspace),
            // A window inside one block costs no more than the block.
            (true, _) if request.n_frames <= BLOCK_FRAMES => self.filtered(source, &request, columns, workspace),
            (true, _) => self.filtered_sampled(source, &request, columns, workspace),
        }
    }

    fn raw(&self, source: &dyn FrameSource, request: &ViewRequest, n_columns: usize) -> Result<View, ReadError> {
        let mut view = View::empty(request, n_columns, Detail::Every);
        let block = source.read(request.segment, request.start, as_index(request.n_frames))?;
        for (row, channel) in request.channels.iter().enumerate() {
            for (frame, value) in block.channel(*channel).into_iter().enumerate() {
                view.widen(row, column_of(frame as u64, request.n_frames, n_columns), self.uv(*channel, value));
            }
        }
        Ok(view)
    }

    /// From the stored outline, where the source has one.
    fn outline(
        &self,
        source: &dyn FrameSource,
        request: &ViewRequest,
        n_columns: usize,
    ) -> Result<Option<View>, ReadError> {
        let mut view = View::empty(request, n_columns, Detail::Outline);
        let window = request.start..request.start + request.n_frames;
        for (row, channel) in request.channels.iter().enumerate() {
            let Some(outline) = source.outline(request.segment, *channel, window.clone())? else { return Ok(None) };
            for (frame, (min, max)) in (outline.first_frame..).step_by(as_index(outline.bin_frames)).zip(outline.bins) {
                // A bin goes to the column of its first frame inside the window.
                let frame = frame.max(window.start);
                if window.contains(&frame) {
                    let column = column_of(frame - window.start, request.n_frames, n_columns);
                    view.widen(row, column, self.uv(*channel, min));
                    view.widen(row, column, self.uv(*channel, max));
                }
            }
        }
        Ok(Some(view))
    }

    fn raw_sampled(
        &self,
        source: &dyn FrameSource,
        request: &ViewRequest,
        n_columns: usize,
    ) -> Result<View, ReadError> {
        let mut view = View::empty(request, n_columns, Detail::Sampled);
        for column in 0..n_columns {
            let (from, to) = frames_of(column, request.n_frames, n_columns);
            let n_frames = RAW_PIECE_FRAMES.min(to - from);
            let first = from + (to - from - n_frames) / 2;
            let block = source.read(request.segment, request.start + first, as_index(n_frames))?;
            for (row, channel) in request.channels.iter().enumerate() {
                for value in block.channel(*channel) {
                    view.widen(row, column, self.uv(*channel, value));
                }
            }
        }
        Ok(view)
    }

    fn filtered(
        &mut self,
        source: &dyn FrameSource,
        request: &ViewRequest,
        n_columns: usize,
        workspace: &mut Workspace,
    ) -> Result<View, ReadError> {
        let mut view = View::empty(request, n_columns, Detail::Every);
        let end = request.start + request.n_frames;
        let floors = request.thresholds_uv.as_deref();
        for index in request.start / BLOCK_FRAMES..end.div_ceil(BLOCK_FRAMES) {
            let block = self.block(source, BlockId { segment: request.segment, index }, workspace)?;
            for (row, channel) in request.channels.iter().enumerate() {
                let own = block
                    .channel(*channel, block.span.own.clone())
                    .zip(block.span.first_frame + block.span.own.start as u64..);
                for (value, frame) in own.filter(|(_, frame)| (request.start..end).contains(frame)) {
                    view.widen(row, column_of(frame - request.start, request.n_frames, n_columns), value);
                }
            }
            if let Some(thresholds) = floors {
                let shown = |spike: &Spike| {
                    let frame = spike.sample_index.cast_unsigned();
                    (request.start..end).contains(&frame) && request.channels.contains(&(spike.channel_index as usize))
                };
                let peaks = self.engine.peaks(&block, thresholds);
                view.spikes.extend(self.engine.spikes(&peaks, thresholds).into_iter().filter(shown));
            }
        }
        Ok(view)
    }

    fn filtered_sampled(
        &self,
        source: &dyn FrameSource,
        request: &ViewRequest,
        n_columns: usize,
        workspace: &mut Workspace,
    ) -> Result<View, ReadError> {
        let mut view = View::empty(request, n_columns, Detail::Sampled);
        // As many pieces as the time allows; columns between two take the earlier one.
        let reach = 2 * self.engine.reach_frames() as u64;
        let piece_samples = (FILTERED_PIECE_FRAMES + reach) * self.engine.info().n_channels as u64;
        let n_pieces = as_index(WHOLE_FILTERED_SAMPLES / piece_samples.max(1)).clamp(1, n_columns);
        for piece in 0..n_pieces {
            let (from, to) = frames_of(piece, request.n_frames, n_pieces);
            let n_frames = FILTERED_PIECE_FRAMES.min(to - from);
            let first = request.start + from + (to - from - n_frames) / 2;
            let block = self.engine.range(source, request.segment, first..first + n_frames, workspace)?;
            let columns = piece * n_columns / n_pieces..(piece + 1) * n_columns / n_pieces;
            let per_column = block.span.own.len().div_ceil(columns.len().max(1));
            for (row, channel) in request.channels.iter().enumerate() {
                for (frame, value) in block.channel(*channel, block.span.own.clone()).enumerate() {
                    let column = (columns.start + frame / per_column.max(1)).min(columns.end.max(1) - 1);
                    view.widen(row, column, value);
                }
            }
        }
        Ok(view)
    }

    /// A block, computed or kept.
    fn block(
        &mut self,
        source: &dyn FrameSource,
        id: BlockId,
        workspace: &mut Workspace,
    ) -> Result<Arc<FilteredBlock>, ReadError> {
        if let Some((_, block)) = self.kept.iter().find(|(kept, _)| *kept == id) {
            return Ok(Arc::clone(block));
        }
        let window = self.engine.read(&self.memory.over(source), id, RawBlock::default())?;
        let block = Arc::new(self.engine.filter_with(&window, workspace));
        let block_samples = as_index(BLOCK_FRAMES) * self.engine.info().n_channels;
        while !self.kept.is_empty() && (self.kept.len() + 1) * block_samples > KEPT_SAMPLES {
            self.kept.pop_front();
        }
        self.kept.push_back((id, Arc::clone(&block)));
        Ok(block)
    }

    #[expect(clippy::cast_possible_truncation, reason = "drawn in f32")]
    fn uv(&self, channel: usize, value: f32) -> f32 {
        let info = self.engine.info();
        value * info.gain_to_uv[channel] as f32 + info.offset_to_uv[channel] as f32
    }
}

/// Column of a frame of the window.
fn column_of(frame: u64, n_frames: u64, n_columns: usize) -> usize {
    as_index(frame * n_columns as u64 / n_frames.max(1)).min(n_columns - 1)
}

/// Frames of a column.
fn frames_of(column: usize, n_frames: u64, n_columns: usize) -> (u64, u64) {
    let at = |column: u64| column * n_frames / n_columns as u64;
    (at(column as u64), at(column as u64 + 1))
}

#[expect(clippy::cast_possible_truncation, reason = "bounded by what a window holds")]
const fn as_index(value: u64) -> usize {
    value as usize
}
