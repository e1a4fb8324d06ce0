//! The two ways through a block: forward over a stretch of it, then backward tile by tile to
//! whoever looks at the result.
//!
//! A tile of frames is scaled and filtered forward, or filtered backward, referenced and
//! searched, while it is in the second-level cache. A stretch between its two ways stays in
//! the third: at a thousand channels a whole block would not, and the speed of memory, which
//! all threads share, would be the limit. Stretches come last first, so that the way back
//! runs through the block without a break; the way forward begins again for each of them, a
//! margin ahead. Where they begin follows from the pipeline and the block alone, so every processor cuts them alike.

use std::ops::Range;

use super::block::Engine;
use super::noise::NoiseRows;
use super::reference::{Reference, ReferenceState};
use super::scale::Scale;
use super::window::RawWindow;
use crate::filter::{Cell, Direction, FirMemory, LANES, States};
use crate::grid::as_index;
use crate::recording::ReadError;
use crate::sample::RawBlock;

/// Frames of a tile: 130 kB at 1,024 channels, a quarter of a second-level cache.
const TILE_FRAMES: usize = 32;

/// Rows of a stretch, at least: 8 MB at 1,024 channels. A filter with a long memory gets
/// longer ones, so that the margins ahead of them cost a quarter at most.
const STRETCH_FRAMES: usize = 2048;

/// The frames of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Segment of the stream.
    pub segment: usize,
    /// First frame held, in frames of the segment.
    pub first_frame: u64,
    /// The block's own frames, counted from the first one held.
    pub own: Range<usize>,
    /// Frames held: the block's own and a halo on both sides.
    pub n_frames: usize,
}

impl Span {
    pub(super) fn new(engine: &Engine, window: &RawWindow) -> Self {
        let n_frames = engine.info.segments[window.segment].n_frames;
        let halo = engine.halo as u64;
        let held = window.own.start.saturating_sub(halo)..(window.own.end + halo).min(n_frames);
        Self {
            segment: window.segment,
            first_frame: held.start,
            own: as_index(window.own.start - held.start)..as_index(window.own.end - held.start),
            n_frames: as_index(held.end - held.start),
        }
    }
}

/// Frames of all channels, sixteen to a cell; lanes beyond the last channel mean nothing.
pub trait Rows {
    /// All cells of a frame.
    fn row(&self, row: usize) -> &[Cell];

    /// One channel's value at the frame this far away from `row`, which must be among those held.
    fn around(&self, row: usize, channel: usize) -> impl Fn(isize) -> f32;
}

/// Takes finished tiles, the last one first.
pub trait Tiles {
    /// The rows `rows` of the block are finished, and so are some behind them.
    fn tile(&mut self, ring: &Ring, rows: Range<usize>);
}

/// Memory that is used again from block to block.
#[derive(Default)]
pub struct Workspace {
    /// A tile before its way forward; a stretch where the filter is of finite response.
    tile: Vec<Cell>,
    fir: FirMemory,
    /// A stretch after its way forward.
    forward: Vec<Cell>,
    ring: Ring,
    /// The filter's memory on its way forward.
    states: States,
    /// The filter's memory on its way back.
    backward: States,
    reference: ReferenceState,
    /// Rows of samples on which noise is measured.
    pub(super) noise: NoiseRows,
    /// Where the next window is read to.
    pub raw: RawBlock,
    /// Peaks that the next block will probably have: a list that grows is copied.
    pub(super) n_peaks: usize,
}

/// The tile at work and those just finished.
#[derive(Default)]
pub struct Ring {
    n_rows: usize,
    n_groups: usize,
    /// Cells from one row to the next.
    stride: usize,
    cells: Vec<Cell>,
}

impl Ring {
    /// Holds at least `behind` rows after the tile at work.
    fn reset(&mut self, n_groups: usize, behind: usize) {
        self.n_groups = n_groups;
        // An odd number of cache lines: rows then do not compete for the same places of the cache.
        self.stride = n_groups | 1;
        self.n_rows = (TILE_FRAMES + behind).next_multiple_of(TILE_FRAMES);
        self.cells.resize(self.n_rows * self.stride, [0.0; LANES]);
    }

    /// One channel's values at some rows, fewer than are held.
    pub(super) fn column(&self, rows: Range<usize>, channel: usize) -> impl Iterator<Item = f32> {
        let (group, lane) = (channel / LANES, channel % LANES);
        let first = rows.start % self.n_rows;
        // The rows beyond the end of the ring go on at its beginning.
        let at_end = rows.len().min(self.n_rows - first);
        let from = |row: usize| self.cells[row * self.stride + group..].iter().step_by(self.stride);
        from(first).take(at_end).chain(from(0).take(rows.len() - at_end)).map(move |cell| cell[lane])
    }

