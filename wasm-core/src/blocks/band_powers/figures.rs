//! The mean spectrum, and the course of each band.

use super::{Own, Window, named};
use crate::analyses::{Bins, FREQUENCY_BANDS, Hum, MeanList};
use crate::figure::{Axis, Figure, Layer};

/// Both figures, as far as there is something to draw. Their sentences begin with `hum`.
pub fn figures(
    (frequencies_hz, highest_hz): (&[f64], f64),
    own: &[Own],
    (course, course_s): (&[Window], &str),
    hum: &str,
) -> Vec<Figure> {
    let mut all: Vec<Figure> =
        spectrum(frequencies_hz, highest_hz, own).into_iter().chain(courses(course, course_s)).collect();
    for figure in &mut all {
        figure.sentence.insert_str(0, hum);
    }
    all
}

/// The mean density of the electrodes with a signal.
fn mean_density(own: &[Own]) -> Option<Vec<f64>> {
    let mut mean = MeanList::default();
    for density in own.iter().filter(|own| own.total().is_some()).filter_map(|own| own.density.as_ref()) {
        mean.add(density);
    }
    mean.mean()
}

/// A warning of hum of the mains that is counted as power of a band, in words; nothing where there is none.
pub fn hum(frequencies_hz: &[f64], (highest_hz, left_out_hz): (f64, Option<f64>), own: &[Own]) -> String {
    let Some(density) = mean_density(own) else { return String::new() };
    let found = Hum::of(frequencies_hz, &density, highest_hz).filter(|hum| left_out_hz != Some(hum.mains_hz));
    let Some(Hum { mains_hz, ratio, harmonics_hz }) = found else { return String::new() };
    let band = FREQUENCY_BANDS.iter().position(|band| band.low_hz <= mains_hz && mains_hz < band.high_hz);
    let power = |left_out_hz: Option<f64>| {
        let powers = Bins::new(frequencies_hz, highest_hz, left_out_hz).powers(&density);
        powers.get(band?).copied().flatten()
    };
    let share =
        power(None).zip(power(Some(mains_hz))).filter(|(all, _)| *all > 0.0).map(|(all, rest)| 1.0 - rest / all);
    let counted = share.zip(band).map_or_else(String::new, |(share, band)| {
        format!(" It makes {:.0} % of the power of {}.", share * 100.0, FREQUENCY_BANDS[band].name)
    });
    let more = match harmonics_hz.as_slice() {
        [] => String::new(),
        all => {
            let all: Vec<String> = all.iter().map(|hz| format!("{hz:.0}")).collect();
            format!(", and peaks at its multiples ({} Hz)", all.join(", "))
        }
    };
    format!(
        "Hum of the mains: a peak at {mains_hz:.0} Hz has {ratio:.0} times the power around it{more}.{counted} To leave \
         it out, set “Leave out hum” to “At {mains_hz:.0} Hz”. "
    )
}

/// The ends of values above zero, where there are two different ones.
fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let known = values.filter(|value| value.is_finite() && *value > 0.0);
    let (low, high) = known.fold((f64::INFINITY, 0.0_f64), |(low, high), value| (value.min(low), value.max(high)));
    (low < high).then_some((low, high))
}

fn spectrum(frequencies_hz: &[f64], highest_hz: f64, own: &[Own]) -> Option<Figure> {
    let n_alive = own.iter().filter(|own| own.total().is_some()).count();
    let low_hz = FREQUENCY_BANDS[0].low_hz;
    let density = mean_density(own)?;
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
            "Mean spectrum of {n_alive} electrodes from {low_hz} to {highest_hz:.0} Hz, strongest at {peak_hz:.1} Hz; \
             upright lines are the ends of the bands."
        ),
        x: Axis::log("Frequency", "Hz", (low_hz, highest_hz)),
        y: Axis::log("Power", "µV²/Hz", range),
        layers,
    })
}

/// A line for each band: the mean of the cultures. Of a single window there are points, and the reason.
fn courses(course: &[Window], course_s: &str) -> Option<Figure> {
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
    // The sentence has the values in the order in which the lines end.
    let mut order: Vec<(f64, String)> = lines
        .iter()
        .filter_map(|(band, points)| Some((points.last()?.1, named(FREQUENCY_BANDS[*band].name))))
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let order: Vec<String> = order.into_iter().map(|(power, name)| format!("{name} ({power:.3} µV²)")).collect();
    let sentence = if means.len() == 1 {
        format!(
            "One window at {first:.1} s, so there is no course yet: record longer, or take shorter windows than \
             {course_s} s (“Course in windows of”). From the top: {}.",
            order.join(", ")
        )
    } else {
        format!("Power of each band from {first:.1} to {last:.1} s. At the right, from the top: {}.", order.join(", "))
    };
    let series = |(band, points): (usize, Vec<(f64, f64)>)| Layer::Series {
        name: named(FREQUENCY_BANDS[band].name),
        number: u8::try_from(band).unwrap_or(u8::MAX),
        points,
    };
    Some(Figure {
        id: "course".into(),
        title: "Course of the band powers".into(),
        sentence,
        x: Axis::linear("Time", "s", (first, last)),
        y: Axis::log("Power", "µV²", range),
        layers: lines.into_iter().map(series).collect(),
    })
}
