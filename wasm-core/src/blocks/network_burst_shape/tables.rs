//! Tables of the shape of network bursts: cultures, electrodes, and a row for each network burst.

use super::{Electrode, Own, against_chance, onset, placed};
use crate::analyses::{Joined, ShapeMeasures, SpikeTrains};
use crate::blocks::of_rows::{row_of_each, with_segments, with_wells};
use crate::table::Table;

/// Electrodes of an order that are named.
const N_NAMED: usize = 64;

/// A row for each culture with network bursts.
pub fn cultures(of: &SpikeTrains, all: &[Own]) -> Table {
    let label = |channel: usize| of.info().channel_label(channel).to_owned();
    let measured = |value: fn(ShapeMeasures) -> Option<f64>| all.iter().map(move |own| own.measures().and_then(value));
    row_of_each(of, ("network", "Network"), all.iter().map(|own| own.culture[0]))
        .counts(("n_network_bursts", "Network bursts"), all.iter().map(|own| own.activity.bursts.len() as u64))
        .counts(
            ("n_network_bursts_in_shape", "Of them in the shape"),
            all.iter().map(|own| own.shape.as_ref().map_or(0, |shape| shape.n_bursts as u64)),
        )
        .numbers(("peak_hz", "Peak of an electrode", "Hz"), measured(|shape| Some(shape.peak_hz)))
        .numbers(("peak_ms", "Peak after onset", "ms"), measured(|shape| Some(shape.peak_ms)))
        .numbers(("rise_ms", "Rise", "ms"), measured(|shape| shape.rise_ms))
        .numbers(("half_width_ms", "Width at half height", "ms"), measured(|shape| shape.half_width_ms))
        .texts(
            ("leader", "Leads most often"),
            all.iter().map(|own| own.leader().map_or_else(String::new, |(channel, _)| label(channel))),
        )
        .numbers(
            ("percent_led_by_leader", "Led by it", "%"),
            all.iter().map(|own| own.leader().map(|(_, n_led)| own.percent(n_led))),
        )
        .numbers(
            ("percent_led_by_chance", "One given electrode by chance (mean)", "%"),
            all.iter().map(Own::percent_by_chance),
        )
        .numbers(
            ("percent_led_by_chance_most", "The best one by chance (95 %: up to)", "%"),
            all.iter().map(|own| own.most_led_by_chance.map(|most| own.percent(f64::from(most)))),
        )
        .texts(
            ("leader_chance", "Leader against chance"),
            all.iter().map(|own| own.leads_more_than_chance().map_or("", against_chance).to_owned()),
        )
}

/// A row for each electrode.
pub fn electrodes(of: &SpikeTrains, all: &[Own]) -> Table {
    let info = of.info();
    let mut known: Vec<Option<(&Own, Electrode)>> = vec![None; info.n_channels];
    for own in all {
        for (channel, electrode) in own.active.iter().zip(&own.electrodes) {
            known[*channel] = Some((own, *electrode));
        }
    }
    let channels = 0..known.len();
    let numbers = |value: fn(&Own, Electrode) -> Option<f64>| {
        known.iter().map(|known| known.and_then(|(own, electrode)| value(own, electrode))).collect::<Vec<_>>()
    };
    let table = Table::new("electrodes", "Electrodes")
        .texts(("electrode", "Electrode"), channels.clone().map(|at| info.channel_label(at).to_owned()));
    with_wells(table, of, channels)
        .numbers(("mean_latency_ms", "Latency", "ms"), numbers(|_, electrode| electrode.over(electrode.latencies_ms)))
        .numbers(("mean_rank", "Place in the order", ""), numbers(|_, electrode| electrode.over(electrode.ranks)))
        .numbers(
            ("percent_joined", "Joins", "%"),
            numbers(|own, electrode| Some(own.percent(f64::from(electrode.n_joined)))),
        )
        .numbers(("percent_led", "Leads", "%"), numbers(|own, electrode| Some(own.percent(electrode.n_led))))
}

/// A row for each network burst.
pub fn list(of: &SpikeTrains, all: &[Own]) -> Table {
    let bursts = || all.iter().flat_map(|own| own.bursts().map(move |(burst, order)| (own, burst, order)));
    let with_place = |order: &[Joined]| placed(order).count();
    let spread = |order: &[Joined]| {
        let last = order.iter().rev().find_map(|joined| joined.first)?;
        onset(order).map(|first| of.seconds(last - first) * 1000.0)
    };
    let names = |own: &Own, order: &[Joined]| {
        let channels = placed(order).map(|train| own.active[train]);
        let names: Vec<&str> = channels.take(N_NAMED).map(|channel| of.info().channel_label(channel)).collect();
        names.join(" ")
    };
    let table = with_wells(Table::new("bursts", "Network bursts"), of, bursts().map(|(own, ..)| own.culture[0]));
    with_segments(table, of, bursts().map(|(_, burst, _)| burst.segment))
        .numbers(("start_s", "Start", "s"), bursts().map(|(_, burst, _)| Some(of.time_s(burst.segment, burst.start))))
        .counts(("n_electrodes", "Electrodes that join"), bursts().map(|(.., order)| order.len() as u64))
        .counts(("n_ordered", "With a place in the order"), bursts().map(|(.., order)| with_place(order) as u64))
        .numbers(("spread_ms", "From the first to the last", "ms"), bursts().map(|(.., order)| spread(order)))
        .numbers(
            ("median_latency_ms", "Half have joined after", "ms"),
            bursts().map(|(.., order)| {
                let half = order.get(with_place(order).checked_sub(1)? / 2)?;
                Some(of.seconds(half.first? - onset(order)?) * 1000.0)
            }),
        )
        .texts(("order", "Order, from the first on"), bursts().map(|(own, _, order)| names(own, order)))
}