    /// The tile of `n` rows from `row`, a multiple of [`TILE_FRAMES`].
    fn tile_mut(&mut self, row: usize, n: usize) -> &mut [Cell] {
        &mut self.cells[row % self.n_rows * self.stride..][..n * self.stride]
    }
}

impl Rows for Ring {
    fn row(&self, row: usize) -> &[Cell] {
        &self.cells[row % self.n_rows * self.stride..][..self.n_groups]
    }

    fn around(&self, row: usize, channel: usize) -> impl Fn(isize) -> f32 {
        let n_rows = self.n_rows.cast_signed();
        let at = (row % self.n_rows).cast_signed();
        let (group, lane) = (channel / LANES, channel % LANES);
        move |distance| {
            // Distances are shorter than the ring: one turn brings the row back into it.
            let place = at + distance;
            let turns = isize::from(place < 0) - isize::from(place >= n_rows);
            self.cells[(place + turns * n_rows).cast_unsigned() * self.stride + group][lane]
        }
    }
}

/// The frames of a window, in microvolts, and what continues them beyond the segment's ends.
struct Input<'a, 'b> {
    window: &'a mut RawWindow<'b>,
    scale: Scale,
    /// Frame of the window that is row 0.
    read_from: usize,
    /// Frames mirrored ahead of the window's first.
    before: usize,
}

impl Input<'_, '_> {
    /// The frames `tile`, counted from the first mirrored one, all on one side of each end.
    fn tile(&mut self, tile: Range<usize>, cells: &mut [Cell], stride: usize) -> Result<(), ReadError> {
        let Self { window, scale, before, .. } = self;
        let (before, behind, last) = (*before, *before + window.n_frames, window.n_frames - 1);
        if (before..behind).contains(&tile.start) {
            let (raw, first) = window.frames(tile.start - before..tile.end - before)?;
            scale.rows(raw, first..first + tile.len(), cells, stride);
            return Ok(());
        }
        let is_ahead = tile.start < before;
        let frame =
            |row: usize| if is_ahead { (before - row).min(last) } else { last.saturating_sub(row + 1 - behind) };
        let edge = if is_ahead { 0 } else { last };
        let mut edge_row = vec![[0.0; LANES]; stride];
        let (raw, first) = window.frames(edge..edge + 1)?;
        scale.rows(raw, first..first + 1, &mut edge_row, stride);
        let lowest = frame(tile.end - 1);
        let (raw, first) = window.frames(lowest..frame(tile.start) + 1)?;
        scale.mirrored(raw, tile.map(|row| first + frame(row) - lowest), &edge_row, cells, stride);
        Ok(())
    }
}

impl Engine {
    /// Filters a window, subtracts the reference, and shows each finished tile.
    pub(super) fn process(
        &self,
        window: &mut RawWindow,
        span: &Span,
        workspace: &mut Workspace,
        tiles: &mut impl Tiles,
    ) -> Result<(), ReadError> {
        let RawWindow { segment, first_frame, n_frames, .. } = *window;
        let margin = self.settings.margin_frames();
        // At the ends of a segment the signal goes on mirrored, as in SciPy's odd extension.
        let before = if first_frame == 0 { margin } else { 0 };
        let is_last = first_frame + n_frames as u64 == self.info.segments[segment].n_frames;
        let after = if is_last { margin } else { 0 };
        // Rows count from the first frame held; those behind the halo are needed until the
        // way back has passed them.
        let read_from = as_index(span.first_frame - first_frame);
        let n_rows = n_frames + after - read_from - self.settings.fir_reach();
        let n_groups = self.info.n_channels.div_ceil(LANES);
        workspace.ring.reset(n_groups, self.rows_behind());
        // A channel that holds one value has no signal, and must not get that of the others.
        let silent = window.silent(self.info.n_channels)?;
        let without = silent.map(|silent| self.reference.without(&silent));
        let reference = without.as_ref().unwrap_or(&self.reference);
        let scale = Scale::new(&self.info, &self.settings, window.frames(0..n_frames.min(1))?);
        let mut input = Input { window, scale, read_from, before };
        let stretch = self.stretch_frames(n_rows);
        for first in (0..n_rows).step_by(stretch).rev() {
            let rows = first..(first + stretch).min(n_rows);
            self.forward(&mut input, rows.clone(), workspace)?;
            if rows.end == n_rows {
                let last = (rows.len() - 1) * workspace.ring.stride;
                self.steady(&mut workspace.backward, &workspace.forward[last..][..n_groups]);
            }
            self.backward((rows, span.n_frames), reference, workspace, tiles);
        }
        Ok(())
    }

    /// Rows that a search for peaks and waveforms needs after the tile at work; the sweep is at
    /// least a frame.
    fn rows_behind(&self) -> usize {
        self.lag() + self.sweep.max(self.waveform.1)
    }

