//! Network bursts: moments at which more electrodes fire quickly at once than chance brings together.
//!
//! A peak of the population rate is no sign of a network: independent electrodes make some all
//! the time. So each electrode is looked at first, for its bouts of quick firing, and then how
//! many are in a bout at once (electrode bursts first, then their overlap: Wagenaar, Pine & Potter
//! 2006, doi:10.1186/1471-2202-7-11). A neuron that several electrodes see counts as one
//! (`network/sources.rs`). How many at once are too many for chance is computed from
//! the bouts themselves, in `network/chance.rs`.

mod bouts;
mod chance;
mod copies;
mod sources;

use super::{SegmentTrains, frames};
use bouts::{Occupancy, Span, Timeline, bouts_of, can_reach, joined};
use chance::{Chance, MANY, is_more_than_chance};
use sources::Sources;
pub use sources::{SAME_NEURON_SHARE, SAME_NEURON_UM, SAME_SPIKE_S};

/// Fewest spikes of a bout. Fewer than the five of a burst, because an electrode may join a network
/// burst with few spikes; Cotterill et al. 2016 (doi:10.1152/jn.00093.2016) take three, too.
pub const BOUT_MIN_SPIKES: usize = 3;

/// Largest interval inside a bout. The second is for electrodes that fire so much that the first
/// has them in bouts by chance most of the time.
pub const BOUT_INTERVALS_S: [f64; 2] = [0.2, 0.1];

/// The second interval is tried where the first asks for more than this share of the electrodes.
pub const BOUT_FIRST_SHARE: f64 = 0.4;

/// Fewest electrodes of a network burst.
pub const NETWORK_MIN_ELECTRODES: usize = 3;

/// Least share of the active electrodes, that of `MEAlytics`.
pub const NETWORK_MIN_SHARE: f64 = 0.25;

/// Active electrodes below which there is no network to speak of: of three, all would have to
/// take part.
pub const NETWORK_MIN_ACTIVE: usize = 4;

/// Network bursts that are closer than this are one, the shortest interval between bursts in
/// `meaRtools`.
pub const NETWORK_GAP_S: f64 = 0.3;

/// Chance may bring at most this share of the network bursts that are found.
pub const CHANCE_MAX_SHARE: f64 = 0.05;

/// And as many as are found in at most this share of recordings.
pub const CHANCE_MAX_PROBABILITY: f64 = 1e-4;

/// Copies of the recording in which the electrodes are shifted against each other.
pub const SHIFTED_COPIES: u64 = 20;

/// Copies in which the electrodes are shifted by little: a rate that electrodes share and that changes slowly stays.
pub const NEAR_COPIES: u64 = 5;

/// They are shifted by at most so many lengths of a network burst, so that network bursts fall apart, within bounds in
/// seconds.
const NEAR_LENGTHS: f64 = 20.0;
const NEAR_S: (f64, f64) = (5.0, 30.0);

/// What lasts for such a share of the recording is no moment but a change of the rate.
const LONG_SHARE: f64 = 0.4;

/// Chance is computed in so many pieces of the recording at most, each at least this long, so
/// that a rate that changes over the recording is no common moment.
const MAX_PIECES: usize = 8;
const PIECE_S: f64 = 60.0;

/// Chance is computed again outside the network bursts that were found, at most this often.
const MAX_ROUNDS: usize = 8;

/// The limits that make a network burst.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkLimits {
    /// Fewest spikes of a bout.
    pub min_spikes: usize,
    /// Largest interval inside a bout, in seconds; the second is tried where the first asks for too
    /// many electrodes.
    pub intervals_s: [f64; 2],
    /// Fewest electrodes.
    pub min_electrodes: usize,
    /// Least share of the active electrodes.
    pub min_share: f64,
    /// Network bursts that are closer than this are one, in seconds.
    pub gap_s: f64,
}

impl Default for NetworkLimits {
    fn default() -> Self {
        Self {
            min_spikes: BOUT_MIN_SPIKES,
            intervals_s: BOUT_INTERVALS_S,
            min_electrodes: NETWORK_MIN_ELECTRODES,
            min_share: NETWORK_MIN_SHARE,
            gap_s: NETWORK_GAP_S,
        }
    }
}

