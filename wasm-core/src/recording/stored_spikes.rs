//! Spikes that files hold, and how long the recording was that they are of.

use serde::{Deserialize, Serialize};

use super::{SegmentInfo, StreamInfo, told_length};
use crate::spikes::Spike;

/// Frames a second in which times are kept where files hold times and no sampling rate: microseconds, which times of
/// five or six digits behind the point fit into. No amplifier is so fast.
pub const TIMES_HZ: f64 = 1e6;

/// How the length of a spike table is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Length {
    /// The files state it, or the signal beside does.
    Stated,
    /// Frames count from the start of the recording; its end is taken to be the last spike.
    ToLastSpike,
    /// Nothing tells it: it is taken from the first spike to the last.
    FirstToLastSpike,
}

/// What a note begins with that tells of numbers that may be wrong.
pub const WARNING: &str = "Warning: ";

/// Spikes as the files hold them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredSpikes {
    /// Electrodes or units as channels, with their rate and segments; no samples belong to it.
    pub info: StreamInfo,
    /// Sorted by segment, frame and channel. Amplitudes are zero where the files hold none.
    #[serde(skip)]
    pub spikes: Vec<Spike>,
    /// Noise of each channel in microvolts; zero where the files do not tell.
    pub noise_uv: Vec<f32>,
    /// The program and method that found them, as far as the files tell.
    pub found_by: String,
    /// The source of the length.
    pub length: Length,
    /// Seconds in which each channel was observed, where it was not the whole length.
    pub observed_s: Option<Vec<f64>>,
    /// Spikes behind the stated end of their segment, which made it longer. One at the very end does not.
    #[serde(default)]
    pub n_beyond: usize,
}

/// A spike of a table of times: channel, seconds, microvolts.
pub type TimedSpike = (u32, f64, f32);

impl StoredSpikes {
    /// Sorts spikes. Segments of which `info` gives the length keep it, and grow where spikes lie
    /// behind it; the others end with their last spike. Spikes of channels or segments that are
    /// not in `info`, or before frame 0, are dropped.
    #[must_use]
    pub fn new(mut info: StreamInfo, mut spikes: Vec<Spike>, found_by: String) -> Self {
        let is_stated = info.segments.iter().any(|segment| segment.n_frames > 0);
        spikes.retain(|spike| {
            (spike.channel_index as usize) < info.n_channels
                && (spike.segment_index as usize) < info.segments.len()
                && spike.sample_index >= 0
        });
        if !spikes.is_sorted_by_key(Spike::key) {
            spikes.sort_unstable_by_key(Spike::key);
        }
        let stated: Vec<u64> = info.segments.iter().map(|segment| segment.n_frames).collect();
        let mut n_beyond = 0;
        for spike in &spikes {
            let segment = &mut info.segments[spike.segment_index as usize];
            let frame = spike.sample_index.cast_unsigned();
            n_beyond += usize::from(is_stated && frame > stated[spike.segment_index as usize]);
            // A spike at just the stated end makes a segment no longer.
            if frame > segment.n_frames || !is_stated {
                segment.n_frames = segment.n_frames.max(frame + 1);
            }
        }
        let length = if is_stated { Length::Stated } else { Length::ToLastSpike };
        Self { noise_uv: vec![0.0; info.n_channels], info, spikes, found_by, length, observed_s: None, n_beyond }
    }

