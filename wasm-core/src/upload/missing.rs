//! Rows of chunks that are not there yet.

use std::collections::{BTreeSet, VecDeque};

use crate::zarr::ChunkId;

/// The missing groups of a row of chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Segment.
    pub segment: usize,
    /// Index along the frames.
    pub row: u64,
    /// Which of its groups are missing.
    pub groups: Vec<usize>,
}

/// The chunks of `all` that are not there, row by row.
pub(super) fn missing(all: &[ChunkId], present: &BTreeSet<ChunkId>) -> VecDeque<Row> {
    let mut rows: VecDeque<Row> = VecDeque::new();
    for chunk in all.iter().filter(|chunk| !present.contains(chunk)) {
        match rows.back_mut() {
            Some(last) if (last.segment, last.row) == (chunk.segment, chunk.row) => last.groups.push(chunk.group),
            _ => rows.push_back(Row { segment: chunk.segment, row: chunk.row, groups: vec![chunk.group] }),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_packed() {
        let chunk = |segment, row, group| ChunkId { segment, row, group };
        let all = [chunk(0, 0, 0), chunk(0, 0, 1), chunk(0, 1, 0), chunk(0, 1, 1), chunk(1, 0, 0), chunk(1, 0, 1)];
        let present = BTreeSet::from([all[1], all[2], all[3]]);
        let found = missing(&all, &present);
        let row = |segment, row, groups| Row { segment, row, groups };
        assert_eq!(found, [row(0, 0, vec![0]), row(1, 0, vec![0, 1])]);
        assert!(missing(&all, &BTreeSet::from(all)).is_empty());
    }
}
