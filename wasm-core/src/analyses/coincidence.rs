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
            while spikes[*last].sample_index - spikes[members[from]].sample_index > window_frames {
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
    spikes.iter().zip(&dropped).filter(|(_, dropped)| !**dropped).map(|(spike, _)| *spike).collect()
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
    }
}
