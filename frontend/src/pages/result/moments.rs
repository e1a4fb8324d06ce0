//! Rows of tables as places in the recording: a burst, a network burst, an electrode.

use std::collections::HashMap;
use std::ops::Range;

use wasm_core::recording::StreamInfo;
use wasm_core::table::{Table, Values};

use crate::pages::traces::Window;
use crate::plots::raster::{Rows, Shade};

/// Columns that name an electrode, or a unit.
const NAMED: [&str; 2] = ["electrode", "unit"];
/// The least that the raster shows on each side of a moment.
const RASTER_S: f64 = 0.5;
/// How many times a moment's length the traces show, and the shortest and longest such window.
const TRACES: f64 = 1.5;
const TRACES_S: (f64, f64) = (0.05, 5.0);

/// A stretch of the recording that a row of a table tells of.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// Segment of the stream.
    pub segment: usize,
    /// Start and end in seconds from the segment's start.
    pub times: (f64, f64),
    /// Whose it is, where it is an electrode's.
    pub channel: Option<usize>,
    /// The well in which it is, on a plate.
    pub well: Option<String>,
}

/// Channels by what tables call them. There is one for a result, which equals itself alone.
#[derive(Debug, Default)]
pub struct Names(HashMap<String, Vec<usize>>);

impl PartialEq for Names {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Names {
    /// Of all channels.
    pub fn new(info: &StreamInfo) -> Self {
        let mut channels: HashMap<String, Vec<usize>> = HashMap::new();
        for channel in 0..info.n_channels {
            channels.entry(info.channel_label(channel).to_owned()).or_default().push(channel);
        }
        Self(channels)
    }

    /// The channel that a row names. Wells may have electrodes of the same name: then the row names the
    /// well too, or no electrode is meant.
    pub fn channel(&self, info: &StreamInfo, table: &Table, row: usize) -> Option<usize> {
        let name = NAMED.iter().find_map(|column| text(table, column, row))?;
        let well_of = |channel: usize| info.wells.as_ref().and_then(|wells| wells.get(channel)).map(String::as_str);
        match self.0.get(name)?.as_slice() {
            [one] => Some(*one),
            several => {
                let well = text(table, "well", row)?;
                several.iter().copied().find(|channel| well_of(*channel) == Some(well))
            }
        }
    }

    /// The moment that a row tells of, where it tells of one.
    pub fn moment(&self, info: &StreamInfo, table: &Table, row: usize) -> Option<Moment> {
        let (start_s, duration_s) = (number(table, "start_s", row)?, number(table, "duration_s", row)?);
        let segment = match table.column("segment") {
            Some(Values::Count(segments)) => usize::try_from(*segments.get(row)?).ok()?,
            _ => 0,
        };
        // Tables have the recording's clock, the page that of the segment.
        let from_s = start_s - info.segments.get(segment)?.t_start_s;
        Some(Moment {
            segment,
            times: (from_s, from_s + duration_s),
            channel: self.channel(info, table, row),
            well: text(table, "well", row).map(str::to_owned),
        })
    }

    /// The moments of all rows, in their order in the recording.
    pub fn moments(&self, info: &StreamInfo, table: &Table) -> Vec<Moment> {
        let mut moments: Vec<Moment> = (0..table.n_rows()).filter_map(|row| self.moment(info, table, row)).collect();
        moments.sort_by(|a, b| a.segment.cmp(&b.segment).then(a.times.0.total_cmp(&b.times.0)));
        moments
    }
}

fn text<'a>(table: &'a Table, column: &str, row: usize) -> Option<&'a str> {
    match table.column(column)? {
        Values::Text(values) => values.get(row).map(String::as_str),
        _ => None,
    }
}

fn number(table: &Table, column: &str, row: usize) -> Option<f64> {
    match table.column(column)? {
        Values::Number(values) => values.get(row).copied().flatten(),
        _ => None,
    }
}

impl Moment {
    fn length_s(&self) -> f64 {
        self.times.1 - self.times.0
    }

    /// Times of a raster that shows it with a margin.
    pub fn view(&self, length_s: f64) -> (f64, f64) {
        let margin_s = self.length_s().max(RASTER_S);
        ((self.times.0 - margin_s).clamp(0.0, length_s), (self.times.1 + margin_s).clamp(0.0, length_s))
    }