    /// Spikes of a table of times in seconds on any clock. `observed` are the stretches that were
    /// recorded, `(start, end)` in seconds, sorted, without overlaps: each becomes a segment.
    /// Without them the only segment reaches from the first spike to the last. Times that are
    /// not finite are dropped; the number of them is the second value.
    #[must_use]
    pub fn of_times(
        mut info: StreamInfo,
        times: impl IntoIterator<Item = TimedSpike>,
        observed: &[(f64, f64)],
        found_by: String,
    ) -> (Self, usize) {
        let mut times: Vec<TimedSpike> = times.into_iter().collect();
        let n_all = times.len();
        times.retain(|(_, time_s, _)| time_s.is_finite());
        let n_dropped = n_all - times.len();
        let span = times.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(first, last), (_, time_s, _)| {
            (first.min(*time_s), last.max(*time_s))
        });
        let from_spikes = [if times.is_empty() { (0.0, 0.0) } else { span }];
        let stretches = if observed.is_empty() { &from_spikes } else { observed };
        let rate_hz = info.sampling_frequency_hz;
        #[expect(clippy::cast_possible_truncation, reason = "saturating; frames of a stretch")]
        let frame = |time_s: f64, start_s: f64| ((time_s - start_s) * rate_hz).round() as i64;
        info.segments = stretches
            .iter()
            .map(|(from, to)| SegmentInfo { n_frames: frame(*to, *from).max(0).cast_unsigned(), t_start_s: *from })
            .collect();
        let segment_of = |time_s: f64| stretches.partition_point(|(from, _)| *from <= time_s).saturating_sub(1);
        let spikes = times.iter().map(|(channel_index, time_s, amplitude_uv)| {
            let segment = segment_of(*time_s);
            Spike {
                segment_index: u32::try_from(segment).unwrap_or(u32::MAX),
                // What lies before the first stretch is kept at its start.
                sample_index: frame(*time_s, stretches[segment].0).max(0),
                channel_index: *channel_index,
                amplitude_uv: *amplitude_uv,
            }
        });
        let mut stored = Self::new(info, spikes.collect(), found_by);
        stored.length = if observed.is_empty() { Length::FirstToLastSpike } else { Length::Stated };
        (stored, n_dropped)
    }

    /// The spikes on the segments of the signal beside, whose length is that of the recording. Each
    /// spike goes to the last segment that has begun; spikes that have several segments of their
    /// own keep them. Nothing changes where most spikes lie outside the signal: it is another one.
    #[must_use]
    pub fn in_segments_of(mut self, stream: &StreamInfo) -> Self {
        if self.info.segments.len() != 1 || stream.segments.is_empty() {
            return self;
        }
        let rate_hz = self.info.sampling_frequency_hz;
        #[expect(clippy::cast_possible_truncation, reason = "saturating; frames of a recording")]
        let frames_of = |seconds: f64| (seconds * rate_hz).round() as i64;
        #[expect(clippy::cast_precision_loss, reason = "frames of a recording")]
        let seconds = |segment: &SegmentInfo| segment.n_frames as f64 / stream.sampling_frequency_hz;
        let own_start_s = self.info.segments[0].t_start_s;
        // Differences of times first: clocks that count from 1970 leave no digits for the rest.
        let starts: Vec<i64> =
            stream.segments.iter().map(|segment| frames_of(segment.t_start_s - own_start_s)).collect();
        let lengths: Vec<i64> = stream.segments.iter().map(|segment| frames_of(seconds(segment))).collect();
        let is_sorted = starts.is_sorted();
        let segment_of = |frame: i64| {
            if is_sorted {
                starts.partition_point(|start| *start <= frame).saturating_sub(1)
            } else {
                starts.iter().rposition(|start| *start <= frame).unwrap_or(0)
            }
        };
        let is_inside = |spike: &&Spike| {
            let at = segment_of(spike.sample_index);
            (starts[at]..=starts[at].saturating_add(lengths[at])).contains(&spike.sample_index)
        };
        if 2 * self.spikes.iter().filter(is_inside).count() < self.spikes.len() {
            return self;
        }
        for spike in &mut self.spikes {
            let at = segment_of(spike.sample_index);
            spike.segment_index = u32::try_from(at).unwrap_or(u32::MAX);
            spike.sample_index = spike.sample_index.saturating_sub(starts[at]).max(0);
        }
        let segment = |(segment, length): (&SegmentInfo, &i64)| SegmentInfo {
            n_frames: (*length).max(0).cast_unsigned(),
            t_start_s: segment.t_start_s,
        };
        self.info.segments = stream.segments.iter().zip(&lengths).map(segment).collect();
        let Self { info, spikes, noise_uv, found_by, observed_s, .. } = self;
        Self { noise_uv, observed_s, length: Length::Stated, ..Self::new(info, spikes, found_by) }
    }

    /// Frames a second of the recording system; none where the files hold times alone.
    #[must_use]
    pub fn recorded_rate_hz(&self) -> Option<f64> {
        Some(self.info.sampling_frequency_hz).filter(|rate_hz| *rate_hz != TIMES_HZ)
    }

    /// Notes for a person about the length that rates are counted over.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let (length_s, length) = (self.info.duration_s(), told_length(self.info.duration_s()));
        let mut notes = Vec::new();
        if self.n_beyond > 0 {
            notes.push(format!(
                "{} of {} spikes lie behind the stated end of the recording, or in a gap of it: the stretch before is taken to last up to them, and rates are counted over {length}.",
                self.n_beyond,
                self.spikes.len()
            ));
        }
        match self.length {
            Length::Stated => notes.extend(self.early_end(length_s)),
            Length::ToLastSpike => notes.push(format!(
                "The files do not tell how long the recording was: rates are counted up to the last spike, {length}."
            )),
            Length::FirstToLastSpike => notes.push(format!(
                "The files do not tell how long the recording was: rates are counted from the first spike to the last, {length}."
            )),
        }
        notes
    }

    /// Warns where the spikes end long before the recording does.
    #[expect(clippy::cast_precision_loss, reason = "counts and frames")]
    fn early_end(&self, length_s: f64) -> Option<String> {
        let last = self.spikes.last()?;
        let rate_hz = self.info.sampling_frequency_hz;
        let before = self.info.segments.iter().take(last.segment_index as usize).map(|segment| segment.n_frames);
        let last_s = (before.fold(0, u64::saturating_add) as f64 + last.sample_index as f64) / rate_hz;
        let mean_interval_s = last_s / self.spikes.len() as f64;
        let rest_s = length_s - last_s;
        // A culture that fires in network bursts pauses for long between them.
        let is_early = last_s < EARLY_SHARE * length_s
            && rest_s > EARLY_INTERVALS * mean_interval_s
            && rest_s > EARLY_PAUSES * self.usual_pause_s();
        is_early.then(|| {
            let (last, length) = (told_length(last_s), told_length(length_s));
            let times =
                if last_s > 0.0 { format!(" by a factor of up to {:.1}", length_s / last_s) } else { String::new() };
            format!(
                "{WARNING}The last spike lies at {last} of {length}. If the table is cut, all rates are too low{times}, and \
                 network bursts, synchrony and what follows from them are wrong, too: state the length of what the \
                 table holds."
            )
        })
    }

    /// The longest but one of the times between two spikes in a row, whichever electrodes they are of: a single pause
    /// tells nothing.
    #[expect(clippy::cast_precision_loss, reason = "frames")]
    fn usual_pause_s(&self) -> f64 {
        let (mut longest, mut second) = (0, 0);
        for pair in self.spikes.windows(2).filter(|pair| pair[0].segment_index == pair[1].segment_index) {
            let pause = pair[1].sample_index.saturating_sub(pair[0].sample_index);
            if pause > longest {
                (longest, second) = (pause, longest);
            } else if pause > second {
                second = pause;
            }
        }
        second as f64 / self.info.sampling_frequency_hz
    }
}

