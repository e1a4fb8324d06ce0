//! Which channels lie near which.

use crate::pipeline::PipelineError;
use crate::recording::StreamInfo;

/// Electrodes that a local reference has at least, as `SpikeInterface`'s `min_local_neighbors`.
const FEWEST_OF_REFERENCE: usize = 5;

/// Distance of two channels' electrodes in micrometers; none across wells.
struct Distances<'a> {
    info: &'a StreamInfo,
    positions: &'a [[f64; 2]],
}

impl<'a> Distances<'a> {
    /// `step` is what asked for them.
    fn new(info: &'a StreamInfo, step: &'static str) -> Result<Self, PipelineError> {
        let positions = info.positions_um.as_ref().ok_or(PipelineError::NoPositions { step })?;
        Ok(Self { info, positions })
    }

    /// The other channels of the same well, each with its distance, in order.
    fn from(&self, one: usize) -> impl Iterator<Item = (usize, f64)> {
        let well = |channel: usize| self.info.wells.as_ref().and_then(|wells| wells.get(channel));
        let others = (0..self.positions.len()).filter(move |other| *other != one && well(one) == well(*other));
        others.map(move |other| {
            let [dx, dy] = [0, 1].map(|axis| self.positions[one][axis] - self.positions[other][axis]);
            (other, (dx * dx + dy * dy).sqrt())
        })
    }
}

/// For each channel the others whose electrodes lie at most so far away, in the same well; in
/// order.
///
/// # Errors
/// When the stream has no positions; `step` is what asked for them.
pub fn neighbours(info: &StreamInfo, radius_um: f64, step: &'static str) -> Result<Vec<Vec<usize>>, PipelineError> {
    let distances = Distances::new(info, step)?;
    let of = |one: usize| distances.from(one).filter(|(_, um)| *um <= radius_um).map(|(other, _)| other).collect();
    Ok((0..distances.positions.len()).map(of).collect())
}

/// For each channel those that its local reference is made of: further away than `min_um` and at
/// most `max_um`; where these are fewer than five, the five closest beyond `min_um`. As
/// `spikeinterface.preprocessing.common_reference` chooses them.
///
/// # Errors
/// When the stream has no positions.
pub fn around(
    info: &StreamInfo,
    (min_um, max_um): (f64, f64),
    left_out: &[bool],
) -> Result<Vec<Vec<usize>>, PipelineError> {
    let distances = Distances::new(info, "the local reference")?;
    let of = |one: usize| {
        let mut beyond: Vec<(usize, f64)> =
            distances.from(one).filter(|(other, um)| *um > min_um && !left_out[*other]).collect();
        beyond.sort_by(|a, b| a.1.total_cmp(&b.1));
        let n_near = beyond.iter().take_while(|(_, um)| *um <= max_um).count();
        beyond.truncate(n_near.max(FEWEST_OF_REFERENCE));
        let mut channels: Vec<usize> = beyond.into_iter().map(|(other, _)| other).collect();
        channels.sort_unstable();
        channels
    };
    Ok((0..distances.positions.len()).map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::FrameSource;
    use crate::simulation::{Simulation, SimulationSpec};

    /// A row of electrodes 20 µm apart. The lists are those of `SpikeInterface` 0.105.3's
    /// `common_reference(reference="local")`, up to which of two equally far electrodes it takes.
    #[test]
    fn local_references_are_an_annulus_or_the_closest_five() {
        let spec = SimulationSpec { n_channels: 16, sampling_frequency_hz: 20_000.0, duration_s: 0.1, seed: 1 };
        let mut info = Simulation::new(spec).info().clone();
        info.positions_um = Some((0..16_u32).map(|at| [0.0, 20.0 * f64::from(at)]).collect());
        let nobody = vec![false; 16];
        let few = around(&info, (30.0, 55.0), &nobody).expect("positions");
        assert_eq!((&few[0], &few[8]), (&vec![2, 3, 4, 5, 6], &vec![4, 5, 6, 10, 11]));
        let many = around(&info, (40.0, 100.0), &nobody).expect("positions");
        assert_eq!(many[8], [3, 4, 5, 11, 12, 13], "40 µm away is not beyond 40 µm");
        let mut left_out = nobody;
        left_out[3] = true;
        assert_eq!(around(&info, (30.0, 55.0), &left_out).expect("positions")[0], [2, 4, 5, 6, 7]);
        assert_eq!(neighbours(&info, 40.0, "a test").expect("positions")[8], [6, 7, 9, 10]);
    }
}