    /// A window of traces that shows it with a margin, or the beginning of what is very long.
    pub fn window(&self, now: &Window, info: &StreamInfo) -> Window {
        let own = if now.segment == self.segment { now.clone() } else { now.of_segment(info, self.segment) };
        let span_s = (self.length_s() * TRACES).clamp(TRACES_S.0, TRACES_S.1);
        let margin_s = ((span_s - self.length_s()) / 2.0).max(span_s * 0.1);
        let own = Window { from_s: self.times.0 - margin_s, span_s, ..own }.fitted();
        match self.channel {
            Some(channel) => own.showing(channel, info.n_channels),
            None => own,
        }
    }

    /// The rows of a raster that it concerns: that of its electrode, those of its well, or all.
    pub fn shade(&self, rows: &Rows) -> Shade {
        let own = self.channel.and_then(|channel| rows.row(channel)).map(|row| row..row + 1);
        Shade { times: self.times, rows: own.or_else(|| self.rows_of_well(rows)) }
    }

    fn rows_of_well(&self, rows: &Rows) -> Option<Range<usize>> {
        rows.of_well(self.well.as_deref()?)
    }
}

/// Network bursts of a segment as a raster shades them. Each well of a plate bursts by itself, so there
/// they are shaded only where its rows lie together.
pub fn shades(bursts: &[Moment], segment: usize, rows: &Rows, is_plate: bool) -> Vec<Shade> {
    let own = bursts.iter().filter(|burst| burst.segment == segment).map(|burst| burst.shade(rows));
    own.filter(|shade| !is_plate || shade.rows.is_some()).collect()
}

/// The time from which a step goes to the next network burst, or to the one before: the middle of what is in sight.
/// Where all of the segment is, the first and the last come first.
pub fn from_where(view: Option<(f64, f64)>, is_after: bool) -> f64 {
    match (view, is_after) {
        (Some((from, to)), _) => f64::midpoint(from, to),
        (None, true) => f64::NEG_INFINITY,
        (None, false) => f64::INFINITY,
    }
}

