//! In which order electrodes join a network burst, and how the rate of all of them rises and falls.

mod leader;
mod shape;

pub use leader::{LEADER_DRAWS, LEADER_PERCENT, most_led_by_chance};
pub use shape::{Shape, ShapeMeasures};

use super::{CultureTrains, NetworkBurst};

/// The rule by which an electrode joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recruitment {
    /// An electrode that fires when the network burst begins joined with the first of the spikes that lead to it,
    /// each at most so many frames behind the one before.
    pub max_interval: i64,
    /// Fewest spikes from there to the end of the network burst.
    pub min_spikes: usize,
}

/// An electrode that takes part in a network burst.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Joined {
    /// Place of its train.
    pub train: usize,
    /// Frame of its first spike in the burst; none where it was firing long before.
    pub first: Option<i64>,
    /// Place of the electrode in the order, from 1; the mean of their places where several come at once.
    pub rank: Option<f64>,
}

impl Recruitment {
    /// For each network burst the electrodes that take part, in order of their first spikes; those that fired
    /// long before come last, without a rank. The bursts are in order of time.
    #[must_use]
    pub fn orders(&self, trains: &CultureTrains<'_>, bursts: &[NetworkBurst]) -> Vec<Vec<Joined>> {
        let mut before: Option<&NetworkBurst> = None;
        let mut orders = Vec::with_capacity(bursts.len());
        for burst in bursts {
            // What belongs to the network burst before is no start of this one.
            let free = before.filter(|before| before.segment == burst.segment).map_or(0, |before| before.end);
            let all = trains.segments.get(burst.segment).map_or(&[][..], |segment| segment.trains.as_slice());
            let of = |(train, spikes): (usize, &&[i64])| self.joined(train, spikes, burst, free);
            let mut order: Vec<Joined> = all.iter().enumerate().filter_map(of).collect();
            order.sort_by_key(|joined| (joined.first.is_none(), joined.first));
            rank(&mut order);
            orders.push(order);
            before = Some(burst);
        }
        orders
    }

    /// A train in a burst; none where it does not take part.
    fn joined(&self, train: usize, spikes: &[i64], burst: &NetworkBurst, free: i64) -> Option<Joined> {
        let inside = spikes.partition_point(|frame| *frame < burst.start);
        let behind = spikes.partition_point(|frame| *frame < burst.end);
        if inside == behind {
            return None;
        }
        let earliest = burst.start.saturating_sub(self.max_interval);
        let mut first = inside;
        while let Some(before) = first.checked_sub(1)
            && spikes[before] >= free
            && spikes[first] - spikes[before] <= self.max_interval
        {
            if spikes[before] < earliest {
                return Some(Joined { train, first: None, rank: None });
            }
            first = before;
        }
        (behind - first >= self.min_spikes).then(|| Joined { train, first: Some(spikes[first]), rank: None })
    }
}

/// Gives each its place in the order.
#[expect(clippy::cast_precision_loss, reason = "counts of electrodes")]
fn rank(order: &mut [Joined]) {
    let mut n_before = 0;
    for same in order.chunk_by_mut(|one, other| one.first == other.first) {
        // Of n at once the mean of their places.
        let place = n_before as f64 + (same.len() + 1) as f64 / 2.0;
        n_before += same.len();
        for joined in same.iter_mut().filter(|joined| joined.first.is_some()) {
            joined.rank = Some(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::SegmentTrains;

    fn burst(start: i64, end: i64) -> NetworkBurst {
        NetworkBurst { segment: 0, start, end, n_participants: 3, participation: 1.0 }
    }

    #[test]
    fn electrodes_join_with_the_first_of_their_spikes() {
        let leads: &[i64] = &[400, 950, 980, 1010, 1050];
        let follows: &[i64] = &[700, 1020, 1030, 1040];
        let at_once: &[i64] = &[1020, 1025, 1060];
        let always: Vec<i64> = (0..300).map(|at| at * 10).collect();
        let few: &[i64] = &[1000, 1001];
        let late: &[i64] = &[1300, 1301, 1302];
        let trains = vec![follows, leads, &always, few, late, at_once, &[]];
        let trains = CultureTrains { segments: vec![SegmentTrains { n_frames: 3000, trains }], n_active: 7 };
        let rule = Recruitment { max_interval: 100, min_spikes: 3 };
        let orders = rule.orders(&trains, &[burst(1000, 1100)]);
        let told: Vec<_> = orders[0].iter().map(|joined| (joined.train, joined.first, joined.rank)).collect();
        assert_eq!(
            told,
            [(1, Some(950), Some(1.0)), (0, Some(1020), Some(2.5)), (5, Some(1020), Some(2.5)), (2, None, None)]
        );
        // What belongs to the burst before is no start.
        let orders = rule.orders(&trains, &[burst(960, 990), burst(1000, 1100)]);
        assert_eq!(orders[1][0].first, Some(990));
        assert!(rule.orders(&trains, &[]).is_empty());
    }
}
