//! Which column of pixels a frame belongs to.

use std::ops::Range;

use super::request::ViewRequest;

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

/// Column of a frame of the window.
pub(super) fn column_of(frame: u64, n_frames: u64, n_columns: usize) -> usize {
    as_index(frame * n_columns as u64 / n_frames.max(1)).min(n_columns - 1)
}

/// Frames of a column.
pub(super) fn frames_of(column: usize, n_frames: u64, n_columns: usize) -> (u64, u64) {
    let at = |column: u64| column * n_frames / n_columns as u64;
    (at(column as u64), at(column as u64 + 1))
}

/// A count that is known to fit memory.
#[expect(clippy::cast_possible_truncation, reason = "bounded by what a window holds")]
pub(super) const fn as_index(value: u64) -> usize {
    value as usize
}
