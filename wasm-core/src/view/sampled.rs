//! Windows that are answered from some of their frames.

use std::ops::Range;

use super::columns::{Piece, column_of};
use super::request::{ViewRequest, WHOLE_FILTERED_SAMPLES};
use super::{Detail, View, Viewer};
use crate::engine::Workspace;
use crate::grid::as_index;
use crate::recording::{FrameSource, ReadError};

/// Frames that stand for a raw column in a sampled window.
const RAW_PIECE_FRAMES: u64 = 64;
/// Frames that stand for a filtered column; each also costs its margins.
const FILTERED_PIECE_FRAMES: u64 = 256;
impl View {
    fn of_pieces(request: &ViewRequest, n_columns: usize, pieces: &[Piece]) -> Self {
        let columns = pieces.first().zip(pieces.last()).map(|(first, last)| first.columns.start..last.columns.end);
        Self::of_columns(request, n_columns, columns.unwrap_or_default(), Detail::Sampled)
    }
}

impl Viewer {
    pub(super) fn raw_sampled(
        &self,
        source: &dyn FrameSource,
        request: &ViewRequest,
        part: &Range<u64>,
        n_columns: usize,
    ) -> Result<View, ReadError> {
        let pieces = request.pieces_of(part, n_columns, n_columns, RAW_PIECE_FRAMES);
        let mut view = View::of_pieces(request, n_columns, &pieces);
        for Piece { frames, columns } in pieces {
            let block = source.read(request.segment, frames.start, as_index(frames.end - frames.start))?;
            for (row, channel) in request.channels.iter().enumerate() {
                for value in block.channel(*channel) {
                    view.widen(row, columns.start, self.uv(*channel, value));
                }
            }
        }
        Ok(view)
    }

    pub(super) fn filtered_sampled(
        &self,
        source: &dyn FrameSource,
        request: &ViewRequest,
        part: &Range<u64>,
        n_columns: usize,
        workspace: &mut Workspace,
    ) -> Result<View, ReadError> {
        // As many pieces as the time allows.
        let reach = 2 * self.engine.reach_frames() as u64;
        let piece_samples = (FILTERED_PIECE_FRAMES + reach) * self.engine.info().n_channels as u64;
        let n_pieces = as_index(WHOLE_FILTERED_SAMPLES / piece_samples.max(1)).clamp(1, n_columns);
        let pieces = request.pieces_of(part, n_columns, n_pieces, FILTERED_PIECE_FRAMES);
        let mut view = View::of_pieces(request, n_columns, &pieces);
        let source = self.remembered(source, request);
        for Piece { frames, columns } in pieces {
            let block = self.engine.range(&source, request.segment, frames.clone(), workspace)?;
            let first = frames.start - request.start;
            let column = |frame: u64| {
                column_of(first + frame, request.n_frames, n_columns).clamp(columns.start, columns.end - 1)
            };
            for (row, channel) in request.channels.iter().enumerate() {
                let mut values: Vec<f32> = block.channel(*channel, block.span.own.clone()).collect();
                for (frame, value) in (0..).zip(&values) {
                    view.widen(row, column(frame), *value);
                }
                // Around it stands the noise that its quartiles tell, two standard deviations wide
                // on either side, without its spikes.
                values.sort_unstable_by(f32::total_cmp);
                let Some(last) = values.len().checked_sub(1) else { continue };
                let (low, high) = (values[values.len() / 4], values[last - values.len() / 4]);
                let own = column(0)..column(last as u64) + 1;
                for column in columns.clone().filter(|column| !own.contains(column)) {
                    view.widen(row, column, 2.0 * low - high);
                    view.widen(row, column, 2.0 * high - low);
                }
            }
        }
        Ok(view)
    }
}
