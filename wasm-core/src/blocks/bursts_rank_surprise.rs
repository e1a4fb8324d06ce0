//! Bursts whose intervals are short among all of their electrode.

use super::of_bursts::chance_words;
use super::of_surprise::outcome;
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{Burst, RANK_MAX_INTERVALS, RankSurprise, SpikeTrains};
use crate::table::Table;

const SHORT_PERCENT: ParamSpec = ParamSpec::number(
    "short_percent",
    ("Shorter than", "% of intervals"),
    (10.0, 95.0),
    (1.0, 75.0),
    "75 %: Gourévitch & Eggermont 2007; a burst has no interval of the longest quarter.",
);
const PERCENT_BY_CHANCE: ParamSpec = ParamSpec::number(
    "percent_by_chance",
    ("By chance at most", "%"),
    (0.001, 10.0),
    (0.1, 1.0),
    "1 %, a surprise of 4.6: Gourévitch & Eggermont 2007.",
);

/// Finds them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "bursts_rank_surprise",
    version: 2,
    title: "Bursts (rank surprise)",
    purpose: "Does an electrode fire in bursts, whatever its rate? Its intervals are compared with each other alone.",
    takes: Port::Spikes,
    gives: Port::Bursts,
    optional: true,
    params: &[&SHORT_PERCENT, &PERCENT_BY_CHANCE],
    source: "Gourévitch & Eggermont 2007, doi:10.1016/j.jneumeth.2006.09.024; compared with others in Cotterill et al. 2016, doi:10.1152/jn.00093.2016",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "An electrode's intervals are ranked from the shortest on; equal ones share the mean of their ranks. The \
         surprise of a burst is -ln of the probability that as many ranks drawn at random sum up to no more than its \
         own: exact below 30 intervals, by the normal distribution from 30 on. Bursts lie where every interval is \
         below the {} % percentile (interpolated), and have at least three spikes and, to bound the work, at most \
         {RANK_MAX_INTERVALS} intervals. The most surprising is taken first, then the next that shares no interval \
         with it, while the probability is at most {} %. Many stretches are tried, so that intervals in random order \
         have such bursts too: at 1 % about 17 in 1,000 spikes. {}",
        values.text(&SHORT_PERCENT),
        values.text(&PERCENT_BY_CHANCE),
        chance_words(),
    )
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let (short_percent, max_probability) = (values.count(&SHORT_PERCENT), values.number(&PERCENT_BY_CHANCE) / 100.0);
    let mut found: Vec<Vec<Vec<(Burst, f64)>>> = Vec::new();
    let mut limits_ms = Vec::new();
    for channel in 0..of.info().n_channels {
        let method = RankSurprise::new(of.of(channel), short_percent, max_probability);
        found.push(of.of(channel).map(|train| method.surprises(train)).collect());
        limits_ms.push(method.limit().map(|limit| limit * 1000.0 / of.rate_hz()));
    }
    let more = Table::default().numbers(("limit_ms", "All intervals below", "ms"), limits_ms);
    let find = |train: &[i64]| RankSurprise::new([train], short_percent, max_probability).bursts(train);
    outcome(of, &found, &find, more)
}
