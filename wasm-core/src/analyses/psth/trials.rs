//! Trials: events with a whole window of the recording around them, none of which overlaps another.

use crate::events::Event;
use crate::recording::{SegmentInfo, StreamInfo};

/// The window of a trial, in frames from the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialWindow {
    /// How long before the event it begins.
    pub before: i64,
    /// How long behind the event it ends.
    pub after: i64,
    /// How close to the event, on either side, spikes do not count.
    pub blank: i64,
}

impl TrialWindow {
    /// Frames before the event that count.
    #[must_use]
    pub fn baseline(&self) -> i64 {
        self.before - self.blank
    }

    /// Frames behind the event that count.
    #[must_use]
    pub fn response(&self) -> i64 {
        self.after - self.blank
    }

    /// Frames of the stretches, equally long on both sides of the event and next to what is left out, that are
    /// compared: the counts of unequal ones would differ by chance, too.
    #[must_use]
    pub fn compared(&self) -> i64 {
        self.baseline().min(self.response())
    }
}

/// Events that make trials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trials {
    /// Segment and frame of each, sorted.
    pub places: Vec<(usize, i64)>,
    /// Events whose window reaches beyond the start or the end of a segment, or that lie where nothing was recorded.
    pub n_beyond: u64,
    /// Events whose window begins within that of a trial before.
    pub n_overlapping: u64,
}

impl Trials {
    /// Sorts out which of some events make trials.
    #[must_use]
    pub fn new<'a>(info: &StreamInfo, events: impl IntoIterator<Item = &'a Event>, window: TrialWindow) -> Self {
        let mut found = Self::default();
        let mut whole = Vec::new();
        for event in events {
            match place(info, event).filter(|(segment, frame)| is_whole(info, *segment, *frame, window)) {
                Some(place) => whole.push(place),
                None => found.n_beyond += 1,
            }
        }
        whole.sort_unstable();
        for (segment, frame) in whole {
            let last = found.places.last();
            if last.is_some_and(|(other, last)| *other == segment && frame - window.before < last + window.after) {
                found.n_overlapping += 1;
            } else {
                found.places.push((segment, frame));
            }
        }
        found
    }

    /// The spikes of a train, a sorted list for each segment, from one time to before another, counted from the
    /// event: the number of the trial, and the time.
    pub fn spikes<'a>(
        &'a self,
        train: &'a [&'a [i64]],
        (from, to): (i64, i64),
    ) -> impl Iterator<Item = (usize, i64)> + 'a {
        self.places.iter().enumerate().flat_map(move |(trial, (segment, event))| {
            let train: &'a [i64] = train.get(*segment).copied().unwrap_or_default();
            let before = |offset: i64| train.partition_point(|spike| *spike < event + offset);
            train[before(from)..before(to)].iter().map(move |spike| (trial, spike - event))
        })
    }
}

fn is_whole(info: &StreamInfo, segment: usize, frame: i64, window: TrialWindow) -> bool {
    let n_frames = info.segments.get(segment).map_or(0, n_frames);
    frame >= window.before && frame + window.after <= n_frames
}

fn n_frames(segment: &SegmentInfo) -> i64 {
    i64::try_from(segment.n_frames).unwrap_or(i64::MAX)
}

/// Segment and frame of an event: in the segment that it names, or where another stream with other segments was
/// analysed, in the one that holds its time; none where nothing was recorded.
fn place(info: &StreamInfo, event: &Event) -> Option<(usize, i64)> {
    #[expect(clippy::cast_possible_truncation, reason = "saturating; what lies outside is no place")]
    let frame = |at: usize| -> Option<i64> {
        let segment = info.segments.get(at)?;
        let frame = ((event.time_s - segment.t_start_s) * info.sampling_frequency_hz).round() as i64;
        (0..n_frames(segment)).contains(&frame).then_some(frame)
    };
    let mut order = std::iter::once(event.segment).chain(0..info.segments.len());
    order.find_map(|at| Some((at, frame(at)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::uniform;
    use crate::sample::SampleType;

    const WINDOW: TrialWindow = TrialWindow { before: 100, after: 200, blank: 10 };

    /// Two segments of a second at 1 kHz, the second of which begins at 5 s.
    fn info() -> StreamInfo {
        let segments = [0.0, 5.0].map(|t_start_s| SegmentInfo { n_frames: 1000, t_start_s }).to_vec();
        StreamInfo { segments, ..uniform("spikes", 1000.0, SampleType::Float32, Vec::new(), 1.0) }
    }

    fn trials(events: &[(usize, f64)]) -> Trials {
        let event = |(segment, time_s): &(usize, f64)| Event {
            segment: *segment,
            time_s: *time_s,
            duration_s: 0.0,
            source: "port".into(),
            label: "on".into(),
        };
        Trials::new(&info(), &events.iter().map(event).collect::<Vec<_>>(), WINDOW)
    }

    #[test]
    fn a_window_lies_within_one_segment() {
        // The first and the last moment at which it does, in both segments, and a frame before and behind.
        let whole = [(0, 0.1), (0, 0.8), (1, 5.1), (1, 5.8)];
        assert_eq!(trials(&whole).places, [(0, 100), (0, 800), (1, 100), (1, 800)]);
        let beyond = [(0, 0.099), (0, 0.801), (1, 5.099), (1, 5.801), (0, 3.0), (1, 9.0), (0, -1.0)];
        let found = trials(&beyond);
        assert_eq!((found.places.len(), found.n_beyond, found.n_overlapping), (0, 7, 0));
        // An event that names a segment which there is not, or the wrong one.
        assert_eq!(trials(&[(7, 5.5), (0, 5.1)]).places, [(1, 100), (1, 500)]);
    }

    #[test]
    fn no_two_windows_overlap() {
        // A train of three pulses, and one just behind the window of the first, in any order.
        let found = trials(&[(0, 0.6), (0, 0.3), (0, 0.32), (0, 0.599)]);
        assert_eq!((found.places.as_slice(), found.n_overlapping), (&[(0, 300), (0, 600)][..], 2));
        assert_eq!(trials(&[(0, 0.3), (1, 5.3)]).n_overlapping, 0);
        assert_eq!(trials(&[]), Trials::default());
    }

    #[test]
    fn spikes_are_told_by_trial_and_time() {
        let trials = trials(&[(0, 0.3), (1, 5.5)]);
        let (one, other) = ([250_i64, 299, 310, 499, 500], [499_i64, 700]);
        let train = [&one[..], &other[..]];
        let found: Vec<(usize, i64)> = trials.spikes(&train, (-50, 200)).collect();
        assert_eq!(found, [(0, -50), (0, -1), (0, 10), (0, 199), (1, -1)]);
        assert_eq!(trials.spikes(&[], (-50, 200)).count(), 0);
    }

    #[test]
    fn equal_stretches_are_compared() {
        assert_eq!((WINDOW.baseline(), WINDOW.response(), WINDOW.compared()), (90, 190, 90));
    }
}
