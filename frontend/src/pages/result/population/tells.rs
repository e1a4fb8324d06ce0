//! What raster and rate tell of the place under the pointer, and the rate as a table.

use std::rc::Rc;

use yew::prelude::*;

use super::{PopulationProps, Sorted};
use crate::pages::names::called;
use crate::plots::raster::{Order, Sight, nearest};
use crate::ui::canvas::{Size, Teller};
use crate::ui::format::{fixed, trimmed};

/// A spike is told of where the pointer is this close.
const NEAR_PX: f64 = 4.0;

/// Electrode, time, the spike there, and what the rows are sorted by.
pub fn of_spikes(props: &PopulationProps, sight: Sight, sorted: &Sorted) -> Teller {
    let (computed, spikes, rows) = (Rc::clone(&props.computed), Rc::clone(&props.spikes), Rc::clone(&sorted.rows));
    let (summary, latencies, order) =
        (Rc::clone(&props.summary), props.linked.found.latencies_ms.clone().ok(), sorted.order);
    Teller::from(move |((x, y), (width, height)): ((f64, f64), Size)| {
        let channel = rows.channel(sight.row_at(y, height)?)?;
        let time_s = sight.time_at(x, width);
        let spike = nearest(&spikes, channel, time_s, NEAR_PX * sight.span_s() / width);
        let mut told = vec![called(&computed.info, channel), seconds(spike.map_or(time_s, |spike| spike.0), sight)];
        if let Some((_, amplitude)) = spike {
            // Stored spikes may come without amplitudes.
            let size = || fixed(f64::from(amplitude), 1);
            told.push(if amplitude == 0.0 { "a spike".into() } else { format!("a spike of {} µV", size()) });
        }
        let latency = latencies.as_ref().and_then(|known| known.get(channel).copied().flatten());
        let rate = summary.channels.get(channel).and_then(|channel| channel.rate_hz);
        told.extend(match order {
            Order::Recruitment => latency.map(|ms| format!("joins after {} ms", trimmed(ms, 1))),
            _ => rate.map(|hz| format!("{} Hz", trimmed(hz, 2))),
        });
        Some(told.join(" · "))
    })
}

/// Time and rate of a bin.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "bins")]
pub fn of_rate(sight: Sight, rates: &Rc<Vec<f64>>) -> Teller {
    let rates = Rc::clone(rates);
    Teller::from(move |((x, _), (width, _)): ((f64, f64), Size)| {
        let time_s = sight.time_at(x, width);
        let bin = (time_s - sight.times.0) / sight.span_s().max(1e-9) * rates.len() as f64;
        at_rate(sight, &rates, (bin as usize).min(rates.len().checked_sub(1)?))
    })
}

/// The time of the middle of a bin, of so many over the times in sight.
#[expect(clippy::cast_precision_loss, reason = "bins")]
fn middle_s(sight: Sight, n_bins: usize, bin: usize) -> f64 {
    sight.times.0 + (bin as f64 + 0.5) / n_bins.max(1) as f64 * sight.span_s()
}

/// A bin: the time of its middle, and the rate.
pub fn at_rate(sight: Sight, rates: &[f64], bin: usize) -> Option<String> {
    let time_s = middle_s(sight, rates.len(), bin);
    Some(format!("{} · {} Hz", seconds(time_s, sight), trimmed(*rates.get(bin)?, 1)))
}

/// A time, with more digits where less of the recording is in sight.
pub fn seconds(time_s: f64, sight: Sight) -> String {
    format!("{} s", trimmed(time_s, if sight.span_s() < 1.0 { 4 } else { 3 }))
}

/// The rate in its bins.
pub fn rates_csv(sight: Sight, rates: &Rc<Vec<f64>>) -> Callback<(), String> {
    let rates = Rc::clone(rates);
    Callback::from(move |()| {
        let mut csv = String::from("time_s,population_rate_hz\n");
        for (bin, rate) in rates.iter().enumerate() {
            let time_s = middle_s(sight, rates.len(), bin);
            csv += &format!("{time_s},{rate}\n");
        }
        csv
    })
}