/// A table ends early where its last spike lies before this share of the recording, and the rest
/// is this many times longer than the mean interval between its spikes, and than the longest one but one.
const EARLY_SHARE: f64 = 0.9;
const EARLY_INTERVALS: f64 = 20.0;
const EARLY_PAUSES: f64 = 2.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::StreamKind;
    use crate::sample::SampleType;

    /// Spikes of one electrode, each second up to the last of `n_spikes`, in a recording of 100 s at 1000 Hz.
    fn cut_behind(n_spikes: i64) -> StoredSpikes {
        let info = StreamInfo {
            name: "spikes".into(),
            kind: StreamKind::Electrodes,
            sampling_frequency_hz: 1000.0,
            n_channels: 1,
            sample_type: SampleType::Int16,
            gain_to_uv: vec![1.0],
            offset_to_uv: vec![0.0],
            channel_ids: vec!["A1".into()],
            channel_names: None,
            positions_um: None,
            wells: None,
            empty_wells: Vec::new(),
            segments: vec![SegmentInfo { n_frames: 100_000, t_start_s: 0.0 }],
        };
        let spike =
            |second: i64| Spike { segment_index: 0, sample_index: second * 1000, channel_index: 0, amplitude_uv: 0.0 };
        StoredSpikes::new(info, (1..=n_spikes).map(spike).collect(), "a test".into())
    }

    #[test]
    fn a_table_that_ends_early_warns_of_its_rates() {
        // Spikes up to 40 s of 100 s: if nothing was recorded behind them, rates are 100/40 as high.
        let warned = "Warning: The last spike lies at 40.0 s of 100.0 s. If the table is cut, all rates are too low \
                      by a factor of up to 2.5, and network bursts, synchrony and what follows from them are wrong, \
                      too: state the length of what the table holds.";
        assert_eq!(cut_behind(40).notes(), [warned]);
        assert!(cut_behind(95).notes().is_empty());
    }
}
