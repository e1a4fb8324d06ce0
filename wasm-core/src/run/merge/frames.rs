//! Trains that grow spike by spike, in little more memory than they need.

use crate::run::results::SpikesHash;
use crate::spikes::Spike;

/// Memory of a spike: its frame, and the eighth by which trains grow.
pub const BYTES_PER_SPIKE: usize = 9;

/// Frames that a train has room for at first, 128 bytes, and its growth as a part of it: one that doubles takes
/// twice the memory that it needs.
const FIRST_FRAMES: usize = 16;
const GROWTH: usize = 8;

/// Frames of a segment that are put in order together: those of 4,096 channels at 10 spikes a second are 134,000.
const WINDOW_FRAMES: i64 = 65_536;

/// Frames of spikes, `[segment][channel]`, in the order in which they came.
#[derive(Debug)]
pub struct Frames {
    trains: Vec<Vec<Vec<i64>>>,
}

impl Frames {
    /// No spikes.
    pub fn new(n_segments: usize, n_channels: usize) -> Self {
        Self { trains: vec![vec![Vec::new(); n_channels]; n_segments] }
    }

    /// Adds the spike that follows; one of a segment or channel that is not there is left out.
    pub fn push(&mut self, spike: &Spike) {
        let segment = self.trains.get_mut(spike.segment_index as usize);
        if let Some(train) = segment.and_then(|segment| segment.get_mut(spike.channel_index as usize)) {
            if train.len() == train.capacity() {
                train.reserve_exact((train.len() / GROWTH).max(FIRST_FRAMES));
            }
            train.push(spike.sample_index);
        }
    }

    /// Bytes of memory of all trains.
    pub fn held_bytes(&self) -> usize {
        self.trains.iter().flatten().map(|train| train.capacity() * size_of::<i64>()).sum()
    }

    /// What tells the spikes from others: that of [`crate::run::spikes_key`] of the same list.
    pub fn key(&self, n_spikes: u64) -> u64 {
        let mut hash = SpikesHash::new(n_spikes);
        let mut window: Vec<(i64, u32)> = Vec::new();
        for (segment, trains) in (0_u32..).zip(&self.trains) {
            let mut left: Vec<&[i64]> = trains.iter().map(Vec::as_slice).collect();
            // The next spike of all: windows without one are passed over.
            while let Some(first) = left.iter().filter_map(|train| train.first()).min().copied() {
                let last = first.saturating_add(WINDOW_FRAMES - 1);
                window.clear();
                for (channel, train) in (0_u32..).zip(&mut left) {
                    let (some, others) = train.split_at(train.partition_point(|frame| *frame <= last));
                    window.extend(some.iter().map(|frame| (*frame, channel)));
                    *train = others;
                }
                window.sort_unstable();
                for (frame, channel) in &window {
                    hash.add(segment, *frame, *channel);
                }
            }
        }
        hash.key()
    }

    /// The trains.
    pub fn into_trains(self) -> Vec<Vec<Vec<i64>>> {
        self.trains
    }
}