/// The network burst before or after the one that is looked at, or else before or after a time of a segment.
pub fn beside(
    bursts: &[Moment],
    marked: Option<&Moment>,
    (segment, time_s): (usize, f64),
    is_after: bool,
) -> Option<usize> {
    let at = marked.and_then(|marked| bursts.iter().position(|burst| burst == marked));
    match (at, is_after) {
        (Some(at), true) => Some(at + 1).filter(|next| *next < bursts.len()),
        (Some(at), false) => at.checked_sub(1),
        (None, true) => bursts.iter().position(|burst| (burst.segment, burst.times.0) > (segment, time_s)),
        (None, false) => bursts.iter().rposition(|burst| (burst.segment, burst.times.0) < (segment, time_s)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plots::raster::{Facts, Order};
    use wasm_core::recording::{FrameSource, SegmentInfo};
    use wasm_core::simulation::{Simulation, SimulationSpec};

    /// Four electrodes in two wells, which have electrodes of the same name; two segments.
    fn plate() -> StreamInfo {
        let spec = SimulationSpec { n_channels: 4, sampling_frequency_hz: 1000.0, duration_s: 1.0, seed: 1 };
        let segments =
            vec![SegmentInfo { n_frames: 20_000, t_start_s: 5.0 }, SegmentInfo { n_frames: 10_000, t_start_s: 100.0 }];
        StreamInfo {
            channel_names: Some(["11", "12", "11", "13"].map(str::to_owned).to_vec()),
            wells: Some(["A1", "A1", "A2", "A2"].map(str::to_owned).to_vec()),
            segments,
            ..Simulation::new(spec).info().clone()
        }
    }

    fn table(wells: [&str; 3]) -> Table {
        Table::new("bursts", "Bursts")
            .texts(("well", "Well"), wells.map(str::to_owned))
            .texts(("electrode", "Electrode"), ["11", "13", "11"].map(str::to_owned))
            .counts(("segment", "Segment"), [1, 0, 0])
            .numbers(("start_s", "Start", "s"), [Some(102.0), Some(6.0), None])
            .numbers(("duration_s", "Duration", "s"), [Some(0.25), Some(1.0), Some(1.0)])
    }

    #[test]
    fn rows_lead_to_electrodes_and_to_times_of_their_segment() {
        let info = plate();
        let names = Names::new(&info);
        let table = table(["A2", "A2", "A1"]);
        let channels: Vec<_> = (0..3).map(|row| names.channel(&info, &table, row)).collect();
        assert_eq!(channels, [Some(2), Some(3), Some(0)]);
        let first = names.moment(&info, &table, 0);
        let expected = Moment { segment: 1, times: (2.0, 2.25), channel: Some(2), well: Some("A2".into()) };
        assert_eq!(first, Some(expected));
        assert_eq!(names.moment(&info, &table, 2), None, "a start that is not known");
        let order: Vec<usize> = names.moments(&info, &table).iter().map(|moment| moment.segment).collect();
        assert_eq!(order, [0, 1]);
        // Two electrodes of this name, and nothing tells which.
        let bare = Table::new("electrodes", "Electrodes").texts(("unit", "Unit"), ["11".to_owned(), "12".to_owned()]);
        assert_eq!((names.channel(&info, &bare, 0), names.channel(&info, &bare, 1)), (None, Some(1)));
        assert_eq!(names.moment(&info, &bare, 1), None);
    }

    fn burst(segment: usize, from_s: f64, well: Option<&str>) -> Moment {
        Moment { segment, times: (from_s, from_s + 0.5), channel: None, well: well.map(str::to_owned) }
    }

    #[test]
    fn wells_are_shaded_where_their_rows_lie_together() {
        let info = plate();
        let facts = Facts { info: &info, rates_hz: &[], latencies_ms: Err("") };
        let bursts = [burst(0, 1.0, Some("A2")), burst(1, 1.0, Some("A1"))];
        let grouped = shades(&bursts, 0, &facts.rows(Order::Well), true);
        assert_eq!(grouped, [Shade { times: (1.0, 1.5), rows: Some(2..4) }]);
        assert!(shades(&bursts, 0, &facts.rows(Order::Recorded), true).is_empty());
        let dish = shades(&[burst(0, 1.0, None)], 0, &facts.rows(Order::Rate), false);
        assert_eq!(dish, [Shade { times: (1.0, 1.5), rows: None }]);
    }

    #[test]
    fn network_bursts_are_stepped_through() {
        let bursts = [burst(0, 1.0, None), burst(0, 3.0, None), burst(1, 0.5, None)];
        let step =
            |marked: Option<usize>, place, is_after| beside(&bursts, marked.map(|at| &bursts[at]), place, is_after);
        assert_eq!((step(None, (0, 2.0), true), step(None, (0, 2.0), false)), (Some(1), Some(0)));
        assert_eq!((step(Some(1), (0, 0.0), true), step(Some(0), (0, 9.0), false)), (Some(2), None));
        assert_eq!((step(Some(2), (0, 0.0), true), step(None, (1, 9.0), true)), (None, None));
        assert_eq!(step(None, (1, 0.1), false), Some(1));
        // Where all is in sight, the first and the last of the segment come first.
        let first_step = |view, is_after| step(None, (0, from_where(view, is_after)), is_after);
        assert_eq!((first_step(None, true), first_step(None, false)), (Some(0), Some(1)));
        assert_eq!((first_step(Some((1.5, 2.5)), true), first_step(Some((1.5, 2.5)), false)), (Some(1), Some(0)));
    }

    #[test]
    fn views_have_a_margin_and_stay_inside() {
        let info = plate();
        let moment = Moment { channel: Some(3), ..burst(1, 0.25, None) };
        assert_eq!(moment.view(10.0), (0.0, 1.25));
        let window = moment.window(&Window::first(&info), &info);
        assert_eq!((window.segment, window.from_s, window.span_s), (1, 0.125, 0.75));
        assert!(window.channels(4).contains(&3));
        let long = Moment { times: (1.0, 9.0), ..moment };
        let window = long.window(&window, &info);
        assert_eq!((window.from_s, window.span_s), (0.5, 5.0), "its beginning");
    }
}
