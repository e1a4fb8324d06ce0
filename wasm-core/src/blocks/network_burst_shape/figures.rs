//! The mean shape, and where network bursts come from.

use super::{AFTER_MS, BEFORE_MS, Own};
use crate::analyses::{Shape, SpikeTrains};
use crate::figure::{Axis, Figure, Layer};

/// The well of a culture in a sentence; nothing where there are no wells.
fn place(of: &SpikeTrains, own: &Own) -> String {
    let well = own.culture.first().map_or("", |channel| of.well(*channel));
    if well.is_empty() { String::new() } else { format!(" of well {well}") }
}

/// The mean rate around the onset.
pub fn shape(of: &SpikeTrains, own: &Own, shape: &Shape) -> Figure {
    let most = shape.points.iter().fold(0.0, |most: f64, (_, rate)| most.max(*rate));
    let place = place(of, own);
    let told = shape.measures().map_or_else(String::new, |found| {
        let width = found.half_width_ms.map_or_else(String::new, |width| format!(", {width:.0} ms wide at half of it"));
        format!(": {:.1} Hz at {:.0} ms{width}", found.peak_hz, found.peak_ms)
    });
    Figure {
        id: "shape".into(),
        title: format!("Mean network burst{place}"),
        sentence: format!("Rate of an active electrode around the onset of {} network bursts{told}.", shape.n_bursts),
        x: Axis::linear("Time from the onset", "ms", (-BEFORE_MS, AFTER_MS)),
        y: Axis::linear("Rate of an active electrode", "Hz", (0.0, if most > 0.0 { most } else { 1.0 })),
        layers: vec![Layer::Limit { at: 0.0 }, Layer::Line { points: shape.points.clone() }],
    }
}

/// Mean latency of each electrode where it lies; none where nobody knows where they lie.
pub fn map(of: &SpikeTrains, own: &Own) -> Option<Figure> {
    let positions = of.info().positions_um.as_ref()?;
    let at = |channel: usize| positions.get(channel).copied();
    let latencies: Vec<([f64; 2], f64)> =
        own.latencies_ms().filter_map(|(channel, ms)| Some((at(channel)?, ms))).collect();
    let all: Vec<[f64; 2]> = own.culture.iter().filter_map(|channel| at(*channel)).collect();
    if latencies.is_empty() {
        return None;
    }
    let place = place(of, own);
    let last = latencies.iter().map(|(_, ms)| *ms).fold(0.0, f64::max);
    let told = format!("{} electrodes{place}, the last of which joins after {last:.0} ms on average", latencies.len());
    let ms_at = |at: &[f64; 2]| latencies.iter().find(|(place, _)| place == at).map(|(_, ms)| *ms);
    let values = all.iter().map(ms_at).collect();
    let leader = own.told_leader(of);
    let sentence = format!("Mean latency of {told}. Pale electrodes do not join.{leader}");
    let title = "When electrodes join (ms from the first)".to_owned();
    let points = all.iter().map(|[x, y]| (*x, *y)).collect();
    let range = (0.0, if last > 0.0 { last } else { 1.0 });
    Some(Figure::map(("map", title, sentence), (points, "µm"), values, range))
}
