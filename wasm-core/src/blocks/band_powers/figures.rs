//! The mean spectrum, and the course of each band.

use super::{Own, Window, named};
use crate::analyses::{FREQUENCY_BANDS, MeanList};
use crate::figure::{Axis, Figure, Layer};

/// Both figures, as far as there is something to draw.
pub fn figures(frequencies_hz: &[f64], highest_hz: f64, own: &[Own], course: &[Window]) -> Vec<Figure> {
    spectrum(frequencies_hz, highest_hz, own).into_iter().chain(courses(course)).collect()
}

/// The ends of values above zero, where there are two different ones.
fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let known = values.filter(|value| value.is_finite() && *value > 0.0);
    let (low, high) = known.fold((f64::INFINITY, 0.0_f64), |(low, high), value| (value.min(low), value.max(high)));
    (low < high).then_some((low, high))
}

fn spectrum(frequencies_hz: &[f64], highest_hz: f64, own: &[Own]) -> Option<Figure> {
    let mut mean = MeanList::default();
    let alive: Vec<&Own> = own.iter().filter(|own| own.total().is_some()).collect();
    for density in alive.iter().filter_map(|own| own.density.as_ref()) {
        mean.add(density);
    }
    let low_hz = FREQUENCY_BANDS[0].low_hz;
    let density = mean.mean()?;
    let points: Vec<(f64, f64)> = frequencies_hz
        .iter()
        .copied()
        .zip(density)
        .filter(|(hz, value)| (low_hz..=highest_hz).contains(hz) && *value > 0.0)
        .collect();
    let range = ends(points.iter().map(|point| point.1))?;
    let (peak_hz, _) = points.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let edges = FREQUENCY_BANDS.iter().map(|band| band.high_hz).filter(|hz| *hz < highest_hz);
    let mut layers: Vec<Layer> = edges.map(|at| Layer::Limit { at }).collect();
    layers.push(Layer::Line { points });
    Some(Figure {
        id: "spectrum".into(),
        title: "Power spectrum".into(),
        sentence: format!(
            "Mean spectrum of {} electrodes from {low_hz} to {highest_hz:.0} Hz, strongest at {peak_hz:.1} Hz; upright \
             lines are the ends of the bands.",
            alive.len()
        ),
        x: Axis::log("Frequency", "Hz", (low_hz, highest_hz)),
        y: Axis::log("Power", "µV²/Hz", range),
        layers,
    })
}

/// A line for each band: the mean of the cultures.
fn courses(course: &[Window]) -> Option<Figure> {
    // Windows of cultures that begin together are one point.
    let mut points: Vec<(f64, MeanList)> = Vec::new();
    for window in course {
        let middle_s = window.start_s + window.duration_s / 2.0;
        let known = points.iter().position(|(known_s, _)| *known_s == middle_s).unwrap_or_else(|| {
            points.push((middle_s, MeanList::default()));
            points.len() - 1
        });
        points[known].1.add(&window.powers);
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let means: Vec<(f64, Vec<f64>)> =
        points.iter().filter_map(|(middle_s, mean)| Some((*middle_s, mean.mean()?))).collect();
    let (first, last) = (means.first()?.0, means.last()?.0);
    let range = ends(means.iter().flat_map(|(_, powers)| powers.iter().copied()))?;
    let line = |band: usize| -> Vec<(f64, f64)> {
        let of = |(middle_s, powers): &(f64, Vec<f64>)| Some((*middle_s, *powers.get(band)?));
        means.iter().filter_map(of).filter(|(_, power)| power.is_finite() && *power > 0.0).collect()
    };
    let lines: Vec<(usize, Vec<(f64, f64)>)> =
        (0..FREQUENCY_BANDS.len()).map(|band| (band, line(band))).filter(|(_, points)| !points.is_empty()).collect();
    // There is no room for names beside the lines: the sentence has them in the order in which they end.
    let mut order: Vec<(f64, String)> = lines
        .iter()
        .filter_map(|(band, points)| Some((points.last()?.1, named(FREQUENCY_BANDS[*band].name))))
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let order: Vec<String> = order.into_iter().map(|(power, name)| format!("{name} ({power:.3} µV²)")).collect();
    Some(Figure {
        id: "course".into(),
        title: "Course of the band powers".into(),
        sentence: format!(
            "Power of each band from {first:.1} to {last:.1} s. At the right, from the top: {}.",
            order.join(", ")
        ),
        x: Axis::linear("Time", "s", (first, last)),
        y: Axis::log("Power", "µV²", range),
        layers: lines.into_iter().map(|(_, points)| Layer::Line { points }).collect(),
    })
}
