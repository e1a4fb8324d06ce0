//! How network bursts begin and spread: who leads, in which order electrodes join, and how the rate rises and falls.

mod figures;
mod tables;

use std::sync::Arc;

use tables::{cultures, electrodes, list};

use super::of_network::frames_within;
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{
    CultureTrains, Joined, LEADER_DRAWS, LEADER_PERCENT, NETWORK_MIN_ACTIVE, NetworkActivity, NetworkBurst,
    NetworkLimits, Recruitment, Shape, ShapeMeasures, SpikeTrains, Verdict, most_led_by_chance,
};

const MAX_INTERVAL_MS: ParamSpec = ParamSpec::number(
    "max_interval_ms",
    ("Leads up within", "ms"),
    (10.0, 1000.0),
    (10.0, 200.0),
    "200 ms: the interval of the network bursts. Those who lead fire before enough electrodes have joined.",
);
const MIN_SPIKES: ParamSpec = ParamSpec::number(
    "min_spikes",
    ("Joins with", "spikes"),
    (1.0, 100.0),
    (1.0, 3.0),
    "3 spikes, as for the network bursts; with one a spike by chance is taken for joining.",
);
const BIN_MS: ParamSpec =
    ParamSpec::number("bin_ms", ("Bins of", "ms"), (1.0, 50.0), (1.0, 10.0), "10 ms: Eytan & Marom 2006.");

/// Time that the shape shows before and behind the onset.
const BEFORE_MS: f64 = 200.0;
const AFTER_MS: f64 = 1000.0;

/// Describes them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "network_burst_shape",
    version: 2,
    title: "Shape of network bursts",
    purpose: "Which electrodes lead network bursts, in which order do the others join, and how does the rate rise and fall?",
    takes: Port::Spikes,
    gives: Port::Table,
    optional: true,
    params: &[&MAX_INTERVAL_MS, &MIN_SPIKES, &BIN_MS],
    source: "Eytan & Marom 2006, doi:10.1523/JNEUROSCI.1627-06.2006",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "Network bursts are those of the block “Network bursts” with its defaults. An active electrode joins one \
         with its first spike in it, or with the first of the spikes that lead up to it, each at most {0} ms behind \
         the one before, and takes part with at least {1} spikes from there on. Who has fired like that for longer \
         than {0} ms before has no place in the order. Latency counts from the first electrode, which leads; \
         electrodes that come at once share the mean of their places, and those that lead at once share the lead in \
         equal parts. Where all electrodes are alike, the one that leads most often still leads more often than the \
         mean: beside it stands up to where it comes in {LEADER_PERCENT} % of {LEADER_DRAWS} draws, in which chance \
         gives the lead of each network burst to one of the electrodes with a place in its order. An electrode that \
         fires more at rest leads more often for that alone, as its resting spikes run into network bursts. In the \
         draws a network burst begins with resting spikes with probability 1 - Π 1 / (1 + a), where a is the rate of \
         an electrode at rest x {0} ms; then electrodes lead in proportion to a, and else all alike. At rest are all \
         times but network bursts and {0} ms before and behind each. The shape is the \
         mean rate of an active electrode around the onset of the network bursts, in bins of {2} ms: it rises from 10 \
         % to 90 % of its peak, and its width is that at half of it.",
        values.text(&MAX_INTERVAL_MS),
        values.text(&MIN_SPIKES),
        values.text(&BIN_MS),
    )
}

/// What one electrode does over all network bursts of its culture.
#[derive(Clone, Copy, Default)]
struct Electrode {
    n_joined: u32,
    /// First places; of several at once each has its share.
    n_led: f64,
    /// Bursts in which it has a place in the order.
    n_ordered: u32,
    /// Sums over those.
    latencies_ms: f64,
    ranks: f64,
}

impl Electrode {
    fn over(&self, sum: f64) -> Option<f64> {
        (self.n_ordered > 0).then(|| sum / f64::from(self.n_ordered))
    }
}

/// A culture with network bursts.
struct Own {
    culture: Vec<usize>,
    active: Vec<usize>,
    activity: Arc<NetworkActivity>,
    /// One for each network burst.
    orders: Vec<Vec<Joined>>,
    /// One for each active channel.
    electrodes: Vec<Electrode>,
    /// First places of the electrode that leads most often, where all join alike; see [`most_led_by_chance`].
    most_led_by_chance: Option<u32>,
    shape: Option<Shape>,
}

