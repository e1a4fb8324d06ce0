//! A window of traces, reduced to what can be drawn.
//!
//! Each column of pixels gets the smallest and largest value of its frames. A window of any
//! width is answered at once: where reading all of it would take too long, some frames are shown,
//! and between them how wide the noise is there; the answer says so.

mod columns;
mod memory;
mod request;
mod sampled;

pub use request::ViewRequest;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use columns::column_of;
use memory::{Memory, Remembered};
use request::{Way, common};

use crate::engine::{Engine, FilteredBlock, Workspace};
use crate::grid::as_index;
use crate::recording::{FrameSource, ReadError};
use crate::spikes::Spike;
use crate::zarr::CHUNK_FRAMES;

/// Filtered samples that are kept for the next view (4 bytes each), by each of the viewers that
/// share its parts: 0.4 s of 1,024 channels.
const KEPT_SAMPLES: usize = 8 << 20;
/// Most filtered samples that are kept where a larger window is filtered whole all the same: half of
/// 8,192 frames of 4,096 channels, so that spikes can be marked again without filtering it again.
const MOST_KEPT_SAMPLES: usize = 18 << 20;

/// A window of traces, ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Columns of the whole window: as asked, or one per frame where there are fewer frames.
    pub n_columns: usize,
    /// Columns of the part that was looked at.
    pub columns: Range<usize>,
    /// Smallest value of each of these columns in microvolts, `[channels, columns]`.
    pub min_uv: Vec<f32>,
    /// Largest value of each column.
    pub max_uv: Vec<f32>,
    /// Spikes in the window on the channels shown; none where not every frame was looked at.
    pub spikes: Vec<Spike>,
    /// How much of the window the columns stand for.
    pub detail: Detail,
}

/// How much of a window its columns stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Detail {
    /// Every frame of the window.
    Every,
    /// Some frames, and how wide the noise is between them.
    Sampled,
    /// Every frame, from the stored outline of the unfiltered signal.
    Outline,
}

impl View {
    fn empty(request: &ViewRequest, n_columns: usize, detail: Detail) -> Self {
        Self::of_columns(request, n_columns, 0..n_columns, detail)
    }

    fn of_columns(request: &ViewRequest, n_columns: usize, columns: Range<usize>, detail: Detail) -> Self {
        let n = request.channels.len() * columns.len();
        Self {
            n_columns,
            columns,
            min_uv: vec![f32::INFINITY; n],
            max_uv: vec![f32::NEG_INFINITY; n],
            spikes: Vec::new(),
            detail,
        }
    }

    /// Widens a column, counted from the window's start, of the row `row`.
    fn widen(&mut self, row: usize, column: usize, value: f32) {
        let at = row * self.columns.len() + column - self.columns.start;
        self.min_uv[at] = self.min_uv[at].min(value);
        self.max_uv[at] = self.max_uv[at].max(value);
    }
}

/// Makes views of one stream with one pipeline, keeping what was filtered last.
pub struct Viewer {
    engine: Engine,
    kept: VecDeque<Kept>,
    memory: Memory,
}

/// Filtered frames that are kept for the next view.
struct Kept {
    segment: usize,
    frames: Range<u64>,
    block: Arc<FilteredBlock>,
}

