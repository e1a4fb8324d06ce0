//! Which channels lie near which.

use crate::pipeline::PipelineError;
use crate::recording::{Nearby, StreamInfo};

/// The name of the step that needs positions, for messages.
pub const LOCAL_REFERENCE: &str = "the local reference";

/// Electrodes that a local reference has at least, as `SpikeInterface`'s `min_local_neighbors`.
const FEWEST_OF_REFERENCE: usize = 5;

/// For each channel the others whose electrodes lie at most so far away, in the same well; in
/// order.
///
/// # Errors
/// When the stream has no positions; `step` is what asked for them.
pub fn neighbours(info: &StreamInfo, radius_um: f64, step: &'static str) -> Result<Vec<Vec<usize>>, PipelineError> {
    let nearby = Nearby::new(info, radius_um).ok_or(PipelineError::NoPositions { step })?;
    Ok((0..nearby.n_channels())
        .map(|one| nearby.within(one, radius_um).into_iter().map(|(other, _)| other).collect())
        .collect())
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
    let nearby = Nearby::new(info, max_um).ok_or(PipelineError::NoPositions { step: LOCAL_REFERENCE })?;
    let of = |one: usize| {
        let mut radius_um = max_um;
        let mut beyond = loop {
            let mut beyond = nearby.within(one, radius_um);
            beyond.retain(|(other, um)| *um > min_um && !left_out[*other]);
            if beyond.len() >= FEWEST_OF_REFERENCE || !radius_um.is_finite() {
                break beyond;
            }
            radius_um = nearby.wider(radius_um);
        };
        beyond.sort_by(|a, b| a.1.total_cmp(&b.1));
        let n_near = beyond.iter().take_while(|(_, um)| *um <= max_um).count();
        beyond.truncate(n_near.max(FEWEST_OF_REFERENCE));
        let mut channels: Vec<usize> = beyond.into_iter().map(|(other, _)| other).collect();
        channels.sort_unstable();
        channels
    };
    Ok((0..nearby.n_channels()).map(of).collect())
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
