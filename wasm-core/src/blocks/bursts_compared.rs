//! Bursts by five methods, side by side.

mod figures;
mod methods;

use std::cmp::Reverse;

use self::figures::Shown;
pub(crate) use self::methods::MAX_INTERVAL_VALUES;
use self::methods::{LOG_ISI_SHORT_MS, METHODS, MaxIntervalValues, Search, in_random};
use super::of_bursts::n_inside;
use super::of_rows::{row_of_each, with_wells};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{
    BURST_MAX_ISI_S, BURST_MIN_SPIKES, Limit, MIN_DURATION_S, POISSON_MIN_SURPRISE, RANK_MAX_PROBABILITY,
    RANK_SHORT_PERCENT, REFRACTORY_S, SpikeTrains, mean,
};
use crate::table::Table;

const MAX_INTERVAL: ParamSpec = ParamSpec::choice(
    "max_interval",
    "MaxInterval with",
    &[
        ("neuroexplorer", "values of NeuroExplorer"),
        ("meartools", "values of meaRtools"),
        ("one_interval", "100 ms for start and end"),
    ],
    "NeuroExplorer's values, as in Cotterill et al. 2016; with one interval it is the fixed interval.",
);
const ELECTRODE: ParamSpec = ParamSpec::number(
    "electrode",
    ("Shown electrode", "by spikes"),
    (1.0, 100_000.0),
    (1.0, 1.0),
    "1: the electrode with most spikes.",
);
const SHOWN_S: ParamSpec = ParamSpec::number(
    "shown_s",
    ("Shown", "s"),
    (5.0, 600.0),
    (5.0, 60.0),
    "60 s: single bursts are seen, and there are several.",
);

/// Compares them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "bursts_compared",
    version: 1,
    title: "Bursts by five methods",
    purpose: "Do the bursts of an electrode depend on the method? Where all agree, and random firing has far fewer, the method does not matter.",
    takes: Port::Spikes,
    gives: Port::Table,
    optional: true,
    params: &[&MAX_INTERVAL, &ELECTRODE, &SHOWN_S],
    source: "Cotterill et al. 2016, doi:10.1152/jn.00093.2016",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    let MaxIntervalValues { ms: [start, inside, gap, duration], min_spikes, .. } = max_interval(values);
    format!(
        "MaxInterval: bursts start within {start} ms, go on within {inside} ms, are one where less than {gap} ms \
         apart, last at least {duration} ms and have at least {min_spikes} spikes. Fixed interval: at least \
         {BURST_MIN_SPIKES} spikes with no interval above {} ms. logISI: the limit of each electrode is the valley in \
         the histogram of the logarithms of its intervals; where no valley separates two peaks, or it lies at 1 s or \
         more, the limit is {LOG_ISI_SHORT_MS} ms, and without a peak below {LOG_ISI_SHORT_MS} ms there are no bursts. \
         Poisson surprise: above {POISSON_MIN_SURPRISE}; its limit is half the mean interval, below which a burst \
         starts. Rank surprise: by chance at most {} %; its limit is the {RANK_SHORT_PERCENT} % percentile of the \
         intervals. Beside each number of bursts stands how many the method finds on average in random firing at the \
         same rate: spikes that know nothing of each other but a refractory time of {} ms (Poisson). Where that has \
         half as many or more, these bursts tell nothing.",
        BURST_MAX_ISI_S * 1000.0,
        RANK_MAX_PROBABILITY * 100.0,
        REFRACTORY_S * 1000.0,
    )
}

