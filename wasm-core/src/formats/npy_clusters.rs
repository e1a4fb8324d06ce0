//! The list that tells the cluster of each spike, as phy and the International Brain Laboratory
//! write it beside the list of times.

use std::collections::{BTreeSet, HashMap};

use super::OpenError;
use super::limits::{MAX_STORED_SPIKES, too_many_spikes};
use super::npy::List;
use crate::io::NamedFile;

/// Clusters that a sorter may have found before its list is taken for something else.
const MAX_CLUSTERS: usize = 1 << 16;

/// The clusters of spikes.
pub struct Clusters<'a> {
    /// One cluster per spike.
    pub list: List<'a>,
    /// All that occur, in order.
    pub known: BTreeSet<i64>,
}

impl<'a> Clusters<'a> {
    /// Reads which clusters occur.
    ///
    /// # Errors
    /// When there is not one cluster per spike of `times`, or there are too many spikes or clusters.
    pub fn open(file: &'a NamedFile, times: &NamedFile, n_times: u64) -> Result<Self, OpenError> {
        let list = List::open(file)?;
        if n_times != list.len {
            let found = format!("{} entries for {n_times} spikes", list.len);
            return Err(OpenError::field(&file.path, "length", found, "one cluster per spike"));
        }
        if n_times > MAX_STORED_SPIKES as u64 {
            return Err(too_many_spikes(&times.path));
        }
        let mut known = BTreeSet::new();
        for part in list.parts() {
            known.extend(list.integers(&part)?);
            if known.len() > MAX_CLUSTERS {
                return Err(OpenError::field(&file.path, "clusters", known.len(), format!("at most {MAX_CLUSTERS}")));
            }
        }
        Ok(Self { list, known })
    }

    /// Place of each cluster among all.
    pub fn places(&self) -> HashMap<i64, u32> {
        (0..).zip(&self.known).map(|(at, cluster)| (*cluster, at)).collect()
    }
}
