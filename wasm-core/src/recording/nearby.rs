//! Which electrodes lie near which.

use std::collections::HashMap;

use super::StreamInfo;

/// A square of a well: the first channel of the well, column, row.
type Square = (usize, i64, i64);

/// The channels sorted into squares, so that those near an electrode are found without a look at
/// all the others. Electrodes of two wells are never near.
pub struct Nearby<'a> {
    positions_um: &'a [[f64; 2]],
    /// The first channel of each channel's well.
    well_of: Vec<usize>,
    side_um: f64,
    squares: HashMap<Square, Vec<usize>>,
}

impl<'a> Nearby<'a> {
    /// Sorts the channels for searches of about `radius_um`; none where the stream has no positions.
    #[must_use]
    pub fn new(info: &'a StreamInfo, radius_um: f64) -> Option<Self> {
        let positions_um = info.positions_um.as_deref()?;
        let mut well_of = vec![0; positions_um.len()];
        for group in info.groups() {
            for channel in &group {
                if let Some(well) = well_of.get_mut(*channel) {
                    *well = group[0];
                }
            }
        }
        let side_um = if radius_um > 0.0 && radius_um.is_finite() { radius_um } else { 1.0 };
        let mut nearby = Self { positions_um, well_of, side_um, squares: HashMap::new() };
        for channel in 0..positions_um.len() {
            let square = nearby.square(channel);
            nearby.squares.entry(square).or_default().push(channel);
        }
        Some(nearby)
    }

    /// Number of channels.
    #[must_use]
    pub fn n_channels(&self) -> usize {
        self.positions_um.len()
    }

    #[expect(clippy::cast_possible_truncation, reason = "what does not fit lies in the outermost square")]
    fn square(&self, channel: usize) -> Square {
        let [x, y] = self.positions_um[channel].map(|um| (um / self.side_um).floor() as i64);
        (self.well_of[channel], x, y)
    }

    /// The other channels of the same well at most `radius_um` away, each with its distance in µm, in
    /// order of the channels.
    #[must_use]
    pub fn within(&self, channel: usize, radius_um: f64) -> Vec<(usize, f64)> {
        let (well, x, y) = self.square(channel);
        let here = self.positions_um[channel];
        let distance = |other: usize| {
            let [dx, dy] = [0, 1].map(|axis| here[axis] - self.positions_um[other][axis]);
            (dx * dx + dy * dy).sqrt()
        };
        let is_near = |other: &usize| *other != channel && self.well_of[*other] == well;
        let near = |other: usize| Some((other, distance(other))).filter(|(_, um)| *um <= radius_um);
        let Some(reach) = self.reach(radius_um) else {
            return (0..self.n_channels()).filter(is_near).filter_map(near).collect();
        };
        let columns = x.saturating_sub(reach)..=x.saturating_add(reach);
        let rows = y.saturating_sub(reach)..=y.saturating_add(reach);
        let squares = columns.flat_map(|x| rows.clone().filter_map(move |y| self.squares.get(&(well, x, y))));
        let mut found: Vec<(usize, f64)> = squares.flatten().copied().filter(is_near).filter_map(near).collect();
        found.sort_unstable_by_key(|(other, _)| *other);
        found
    }

    /// Twice the radius; infinity where that reaches so far that all channels are looked at anyway.
    #[must_use]
    pub fn wider(&self, radius_um: f64) -> f64 {
        let twice = 2.0 * radius_um.max(self.side_um);
        if self.reach(twice).is_some() { twice } else { f64::INFINITY }
    }

    /// Squares to each side that a radius reaches; none where a look at all channels is quicker.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a small number of squares")]
    fn reach(&self, radius_um: f64) -> Option<i64> {
        let reach = (radius_um / self.side_um).ceil();
        ((2.0 * reach + 1.0) * (2.0 * reach + 1.0) < self.n_channels() as f64 + 9.0).then_some(reach as i64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::recording::FrameSource;
    use crate::simulation::{Simulation, SimulationSpec};

    fn simulated(n_channels: usize) -> StreamInfo {
        let spec = SimulationSpec { n_channels, sampling_frequency_hz: 20_000.0, duration_s: 0.1, seed: 1 };
        Simulation::new(spec).info().clone()
    }

    proptest! {
        #[test]
        fn equals_a_look_at_all(
            places in prop::collection::vec((-400_i32..400, -400_i32..400, 0_u8..3), 1..60),
            radius in 1.0_f64..500.0,
            side in 1.0_f64..300.0,
        ) {
            let n_channels = places.len();
            let mut info = simulated(n_channels);
            info.positions_um = Some(places.iter().map(|(x, y, _)| [f64::from(*x), f64::from(*y)]).collect());
            info.wells = Some(places.iter().map(|(.., well)| format!("A{well}")).collect());
            let nearby = Nearby::new(&info, side).expect("positions");
            for (one, (x, y, well)) in places.iter().enumerate() {
                let is_near = |(other, (x2, y2, well2)): &(usize, &(i32, i32, u8))| {
                    let um = f64::from((x - x2).pow(2) + (y - y2).pow(2)).sqrt();
                    *other != one && well2 == well && um <= radius
                };
                let wanted: Vec<usize> = places.iter().enumerate().filter(is_near).map(|(other, _)| other).collect();
                let found: Vec<usize> = nearby.within(one, radius).into_iter().map(|(other, _)| other).collect();
                prop_assert_eq!(found, wanted);
            }
        }
    }

    #[test]
    fn places_beyond_all_measure_are_looked_up() {
        let mut info = simulated(16);
        let far = [0.0, 1e300, -1e300, f64::INFINITY, f64::NAN, 1e9];
        info.positions_um = Some((0..16).map(|at| [far[at % 6], far[at / 6]]).collect());
        let nearby = Nearby::new(&info, 50.0).expect("positions");
        assert!((0..16).all(|one| nearby.within(one, 1e12).iter().all(|(_, um)| *um <= 1e12)));
    }
}
