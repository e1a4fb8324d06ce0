//! Samples that are no numbers: a file of floats has them where data are missing.

use super::places;
use crate::recording::{FrameSource, ReadError, WARNING};

/// The share of missing samples from which on a note tells them.
const MIN_SHARE: f64 = 0.01;

/// Electrodes that the note names at most.
const MAX_NAMED: usize = 10;

/// Says of which electrodes samples are missing, and how many, in excerpts spread evenly over the recording. Whole
/// numbers are always there, so only floats are read.
///
/// # Errors
/// When the recording cannot be read.
pub fn missing_note(source: &dyn FrameSource) -> Result<Option<String>, ReadError> {
    let info = source.info();
    if !info.sample_type.is_float() {
        return Ok(None);
    }
    let (mut n_missing, mut n_all) = (vec![0_usize; info.n_channels], 0);
    for (segment, first, n_frames) in places(info).into_iter().filter(|(.., n_frames)| *n_frames > 0) {
        let raw = source.read(segment, first, usize::try_from(n_frames).unwrap_or(usize::MAX))?.into_planar();
        n_all += raw.n_frames;
        for (channel, n_missing) in n_missing.iter_mut().enumerate() {
            *n_missing += raw.channel(channel).iter().filter(|value| !value.is_finite()).count();
        }
    }
    let label = |channel: usize| info.channel_label(channel).to_owned();
    Ok(told(&n_missing, n_all, label))
}

/// The note, of how many of `n_all` samples each channel lacks.
#[expect(clippy::cast_precision_loss, reason = "counts of samples")]
fn told(n_missing: &[usize], n_all: usize, label: impl Fn(usize) -> String) -> Option<String> {
    let share = |n: usize| n as f64 / n_all.max(1) as f64;
    let lacking: Vec<(usize, f64)> =
        n_missing.iter().map(|n| share(*n)).enumerate().filter(|(_, share)| *share >= MIN_SHARE).collect();
    let percent = |share: f64| if share == 1.0 { "all".to_owned() } else { format!("{:.0} %", share * 100.0) };
    let named: Vec<String> = lacking
        .iter()
        .take(MAX_NAMED)
        .map(|(channel, share)| format!("{} ({})", label(*channel), percent(*share)))
        .collect();
    let more = match lacking.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let (electrodes, rates) =
        if lacking.len() == 1 { ("electrode", "its rate is") } else { ("electrodes", "rates are") };
    (!lacking.is_empty()).then(|| {
        format!(
            "{WARNING}Samples of {electrodes} {}{more} are no numbers (NaN). They count as no signal, so {rates} too low. \
             The shares are those of excerpts.",
            named.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::StreamInfo;
    use crate::sample::{Layout, RawBlock, SampleType};
    use crate::simulation::{Simulation, SimulationSpec};

    /// Ten seconds of floats: channel 1 is missing in the second half, channel 2 throughout.
    struct Gaps(StreamInfo);

    impl FrameSource for Gaps {
        fn info(&self) -> &StreamInfo {
            &self.0
        }

        fn read(&self, _segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
            let n_all = self.0.segments[0].n_frames;
            let frame = |at: u64| [1.0, if 2 * at < n_all { 2.0 } else { f32::NAN }, f32::NAN];
            let bytes = (start..).take(n_frames).flat_map(frame).flat_map(f32::to_le_bytes).collect();
            let sample_type = self.0.sample_type;
            Ok(RawBlock { sample_type, layout: Layout::Interleaved, n_frames, n_channels: 3, bytes })
        }
    }

    #[test]
    fn missing_samples_are_said_with_their_share() {
        let spec = SimulationSpec { n_channels: 3, sampling_frequency_hz: 20_000.0, duration_s: 10.0, seed: 1 };
        let info = Simulation::new(spec).info().clone();
        let label = |channel: usize| info.channel_label(channel).to_owned();
        let floats = Gaps(StreamInfo { sample_type: SampleType::Float32, ..info.clone() });
        let note = missing_note(&floats).expect("readable").expect("a note");
        let expected = format!("Samples of electrodes {} (50 %), {} (all) are no numbers (NaN).", label(1), label(2));
        assert!(note.starts_with(WARNING) && note.contains(&expected), "{note}");
        assert_eq!(missing_note(&Gaps(info.clone())).expect("nothing is read"), None, "whole numbers");
    }

    #[test]
    fn many_electrodes_are_not_all_named() {
        let note = |n_missing: &[usize]| told(n_missing, 1000, |channel| format!("E{channel}"));
        // 9 of 1,000 are fewer than one in a hundred.
        assert_eq!((note(&[]), note(&[0, 9])), (None, None));
        assert!(note(&[0, 10]).expect("a note").contains("Samples of electrode E1 (1 %) are no numbers"));
        assert!(note(&[500; 13]).expect("a note").contains("E8 (50 %), E9 (50 %) and 3 more are"));
    }
}