/// A network burst.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkBurst {
    /// Segment in which it lies.
    pub segment: usize,
    /// First frame.
    pub start: i64,
    /// One past the last frame.
    pub end: i64,
    /// Electrodes with a bout in it.
    pub n_participants: usize,
    /// Electrodes with a bout in it, as a share of the active electrodes.
    pub participation: f64,
}

/// The outcome of a search for network bursts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NetworkActivity {
    /// The network bursts, in order of time.
    pub bursts: Vec<NetworkBurst>,
    /// How many the same search finds in each of [`SHIFTED_COPIES`] shifted copies.
    pub in_copies: Vec<usize>,
    /// How many it finds in a shifted copy, on average over all of them.
    pub n_shifted: f64,
    /// How many it finds, on average, in [`NEAR_COPIES`] copies in which electrodes are shifted by little; not asked
    /// where the copies above hold half as many as are found. All where they last for much of the recording.
    pub n_near: Option<f64>,
    /// Electrodes of which each sees neurons of its own.
    pub n_sources: usize,
}

/// Finds network bursts among the trains of the active electrodes of one culture. `near` lists for
/// each electrode those so close that they may see the same neuron ([`SAME_NEURON_UM`]); empty
/// lists where nobody knows.
///
/// An electrode is in a bout while it fires at least [`NetworkLimits::min_spikes`] spikes of which
/// each follows the one before within the first of [`NetworkLimits::intervals_s`]. A network burst is
/// where at least N electrodes are in a bout at once; it lasts while more than halfway between the
/// usual number and N are. A spike that several electrodes see counts on one of them. N is the least
/// number from [`NetworkLimits::min_electrodes`] and [`NetworkLimits::min_share`] on at which chance
/// brings few enough of those that are found ([`CHANCE_MAX_SHARE`], [`CHANCE_MAX_PROBABILITY`]). Chance is computed
/// from all bouts first and then, as long as N falls, from those outside the network bursts.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts")]
pub fn network_bursts(
    segments: &[SegmentTrains<'_>],
    near: &[Vec<usize>],
    limits: &NetworkLimits,
    sampling_frequency_hz: f64,
) -> NetworkActivity {
    let n_electrodes = segments.first().map_or(0, |segment| segment.trains.len());
    let gap = frames(limits.gap_s, sampling_frequency_hz).max(1);
    let timeline = Timeline::new(segments.iter().map(|segment| segment.n_frames), gap.saturating_add(1));
    let sources = Sources::new(segments, near, sampling_frequency_hz);
    let pairs = segments.iter().zip(&sources.trains);
    let once: Vec<SegmentTrains<'_>> = pairs
        .map(|(segment, own)| SegmentTrains {
            n_frames: segment.n_frames,
            trains: own.iter().map(AsRef::as_ref).collect(),
        })
        .collect();
    let search = Search::new(&timeline, sources.n_sources, limits, sampling_frequency_hz);
    let BestInterval { max_interval, bouts, bursts } = search.with_best_interval(&once, sampling_frequency_hz);
    let in_copy =
        |copy: u64| search.run(&copies::shifted(&bouts, &timeline, copy)).map_or(0, |found| found.bursts.len());
    let in_copies: Vec<usize> = (0..SHIFTED_COPIES).map(in_copy).collect();
    let n_shifted = in_copies.iter().sum::<usize>() as f64 / SHIFTED_COPIES as f64;
    let n_near = (2.0 * n_shifted < bursts.len() as f64).then(|| {
        let usual = usual_frames(&bursts);
        if usual as f64 >= LONG_SHARE * timeline.n_frames() as f64 {
            return bursts.len() as f64;
        }
        let most = near_frames(usual, sampling_frequency_hz);
        let in_near =
            |copy| search.run(&copies::shifted_a_little(&bouts, &timeline, copy, most)).map_or(0, |of| of.bursts.len());
        (SHIFTED_COPIES..SHIFTED_COPIES + NEAR_COPIES).map(in_near).sum::<usize>() as f64 / NEAR_COPIES as f64
    });
    // Electrodes take part with all the spikes that they see.
    let seen = |electrode| bouts_of(segments, electrode, &timeline, (limits.min_spikes, max_interval));
    let seen: Vec<Vec<Span>> = (0..n_electrodes).map(seen).collect();
    let burst = |span: &Span| {
        let segment = timeline.segment_at(span.start);
        let offset = timeline.segments.get(segment).map_or(0, |segment| segment.start);
        let takes_part = |own: &&Vec<Span>| {
            let at = own.partition_point(|bout| bout.end <= span.start);
            own.get(at).is_some_and(|bout| bout.start < span.end)
        };
        let n_participants = seen.iter().filter(takes_part).count();
        NetworkBurst {
            segment,
            start: span.start - offset,
            end: span.end - offset,
            n_participants,
            participation: n_participants as f64 / n_electrodes.max(1) as f64,
        }
    };
    let n_sources = sources.n_sources;
    NetworkActivity { bursts: bursts.iter().map(burst).collect(), in_copies, n_shifted, n_near, n_sources }
}

/// The usual length of a network burst.
fn usual_frames(bursts: &[Span]) -> i64 {
    let mut lengths: Vec<i64> = bursts.iter().map(|span| span.end - span.start).collect();
    lengths.sort_unstable();
    lengths.get(lengths.len() / 2).copied().unwrap_or_default()
}

/// Frames by which electrodes are shifted at most where they are shifted by little.
#[expect(clippy::cast_precision_loss, reason = "frames of a network burst")]
fn near_frames(usual: i64, sampling_frequency_hz: f64) -> i64 {
    let (least_s, most_s) = NEAR_S;
    frames((usual as f64 / sampling_frequency_hz * NEAR_LENGTHS).clamp(least_s, most_s), sampling_frequency_hz)
}

/// The outcome at the interval that suits a recording best.
#[derive(Default)]
struct BestInterval {
    max_interval: i64,
    /// The bouts, `[electrode]`.
    bouts: Vec<Vec<Span>>,
    bursts: Vec<Span>,
}

/// Network bursts with at least so many electrodes.
struct Found {
    least: usize,
    bursts: Vec<Span>,
}

/// The parts of a recording that a search needs.
struct Search<'a> {
    timeline: &'a Timeline,
    limits: &'a NetworkLimits,
    n_sources: usize,
    /// Fewest electrodes that a network burst may have.
    floor: usize,
    gap: i64,
    n_pieces: usize,
    /// More network bursts than fit into the recording.
    most: f64,
}

