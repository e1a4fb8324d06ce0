//! Notes about spikes as files hold them: sizes that nobody recorded, and intervals that are
//! too short for one neuron.

use crate::recording::StoredSpikes;
use crate::spikes::Spike;

/// Seconds below which no neuron fires again: a spike itself lasts longer. Absolute refractory times are 1 to 2 ms
/// (Hill, Mehta & Kleinfeld 2011, doi:10.1523/JNEUROSCI.0971-11.2011).
pub(super) const MIN_INTERVAL_S: f64 = 0.5e-3;

/// The notes on stored spikes, which are sorted.
pub(super) fn of(stored: &StoredSpikes) -> Vec<String> {
    let StoredSpikes { info, spikes, .. } = stored;
    let notes = [repeated(spikes), Short::of(stored).note(), unmeasured(spikes), in_steps(stored)];
    notes.into_iter().flatten().map(|note| info.kind.worded(&note)).collect()
}

/// Says that nobody recorded a sampling rate.
fn in_steps(stored: &StoredSpikes) -> Option<String> {
    stored.recorded_rate_hz().is_none().then(|| {
        "Times are in steps of 1 µs; no sampling rate is stored. Where a table counts frames (sample_index), it counts \
         microseconds."
            .to_owned()
    })
}

/// Says how many spikes are there more than once.
fn repeated(spikes: &[Spike]) -> Option<String> {
    let n = n_repeated(spikes);
    (n > 0).then(|| {
        format!(
            "{n} of {} spikes have the very time of the one before on the same electrode (interval 0). They are \
             counted as they are stored.",
            spikes.len()
        )
    })
}

fn n_repeated(spikes: &[Spike]) -> usize {
    spikes.windows(2).filter(|pair| pair[0].key() == pair[1].key()).count()
}

/// Says of how many spikes nobody recorded the size.
fn unmeasured(spikes: &[Spike]) -> Option<String> {
    let n = spikes.iter().filter(|spike| spike.known_uv().is_none()).count();
    match n {
        0 => None,
        all if all == spikes.len() => Some(
            "The files hold the times of the spikes and not their sizes: amplitudes are absent, and so is all that \
             needs them."
                .to_owned(),
        ),
        some => Some(format!(
            "The files do not hold the size of {some} of {} spikes: their amplitudes are absent, and mean amplitudes \
             are those of the others.",
            spikes.len()
        )),
    }
}

/// Intervals on one electrode that are too short for one neuron.
#[derive(Debug, Default, PartialEq, Eq)]
struct Short {
    /// Intervals there are.
    intervals: usize,
    /// Intervals below [`MIN_INTERVAL_S`], with those of 0.
    below: usize,
    /// Intervals of 0.
    zero: usize,
    /// Electrodes that have short ones.
    electrodes: usize,
}

impl Short {
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    fn of(StoredSpikes { info, spikes, .. }: &StoredSpikes) -> Self {
        // Where each electrode fired last, and whether it has a short interval.
        let mut last: Vec<Option<(u32, i64)>> = vec![None; info.n_channels];
        let mut has_short = vec![false; info.n_channels];
        let mut found = Self { zero: n_repeated(spikes), ..Self::default() };
        for spike in spikes {
            let (segment, frame, channel) = spike.key();
            let Some(before) = last.get_mut(channel as usize) else { continue };
            if let Some((_, earlier)) = before.filter(|(of, _)| *of == segment) {
                found.intervals += 1;
                if ((frame - earlier) as f64 / info.sampling_frequency_hz) < MIN_INTERVAL_S {
                    found.below += 1;
                    has_short[channel as usize] = true;
                }
            }
            *before = Some((segment, frame));
        }
        found.electrodes = has_short.into_iter().filter(|is_short| *is_short).count();
        found
    }

    /// None where there are none but those of 0, which have a note of their own.
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    fn note(&self) -> Option<String> {
        let Self { intervals, below, zero, electrodes } = self;
        let percent = *below as f64 / (*intervals).max(1) as f64 * 100.0;
        let have = if *electrodes == 1 { "electrode has" } else { "electrodes have" };
        let share = if percent < 0.01 { "less than 0.01 %".to_owned() } else { format!("{percent:.2} %") };
        (below > zero).then(|| {
            format!(
                "{below} of {intervals} intervals between spikes of the same electrode ({share}) are below 0.5 ms, too \
                 short for one neuron; {electrodes} {have} such intervals. Either spikes were detected \
                 twice, or several neurons are counted together. They are counted as they are stored."
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{FrameSource, StreamKind};
    use crate::simulation::{Simulation, SimulationSpec};

    fn stored(spikes: &[(i64, u32, f32)]) -> StoredSpikes {
        let spec = SimulationSpec { n_channels: 3, sampling_frequency_hz: 20_000.0, duration_s: 60.0, seed: 1 };
        let spike = |(sample_index, channel_index, amplitude_uv): &(i64, u32, f32)| Spike {
            segment_index: 0,
            sample_index: *sample_index,
            channel_index: *channel_index,
            amplitude_uv: *amplitude_uv,
        };
        let info = Simulation::new(spec).info().clone();
        StoredSpikes::new(info, spikes.iter().map(spike).collect(), "a test".into())
    }

    #[test]
    fn short_intervals_are_counted_for_each_electrode() {
        // 10 frames are 0.5 ms, which is not below it. Spikes of others between make an interval no shorter.
        let own = stored(&[(0, 0, -1.0), (4, 1, -1.0), (9, 0, -1.0), (19, 0, -1.0), (100, 2, -1.0), (100, 2, -1.0)]);
        assert_eq!(Short::of(&own), Short { intervals: 3, below: 2, zero: 1, electrodes: 2 });
        let notes = of(&own);
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].starts_with("1 of 6 spikes have the very time"), "{notes:?}");
        assert!(notes[1].starts_with("2 of 3 intervals") && notes[1].contains("(66.67 %)"), "{notes:?}");
        assert!(notes[1].contains("; 2 electrodes have such intervals."), "{notes:?}");
        // Doubles alone are said once, and what is far apart is not said at all.
        assert_eq!(of(&stored(&[(7, 0, -1.0), (7, 0, -1.0)])).len(), 1);
        assert!(of(&stored(&[(0, 0, -1.0), (10, 0, -1.0), (3, 1, -1.0)])).is_empty());
        let mut units = own;
        units.info.kind = StreamKind::Units;
        assert!(of(&units)[1].contains("spikes of the same unit"));
    }

    #[test]
    fn sizes_and_rates_that_nobody_recorded_are_said() {
        assert!(of(&stored(&[(0, 0, 0.0), (900, 0, 0.0)]))[0].contains("not their sizes"));
        let mut times = stored(&[(0, 0, -4.0)]);
        times.info.sampling_frequency_hz = crate::recording::TIMES_HZ;
        assert!(of(&times)[0].contains("no sampling rate is stored"));
        let some = of(&stored(&[(0, 0, 0.0), (900, 0, -4.0), (1800, 0, f32::NAN)]));
        assert!(some[0].contains("size of 2 of 3 spikes"), "{some:?}");
    }
}
