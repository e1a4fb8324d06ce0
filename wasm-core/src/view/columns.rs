//! Which column of pixels a frame belongs to.

use std::ops::Range;

use super::request::ViewRequest;
use crate::grid::as_index;

impl ViewRequest {
    /// What of a part lies in the window, and its columns.
    pub(super) fn columns_of(&self, part: Range<u64>, n_columns: usize) -> (Range<u64>, Range<usize>) {
        let end = self.start + self.n_frames;
        let part = part.start.clamp(self.start, end)..part.end.clamp(self.start, end);
        let column = |frame: u64| column_of(frame - self.start, self.n_frames, n_columns);
        let columns = if part.is_empty() { 0..0 } else { column(part.start)..column(part.end - 1) + 1 };
        (part, columns)
    }
}

/// Frames that stand for some columns.
pub(super) struct Piece {
    /// Of the segment.
    pub frames: Range<u64>,
    pub columns: Range<usize>,
}

impl ViewRequest {
    /// The pieces of a window that begin in `part`, where at most `piece_frames` from the middle of each of
    /// `n_pieces` stand for the window.
    pub(super) fn pieces_of(
        &self,
        part: &Range<u64>,
        n_columns: usize,
        n_pieces: usize,
        piece_frames: u64,
    ) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for piece in 0..n_pieces {
            let (from, to) = frames_of(piece, self.n_frames, n_pieces);
            if part.contains(&(self.start + from)) {
                let n_frames = piece_frames.min(to - from);
                let first = self.start + from + (to - from - n_frames) / 2;
                let columns = piece * n_columns / n_pieces..(piece + 1) * n_columns / n_pieces;
                pieces.push(Piece { frames: first..first + n_frames, columns });
            }
        }
        pieces
    }
}

/// Column of a frame of the window.
pub(super) fn column_of(frame: u64, n_frames: u64, n_columns: usize) -> usize {
    as_index(frame * n_columns as u64 / n_frames.max(1)).min(n_columns - 1)
}

/// Frames of a piece.
fn frames_of(piece: usize, n_frames: u64, n_pieces: usize) -> (u64, u64) {
    let at = |piece: u64| piece * n_frames / n_pieces as u64;
    (at(piece as u64), at(piece as u64 + 1))
}
