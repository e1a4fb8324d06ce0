//! A pipeline bound to a stream, and the blocks that it reads and filters.

use std::ops::Range;

use super::excerpts::noise_step;
use super::passes::{Ring, Rows, Span, Tiles, Workspace};
use super::peaks::Detector;
use super::reference::Reference;
use super::window::RawWindow;
use crate::filter::{Cell, LANES};
use crate::grid::BlockId;
use crate::pipeline::{Pipeline, PipelineError, Settings};
use crate::recording::{FrameSource, ReadError, StreamInfo};
use crate::sample::RawBlock;

/// Milliseconds of a waveform before and after its peak; `SpikeInterface`'s defaults.
const WAVEFORM_BEFORE_MS: f64 = 1.0;
const WAVEFORM_AFTER_MS: f64 = 2.0;

/// A pipeline bound to a stream.
pub struct Engine {
    pub(super) settings: Settings,
    pub(super) info: StreamInfo,
    pub(super) reference: Reference,
    /// Whether each channel is left out.
    pub(super) left_out: Vec<bool>,
    /// The first detection, whose spikes are those of headline, raster and files.
    pub(super) detector: Detector,
    /// The other detections, which find spikes in the same signal.
    pub(super) further: Vec<Detector>,
    /// Frames of the longest exclusion.
    pub(super) sweep: usize,
    pub(super) halo: usize,
    /// Waveform frames before and after the peak.
    pub(super) waveform: (usize, usize),
    /// Noise is measured on every so many frames.
    pub(super) noise_step: usize,
}

/// The name of the step that needs positions, for messages.
pub(super) const LARGEST_NEARBY: &str = "detection on the largest nearby electrode";

/// Whether a pipeline fits a stream, without building an engine: what [`Engine::new`] would say.
///
/// # Errors
/// When the pipeline is not valid for this stream.
pub fn check(info: &StreamInfo, pipeline: &Pipeline) -> Result<(), PipelineError> {
    let settings = Settings::new(pipeline, info.sampling_frequency_hz)?;
    left_out(info, &settings)?;
    let asks = settings.detections().find_map(|detection| detection.exclude_radius_um).map(|_| LARGEST_NEARBY);
    let asks = asks.or_else(|| Reference::asks_for_positions(&settings));
    match asks {
        Some(step) if info.positions_um.is_none() => Err(PipelineError::NoPositions { step }),
        _ => Ok(()),
    }
}