fn max_interval(values: Values<'_>) -> &'static MaxIntervalValues {
    let name = values.name(&MAX_INTERVAL);
    MAX_INTERVAL_VALUES.iter().find(|known| known.name == name).unwrap_or(&MAX_INTERVAL_VALUES[0])
}

/// What the methods find on an electrode, in their order.
struct Own {
    n: [u64; 5],
    /// Bursts in random firing.
    random: [f64; 5],
    n_inside: [u64; 5],
    mean_duration_s: [Option<f64>; 5],
    log_isi: Limit,
}

impl Own {
    fn new(of: &SpikeTrains, search: &Search, random: [f64; 5]) -> Self {
        let bursts = search.bursts.each_ref();
        Self {
            n: bursts.map(|own| own.iter().map(|segment| segment.len() as u64).sum()),
            random,
            n_inside: bursts.map(|own| n_inside(own)),
            mean_duration_s: bursts
                .map(|own| mean(own.iter().flatten().map(|burst| of.seconds(burst.end - burst.start)))),
            log_isi: search.log_isi,
        }
    }
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let n_channels = of.info().n_channels;
    let mut order: Vec<usize> = (0..n_channels).filter(|channel| of.n_spikes(*channel) > 0).collect();
    order.sort_by_key(|channel| Reverse(of.n_spikes(*channel)));
    let place = values.count(&ELECTRODE).saturating_sub(1).min(order.len().saturating_sub(1));
    let Some(channel) = order.get(place).copied() else { return Outcome::absent("no spikes") };
    let with = max_interval(values);
    let own = |channel| Own::new(of, &Search::new(of, channel, with), in_random(of, channel, with));
    let all: Vec<Own> = (0..n_channels).map(own).collect();
    let search = Search::new(of, channel, with);
    let shown = Shown { of, channel, search: &search };
    Outcome {
        tables: vec![cultures(of, &all), electrodes(of, &all)],
        figures: vec![shown.limits(), shown.rows(values.number(&SHOWN_S))],
        absent: None,
    }
}

/// A row for each electrode, four columns for each method.
#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
fn electrodes(of: &SpikeTrains, all: &[Own]) -> Table {
    let info = of.info();
    let table = Table::new("electrodes", "Electrodes")
        .texts(("electrode", "Electrode"), (0..all.len()).map(|at| info.channel_label(at).to_owned()));
    let mut table =
        with_wells(table, of, 0..all.len()).counts(("n_spikes", "Spikes"), (0..all.len()).map(|at| of.n_spikes(at)));
    for (at, (name, title)) in METHODS.into_iter().enumerate() {
        let share = |(channel, own): (usize, &Own)| {
            let n = of.n_spikes(channel);
            (n > 0).then(|| own.n_inside[at] as f64 * 100.0 / n as f64)
        };
        table = table
            .counts(
                (format!("{name}_n_bursts").as_str(), format!("{title}: bursts").as_str()),
                all.iter().map(|own| own.n[at]),
            )
            .numbers(
                (format!("{name}_n_bursts_random").as_str(), format!("{title}: in random firing").as_str(), ""),
                all.iter().map(|own| Some(own.random[at])),
            )
            .numbers(
                (
                    format!("{name}_percent_spikes_in_bursts").as_str(),
                    format!("{title}: spikes in bursts").as_str(),
                    "%",
                ),
                all.iter().enumerate().map(share),
            )
            .numbers(
                (format!("{name}_mean_duration_s").as_str(), format!("{title}: duration").as_str(), "s"),
                all.iter().map(|own| own.mean_duration_s[at]),
            );
    }
    table
        .numbers(
            ("log_isi_limit_ms", "logISI: limit", "ms"),
            all.iter().map(|own| own.log_isi.used_ms(LOG_ISI_SHORT_MS)),
        )
        .texts(("log_isi_limit_from", "logISI: limit from"), all.iter().map(|own| own.log_isi.told().to_owned()))
}

/// A row for each culture, four columns for each method.
#[expect(clippy::cast_precision_loss, reason = "counts of bursts")]
fn cultures(of: &SpikeTrains, all: &[Own]) -> Table {
    let info = of.info();
    let cultures: Vec<&Vec<usize>> = of.cultures().iter().filter(|culture| !culture.is_empty()).collect();
    let active: Vec<Vec<usize>> = cultures.iter().map(|culture| of.active(culture)).collect();
    let mut table = row_of_each(of, ("culture", "Culture"), cultures.iter().map(|culture| culture[0]))
        .counts(("active_electrodes", "Active electrodes"), active.iter().map(|own| own.len() as u64));
    for (at, (name, title)) in METHODS.into_iter().enumerate() {
        let per_min = |channel: &usize| {
            let observed_s = of.observed_s(*channel);
            let is_long = info.duration_s() >= MIN_DURATION_S && observed_s > 0.0;
            is_long.then(|| all[*channel].n[at] as f64 * 60.0 / observed_s)
        };
        let n_bursting = |own: &Vec<usize>| own.iter().filter(|channel| all[**channel].n[at] > 0).count() as u64;
        table = table
            .counts(
                (format!("{name}_n_bursts").as_str(), format!("{title}: bursts").as_str()),
                cultures.iter().map(|culture| culture.iter().map(|channel| all[*channel].n[at]).sum::<u64>()),
            )
            .numbers(
                (format!("{name}_n_bursts_random").as_str(), format!("{title}: in random firing").as_str(), ""),
                cultures.iter().map(|culture| Some(culture.iter().map(|channel| all[*channel].random[at]).sum())),
            )
            .counts(
                (
                    format!("{name}_bursting_electrodes").as_str(),
                    format!("{title}: active electrodes with bursts").as_str(),
                ),
                active.iter().map(n_bursting),
            )
            .numbers(
                (
                    format!("{name}_bursts_per_min").as_str(),
                    format!("{title}: rate of an active electrode").as_str(),
                    "per min",
                ),
                active.iter().map(|own| mean(own.iter().filter_map(per_min))),
            );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_of_max_interval_is_known() {
        let crate::blocks::Control::Choice(options) = &MAX_INTERVAL.control else { panic!("a choice") };
        let names: Vec<&str> = options.iter().map(|option| option.0).collect();
        assert!(names.into_iter().eq(MAX_INTERVAL_VALUES.iter().map(|known| known.name)));
        assert_eq!(max_interval(Values::default()).ms[0], 170.0);
    }
}
