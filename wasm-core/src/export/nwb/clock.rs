//! How the times of a file compare with those of `spikes.csv` and of the page, which count in the clock of the
//! recording: the file counts from the first frame.

use super::units::starts_s;
use crate::recording::StreamInfo;

/// Seconds by which starts may differ and be the same.
const SAME_S: f64 = 1e-6;
/// Segments whose starts are told at most.
const MAX_TOLD: usize = 20;

/// Says how to get from the one to the other; none where they are equal.
pub fn note(info: &StreamInfo) -> Option<String> {
    let here_s = starts_s(info);
    let there_s: Vec<f64> = info.segments.iter().map(|segment| segment.t_start_s).collect();
    let first_s = *there_s.first()?;
    let is_same =
        |offset_s: f64| here_s.iter().zip(&there_s).all(|(here, there)| (there - here - offset_s).abs() < SAME_S);
    if is_same(0.0) {
        return None;
    }
    let clock = "Times count from the first frame, those of spikes.csv (time_s) in the clock of the recording";
    if is_same(first_s) {
        return Some(format!("{clock}, in which that frame is at {first_s} s: {first_s} s later."));
    }
    let told: Vec<String> = here_s
        .iter()
        .zip(&there_s)
        .take(MAX_TOLD)
        .map(|(here, there)| format!("{here} s here and {there} s there"))
        .collect();
    let more = match here_s.len().saturating_sub(MAX_TOLD) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    Some(format!("{clock}, which starts again: segments begin at {}{more}.", told.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{FrameSource, SegmentInfo};
    use crate::simulation::{Simulation, SimulationSpec};

    #[test]
    fn the_way_between_the_clocks_is_told() {
        let spec = SimulationSpec { n_channels: 1, sampling_frequency_hz: 1000.0, duration_s: 1.0, seed: 1 };
        let of = |segments: &[(u64, f64)]| {
            let segment =
                |(n_frames, t_start_s): &(u64, f64)| SegmentInfo { n_frames: *n_frames, t_start_s: *t_start_s };
            note(&StreamInfo {
                segments: segments.iter().map(segment).collect(),
                ..Simulation::new(spec).info().clone()
            })
        };
        assert_eq!((of(&[]), of(&[(1000, 0.0), (500, 7.5)])), (None, None));
        let later = of(&[(1000, 5000.25), (500, 5003.0)]).expect("an offset");
        assert!(later.ends_with("in which that frame is at 5000.25 s: 5000.25 s later."), "{later}");
        let again = of(&[(1000, 2.0), (500, 0.0)]).expect("two clocks");
        assert!(again.ends_with("begin at 0 s here and 2 s there, 1 s here and 0 s there."), "{again}");
    }
}