    /// Rows that must be finished before a row can be searched.
    pub(super) fn lag(&self) -> usize {
        self.sweep.max(self.waveform.0)
    }

    /// Rows of the stretches that `n_rows` are cut into. Each begins a margin ahead, so they are
    /// of one length: a short one at the end would be a waste.
    fn stretch_frames(&self, n_rows: usize) -> usize {
        let margin = self.settings.cascade_margin();
        let n_stretches = match &self.settings.fir {
            None => n_rows / STRETCH_FRAMES.max(4 * margin),
            // One transform gives a stretch.
            Some(fir) => n_rows.div_ceil((fir.max_frames() - margin) / TILE_FRAMES * TILE_FRAMES),
        };
        n_rows.div_ceil(n_stretches.max(1)).next_multiple_of(TILE_FRAMES)
    }

    /// Scales and filters forward, beginning a margin ahead; keeps `rows`.
    fn forward(&self, input: &mut Input, rows: Range<usize>, workspace: &mut Workspace) -> Result<(), ReadError> {
        let Workspace { tile: cells, forward, fir: memory, ring: Ring { stride, n_groups, .. }, states, .. } =
            workspace;
        let stride = *stride;
        forward.resize(forward.len().max(rows.len().max(TILE_FRAMES) * stride), [0.0; LANES]);
        // Frames count from the first mirrored one; a tile lies on one side of each edge.
        let kept = input.before + input.read_from + rows.start;
        let end = kept + rows.len();
        let first = kept.saturating_sub(self.settings.cascade_margin());
        let edges = [input.before, kept, input.before + input.window.n_frames];
        let wide = match &self.settings.fir {
            Some(fir) => first.saturating_sub(fir.reach())..end + fir.reach(),
            None => 0..TILE_FRAMES,
        };
        cells.resize(cells.len().max(wide.len() * stride), [0.0; LANES]);
        if let Some(fir) = &self.settings.fir {
            for tile in tiles_of(wide.clone(), edges) {
                let place = (tile.start - wide.start) * stride;
                input.tile(tile.clone(), &mut cells[place..][..tile.len() * stride], stride)?;
            }
            fir.run(memory, &mut cells[..wide.len() * stride], stride, *n_groups);
        }
        for tile in tiles_of(first..end, edges) {
            let n_cells = tile.len() * stride;
            let from = if self.settings.fir.is_some() {
                &cells[(tile.start - first) * stride..][..n_cells]
            } else {
                input.tile(tile.clone(), &mut cells[..n_cells], stride)?;
                &cells[..n_cells]
            };
            if tile.start == first {
                self.steady(states, &from[..*n_groups]);
            }
            // What lies ahead of the rows kept only moves the filter, and is overwritten.
            let to = &mut forward[tile.start.saturating_sub(kept) * stride..][..n_cells];
            match &self.settings.filter {
                Some(filter) => filter.run(Direction::Forward, states, from, to, stride),
                None => to.copy_from_slice(from),
            }
        }
        Ok(())
    }

    /// Filters `rows` backward and subtracts the reference, last tile first.
    fn backward(
        &self,
        (rows, n_held): (Range<usize>, usize),
        reference: &Reference,
        workspace: &mut Workspace,
        tiles: &mut impl Tiles,
    ) {
        let Workspace { forward, ring, backward, reference: memory, .. } = workspace;
        let (stride, n_groups) = (ring.stride, ring.n_groups);
        for first in rows.clone().step_by(TILE_FRAMES).rev() {
            let end = (first + TILE_FRAMES).min(rows.end);
            let cells = ring.tile_mut(first, end - first);
            let from = &forward[(first - rows.start) * stride..][..cells.len()];
            match self.settings.filter.as_ref().filter(|_| !self.settings.causal) {
                Some(filter) => filter.run(Direction::Backward, backward, from, cells, stride),
                None => cells.copy_from_slice(from),
            }
            let held = first..end.min(n_held);
            for row in cells.chunks_exact_mut(stride).take(held.len()) {
                reference.subtract(memory, &mut row[..n_groups]);
            }
            if !held.is_empty() {
                tiles.tile(ring, held);
            }
        }
    }

    /// Starts the filter as if it had always seen this row.
    fn steady(&self, states: &mut States, row: &[Cell]) {
        if let Some(filter) = &self.settings.filter {
            filter.steady(states, row);
        }
    }
}

/// Cuts frames into tiles, and at each edge.
fn tiles_of(frames: Range<usize>, edges: [usize; 3]) -> impl Iterator<Item = Range<usize>> {
    let mut at = frames.start;
    std::iter::from_fn(move || {
        let edge = edges.into_iter().filter(|edge| *edge > at).min().unwrap_or(frames.end);
        let tile = at..(at + TILE_FRAMES).min(edge).min(frames.end);
        at = tile.end;
        (!tile.is_empty()).then_some(tile)
    })
}
