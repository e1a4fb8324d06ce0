//! Field potentials in memory.

use ndarray::{Array2, Axis};

use super::FieldPlan;

/// The reason that is given where every electrode of a part of the recording was left out.
const NONE_KEPT: &str = "no field potential of these electrodes was kept; name some of them in the step “Field \
                         potentials” and analyse the recording again";

/// Microvolts of some electrodes at a lower rate.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldPotentials {
    pub(super) plan: FieldPlan,
    /// Samples of each segment.
    pub(super) lengths: Vec<usize>,
    /// `[electrodes, samples]`, segments one after another.
    pub(super) values: Array2<f32>,
    key: u64,
}

impl FieldPotentials {
    /// With what tells them from others.
    pub(super) fn new(plan: FieldPlan, lengths: Vec<usize>, values: Array2<f32>) -> Self {
        let mix = |key: u64, word: u64| (key ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
        let of_plan = plan.channels.iter().fold(plan.rate_hz.to_bits() | 1, |key, channel| mix(key, *channel as u64));
        let of_notes = plan.notes.iter().flat_map(|note| note.bytes()).fold(of_plan, |key, byte| mix(key, byte.into()));
        let key = values.iter().fold(of_notes, |key, value| mix(key, value.to_bits().into()));
        Self { plan, lengths, values, key }
    }

    /// The field potentials of some channels, which are then counted from 0; where none of them was kept, a note
    /// says so.
    #[must_use]
    pub fn of_channels(&self, channels: &[usize]) -> Self {
        let kept = self.plan.channels.iter().enumerate();
        let own = kept.filter_map(|(row, channel)| Some((row, channels.iter().position(|one| one == channel)?)));
        let (rows, channels): (Vec<usize>, Vec<usize>) = own.unzip();
        let mut plan = FieldPlan { channels, ..self.plan.clone() };
        if rows.is_empty() {
            plan.notes = vec![NONE_KEPT.to_owned()];
        }
        Self::new(plan, self.lengths.clone(), self.values.select(Axis(0), &rows))
    }

    /// Samples per second.
    #[must_use]
    pub const fn rate_hz(&self) -> f64 {
        self.plan.rate_hz
    }

    /// Frames of the recording from one sample to the next.
    #[must_use]
    pub const fn factor(&self) -> usize {
        self.plan.factor
    }

    /// The channels that are kept, ascending.
    #[must_use]
    pub fn channels(&self) -> &[usize] {
        &self.plan.channels
    }

    /// Notes for a person.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.plan.notes
    }

    /// A number that tells field potentials apart.
    #[must_use]
    pub const fn key(&self) -> u64 {
        self.key
    }

    /// The highest frequency that is kept whole: the low-pass begins to weaken above.
    #[must_use]
    pub fn highest_hz(&self) -> f64 {
        0.4 * self.plan.rate_hz
    }

    /// The place of a channel among those that are kept.
    #[must_use]
    pub fn place(&self, channel: usize) -> Option<usize> {
        self.plan.channels.iter().position(|known| *known == channel)
    }

    /// The samples of the electrode at a place, a piece for each segment.
    pub fn of(&self, place: usize) -> impl Iterator<Item = &[f32]> {
        let row = self.values.row(place).to_slice().unwrap_or_default();
        self.lengths.iter().scan(row, |rest, length| {
            let (own, behind) = rest.split_at((*length).min(rest.len()));
            *rest = behind;
            Some(own)
        })
    }

    /// Samples of each segment.
    #[must_use]
    pub fn lengths(&self) -> &[usize] {
        &self.lengths
    }
}