impl<'a> Search<'a> {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of frames, electrodes and pieces"
    )]
    fn new(timeline: &'a Timeline, n_sources: usize, limits: &'a NetworkLimits, sampling_frequency_hz: f64) -> Self {
        let gap = frames(limits.gap_s, sampling_frequency_hz).max(1);
        let n_frames = timeline.n_frames() as f64;
        let share = (limits.min_share * n_sources as f64).ceil() as usize;
        Self {
            timeline,
            limits,
            n_sources,
            floor: share.max(limits.min_electrodes),
            gap,
            n_pieces: ((n_frames / sampling_frequency_hz / PIECE_S) as usize).clamp(1, MAX_PIECES),
            most: n_frames / gap as f64,
        }
    }

    /// The bouts by the interval that suits the recording, and the network bursts among them.
    #[expect(clippy::cast_precision_loss, reason = "counts of electrodes")]
    fn with_best_interval(&self, segments: &[SegmentTrains<'_>], sampling_frequency_hz: f64) -> BestInterval {
        let n_electrodes = segments.first().map_or(0, |segment| segment.trains.len());
        let enough = (BOUT_FIRST_SHARE * self.n_sources as f64).max(self.limits.min_electrodes as f64);
        let mut best: Option<(usize, BestInterval)> = None;
        for interval_s in self.limits.intervals_s {
            let max_interval = frames(interval_s, sampling_frequency_hz);
            let of = |electrode| bouts_of(segments, electrode, self.timeline, (self.limits.min_spikes, max_interval));
            let bouts: Vec<Vec<Span>> = (0..n_electrodes).map(of).collect();
            let (least, bursts) =
                self.run(&bouts).map_or((usize::MAX, Vec::new()), |found| (found.least, found.bursts));
            if best.as_ref().is_none_or(|(known, _)| least < *known) {
                best = Some((least, BestInterval { max_interval, bouts, bursts }));
            }
            if least as f64 <= enough {
                break;
            }
        }
        best.unwrap_or_default().1
    }

    /// The network bursts among bouts, `[electrode]`; none where chance explains what there is.
    fn run(&self, bouts: &[Vec<Span>]) -> Option<Found> {
        if !can_reach(bouts, self.timeline.end(), self.floor) {
            return None;
        }
        let occupancy = Occupancy::new(bouts);
        let rises = occupancy.rises();
        if rises.len() <= self.floor {
            return None;
        }
        let starts: Vec<i64> = self.timeline.segments.iter().map(|segment| segment.start).collect();
        let mut found: Option<Found> = None;
        for _ in 0..MAX_ROUNDS {
            let mut busy = self.timeline.pauses();
            busy.extend(found.iter().flat_map(|found| found.bursts.iter().copied()));
            busy.sort_unstable_by_key(|span| span.start);
            let chance = Chance::new(bouts, &busy, (&starts, self.timeline.end()), self.n_pieces);
            let Some(next) = self.least((&occupancy, &rises), &chance, found.as_ref()) else { break };
            found = Some(next);
        }
        found
    }

    /// The network bursts with the least number of electrodes that chance allows, below that of those
    /// found before; the few that they add to those must be more than chance by themselves.
    fn least(
        &self,
        (occupancy, rises): (&Occupancy, &[usize]),
        chance: &Chance,
        before: Option<&Found>,
    ) -> Option<Found> {
        let (below, n_before) = before.map_or((chance.expected.len(), 0), |found| (found.least, found.bursts.len()));
        for least in self.floor..below {
            let by_chance = chance.expected.get(least).copied().unwrap_or_default();
            if by_chance > CHANCE_MAX_SHARE * self.most {
                continue;
            }
            // Joined they are fewer still.
            let n_most = rises.get(least).copied().unwrap_or_default();
            if n_most == 0 {
                return None;
            }
            if !is_more_than_chance(n_most, by_chance) {
                continue;
            }
            let bursts = joined(occupancy.peaks(least, edge(chance.usual, least)), self.gap);
            let n_added = bursts.len().saturating_sub(n_before);
            let is_enough = n_added == 0 || n_added >= MANY || is_more_than_chance(n_added, by_chance);
            if is_enough && is_more_than_chance(bursts.len(), by_chance) {
                return Some(Found { least, bursts });
            }
        }
        None
    }
}

