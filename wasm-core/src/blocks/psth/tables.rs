//! Tables of responses: trials, cultures, electrodes, and the kinds of events that there are.

use std::cmp::Ordering;

use super::{Culture, Found, Own};
use crate::analyses::{EventKind, SpikeTrains};
use crate::blocks::of_rows::with_wells;
use crate::table::Table;

/// Kinds that are listed: as many as can be chosen.
const MAX_KINDS: usize = 100;

/// A row for each kind of events.
pub fn kinds(known: &[EventKind]) -> Table {
    let rows = || known.iter().take(MAX_KINDS);
    Table::new("events", "Events")
        .counts(("kind", "Kind"), (1..).take(rows().count()))
        .texts(("source", "Source"), rows().map(|kind| kind.source.clone()))
        .texts(("label", "Label"), rows().map(|kind| kind.label.clone()))
        .counts(("n_events", "Events"), rows().map(|kind| kind.events.len() as u64))
}

/// One row: which events make trials.
pub fn trials(found: &Found) -> Table {
    let (kind, trials) = (&found.events.kind, &found.events.trials);
    let n_blanked = found.cultures.iter().map(|culture| culture.all.n_blanked).sum::<u64>();
    Table::new("trials", "Trials")
        .texts(("source", "Source"), [kind.source.clone()])
        .texts(("label", "Label"), [kind.label.clone()])
        .counts(("n_events", "Events"), [kind.events.len() as u64])
        .counts(("n_trials", "Trials"), [trials.places.len() as u64])
        .counts(("n_beyond_end", "Beyond what was recorded"), [trials.n_beyond])
        .counts(("n_overlapping", "Within the trial before"), [trials.n_overlapping])
        .counts(("n_spikes_left_out", "Spikes left out close to the event"), [n_blanked])
}

/// A row for each culture.
#[expect(clippy::cast_precision_loss, reason = "counts of electrodes")]
pub fn cultures(of: &SpikeTrains, found: &Found) -> Table {
    let all = &found.cultures;
    let rates: Vec<(f64, f64)> = all.iter().map(|culture| found.rates_hz(of, &culture.all)).collect();
    let [more, less] = [Ordering::Greater, Ordering::Less]
        .map(|side| all.iter().map(|culture| found.n_that(culture, side)).collect::<Vec<u64>>());
    let percent = |((culture, more), less): ((&Culture, &u64), &u64)| {
        Some((more + less) as f64 * 100.0 / culture.channels.len() as f64)
    };
    let mut table = if of.info().wells.is_some() {
        let well = |culture: &Culture| culture.channels.first().map_or("", |channel| of.well(*channel)).to_owned();
        Table::new("wells", "Wells").texts(("well", "Well"), all.iter().map(well))
    } else {
        Table::new("culture", "Culture")
    };
    table = table
        .counts(("n_electrodes", "Electrodes"), all.iter().map(|culture| culture.channels.len() as u64))
        .counts(("n_electrodes_more", "Fire more"), more.iter().copied())
        .counts(("n_electrodes_less", "Fire less"), less.iter().copied())
        .numbers(("percent_responding", "Share that responds", "%"), all.iter().zip(&more).zip(&less).map(percent));
    table
        .numbers(("baseline_hz", "All spikes before", "Hz"), rates.iter().map(|(before, _)| Some(*before)))
        .numbers(("response_hz", "All spikes behind", "Hz"), rates.iter().map(|(_, after)| Some(*after)))
        .numbers(("difference_hz", "Difference", "Hz"), rates.iter().map(|(before, after)| Some(after - before)))
        .numbers(("p", "p", ""), all.iter().map(|culture| culture.all.test.map(|test| test.p)))
        .numbers(("p_adjusted", "p for all cultures", ""), all.iter().map(|culture| culture.all.adjusted))
}

/// A row for each electrode; nothing is said of one that was observed for a part of the time.
pub fn electrodes(of: &SpikeTrains, found: &Found) -> Table {
    let info = of.info();
    let all = &found.electrodes;
    let n_trials = found.events.trials.places.len() as u64;
    // Only where the stretches are equally long can the two shares be compared.
    let is_as_long = found.events.window.baseline() >= found.events.window.response();
    let rates: Vec<Option<(f64, f64)>> =
        all.iter().map(|own| own.as_ref().map(|own| found.rates_hz(of, own))).collect();
    let numbers = |value: &dyn Fn(&Own) -> Option<f64>| {
        all.iter().map(|own| own.as_ref().and_then(value)).collect::<Vec<Option<f64>>>()
    };
    let counts = |value: fn(&Own) -> u64| all.iter().map(move |own| own.as_ref().map_or(0, value));
    let words = |own: Option<&Own>| match own.and_then(Own::responds) {
        Some(Ordering::Greater) => "more".to_owned(),
        Some(_) => "less".to_owned(),
        None => String::new(),
    };
    let table = Table::new("electrodes", "Electrodes")
        .texts(("electrode", "Electrode"), (0..all.len()).map(|at| info.channel_label(at).to_owned()));
    let table = with_wells(table, of, 0..all.len())
        .counts(("n_trials", "Trials"), all.iter().map(|own| own.as_ref().map_or(0, |_| n_trials)))
        .numbers(("baseline_hz", "Before", "Hz"), rates.iter().map(|rates| rates.map(|(before, _)| before)))
        .numbers(("response_hz", "Behind", "Hz"), rates.iter().map(|rates| rates.map(|(_, after)| after)))
        .numbers(
            ("difference_hz", "Difference", "Hz"),
            rates.iter().map(|rates| rates.map(|(before, after)| after - before)),
        )
        .numbers(("p", "p", ""), numbers(&|own| own.test.map(|test| test.p)))
        .numbers(("p_adjusted", "p for all electrodes", ""), numbers(&|own| own.adjusted))
        .texts(("response", "Fires"), all.iter().map(Option::as_ref).map(words));
    table
        .numbers(
            ("percent_trials_with_spike", "Response probability", "%"),
            numbers(&|own| Some(found.per_trial(own.n_with) * 100.0)),
        )
        .numbers(
            ("percent_trials_with_spike_before", "The same before", "%"),
            numbers(&|own| is_as_long.then(|| found.per_trial(own.n_with_before) * 100.0)),
        )
        .numbers(("first_spike_ms", "First spike after", "ms"), numbers(&|own| own.latency_ms))
        .numbers(("first_spike_jitter_ms", "Its jitter", "ms"), numbers(&|own| own.jitter_ms))
        .counts(("n_spikes_left_out", "Spikes left out"), counts(|own| own.n_blanked))
}
