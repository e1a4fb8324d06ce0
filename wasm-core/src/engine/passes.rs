//! The two ways through a block: forward into memory, backward tile by tile to whoever
//! looks at the result.
//!
//! A tile of frames is scaled and filtered forward, or filtered backward, referenced and
//! searched, while it is in the second-level cache. Memory sees one write and one read of
//! each sample; at a thousand channels its speed is the limit.

use std::ops::Range;

use super::block::{Engine, RawWindow, index};
use super::noise::NoiseRows;
use super::reference::ReferenceState;
use super::scale::Scale;
use crate::filter::{Cascade, Cell, Direction, LANES, State};
use crate::sample::RawBlock;

/// Frames of a tile: 130 kB at 1,024 channels, a quarter of a second-level cache.
const TILE_FRAMES: usize = 32;

/// Which frames a block holds.
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
            own: index(window.own.start - held.start)..index(window.own.end - held.start),
            n_frames: index(held.end - held.start),
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
    /// The block after its way forward.
    forward: Vec<Cell>,
    ring: Ring,
    /// The filter's memory of each group of channels.
    states: Vec<State>,
    reference: ReferenceState,
    /// What noise is measured on.
    pub(super) noise: NoiseRows,
    /// Where the next window is read to.
    pub raw: RawBlock,
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

impl Engine {
    /// Filters what was read, subtracts the reference, and shows each finished tile.
    pub(super) fn process(&self, window: &RawWindow, span: &Span, workspace: &mut Workspace, tiles: &mut impl Tiles) {
        let RawWindow { segment, first_frame, raw, .. } = window;
        let margin = self.settings.filter.as_ref().map_or(0, Cascade::margin_frames);
        // At the ends of a segment the signal goes on mirrored, as in SciPy's odd extension.
        let before = if *first_frame == 0 { margin } else { 0 };
        let is_last = first_frame + raw.n_frames as u64 == self.info.segments[*segment].n_frames;
        let after = if is_last { margin } else { 0 };
        let skip = index(span.first_frame - first_frame);
        // Frames behind the halo are needed until the way back has passed them.
        let n_rows = raw.n_frames + after - skip;
        workspace.ring.reset(self.info.n_channels.div_ceil(LANES), self.rows_behind());
        workspace.forward.resize(n_rows * workspace.ring.stride, [0.0; LANES]);
        self.forward(raw, before, before + skip, workspace);
        self.backward(span.n_frames, workspace, tiles);
    }

    /// Rows that a search for peaks and waveforms needs after the tile at work.
    fn rows_behind(&self) -> usize {
        self.lag() + self.settings.exclude_sweep_frames.max(self.waveform.1)
    }

    /// Rows that must be finished before a row can be searched.
    pub(super) fn lag(&self) -> usize {
        self.settings.exclude_sweep_frames.max(self.waveform.0)
    }

    /// Scales and filters forward, from `before` frames ahead of the first one read; keeps
    /// the frames from `skip`, counted from the first mirrored one.
    fn forward(&self, raw: &RawBlock, before: usize, skip: usize, workspace: &mut Workspace) {
        let Workspace { forward, ring, states, .. } = workspace;
        let stride = ring.stride;
        let scale = Scale::new(&self.info, &self.settings, raw);
        self.rest(states, ring.n_groups);
        let total = skip + forward.len() / stride;
        let behind = before + raw.n_frames;
        let mut at = 0;
        while at < total {
            // A tile lies on one side of what was read, or inside it.
            let edge = if at < before {
                before
            } else if at < behind {
                behind
            } else {
                total
            };
            let end = (at + TILE_FRAMES).min(edge).min(total);
            let rows = ring.tile_mut(0, end - at);
            if at < before {
                scale.mirrored(raw, (at..end).map(|frame| before - frame), rows, stride, 0);
            } else if at >= behind {
                let last = raw.n_frames - 1;
                scale.mirrored(raw, (at..end).map(|frame| last.saturating_sub(frame + 1 - behind)), rows, stride, last);
            } else {
                scale.rows(raw, at - before..end - before, rows, stride);
            }
            if let Some(filter) = &self.settings.filter {
                for (group, state) in states.iter_mut().enumerate() {
                    filter.run(Direction::Forward, state, &mut rows[group..], stride);
                }
            }
            if end > skip {
                let dropped = skip.saturating_sub(at);
                let kept = &rows[dropped * stride..];
                forward[(at + dropped - skip) * stride..][..kept.len()].copy_from_slice(kept);
            }
            at = end;
        }
    }

    /// Filters backward and subtracts the reference, last tile first.
    fn backward(&self, n_held: usize, workspace: &mut Workspace, tiles: &mut impl Tiles) {
        let Workspace { forward, ring, states, reference, .. } = workspace;
        let (stride, n_groups) = (ring.stride, ring.n_groups);
        self.rest(states, n_groups);
        let n_rows = forward.len() / stride;
        for first in (0..n_rows).step_by(TILE_FRAMES).rev() {
            let end = (first + TILE_FRAMES).min(n_rows);
            let rows = ring.tile_mut(first, end - first);
            rows.copy_from_slice(&forward[first * stride..end * stride]);
            if let Some(filter) = self.settings.filter.as_ref().filter(|_| !self.settings.causal) {
                for (group, state) in states.iter_mut().enumerate() {
                    filter.run(Direction::Backward, state, &mut rows[group..], stride);
                }
            }
            let held = first..end.min(n_held);
            for row in rows.chunks_exact_mut(stride).take(held.len()) {
                self.reference.subtract(reference, &mut row[..n_groups]);
            }
            if !held.is_empty() {
                tiles.tile(ring, held);
            }
        }
    }

    /// States of rest for all groups.
    fn rest(&self, states: &mut Vec<State>, n_groups: usize) {
        states.clear();
        if let Some(filter) = &self.settings.filter {
            states.resize(n_groups, filter.at_rest());
        }
    }
}