/// The verdict on a leader, in the words of the other methods.
const fn against_chance(is_more: bool) -> &'static str {
    if is_more { Verdict::MoreThanChance.words() } else { Verdict::Chance.words() }
}

/// The frame at which the first electrode of an order joins.
fn onset(order: &[Joined]) -> Option<i64> {
    order.first()?.first
}

/// The trains of an order that have a place in it.
fn placed(order: &[Joined]) -> impl Iterator<Item = usize> {
    order.iter().filter(|joined| joined.rank.is_some()).map(|joined| joined.train)
}

/// The share of the lead of each electrode that leads at once with others.
#[expect(clippy::cast_precision_loss, reason = "a count of electrodes")]
fn share_of_lead(order: &[Joined]) -> f64 {
    let n_first = order.iter().filter(|joined| joined.first.is_some() && joined.first == onset(order)).count();
    1.0 / n_first.max(1) as f64
}

/// Spikes that each train fires at rest in `lead_up` frames, on average: outside the network bursts, which are in order
/// of time, and as many frames before and behind each.
#[expect(clippy::cast_precision_loss, reason = "counts of spikes and frames")]
fn at_rest(trains: &CultureTrains<'_>, bursts: &[NetworkBurst], lead_up: i64) -> Vec<f64> {
    let mut n_spikes = vec![0_usize; trains.n_active];
    let mut n_frames = 0.0;
    for (at, segment) in trains.segments.iter().enumerate() {
        n_frames += segment.n_frames as f64;
        for (train, n_spikes) in segment.trains.iter().zip(&mut n_spikes) {
            *n_spikes += train.len();
        }
        let mut until = 0;
        for burst in bursts.iter().filter(|burst| burst.segment == at) {
            let from = burst.start.saturating_sub(lead_up).max(until);
            until = burst.end.saturating_add(lead_up).max(from);
            n_frames -= (until - from) as f64;
            for (train, n_spikes) in segment.trains.iter().zip(&mut n_spikes) {
                let before = |end: i64| train.partition_point(|frame| *frame < end);
                *n_spikes -= before(until) - before(from);
            }
        }
    }
    let per_frame = |n_spikes: usize| if n_frames > 0.0 { n_spikes as f64 / n_frames } else { 0.0 };
    n_spikes.into_iter().map(|n_spikes| per_frame(n_spikes) * lead_up as f64).collect()
}

impl Own {
    fn new(of: &SpikeTrains, culture: &[usize], rule: Recruitment, bin_ms: f64) -> Option<Self> {
        let active = of.active(&of.throughout(culture));
        if active.len() < NETWORK_MIN_ACTIVE {
            return None;
        }
        let activity = of.network_bursts(culture, &NetworkLimits::default());
        if activity.n_sources < NETWORK_MIN_ACTIVE || activity.bursts.is_empty() {
            return None;
        }
        let trains = CultureTrains { segments: of.segments_of(&active), n_active: active.len() };
        let orders = rule.orders(&trains, &activity.bursts);
        let shape = Shape::new(&trains, &activity.bursts, (BEFORE_MS, AFTER_MS, bin_ms), of.rate_hz());
        let mut electrodes = vec![Electrode::default(); active.len()];
        for order in &orders {
            let (start, share) = (onset(order), share_of_lead(order));
            for joined in order {
                let own = &mut electrodes[joined.train];
                own.n_joined += 1;
                if let (Some(start), Some(first), Some(rank)) = (start, joined.first, joined.rank) {
                    own.n_ordered += 1;
                    own.n_led += if first == start { share } else { 0.0 };
                    own.latencies_ms += of.seconds(first - start) * 1000.0;
                    own.ranks += rank;
                }
            }
        }
        let candidates: Vec<Vec<usize>> = orders.iter().map(|order| placed(order).collect()).collect();
        let resting = at_rest(&trains, &activity.bursts, rule.max_interval);
        let most_led_by_chance = most_led_by_chance(&candidates, &resting);
        Some(Self { culture: culture.to_vec(), active, activity, orders, electrodes, most_led_by_chance, shape })
    }

    /// Each network burst with its order.
    fn bursts(&self) -> impl Iterator<Item = (&NetworkBurst, &[Joined])> {
        self.activity.bursts.iter().zip(self.orders.iter().map(Vec::as_slice))
    }