impl Viewer {
    /// A viewer over an engine.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self { engine, kept: VecDeque::new(), memory: Memory::default() }
    }

    /// Frees what was computed and read.
    pub fn forget(&mut self) {
        self.kept.clear();
        self.memory = Memory::default();
    }

    /// This viewer with another pipeline for the same stream; what was read of it is kept.
    #[must_use]
    pub fn retuned(self, engine: Engine) -> Self {
        Self { engine, kept: VecDeque::new(), ..self }
    }

    /// Answers one of the parts of a request, with memory that may be used again; frames beyond
    /// the segment's end are left out.
    ///
    /// # Errors
    /// When the source cannot give the frames.
    pub fn view(
        &mut self,
        source: &dyn FrameSource,
        request: &ViewRequest,
        part: Range<u64>,
        workspace: &mut Workspace,
    ) -> Result<View, ReadError> {
        let info = self.engine.info();
        let available = info.segments.get(request.segment).map_or(0, |segment| segment.n_frames);
        let start = request.start.min(available);
        let mut request = ViewRequest { start, n_frames: request.n_frames.min(available - start), ..request.clone() };
        request.channels.retain(|channel| *channel < info.n_channels);
        let way = request.way(info.n_channels);
        let columns = request.n_columns.clamp(1, 1 << 14).min(as_index(request.n_frames).max(1));
        if request.n_frames > CHUNK_FRAMES
            && !request.whole
            && let Some(view) = self.outline(source, &request, columns)?
        {
            return Ok(view);
        }
        match way {
            _ if request.n_frames == 0 => Ok(View::empty(&request, 1, Detail::Every)),
            Way::Raw => self.raw(source, &request, part, columns),
            Way::RawSampled => self.raw_sampled(source, &request, &part, columns),
            Way::Filtered => self.filtered(source, &request, part, columns, workspace),
            Way::FilteredSampled => self.filtered_sampled(source, &request, &part, columns, workspace),
        }
    }

    fn raw(
        &self,
        source: &dyn FrameSource,
        request: &ViewRequest,
        part: Range<u64>,
        n_columns: usize,
    ) -> Result<View, ReadError> {
        let (part, columns) = request.columns_of(part, n_columns);
        let mut view = View::of_columns(request, n_columns, columns, Detail::Every);
        let block = source.read(request.segment, part.start, as_index(part.end - part.start))?;
        for (row, channel) in request.channels.iter().enumerate() {
            for (frame, value) in (part.start - request.start..).zip(block.channel(*channel)) {
                view.widen(row, column_of(frame, request.n_frames, n_columns), self.uv(*channel, value));
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

    fn filtered(
        &mut self,
        source: &dyn FrameSource,
        request: &ViewRequest,
        part: Range<u64>,
        n_columns: usize,
        workspace: &mut Workspace,
    ) -> Result<View, ReadError> {
        let column = |frame: u64| column_of(frame - request.start, request.n_frames, n_columns);
        let (part, columns) = request.columns_of(part, n_columns);
        let mut view = View::of_columns(request, n_columns, columns, Detail::Every);
        let floors = request.thresholds_uv.as_deref();
        for frames in request.blocks(self.engine.info().n_channels) {
            let part = common(&part, &frames);
            if part.is_empty() {
                continue;
            }
            let block = self.block(source, request, frames, workspace)?;
            for (row, channel) in request.channels.iter().enumerate() {
                let own = block
                    .channel(*channel, block.span.own.clone())
                    .zip(block.span.first_frame + block.span.own.start as u64..);
                for (value, frame) in own.filter(|(_, frame)| part.contains(frame)) {
                    view.widen(row, column(frame), value);
                }
            }
            if let Some(thresholds) = floors {
                let shown = |spike: &Spike| {
                    part.contains(&spike.sample_index.cast_unsigned())
                        && request.channels.contains(&(spike.channel_index as usize))
                };
                let peaks = self.engine.peaks(&block, thresholds);
                view.spikes.extend(self.engine.spikes(&peaks, thresholds).into_iter().filter(shown));
            }
        }
        Ok(view)
    }

    /// Some frames after the filter, computed or kept.
    fn block(
        &mut self,
        source: &dyn FrameSource,
        request: &ViewRequest,
        frames: Range<u64>,
        workspace: &mut Workspace,
    ) -> Result<Arc<FilteredBlock>, ReadError> {
        let info = self.engine.info();
        let segment = request.segment;
        let n_frames = info.segments.get(segment).map_or(0, |segment| segment.n_frames);
        let frames = frames.start..frames.end.min(n_frames);
        if let Some(kept) =
            self.kept.iter().find(|kept| kept.segment == segment && common(&kept.frames, &frames) == frames)
        {
            return Ok(Arc::clone(&kept.block));
        }
        if request.whole {
            // All of a long window is looked at but once.
            return Ok(Arc::new(self.engine.range(source, segment, frames, workspace)?));
        }
        let samples = |frames: &Range<u64>| as_index(frames.end - frames.start) * info.n_channels;
        let half = as_index(request.n_frames / 2) * info.n_channels + samples(&frames);
        let mut held: usize = self.kept.iter().map(|kept| samples(&kept.frames)).sum();
        while held + samples(&frames) > half.clamp(KEPT_SAMPLES, MOST_KEPT_SAMPLES)
            && let Some(kept) = self.kept.pop_front()
        {
            held -= samples(&kept.frames);
        }
        let source = self.remembered(source, request);
        let block = Arc::new(self.engine.range(&source, segment, frames.clone(), workspace)?);
        self.kept.push_back(Kept { segment, frames, block: Arc::clone(&block) });
        Ok(block)
    }

    /// The source, asked only for what was not read before.
    fn remembered<'a>(&'a self, source: &'a dyn FrameSource, request: &ViewRequest) -> Remembered<'a> {
        let together = request.filtered_frames(self.engine.info().n_channels);
        let first = request.start / together * together;
        self.memory.over(source, first.saturating_sub(self.engine.reach_frames() as u64))
    }

    #[expect(clippy::cast_possible_truncation, reason = "drawn in f32")]
    fn uv(&self, channel: usize, value: f32) -> f32 {
        let info = self.engine.info();
        value * info.gain_to_uv[channel] as f32 + info.offset_to_uv[channel] as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::BlockId;
    use crate::pipeline::Pipeline;
    use crate::simulation::{Simulation, SimulationSpec};

    /// Window of 1.5 s at 20 kHz over four blocks, not on their edges.
    fn request(channels: Vec<usize>) -> ViewRequest {
        ViewRequest {
            segment: 0,
            start: 5000,
            n_frames: 22_000,
            channels,
            n_columns: 700,
            filtered: true,
            thresholds_uv: Some(vec![40.0; 20]),
            whole: false,
        }
    }

    #[test]
    fn parts_together_are_the_envelope_of_the_blocks() {
        let spec = SimulationSpec { n_channels: 500, sampling_frequency_hz: 20_000.0, duration_s: 2.0, seed: 3 };
        let source = Simulation::new(spec);
        let engine = || Engine::new(source.info(), &Pipeline::default()).expect("valid");
        let request = ViewRequest { thresholds_uv: Some(vec![40.0; 500]), ..request(vec![3, 19]) };
        let parts = request.parts(source.info());
        assert!(parts.iter().map(|(index, _)| *index).eq([1, 2, 2, 3, 4, 5, 6]));
        assert_eq!((parts[0].1.clone(), parts[1].1.clone(), parts[6].1.end), (5000..6144, 6144..8192, 27_000));
        let mut whole = View::empty(&request, 700, Detail::Every);
        // Any order, each at a viewer that knows nothing of the others.
        for (_, part) in parts.into_iter().rev() {
            let mut viewer = Viewer::new(engine());
            let view = viewer.view(&source, &request, part, &mut Workspace::default()).expect("reads");
            assert_eq!(view.n_columns, 700);
            for row in 0..2 {
                for (at, column) in view.columns.clone().enumerate() {
                    let at = row * view.columns.len() + at;
                    whole.widen(row, column, view.min_uv[at]);
                    whole.widen(row, column, view.max_uv[at]);
                }
            }
            whole.spikes.extend(view.spikes);
        }
        let mut n_spikes = 0;
        let mut expected = View::empty(&request, 700, Detail::Every);
        for index in 0..4 {
            let block = engine().block(&source, BlockId { segment: 0, index }).expect("reads");
            let first = block.span.first_frame;
            for (row, channel) in request.channels.iter().enumerate() {
                let values = block.channel(*channel, block.span.own.clone());
                for (value, frame) in values.zip(first + block.span.own.start as u64..) {
                    if (5000..27_000).contains(&frame) {
                        expected.widen(row, as_index((frame - 5000) * 700 / 22_000), value);
                    }
                }
            }
            let peaks = engine().peaks(&block, &[40.0; 500]);
            let shown =
                |spike: &&Spike| (5000..27_000).contains(&spike.sample_index) && [3, 19].contains(&spike.channel_index);
            n_spikes += peaks.iter().filter(shown).count();
        }
        let pairs = whole.min_uv.iter().zip(&expected.min_uv).chain(whole.max_uv.iter().zip(&expected.max_uv));
        for (seen, expected) in pairs {
            assert!((seen - expected).abs() < 1e-2, "{seen} µV where the engine has {expected} µV");
        }
        assert_eq!(whole.spikes.len(), n_spikes);
        assert!(n_spikes > 0, "the window holds spikes");
    }

    /// A window that is answered from a sample at first; all of it, part by part, is the outline
    /// of every frame.
    #[test]
    fn all_parts_of_a_long_window_are_its_outline() {
        let spec = SimulationSpec { n_channels: 900, sampling_frequency_hz: 20_000.0, duration_s: 1.5, seed: 3 };
        let source = Simulation::new(spec);
        let mut viewer = Viewer::new(Engine::new(source.info(), &Pipeline::default()).expect("valid"));
        for filtered in [false, true] {
            let n_frames = 29_000;
            let sampled = ViewRequest { start: 700, n_frames, filtered, n_columns: 50, ..request(vec![7]) };
            let whole = ViewRequest { whole: true, thresholds_uv: None, ..sampled.clone() };
            assert_eq!(sampled.parts(source.info()).len(), 16);
            let mut see = |request: &ViewRequest| {
                let mut all = View::empty(request, 50, Detail::Every);
                for (_, part) in request.parts(source.info()) {
                    let view = viewer.view(&source, request, part, &mut Workspace::default()).expect("reads");
                    all.detail = view.detail;
                    for (at, column) in view.columns.clone().enumerate() {
                        all.widen(0, column, view.min_uv[at]);
                        all.widen(0, column, view.max_uv[at]);
                    }
                }
                all
            };
            let (sample, all) = (see(&sampled), see(&whole));
            assert!(sample.min_uv.iter().zip(&sample.max_uv).all(|(min, max)| min <= max), "no column is empty");
            let once = viewer.view(&source, &sampled, 700..29_700, &mut Workspace::default()).expect("reads");
            assert_eq!((&once.min_uv, &once.max_uv), (&sample.min_uv, &sample.max_uv), "as one part or as many");
            assert_eq!((sample.detail, all.detail), (Detail::Sampled, Detail::Every));
            let mut expected = View::empty(&whole, 50, Detail::Every);
            let engine = Engine::new(source.info(), &Pipeline::default()).expect("valid");
            let values = if filtered {
                let block = engine.range(&source, 0, 700..29_700, &mut Workspace::default()).expect("reads");
                block.channel(7, block.span.own.clone()).collect()
            } else {
                let raw = source.read(0, 700, 29_000).expect("reads").channel(7);
                raw.into_iter().map(|value| viewer.uv(7, value)).collect::<Vec<f32>>()
            };
            for (frame, value) in (0..).zip(values) {
                expected.widen(0, column_of(frame, n_frames, 50), value);
            }
            for column in 0..50 {
                assert!((all.min_uv[column] - expected.min_uv[column]).abs() < 1e-2, "filtered {filtered}, {column}");
                assert!((all.max_uv[column] - expected.max_uv[column]).abs() < 1e-2, "filtered {filtered}, {column}");
            }
        }
    }

    #[test]
    fn what_is_not_filtered_whole_comes_in_one_part() {
        let spec = SimulationSpec { n_channels: 20, sampling_frequency_hz: 20_000.0, duration_s: 2.0, seed: 3 };
        let source = Simulation::new(spec);
        let raw = ViewRequest { filtered: false, ..request(vec![0]) };
        let beyond = ViewRequest { start: 39_990, n_frames: 500, ..request(vec![0, 99]) };
        assert_eq!(raw.parts(source.info()), [(0, 5000..27_000)]);
        let mut viewer = Viewer::new(Engine::new(source.info(), &Pipeline::default()).expect("valid"));
        let mut view = |request: &ViewRequest| {
            let parts = request.parts(source.info());
            viewer.view(&source, request, parts[0].1.clone(), &mut Workspace::default()).expect("reads")
        };
        let seen = view(&raw);
        assert_eq!((seen.columns.clone(), seen.min_uv.len()), (0..700, 700));
        let seen = view(&beyond);
        assert_eq!((seen.n_columns, seen.min_uv.len()), (10, 10), "ten frames of the one channel that exists");
    }
}
