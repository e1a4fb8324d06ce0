//! The reference: the value that is subtracted from the channels of a frame.

use super::median::Median;
use super::neighbours::{LOCAL_REFERENCE, around};
use crate::filter::Cell;
use crate::pipeline::{MIN_REFERENCE_ELECTRODES, PipelineError, ReferenceOperator, ReferenceScope, Settings};
use crate::recording::StreamInfo;
use crate::simd::widest;

/// The reference of a stream.
pub struct Reference {
    operator: ReferenceOperator,
    members: Members,
    /// Channels without a signal.
    silent: Vec<usize>,
}

/// The channels whose values make the reference of a channel.
enum Members {
    /// All channels, for all.
    All(usize),
    /// Channels of each well, for themselves.
    Groups(Vec<Vec<usize>>),
    /// A list for each channel.
    Each(Vec<Vec<usize>>),
}

/// Memory that is used again from frame to frame.
#[derive(Default)]
pub struct ReferenceState {
    median: Median,
    values: Vec<f32>,
    references: Vec<f32>,
}

impl Reference {
    /// The name of the reference where it needs positions; none where it does not.
    pub fn asks_for_positions(settings: &Settings) -> Option<&'static str> {
        matches!(settings.reference_scope, ReferenceScope::Local { .. }).then_some(LOCAL_REFERENCE)
    }

    /// The reference that the pipeline asks for. Channels that are left out have no part in any.
    ///
    /// # Errors
    /// When it goes by distance and the stream has no positions.
    pub fn new(info: &StreamInfo, settings: &Settings, left_out: &[bool]) -> Result<Self, PipelineError> {
        let kept = |mut lists: Vec<Vec<usize>>| {
            for list in &mut lists {
                list.retain(|channel| !left_out[*channel]);
            }
            lists
        };
        let members = match settings.reference_scope {
            ReferenceScope::Group if info.wells.is_some() => Members::Groups(kept(info.groups())),
            ReferenceScope::Global | ReferenceScope::Group if left_out.contains(&true) => {
                Members::Groups(kept(vec![(0..info.n_channels).collect()]))
            }
            ReferenceScope::Global | ReferenceScope::Group => Members::All(info.n_channels),
            ReferenceScope::Local { min_um, max_um } => Members::Each(around(info, (min_um, max_um), left_out)?),
        };
        Ok(Self { operator: settings.reference, members, silent: Vec::new() })
    }

    /// This reference without channels that hold one value throughout: they have no part in any, and
    /// are set to zero, so that no step in them rings. Where they leave too few for a median nothing is subtracted.
    pub fn without(&self, silent: &[bool]) -> Self {
        let kept = |list: &[usize]| {
            let kept: Vec<usize> = list.iter().copied().filter(|channel| !silent[*channel]).collect();
            let is_enough = list.len() < MIN_REFERENCE_ELECTRODES || kept.len() >= MIN_REFERENCE_ELECTRODES;
            if is_enough { kept } else { Vec::new() }
        };
        let members = match &self.members {
            Members::All(n) => Members::Groups(vec![kept(&(0..*n).collect::<Vec<_>>())]),
            Members::Groups(groups) => Members::Groups(groups.iter().map(|group| kept(group)).collect()),
            Members::Each(lists) => {
                let one = |(list, silent): (&Vec<usize>, &bool)| if *silent { Vec::new() } else { kept(list) };
                Members::Each(lists.iter().zip(silent).map(one).collect())
            }
        };
        let silent = silent.iter().enumerate().filter_map(|(channel, silent)| silent.then_some(channel)).collect();
        Self { operator: self.operator, members, silent }
    }

    /// Subtracts it from a frame of all channels. Where a channel would be its own reference,
    /// or has none, nothing is subtracted.
    pub fn subtract(&self, state: &mut ReferenceState, row: &mut [Cell]) {
        let channels = row.as_flattened_mut();
        for channel in &self.silent {
            channels[*channel] = 0.0;
        }
        if self.operator == ReferenceOperator::None {
            return;
        }
        match &self.members {
            Members::All(n) => {
                if let Some(reference) = self.of(&mut state.median, &channels[..*n], 2) {
                    subtract_one(channels, reference);
                }
            }
            Members::Groups(groups) => {
                for group in groups {
                    state.values.clear();
                    state.values.extend(group.iter().map(|channel| channels[*channel]));
                    let reference = self.of(&mut state.median, &state.values, 2).unwrap_or(0.0);
                    for channel in group {
                        channels[*channel] -= reference;
                    }
                }
            }
            Members::Each(lists) => {
                state.references.clear();
                for list in lists {
                    state.values.clear();
                    state.values.extend(list.iter().map(|channel| channels[*channel]));
                    state.references.push(self.of(&mut state.median, &state.values, 1).unwrap_or(0.0));
                }
                for (value, reference) in channels.iter_mut().zip(&state.references) {
                    *value -= reference;
                }
            }
        }
    }

    /// The median or mean of at least `fewest` values.
    #[expect(clippy::cast_precision_loss, reason = "channel counts are small")]
    fn of(&self, median: &mut Median, values: &[f32], fewest: usize) -> Option<f32> {
        (values.len() >= fewest).then(|| match self.operator {
            ReferenceOperator::Mean => values.iter().sum::<f32>() / values.len() as f32,
            _ => median.of(values),
        })
    }
}

fn subtract_one(values: &mut [f32], reference: f32) {
    widest(
        #[inline(always)]
        || {
            for value in values {
                *value -= reference;
            }
        },
    );
}