    /// A number of its network bursts in percent of all.
    #[expect(clippy::cast_precision_loss, reason = "a count of bursts")]
    fn percent(&self, n: f64) -> f64 {
        n * 100.0 / self.activity.bursts.len() as f64
    }

    /// The channel that leads most often, the first of equals, and how often.
    fn leader(&self) -> Option<(usize, f64)> {
        let pairs = self.active.iter().copied().zip(self.electrodes.iter().map(|own| own.n_led));
        pairs.rev().max_by(|one, other| one.1.total_cmp(&other.1)).filter(|(_, n_led)| *n_led > 0.0)
    }

    /// Whether that is more often than the best of electrodes that join alike leads by chance.
    fn leads_more_than_chance(&self) -> Option<bool> {
        let ((_, n_led), most) = self.leader().zip(self.most_led_by_chance)?;
        // Shares of a lead are rounded.
        Some(n_led > f64::from(most) + 1e-9)
    }

    /// The leader beside chance, as a sentence; nothing where nobody does.
    fn told_leader(&self, of: &SpikeTrains) -> String {
        let known = self.leader().zip(self.most_led_by_chance).zip(self.leads_more_than_chance());
        known.map_or_else(String::new, |(((channel, n_led), most), is_more)| {
            format!(
                " {} leads most often, {:.0} % of the network bursts: {} (95 %: up to {:.0} % for the best of electrodes \
                 that join alike).",
                of.info().channel_label(channel),
                self.percent(n_led),
                against_chance(is_more),
                self.percent(f64::from(most)),
            )
        })
    }

    /// How often one given electrode would lead if all that have a place in an order were alike, in percent: the mean.
    #[expect(clippy::cast_precision_loss, reason = "counts of electrodes and bursts")]
    fn percent_by_chance(&self) -> Option<f64> {
        let n_ordered = self.orders.iter().map(|order| placed(order).count());
        let shares: Vec<f64> = n_ordered.filter(|n| *n > 0).map(|n| 100.0 / n as f64).collect();
        (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / self.orders.len() as f64)
    }

    fn measures(&self) -> Option<ShapeMeasures> {
        self.shape.as_ref()?.measures()
    }

    /// Mean latency of each active channel that has one.
    fn latencies_ms(&self) -> impl Iterator<Item = (usize, f64)> {
        let pairs = self.active.iter().zip(&self.electrodes);
        pairs.filter_map(|(channel, own)| Some((*channel, own.over(own.latencies_ms)?)))
    }
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    if let Some(reason) = of.too_short() {
        return Outcome::absent(reason);
    }
    let rule = Recruitment {
        max_interval: frames_within(of, values.number(&MAX_INTERVAL_MS)),
        min_spikes: values.count(&MIN_SPIKES),
    };
    let bin_ms = values.number(&BIN_MS);
    let all: Vec<Own> = of.cultures().iter().filter_map(|culture| Own::new(of, culture, rule, bin_ms)).collect();
    // Of a plate the well with most network bursts is drawn.
    let Some(drawn) = all.iter().rev().max_by_key(|own| own.activity.bursts.len()) else {
        return Outcome::absent("no network bursts, see “Network bursts”");
    };
    let mut drawings: Vec<_> = drawn.shape.as_ref().map(|shape| figures::shape(of, drawn, shape)).into_iter().collect();
    drawings.extend(figures::map(of, drawn));
    Outcome { tables: vec![cultures(of, &all), electrodes(of, &all), list(of, &all)], figures: drawings, absent: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::SegmentTrains;

    #[test]
    fn network_bursts_and_what_leads_up_to_them_are_no_rest() {
        let burst = |start, end| NetworkBurst { segment: 0, start, end, n_participants: 4, participation: 1.0 };
        // 1,000 frames, of which 100..300 and 300..450 are network bursts with 50 frames around each.
        let trains: Vec<&[i64]> = vec![&[10, 99, 100, 149, 200, 260, 399, 449, 999][..], &[]];
        let segments = vec![SegmentTrains { n_frames: 1000, trains }];
        let trains = CultureTrains { segments, n_active: 2 };
        let bursts = [burst(150, 250), burst(260, 400)];
        // Three spikes in 650 frames: 10, 99 and 999.
        assert_eq!(at_rest(&trains, &bursts, 50), [3.0 / 650.0 * 50.0, 0.0]);
        assert_eq!(at_rest(&trains, &[burst(0, 1000)], 50), [0.0, 0.0]);
    }
}
