//! Notes about what numbers are not right for, or cannot be: channels that were observed for a part of the time, noise
//! that no electrode has, and neurons that several electrodes see.

use super::Measured;
use crate::analyses::{NETWORK_MIN_ACTIVE, NetworkLimits, SpikeTrains, median};
use crate::recording::WARNING;

/// Noise of electrodes in microvolts, far beyond what there is: amplifiers saturate below 100 mV, and the thermal
/// noise of an electrode of 1 ohm is above 1 nV.
const POSSIBLE_UV: (f64, f64) = (1e-3, 1e5);

/// Says that the gain is probably wrong, where the noise is what no electrode has.
pub(super) fn gain_note(of: &Measured<'_>) -> Option<String> {
    let known = of.noise_uv.iter().map(|noise_uv| f64::from(*noise_uv)).filter(|noise_uv| *noise_uv > 0.0);
    let noise_uv = median(known).filter(|_| of.pipeline.has_signal())?;
    let (least, most) = POSSIBLE_UV;
    let told = if noise_uv > most {
        format!("{:.1} V", noise_uv / 1e6)
    } else if noise_uv < least {
        format!("{:.3} pV", noise_uv * 1e6)
    } else {
        return None;
    };
    Some(format!(
        "{WARNING}The noise of the electrodes is {told} (median), which no electrode has: the gain that the files state \
         is probably wrong, and so are all sizes in µV."
    ))
}

/// Says how many electrodes were observed for a part of the time.
pub(super) fn partly_note(trains: &SpikeTrains) -> Option<String> {
    let info = trains.info();
    let n = (0..info.n_channels).filter(|channel| !trains.is_whole(*channel)).count();
    let (were, they_are) = if n == 1 { ("was", "it is") } else { ("were", "they are") };
    (n > 0).then(|| {
        info.kind.worded(&format!(
            "{n} of {} electrodes {were} observed for a part of the time only; {they_are} left out of synchrony and \
             network analyses.",
            info.n_channels
        ))
    })
}

/// The share of active electrodes with spikes of their own below which a note tells of the others.
const OWN_SPIKES: f64 = 0.9;

/// Says how many electrodes see neurons that others see as well: their spikes are counted several times.
#[expect(clippy::cast_precision_loss, reason = "counts of electrodes")]
pub(super) fn same_neurons_note(of: &Measured<'_>) -> Option<String> {
    let trains = of.trains;
    if trains.too_short().is_some() {
        return None;
    }
    let (mut n_active, mut n_sources) = (0, 0);
    for culture in trains.cultures() {
        let n = trains.active(&trains.throughout(culture)).len();
        if n >= NETWORK_MIN_ACTIVE {
            n_active += n;
            n_sources += trains.network_bursts(culture, &NetworkLimits::default()).n_sources;
        }
    }
    let advice =
        if of.pipeline.has_signal() { "; “Largest nearby” leaves each spike to one electrode" } else { "" };
    ((n_sources as f64) < OWN_SPIKES * n_active as f64).then(|| {
        format!(
            "Neighbouring electrodes see the same neurons: of {n_active} active electrodes {n_sources} have mostly \
             spikes of their own, the others mostly those of a neighbour. Spikes, rates and bursts are counted on each \
             electrode, so that one neuron counts several times; network bursts count it once{advice}."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Pipeline;
    use crate::recording::{FrameSource, StreamInfo, StreamKind};
    use crate::simulation::{Simulation, SimulationSpec};

    fn info(kind: StreamKind) -> StreamInfo {
        let spec = SimulationSpec { n_channels: 3, sampling_frequency_hz: 20_000.0, duration_s: 60.0, seed: 1 };
        StreamInfo { kind, ..Simulation::new(spec).info().clone() }
    }

    #[test]
    fn noise_that_no_electrode_has_is_said() {
        let trains = SpikeTrains::new(&info(StreamKind::Electrodes), &[], None);
        let note = |noise_uv: &[f32], pipeline: &Pipeline| {
            gain_note(&Measured { trains: &trains, pipeline, noise_uv, threshold: 5.0, dead: &[], spikes: &[] })
        };
        let of_signal = Pipeline::default();
        // A dead electrode has no noise, and one loud electrode is no wrong gain.
        assert_eq!(note(&[4.0, 0.0, 4.0], &of_signal), None);
        assert_eq!(note(&[4.0, 5.0, 2e7], &of_signal), None);
        assert_eq!(note(&[0.0; 3], &of_signal), None);
        let volts = note(&[2e7, 2e7, 2e7], &of_signal).expect("a note");
        assert!(volts.starts_with("Warning: The noise of the electrodes is 20.0 V (median)"), "{volts}");
        let tiny = note(&[5e-6, 5e-6, 5e-6], &of_signal).expect("a note");
        assert!(tiny.contains(" is 5.000 pV (median)"), "{tiny}");
        assert_eq!(note(&[2e7, 2e7, 2e7], &Pipeline::empty()), None, "of stored spikes nothing was measured");
    }

    #[test]
    fn channels_that_were_observed_for_a_part_are_said() {
        let note = |kind, observed_s: Option<&[f64]>| partly_note(&SpikeTrains::new(&info(kind), &[], observed_s));
        assert_eq!(note(StreamKind::Units, None), None);
        let two = "2 of 3 units were observed for a part of the time only; they are left out of synchrony and network \
                   analyses.";
        assert_eq!(note(StreamKind::Units, Some(&[30.0, 60.0, 1.0])).as_deref(), Some(two));
        let one = note(StreamKind::Electrodes, Some(&[60.0, 60.0, 1.0])).expect("a note");
        assert!(one.starts_with("1 of 3 electrodes was observed for a part of the time only; it is left out"), "{one}");
    }
    #[test]
    fn electrodes_that_see_the_same_neurons_are_said() {
        let spec = SimulationSpec { n_channels: 6, sampling_frequency_hz: 20_000.0, duration_s: 60.0, seed: 1 };
        let places = (0..6).map(|channel| [f64::from(channel) * 20.0, 0.0]).collect();
        let info = StreamInfo { positions_um: Some(places), ..Simulation::new(spec).info().clone() };
        // Some see what the first sees, a frame later each; the others have spikes of their own.
        let note = |n_alike: i64| {
            let frame = |channel: i64, at: i64| {
                if channel < n_alike { at * 11_003 + channel } else { at * (9_001 + 997 * channel) + 4_000 }
            };
            let train = |channel: i64| (0..80).map(|at| frame(channel, at)).collect::<Vec<i64>>();
            let trains = SpikeTrains::of_frames(&info, vec![(0..6).map(train).collect()], None);
            let (pipeline, noise_uv) = (&Pipeline::empty(), &[5.0; 6]);
            let measured = Measured { trains: &trains, pipeline, noise_uv, threshold: 5.0, dead: &[], spikes: &[] };
            same_neurons_note(&measured)
        };
        assert_eq!(note(0), None);
        assert!(note(4).is_some_and(|note| note.contains("of 6 active electrodes 3 have mostly spikes of their own")));
    }
}