/// Electrodes down to which a network burst lasts: halfway from the usual number to the least.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of electrodes"
)]
fn edge(usual: f64, least: usize) -> usize {
    (f64::midpoint(usual, least as f64).ceil() as usize).clamp(2, least)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(trains: &[Vec<i64>], n_frames: i64) -> NetworkActivity {
        let trains = trains.iter().map(Vec::as_slice).collect();
        network_bursts(&[SegmentTrains { n_frames, trains }], &[], &NetworkLimits::default(), 1000.0)
    }

    #[test]
    fn common_volleys_are_found_and_lone_activity_is_not() {
        // Ten trains at 1 kHz: a background spike each 3 s, five volleys, and one
        // train that fires alone for a while.
        let volleys = [5_000, 11_300, 21_100, 36_700, 47_900];
        let train = |channel: i64| {
            let background = (0..20).map(|at| at * 3000 + channel * 297);
            let volley = volleys.iter().flat_map(|at| (0..20).map(move |k| at + k * 10 + channel));
            let alone = (0..if channel == 0 { 40 } else { 0 }).map(|k| 55_000 + k * 5);
            let mut train: Vec<i64> = background.chain(volley).chain(alone).collect();
            train.sort_unstable();
            train
        };
        let trains: Vec<Vec<i64>> = (0..10).map(train).collect();
        let NetworkActivity { bursts, in_copies, n_shifted, n_near, n_sources } = search(&trains, 60_000);
        assert!(n_near.is_some_and(|n| n < 2.5), "{n_near:?}: volleys fall apart in copies that are moved by 5 s");
        #[expect(clippy::cast_precision_loss, reason = "counts of copies")]
        let of_all = in_copies.iter().sum::<usize>() as f64 / in_copies.len() as f64;
        assert_eq!((in_copies.len(), of_all), (20, n_shifted));
        assert_eq!(bursts.len(), 5, "{bursts:?}");
        for (burst, at) in bursts.iter().zip(volleys) {
            assert!(burst.start <= at + 50 && at + 150 <= burst.end, "{burst:?} holds the volley at {at}");
            assert_eq!((burst.segment, burst.n_participants, burst.participation), (0, 10, 1.0));
        }
        assert_eq!((n_shifted, n_sources), (0.0, 10));
    }

    #[test]
    fn bursts_are_one_where_they_are_closer_than_300_ms() {
        let trains = |pause: i64| -> Vec<Vec<i64>> {
            let volley = |at: i64| (0..30).map(move |k| at + k * 10);
            let two = |at: i64| volley(at).chain(volley(at + 291 + pause));
            (0..10).map(|_| (0..5).flat_map(|n| two(n * 12_000)).collect()).collect()
        };
        // The pause lies between the frame behind the last spike and the next first one.
        assert_eq!(search(&trains(300), 60_000).bursts.len(), 5);
        assert_eq!(search(&trains(301), 60_000).bursts.len(), 10);
    }

    /// Thirty electrodes that know nothing of each other, whose rates rise to 8 Hz and fall together every 200 s.
    #[test]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "milliseconds of ten minutes")]
    fn a_rate_that_changes_slowly_stays_in_copies_that_are_moved_a_little() {
        let mut random = crate::analyses::random::Random::new(5);
        let mut train = || {
            let (mut time_ms, mut train) = (0.0, Vec::new());
            loop {
                time_ms += random.exponential() * 125.0;
                if time_ms >= 600_000.0 {
                    break train;
                }
                let share = f64::midpoint(1.0, (time_ms / 200_000.0 * std::f64::consts::TAU).sin()).powi(8);
                if (random.below(1_000_000) as f64) < 1e6 * share {
                    train.push(time_ms as i64);
                }
            }
        };
        let trains: Vec<Vec<i64>> = (0..30).map(|_| train()).collect();
        let found = search(&trains, 600_000);
        let n = found.bursts.len() as f64;
        assert!(n >= 3.0 && 2.0 * found.n_shifted < n, "{n}, {}", found.n_shifted);
        assert!(found.n_near.is_some_and(|near| 2.0 * near >= n), "{n}, {:?}", found.n_near);
    }

    #[test]
    fn a_rate_that_rises_once_is_no_network_burst() {
        // Noise without any spike, whose level steps up at half time, looks like this.
        let trains: Vec<Vec<i64>> =
            (0..20).map(|channel| (0..750).map(|at| 30_000 + at * 40 + (at * (channel + 7)) % 37).collect()).collect();
        let found = search(&trains, 60_000);
        assert_eq!((found.bursts.len(), found.n_near), (1, Some(1.0)), "{found:?}");
    }

    #[test]
    fn nothing_is_found_where_there_is_nothing_or_too_little() {
        let nothing = NetworkActivity { in_copies: vec![0; 20], ..NetworkActivity::default() };
        assert_eq!(network_bursts(&[], &[], &NetworkLimits::default(), 1000.0), nothing);
        assert!(search(&[Vec::new(), Vec::new(), Vec::new(), Vec::new()], 0).bursts.is_empty());
        // Two of ten electrodes.
        let volleys: Vec<i64> = (0..10).flat_map(|at| (0..20).map(move |k| at * 5000 + k * 10)).collect();
        let trains: Vec<Vec<i64>> = (0..10).map(|at| if at < 2 { volleys.clone() } else { vec![at; 1] }).collect();
        assert!(search(&trains, 60_000).bursts.is_empty());
    }

    #[test]
    fn no_burst_reaches_into_the_next_segment() {
        let end: Vec<i64> = (0..30).map(|k| 19_700 + k * 10).collect();
        let start: Vec<i64> = (0..30).map(|k| k * 10).collect();
        let segment = |train| SegmentTrains { n_frames: 20_000, trains: vec![train; 8] };
        let segments = [segment(end.as_slice()), segment(start.as_slice())];
        let found = network_bursts(&segments, &[], &NetworkLimits::default(), 1000.0).bursts;
        assert_eq!(
            found.iter().map(|burst| (burst.segment, burst.start, burst.end)).collect::<Vec<_>>(),
            [(0, 19_700, 19_991), (1, 0, 291)]
        );
    }
}