impl Engine {
    /// Binds a pipeline to a stream.
    ///
    /// # Errors
    /// When the pipeline is not valid for this stream.
    pub fn new(info: &StreamInfo, pipeline: &Pipeline) -> Result<Self, PipelineError> {
        let settings = Settings::new(pipeline, info.sampling_frequency_hz)?;
        let left_out = left_out(info, &settings)?;
        let detector = Detector::new(&settings.detection, info, &left_out)?;
        let further = settings.further.iter().map(|detection| Detector::new(detection, info, &left_out));
        let further = further.collect::<Result<Vec<Detector>, PipelineError>>()?;
        // One window for all, as wide as the longest exclusion asks for.
        let sweep = settings.detections().map(|detection| detection.exclude_sweep_frames).max().unwrap_or(1);
        let waveform = (info.frames_from_ms(WAVEFORM_BEFORE_MS), info.frames_from_ms(WAVEFORM_AFTER_MS));
        Ok(Self {
            halo: sweep.max(waveform.0).max(waveform.1),
            reference: Reference::new(info, &settings, &left_out)?,
            noise_step: noise_step(info, settings.noise),
            left_out,
            detector,
            further,
            sweep,
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

    /// The settings that the pipeline resolved to.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Frames that a block needs beyond its own on each side.
    #[must_use]
    pub fn reach_frames(&self) -> usize {
        self.halo + self.settings.margin_frames()
    }

    /// The frames of a segment that are read for some of them: with what their margins need.
    #[must_use]
    pub fn frames_read(&self, segment: usize, own: Range<u64>) -> Range<u64> {
        let n_frames = self.info.segments.get(segment).map_or(0, |segment| segment.n_frames);
        let reach = self.reach_frames() as u64;
        own.start.saturating_sub(reach)..(own.end + reach).min(n_frames)
    }

    /// The frames of a block, with what its margins need, in memory that may be used again.
    #[must_use]
    pub fn window<'a>(&self, source: &'a dyn FrameSource, id: BlockId, memory: RawBlock) -> RawWindow<'a> {
        let n_frames = self.info.segments.get(id.segment).map_or(0, |segment| segment.n_frames);
        self.window_of(source, id.segment, id.frames(n_frames), memory)
    }

    /// Any range of frames, with what its margins need, in memory that may be used again.
    #[must_use]
    pub fn window_of<'a>(
        &self,
        source: &'a dyn FrameSource,
        segment: usize,
        own: Range<u64>,
        memory: RawBlock,
    ) -> RawWindow<'a> {
        let all = self.frames_read(segment, own.clone());
        RawWindow::new(source, segment, own, all, memory)
    }

    /// Reads and filters a block.
    ///
    /// # Errors
    /// When the source cannot give the block's frames.
    pub fn block(&self, source: &dyn FrameSource, id: BlockId) -> Result<FilteredBlock, ReadError> {
        self.filter(&mut self.window(source, id, RawBlock::default()), &mut Workspace::default())
    }

    /// Reads and filters any range of frames. Its values differ from those of the grid's
    /// blocks by rounding and by what the margins leave, far below the noise.
    ///
    /// # Errors
    /// When the source cannot give the frames.
    pub fn range(
        &self,
        source: &dyn FrameSource,
        segment: usize,
        own: Range<u64>,
        workspace: &mut Workspace,
    ) -> Result<FilteredBlock, ReadError> {
        let mut window = self.window_of(source, segment, own, std::mem::take(&mut workspace.raw));
        let block = self.filter(&mut window, workspace)?;
        workspace.raw = window.into_memory();
        Ok(block)
    }

    /// Filters a window, subtracts the reference, and keeps all of it.
    ///
    /// # Errors
    /// When the source cannot give the frames.
    pub fn filter(&self, window: &mut RawWindow, workspace: &mut Workspace) -> Result<FilteredBlock, ReadError> {
        let span = Span::new(self, window);
        let n_groups = self.info.n_channels.div_ceil(LANES);
        let mut block = FilteredBlock { n_groups, cells: vec![[0.0; LANES]; span.n_frames * n_groups], span };
        let span = block.span.clone();
        self.process(window, &span, workspace, &mut block)?;
        Ok(block)
    }
}

/// Which channels the pipeline leaves out.
fn left_out(info: &StreamInfo, settings: &Settings) -> Result<Vec<bool>, PipelineError> {
    let unknown: Vec<&str> =
        settings.left_out.iter().filter(|id| !info.channel_ids.contains(id)).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(PipelineError::NoSuchChannels { ids: unknown.join(", ") });
    }
    let left_out: Vec<bool> = info.channel_ids.iter().map(|id| settings.left_out.contains(id)).collect();
    if !left_out.is_empty() && left_out.iter().all(|left_out| *left_out) {
        return Err(PipelineError::AllLeftOut);
    }
    Ok(left_out)
}

/// A block's signal after filter and reference, in microvolts.
pub struct FilteredBlock {
    /// Frames that are held.
    pub span: Span,
    /// Cells of a row.
    n_groups: usize,
    /// `[frame][channel]`, sixteen channels to a cell.
    cells: Vec<Cell>,
}

impl FilteredBlock {
    /// One channel's signal over some of the frames held.
    #[must_use]
    pub fn channel(&self, channel: usize, frames: Range<usize>) -> impl ExactSizeIterator<Item = f32> + '_ {
        let (group, lane) = (channel / LANES, channel % LANES);
        frames.map(move |frame| self.cells[frame * self.n_groups + group][lane])
    }
}

impl Rows for FilteredBlock {
    fn row(&self, row: usize) -> &[Cell] {
        &self.cells[row * self.n_groups..][..self.n_groups]
    }

    fn around(&self, row: usize, channel: usize) -> impl Fn(isize) -> f32 {
        let (group, lane) = (channel / LANES, channel % LANES);
        move |distance| self.cells[row.saturating_add_signed(distance) * self.n_groups + group][lane]
    }
}

impl Tiles for FilteredBlock {
    fn tile(&mut self, ring: &Ring, rows: Range<usize>) {
        for row in rows {
            self.cells[row * self.n_groups..][..self.n_groups].copy_from_slice(ring.row(row));
        }
    }
}
