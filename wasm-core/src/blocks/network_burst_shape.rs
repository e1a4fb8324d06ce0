//! How network bursts begin and spread: who leads, in which order electrodes join, and how the rate rises and falls.

mod figures;
mod tables;

use std::sync::Arc;

use tables::{cultures, electrodes, list};

use super::of_network::frames_within;
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{
    CultureTrains, Joined, NETWORK_MIN_ACTIVE, NetworkActivity, NetworkBurst, NetworkLimits, Recruitment, Shape,
    ShapeMeasures, SpikeTrains,
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
    version: 1,
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
         electrodes that come at once share the mean of their places. The shape is the mean rate of an active \
         electrode around the onset of the network bursts, in bins of {2} ms: it rises from 10 % to 90 % of its peak, \
         and its width is that at half of it.",
        values.text(&MAX_INTERVAL_MS),
        values.text(&MIN_SPIKES),
        values.text(&BIN_MS),
    )
}

/// What one electrode does over all network bursts of its culture.
#[derive(Clone, Copy, Default)]
struct Electrode {
    n_joined: u32,
    n_led: u32,
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
    shape: Option<Shape>,
}

/// The frame at which the first electrode of an order joins.
fn onset(order: &[Joined]) -> Option<i64> {
    order.first()?.first
}

impl Own {
    fn new(of: &SpikeTrains, culture: &[usize], rule: Recruitment, bin_ms: f64) -> Option<Self> {
        let active = of.active(culture);
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
            let start = onset(order);
            for joined in order {
                let own = &mut electrodes[joined.train];
                own.n_joined += 1;
                if let (Some(start), Some(first), Some(rank)) = (start, joined.first, joined.rank) {
                    own.n_ordered += 1;
                    own.n_led += u32::from(first == start);
                    own.latencies_ms += of.seconds(first - start) * 1000.0;
                    own.ranks += rank;
                }
            }
        }
        Some(Self { culture: culture.to_vec(), active, activity, orders, electrodes, shape })
    }

    /// Each network burst with its order.
    fn bursts(&self) -> impl Iterator<Item = (&NetworkBurst, &[Joined])> {
        self.activity.bursts.iter().zip(self.orders.iter().map(Vec::as_slice))
    }

    /// A number of its network bursts in percent of all.
    #[expect(clippy::cast_precision_loss, reason = "a count of bursts")]
    fn percent(&self, n: u32) -> f64 {
        f64::from(n) * 100.0 / self.activity.bursts.len() as f64
    }

    /// The channel that leads most often, the first of equals, and how often.
    fn leader(&self) -> Option<(usize, u32)> {
        let pairs = self.active.iter().copied().zip(self.electrodes.iter().map(|own| own.n_led));
        pairs.rev().max_by_key(|(_, n_led)| *n_led).filter(|(_, n_led)| *n_led > 0)
    }

    /// How often an electrode would lead if all that have a place in an order were alike, in percent.
    #[expect(clippy::cast_precision_loss, reason = "counts of electrodes and bursts")]
    fn percent_by_chance(&self) -> Option<f64> {
        let n_ordered = self.orders.iter().map(|order| order.iter().filter(|joined| joined.rank.is_some()).count());
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
