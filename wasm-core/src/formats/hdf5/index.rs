//! Where the chunks of a dataset are in the file.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hdf5_reader::btree_v1::{BTreeV1Key, collect_btree_v1_leaves_storage};
use hdf5_reader::chunk_index::{
    ChunkEntry, collect_implicit_chunk_entries, collect_v2_chunk_entries_storage, single_chunk_entry,
};
use hdf5_reader::extensible_array::collect_extensible_array_chunk_entries_storage;
use hdf5_reader::fixed_array::collect_fixed_array_chunk_entries_storage;
use hdf5_reader::messages::layout::ChunkIndexing;

use super::container::Container;
use crate::recording::ReadError;

/// Chunks of an index that is read whole; a longer one is read a group of rows at a time.
const WHOLE_INDEX: u64 = 1 << 16;
/// Rows of chunks that are looked up together, and groups of them that are kept.
const GROUP_ROWS: u64 = 64;
const MAX_GROUPS: usize = 64;

/// Chunks by their place in the grid, `[along the first axis, along the second]`.
type Entries = Arc<HashMap<(u64, u64), ChunkEntry>>;

/// The index of a dataset's chunks.
pub struct ChunkIndex {
    pub address: u64,
    pub indexing: Option<ChunkIndexing>,
    /// Extents of the dataset, and those that it may grow to.
    pub shape: Vec<u64>,
    pub max_shape: Option<Vec<u64>>,
    /// Extents of a chunk.
    pub chunk: Vec<u32>,
    pub item_bytes: usize,
    /// The axis along which rows are grouped.
    pub time_axis: usize,
    groups: Mutex<HashMap<u64, Entries>>,
}

impl ChunkIndex {
    pub fn new(
        (address, indexing): (u64, Option<ChunkIndexing>),
        (shape, max_shape): (Vec<u64>, Option<Vec<u64>>),
        chunk: Vec<u32>,
        item_bytes: usize,
        time_axis: usize,
    ) -> Self {
        Self { address, indexing, shape, max_shape, chunk, item_bytes, time_axis, groups: Mutex::default() }
    }

    /// The chunk at a place of the grid, if it was ever written.
    pub fn get(&self, container: &Container, place: (u64, u64)) -> Result<Option<ChunkEntry>, ReadError> {
        let along = |axis: usize| {
            let (extent, chunk) = (self.shape.get(axis), self.chunk.get(axis));
            extent.zip(chunk).map_or(1, |(extent, chunk)| extent.div_ceil(u64::from(*chunk).max(1)).max(1))
        };
        let n_chunks = along(0).saturating_mul(along(1));
        let row = if self.time_axis == 0 { place.0 } else { place.1 };
        let group = if n_chunks <= WHOLE_INDEX { u64::MAX } else { row / GROUP_ROWS };
        let known = self.groups.lock().unwrap_or_else(PoisonError::into_inner).get(&group).map(Arc::clone);
        let entries = match known {
            Some(entries) => entries,
            None => self.read_group(container, group, [along(0), along(1)])?,
        };
        Ok(entries.get(&place).cloned())
    }

    fn read_group(&self, container: &Container, group: u64, grid: [u64; 2]) -> Result<Entries, ReadError> {
        let n_axes = self.shape.len();
        let (mut first, mut last) = (vec![0; n_axes], grid[..n_axes].iter().map(|n| n - 1).collect::<Vec<u64>>());
        if group != u64::MAX {
            first[self.time_axis] = group * GROUP_ROWS;
            last[self.time_axis] = last[self.time_axis].min((group + 1) * GROUP_ROWS - 1);
        }
        let bounds = (group != u64::MAX).then_some((first.as_slice(), last.as_slice()));
        let found = self.entries(container, bounds).map_err(|error| container.damaged(error))?;
        let place = |entry: &ChunkEntry| {
            let at = |axis: usize| {
                let (offset, chunk) = (entry.offsets.get(axis), self.chunk.get(axis));
                offset.zip(chunk).map_or(0, |(offset, chunk)| offset / u64::from(*chunk).max(1))
            };
            (at(0), at(1))
        };
        let entries: Entries = Arc::new(found.into_iter().map(|entry| (place(&entry), entry)).collect());
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if groups.len() >= MAX_GROUPS {
            groups.clear();
        }
        groups.insert(group, Arc::clone(&entries));
        drop(groups);
        Ok(entries)
    }

    fn entries(
        &self,
        container: &Container,
        bounds: Option<(&[u64], &[u64])>,
    ) -> hdf5_reader::error::Result<Vec<ChunkEntry>> {
        let storage = container.hdf5.storage();
        let superblock = container.hdf5.superblock();
        let sizes = (superblock.offset_size, superblock.length_size);
        let n_axes = u32::try_from(self.shape.len()).unwrap_or(2);
        match &self.indexing {
            None => {
                let leaves = collect_btree_v1_leaves_storage(
                    storage,
                    self.address,
                    sizes.0,
                    sizes.1,
                    Some(n_axes),
                    &self.chunk,
                    bounds,
                )?;
                let entry = |(key, address): (BTreeV1Key, u64)| match key {
                    BTreeV1Key::RawData { chunk_size, filter_mask, mut offsets } => {
                        offsets.truncate(self.shape.len());
                        Some(ChunkEntry { address, size: u64::from(chunk_size), filter_mask, offsets })
                    }
                    BTreeV1Key::Group { .. } => None,
                };
                Ok(leaves.into_iter().filter_map(entry).collect())
            }
            Some(ChunkIndexing::SingleChunk { filtered_size, filters }) => {
                Ok(vec![single_chunk_entry(self.address, *filtered_size, *filters, self.shape.len())])
            }
            Some(ChunkIndexing::BTreeV2) => {
                let (address, chunk) = (self.address, &self.chunk);
                collect_v2_chunk_entries_storage(storage, address, sizes.0, sizes.1, n_axes, chunk, bounds)
            }
            Some(ChunkIndexing::Implicit) => {
                let (shape, chunk) = (&self.shape, &self.chunk);
                collect_implicit_chunk_entries(self.address, shape, chunk, self.item_bytes, bounds, storage.len())
            }
            Some(ChunkIndexing::FixedArray { .. }) => {
                let (shape, chunk) = (&self.shape, &self.chunk);
                collect_fixed_array_chunk_entries_storage(storage, self.address, sizes.0, sizes.1, shape, chunk, bounds)
            }
            Some(ChunkIndexing::ExtensibleArray { .. }) => collect_extensible_array_chunk_entries_storage(
                storage,
                self.address,
                sizes.0,
                sizes.1,
                &self.shape,
                self.max_shape.as_deref(),
                &self.chunk,
                bounds,
            ),
        }
    }
}
