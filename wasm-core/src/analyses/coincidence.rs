//! Coincident events: what many electrodes of a well see at the same instant is an artefact.

use std::collections::HashMap;

use crate::spikes::Spike;

/// Drops every spike that lies, with spikes on at least `min_electrodes` electrodes of its
/// well in all, within one span of `window_frames`. Axion's coincident event detection: four
/// electrodes within 160 µs. `group_of` gives each channel's well; spikes are sorted by
/// segment and frame, and what remains is too.
#[must_use]
pub fn without_coincident(
    spikes: &[Spike],
    group_of: &[usize],
    window_frames: i64,
    min_electrodes: usize,
) -> Vec<Spike> {
    let dropped = coincident(spikes, group_of, window_frames, min_electrodes);
    spikes.iter().zip(&dropped).filter(|(_, dropped)| !**dropped).map(|(spike, _)| *spike).collect()
}

/// Which spikes [`without_coincident`] drops.
fn coincident(spikes: &[Spike], group_of: &[usize], window_frames: i64, min_electrodes: usize) -> Vec<bool> {
    let mut by_group: HashMap<(u32, usize), Vec<usize>> = HashMap::new();
    for (at, spike) in spikes.iter().enumerate() {
        let group = group_of.get(spike.channel_index as usize).copied().unwrap_or_default();
        by_group.entry((spike.segment_index, group)).or_default().push(at);
    }
    let mut dropped = vec![false; spikes.len()];
    for members in by_group.values() {
        // A window ends at each spike in turn and holds how often each electrode occurs.
        let mut electrodes: HashMap<u32, usize> = HashMap::new();
        let (mut from, mut marked) = (0, 0);
        for (to, last) in members.iter().enumerate() {
            *electrodes.entry(spikes[*last].channel_index).or_default() += 1;
            while spikes[*last].sample_index.saturating_sub(spikes[members[from]].sample_index) > window_frames {
                let leaving = spikes[members[from]].channel_index;
                if let Some(count) = electrodes.get_mut(&leaving) {
                    *count -= 1;
                    if *count == 0 {
                        electrodes.remove(&leaving);
                    }
                }
                from += 1;
            }
            if electrodes.len() >= min_electrodes {
                for at in &members[from.max(marked)..=to] {
                    dropped[*at] = true;
                }
                marked = to + 1;
            }
        }
    }
    dropped
}

/// Drops what [`without_coincident`] drops, of spikes that come bit by bit.
#[derive(Clone, Debug)]
pub struct CoincidenceFilter {
    group_of: Vec<usize>,
    window_frames: i64,
    min_electrodes: usize,
    /// The last spikes: those that what follows may coincide with, and those that may coincide with them.
    held: Vec<Spike>,
    /// How many of them are judged and given already, or dropped.
    n_judged: usize,
}

impl CoincidenceFilter {
    /// Nothing yet.
    #[must_use]
    pub const fn new(group_of: Vec<usize>, window_frames: i64, min_electrodes: usize) -> Self {
        Self { group_of, window_frames, min_electrodes, held: Vec::new(), n_judged: 0 }
    }

    /// Takes the spikes that follow and gives those that are known to stay.
    #[must_use]
    pub fn push(&mut self, spikes: &[Spike]) -> Vec<Spike> {
        self.held.extend_from_slice(spikes);
        let Some(Spike { segment_index, sample_index, .. }) = self.held.last().copied() else { return Vec::new() };
        let window_frames = self.window_frames;
        // None that follows lies within a window of these.
        let judged_until = sample_index.saturating_sub(window_frames);
        let is_judged = |spike: &Spike| spike.segment_index < segment_index || spike.sample_index < judged_until;
        let n_judged = self.held.partition_point(is_judged);
        let staying = self.judge(n_judged);
        // None of those that are not judged lies within a window of these.
        let past_until = judged_until.saturating_sub(window_frames);
        let is_past = |spike: &Spike| spike.segment_index < segment_index || spike.sample_index < past_until;
        let n_past = self.held.partition_point(is_past);
        self.held.drain(..n_past);
        self.n_judged = n_judged - n_past;
        staying
    }

    /// Gives the rest of those that stay.
    #[must_use]
    pub fn finish(&mut self) -> Vec<Spike> {
        let staying = self.judge(self.held.len());
        self.held.clear();
        self.n_judged = 0;
        staying
    }

    fn judge(&self, n_judged: usize) -> Vec<Spike> {
        let dropped = coincident(&self.held, &self.group_of, self.window_frames, self.min_electrodes);
        let judged = self.held.iter().zip(&dropped).take(n_judged).skip(self.n_judged);
        judged.filter(|(_, dropped)| !**dropped).map(|(spike, _)| *spike).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spike(sample_index: i64, channel_index: u32) -> Spike {
        Spike { segment_index: 0, sample_index, channel_index, amplitude_uv: -10.0 }
    }

    /// Every window, one by one.
    fn slowly(spikes: &[Spike], group_of: &[usize], window: i64, min: usize) -> Vec<Spike> {
        let coincident = |spike: &Spike| {
            let group = group_of[spike.channel_index as usize];
            (spike.sample_index - window..=spike.sample_index).any(|from| {
                let inside = spikes.iter().filter(|other| {
                    group_of[other.channel_index as usize] == group
                        && (from..=from + window).contains(&other.sample_index)
                });
                let electrodes: std::collections::HashSet<u32> = inside.map(|other| other.channel_index).collect();
                electrodes.len() >= min
            })
        };
        spikes.iter().filter(|spike| !coincident(spike)).copied().collect()
    }

    proptest! {
        #[test]
        fn equals_looking_at_every_window(mut events in prop::collection::vec((0_i64..60, 0_u32..8), 0..60), window in 0_i64..6, min in 2_usize..5) {
            events.sort_unstable();
            let spikes: Vec<Spike> = events.into_iter().map(|(frame, channel)| spike(frame, channel)).collect();
            let group_of = [0, 0, 0, 0, 1, 1, 1, 1];
            prop_assert_eq!(without_coincident(&spikes, &group_of, window, min), slowly(&spikes, &group_of, window, min));
        }

        #[test]
        fn bit_by_bit_is_as_at_once(
            mut events in prop::collection::vec((0_u32..3, 0_i64..60, 0_u32..8), 0..90),
            bits in prop::collection::vec(0_usize..20, 0..12),
            window in 0_i64..6,
            min in 2_usize..5,
        ) {
            events.sort_unstable();
            let of = |(segment_index, frame, channel)| Spike { segment_index, ..spike(frame, channel) };
            let spikes: Vec<Spike> = events.into_iter().map(of).collect();
            let group_of = [0, 0, 0, 0, 1, 1, 1, 1];
            let mut filter = CoincidenceFilter::new(group_of.to_vec(), window, min);
            let (mut left, mut staying) = (&spikes[..], Vec::new());
            for bit in bits {
                let (some, others) = left.split_at(bit.min(left.len()));
                staying.extend(filter.push(some));
                left = others;
            }
            staying.extend(filter.push(left));
            staying.extend(filter.finish());
            prop_assert_eq!(staying, without_coincident(&spikes, &group_of, window, min));
        }
    }
}
