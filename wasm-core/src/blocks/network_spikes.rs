//! Network spikes: a few milliseconds in which many electrodes fire.

use super::of_network::{Electrodes, SPIKES, chance_words, each, frames_of, outcome};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{HALF_WIDTH_BINS, NetworkSpike, NetworkSpikes, SpikeTrains, beside_chance, median};
use crate::table::Table;

const BIN_MS: ParamSpec = ParamSpec::number(
    "bin_ms",
    ("Bins of", "ms"),
    (0.5, 50.0),
    (0.5, 3.0),
    "3 ms: sjemea and meaRtools; 10 ms in Eytan & Marom 2006.",
);
const MORE_THAN: ParamSpec = ParamSpec::number(
    "more_than",
    ("More than", "electrodes"),
    (1.0, 1000.0),
    (1.0, 5.0),
    "5 electrodes: sjemea and meaRtools, which ask for more than that, so for six at least.",
);

/// Finds them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "network_spikes",
    version: 1,
    title: "Network spikes",
    purpose: "How many electrodes fire within the same few milliseconds, and how often?",
    takes: Port::Spikes,
    gives: Port::NetworkBursts,
    optional: true,
    params: &[&BIN_MS, &MORE_THAN],
    source: "Eytan & Marom 2006, doi:10.1523/JNEUROSCI.1627-06.2006; counted as in sjemea and meaRtools",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "In bins of {} ms from the start of the recording the electrodes that fire are counted. Each stretch of bins \
         with spikes has one network spike where more than {} electrodes fire in a bin of it; its height is the \
         largest number, its time the start of the first such bin. It reaches as far as at least half as many fire, \
         and its width is taken at half of the height, on straight lines between bins, within {HALF_WIDTH_BINS} bins \
         to each side. {}",
        values.text(&BIN_MS),
        values.text(&MORE_THAN),
        chance_words(),
    )
}

/// Computes it.
#[expect(clippy::cast_precision_loss, reason = "counts of electrodes")]
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    if let Some(reason) = of.too_short() {
        return Outcome::absent(reason);
    }
    let rule = NetworkSpikes { bin_frames: frames_of(of, values.number(&BIN_MS)), more_than: values.count(&MORE_THAN) };
    let all = each(of, Electrodes::Firing, |trains, _| {
        (Ok(beside_chance(trains, |trains| rule.bursts(trains))), Some(rule.spikes(trains)))
    });
    let width_s = |spike: &NetworkSpike| spike.width_frames.map(|frames| frames / of.rate_hz());
    let spikes = || all.iter().map(|own| own.more.as_deref().unwrap_or_default());
    let of_wells = Table::default()
        .numbers(
            ("median_electrodes", "Height (median)", ""),
            spikes().map(|own| median(own.iter().map(|spike| spike.burst.n_electrodes as f64))),
        )
        .numbers(
            ("median_width_s", "Width at half height (median)", "s"),
            spikes().map(|own| median(own.iter().filter_map(width_s))),
        );
    let of_list = Table::default()
        .numbers(
            ("time_s", "Peak", "s"),
            spikes().flatten().map(|spike| Some(of.time_s(spike.burst.segment, spike.at))),
        )
        .numbers(("width_s", "Width at half height", "s"), spikes().flatten().map(width_s));
    outcome(of, SPIKES, &all, of_wells, of_list)
}
