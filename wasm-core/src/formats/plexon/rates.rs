//! Rates that the header rounds to whole hertz, measured between a large file's ends.

use super::continuous::Track;
use super::ends::Ends;
use super::seek::Seeker;
use crate::formats::OpenError;

/// A difference of rates that may be rounding.
const ROUNDING_HZ: f64 = 0.5;
/// Places between the ends where the measured rate must hold.
const N_PROBES: u64 = 16;
/// Stamps are whole ticks, rounded or cut, at both ends of what is measured.
const TOLERANCE_TICKS: f64 = 2.0;

/// Clock ticks of a sample of a signal whose samples and stamps disagree, but by no more than
/// rounding, where blocks all over the file keep the step that they give; else a pause may be the
/// reason.
#[expect(clippy::cast_precision_loss, reason = "ticks stay far below 2^53")]
pub(super) fn measured_ticks(
    seeker: &Seeker,
    track: &Track,
    ends: &Ends,
    clock_hz: f64,
) -> Result<Option<f64>, OpenError> {
    let Some(ticks) = ends.sample_ticks().filter(|ticks| *ticks > 0.0) else { return Ok(None) };
    let is_rounding = (clock_hz / ticks - clock_hz / track.ticks_of(1)).abs() <= ROUNDING_HZ;
    let drift_ticks = (ticks - track.ticks_of(1)) * ends.n_samples as f64;
    if !is_rounding || drift_ticks.abs() <= track.ticks_of(1) {
        return Ok(None);
    }
    let step = ticks * ends.first.n_samples as f64;
    let size_bytes = ends.last.place.saturating_sub(ends.first.place);
    for probe in 1..=N_PROBES {
        let place = ends.first.place + size_bytes / (N_PROBES + 1) * probe;
        let Some(block) = seeker.block_of(track.number, place)? else { return Ok(None) };
        let apart = ((block.stamp - ends.first.stamp) as f64).rem_euclid(step);
        if apart.min(step - apart) > TOLERANCE_TICKS {
            return Ok(None);
        }
    }
    Ok(Some(ticks))
}
