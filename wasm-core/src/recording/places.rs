//! Positions that cannot be those of electrodes.

use super::StreamInfo;

/// Largest coordinate of an electrode that is believed, in micrometres: one metre. A plate is 128 mm long.
const MAX_COORDINATE_UM: f64 = 1e6;

impl StreamInfo {
    /// Takes away the positions where one of them is no place of an electrode: without it nobody knows which
    /// electrodes are neighbours. Returns a note that says so; none where all positions may be, or there are none.
    pub fn drop_wild_positions(&mut self) -> Option<String> {
        let positions = self.positions_um.as_ref()?;
        let is_wild = |place: &[f64; 2]| !place.iter().all(|um| um.abs() <= MAX_COORDINATE_UM);
        let first = positions.iter().position(is_wild)?;
        let n = positions.iter().filter(|place| is_wild(place)).count();
        let [x, y] = positions[first];
        let note = format!(
            "{n} of {} positions of {} are no places of electrodes (first: {} at {x:e}, {y:e} µm; at most a metre is \
             believed): all positions are taken as unknown.",
            positions.len(),
            self.name,
            self.channel_label(first)
        );
        self.positions_um = None;
        Some(self.kind.worded(&note))
    }
}

#[cfg(test)]
mod tests {
    use crate::recording::FrameSource;
    use crate::simulation::{Simulation, SimulationSpec};

    #[test]
    fn a_place_that_is_none_makes_all_unknown() {
        let spec = SimulationSpec { n_channels: 4, sampling_frequency_hz: 1000.0, duration_s: 1.0, seed: 1 };
        let usual = Simulation::new(spec).info().clone();
        let mut info = usual.clone();
        assert_eq!((info.drop_wild_positions(), &info), (None, &usual));
        for wild in [f64::NAN, f64::INFINITY, -1e7, 1e300] {
            let mut info = usual.clone();
            let positions = info.positions_um.as_mut().expect("positions");
            positions[2][1] = wild;
            let note = info.drop_wild_positions().expect("a note");
            assert!(note.starts_with("1 of 4 positions") && note.contains(info.channel_label(2)), "{note}");
            assert_eq!(info.positions_um, None);
            assert_eq!(info.drop_wild_positions(), None, "said once");
        }
    }
}
