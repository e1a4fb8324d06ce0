//! Responses to events: what a train does before and behind each of them (Gerstein & Kiang 1960,
//! doi:10.1016/S0006-3495(60)86872-5). All times are whole frames.

mod kinds;
mod trials;

pub use kinds::{EventKind, event_kinds};
pub use trials::{TrialWindow, Trials};

/// The response of a train in all trials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// Spikes before the events.
    pub n_before: u64,
    /// Spikes behind them.
    pub n_after: u64,
    /// Spikes too close to an event, which count nowhere.
    pub n_blanked: u64,
    /// Trials with a spike in the stretch before the event that is compared.
    pub n_with_before: u64,
    /// Frames from the event to the first spike behind it, of each trial that has one.
    pub latencies: Vec<i64>,
    /// Of each trial the spikes behind the event less those before it, in stretches of equal length on both sides.
    pub differences: Vec<i64>,
}

impl Response {
    /// Counts the spikes of a train, a sorted list for each segment.
    #[must_use]
    pub fn new(train: &[&[i64]], trials: &Trials, window: TrialWindow) -> Self {
        let mut found = Self::default();
        for (segment, event) in &trials.places {
            let train = train.get(*segment).copied().unwrap_or_default();
            let before = |offset: i64| train.partition_point(|spike| *spike < event + offset);
            let (start, end) = (before(-window.before), before(window.after));
            let (silent, heard) = (before(-window.blank), before(window.blank));
            found.n_before += (silent - start) as u64;
            found.n_blanked += (heard - silent) as u64;
            found.n_after += (end - heard) as u64;
            let compared = window.compared();
            let near_before = silent - before(-window.blank - compared);
            let near_after = before(window.blank + compared) - heard;
            found.n_with_before += u64::from(near_before > 0);
            found.differences.push(signed(near_after) - signed(near_before));
            if heard < end {
                found.latencies.push(train[heard] - event);
            }
        }
        found
    }
}

fn signed(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Bins around events, of which one begins at the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialBins {
    /// Frames of a bin.
    pub width: i64,
    /// Bins before the event.
    pub n_before: i64,
    /// Bins behind it.
    pub n_after: i64,
}

impl TrialBins {
    /// The whole bins of a window; none is longer than either side of it.
    #[must_use]
    pub fn new(window: TrialWindow, width: i64) -> Self {
        let width = width.min(window.before).min(window.after).max(1);
        Self { width, n_before: window.before / width, n_after: window.after / width }
    }

    /// Number of bins.
    #[must_use]
    pub fn n(&self) -> usize {
        usize::try_from(self.n_before + self.n_after).unwrap_or_default()
    }

    /// Frames from the event to the edges of the bins, of which there is one more.
    #[must_use]
    pub fn edges(&self) -> Vec<i64> {
        (-self.n_before..=self.n_after).map(|at| at * self.width).collect()
    }

    /// Adds the spikes of a train to the bins, but for those too close to an event.
    pub fn count(&self, train: &[&[i64]], trials: &Trials, blank: i64, counts: &mut [u64]) {
        let ends = (-self.n_before * self.width, self.n_after * self.width);
        for (_, offset) in trials.spikes(train, ends).filter(|(_, offset)| !(-blank..blank).contains(offset)) {
            let bin = usize::try_from(offset.div_euclid(self.width) + self.n_before).ok();
            if let Some(count) = bin.and_then(|bin| counts.get_mut(bin)) {
                *count += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: TrialWindow = TrialWindow { before: 100, after: 50, blank: 10 };

    fn trials(places: Vec<(usize, i64)>) -> Trials {
        Trials { places, ..Trials::default() }
    }

    #[test]
    fn spikes_count_on_their_side_of_the_event() {
        // The window of an event at 1,000: 900 to 989, then nothing to 1,009, then 1,010 to 1,049.
        let train = [899, 900, 949, 950, 989, 990, 1000, 1009, 1010, 1049, 1050];
        let found = Response::new(&[&train], &trials(vec![(0, 1000)]), WINDOW);
        assert_eq!((found.n_before, found.n_blanked, found.n_after), (4, 3, 2));
        // 40 frames on both sides: 950 and 989 before.
        assert_eq!((found.differences.as_slice(), found.n_with_before), (&[0][..], 1));
        assert_eq!(found.latencies, [10]);
    }

    #[test]
    fn trials_of_all_segments_count() {
        let (one, other) = ([120_i64, 130, 320], [15_i64, 515]);
        let places = vec![(0, 100), (0, 300), (1, 200), (1, 500)];
        let found = Response::new(&[&one, &other], &trials(places), WINDOW);
        assert_eq!(found.latencies, [20, 20, 15]);
        assert_eq!(found.differences, [2, 1, 0, 1]);
        assert_eq!((found.n_before, found.n_after, found.n_with_before), (0, 4, 0));
        let nothing = Response::new(&[], &trials(vec![(0, 100)]), WINDOW);
        assert_eq!((nothing.differences.as_slice(), nothing.latencies.len()), (&[0][..], 0));
        assert_eq!(Response::new(&[&one], &Trials::default(), WINDOW), Response::default());
    }

    #[test]
    fn one_bin_begins_at_the_event() {
        let bins = TrialBins::new(WINDOW, 20);
        assert_eq!((bins.n(), bins.edges()), (7, vec![-100, -80, -60, -40, -20, 0, 20, 40]));
        let mut counts = vec![0; bins.n()];
        let train = [899, 900, 919, 920, 989, 990, 1005, 1010, 1019, 1020, 1039, 1040];
        bins.count(&[&train], &trials(vec![(0, 1000)]), 10, &mut counts);
        assert_eq!(counts, [2, 1, 0, 0, 1, 2, 2]);
        assert_eq!(TrialBins::new(WINDOW, 80), TrialBins { width: 50, n_before: 2, n_after: 1 });
        assert_eq!(TrialBins::new(WINDOW, 0).width, 1);
    }
}
