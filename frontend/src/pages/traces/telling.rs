//! What the traces show, in words: under the pointer, and one column after another by keys.

use std::rc::Rc;

use wasm_core::recording::StreamInfo;

use crate::pages::names::called;
use crate::plots::axes::{BOTTOM, LEFT, TRACES_RIGHT};
use crate::plots::traces::{Shown, TraceData};
use crate::services::session::Session;
use crate::ui::canvas::{Size, Teller, Values};
use crate::ui::format::{fixed, trimmed};

/// Electrode, time and values under the pointer.
pub fn tells(data: &Rc<Option<TraceData>>, shown: Shown, session: &Rc<Session>, stream: usize) -> Teller {
    let (data, session) = (Rc::clone(data), Rc::clone(session));
    Teller::from(move |(place, size): ((f64, f64), Size)| {
        let data = Option::as_ref(&data)?;
        let (row, column) = at(data, shown, place, size)?;
        in_words(data, &session.streams[stream], row, column)
    })
}

/// Each column of the chosen channel, or else of the first.
pub fn values(
    data: &Rc<Option<TraceData>>,
    chosen: Option<usize>,
    session: &Rc<Session>,
    stream: usize,
) -> Option<Values> {
    let known = Option::as_ref(data)?;
    let row = known.channels.iter().position(|channel| Some(*channel) == chosen).unwrap_or(0);
    let (data, session, n_columns) = (Rc::clone(data), Rc::clone(session), known.n_columns);
    Some(Values::new(n_columns, move |column| {
        let data = Option::as_ref(&data);
        data.and_then(|data| in_words(data, &session.streams[stream], row, column)).unwrap_or_default()
    }))
}

/// Row and column at a place in shares of a plot of this size.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "rows and columns"
)]
fn at(data: &TraceData, shown: Shown, (x, y): (f64, f64), (width, height): Size) -> Option<(usize, usize)> {
    let along = (x * width - LEFT) / (width - LEFT - TRACES_RIGHT).max(1.0);
    let down = y * height / (height - BOTTOM).max(1.0);
    if !(0.0..1.0).contains(&along) || !(0.0..1.0).contains(&down) {
        return None;
    }
    let time_s = shown.from_s + along * (shown.to_s - shown.from_s);
    // The data may be those of a window before.
    let within = (time_s - data.from_s) / (data.to_s - data.from_s).max(1e-9);
    let row = (down * data.channels.len() as f64) as usize;
    let inside = (0.0..1.0).contains(&within) && row < data.channels.len();
    inside.then_some((row, (within * data.n_columns as f64) as usize))
}

#[expect(clippy::cast_precision_loss, reason = "columns")]
fn in_words(data: &TraceData, info: &StreamInfo, row: usize, column: usize) -> Option<String> {
    let span_s = data.to_s - data.from_s;
    let time_s = data.from_s + (column as f64 + 0.5) / data.n_columns.max(1) as f64 * span_s;
    let place = (column < data.n_columns).then_some(row * data.n_columns + column)?;
    let (low, high) = (*data.min_uv.get(place)?, *data.max_uv.get(place)?);
    let uv = |value: f32| fixed(f64::from(value), 1);
    let value = match (low.is_finite() && high.is_finite(), low < high) {
        (false, _) => "not read yet".to_owned(),
        (true, true) => format!("{} to {} µV", uv(low), uv(high)),
        (true, false) => format!("{} µV", uv(low)),
    };
    let digits = if span_s < 1.0 { 4 } else { 3 };
    Some(format!("{} · {} s · {value}", called(info, *data.channels.get(row)?), trimmed(time_s, digits)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::recording::FrameSource;
    use wasm_core::simulation::{Simulation, SimulationSpec};

    #[test]
    fn a_place_tells_electrode_time_and_values() {
        let spec = SimulationSpec { n_channels: 2, sampling_frequency_hz: 1000.0, duration_s: 9.0, seed: 1 };
        let info = Simulation::new(spec).info().clone();
        let data = TraceData {
            channels: vec![0, 1],
            labels: vec!["0".into(), "1".into()],
            n_columns: 2,
            min_uv: vec![-1.0, -2.0, 5.0, f32::INFINITY],
            max_uv: vec![1.0, 2.0, 5.0, f32::NEG_INFINITY],
            spikes: Vec::new(),
            thresholds_uv: vec![None; 2],
            threshold_signs: &[],
            from_s: 2.0,
            to_s: 6.0,
        };
        let shown = Shown { from_s: 2.0, to_s: 6.0, row_uv: 10.0, centred: false, chosen: None };
        let size = (LEFT + 100.0 + TRACES_RIGHT, 100.0 + BOTTOM);
        let found = |px: f64, py: f64| at(&data, shown, (px / size.0, py / size.1), size);
        assert_eq!((found(LEFT + 10.0, 10.0), found(LEFT + 90.0, 90.0)), (Some((0, 0)), Some((1, 1))));
        assert_eq!((found(LEFT - 1.0, 10.0), found(LEFT + 10.0, 101.0)), (None, None));
        let told = |row: usize, column: usize| in_words(&data, &info, row, column).unwrap_or_default();
        assert!(told(0, 0).ends_with(" · 3 s · -1.0 to 1.0 µV"), "{}", told(0, 0));
        assert!(told(1, 0).ends_with("5.0 µV") && told(1, 1).ends_with("not read yet"));
        assert_eq!((told(0, 2), told(2, 0)), (String::new(), String::new()));
    }
}
