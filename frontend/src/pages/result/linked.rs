//! What raster, traces and tables of a result have in common beside times and the chosen channel: the
//! order of the rows, what the analyses found, and the moment that somebody looks at.

use std::rc::Rc;

use wasm_core::recording::StreamInfo;
use wasm_core::run::BlockResult;
use wasm_core::table::Values;
use yew::prelude::*;

use super::moments::{Moment, Names};
use crate::plots::raster::Order;

/// The analyses that the raster draws on.
const BURSTS: &str = "network_bursts";
const SHAPE: &str = "network_burst_shape";

/// Mean latency of each channel in network bursts.
pub type Latencies = Rc<Vec<Option<f64>>>;

/// What the analyses found, as far as the raster shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Network bursts in their order in the recording.
    pub bursts: Rc<Vec<Moment>>,
    /// Mean delay with which each channel joins network bursts, or why it is not known.
    pub latencies_ms: Result<Latencies, String>,
}

impl Default for Found {
    fn default() -> Self {
        let reason = "needs the analysis “Shape of network bursts”".to_owned();
        Self { bursts: Rc::default(), latencies_ms: Err(reason) }
    }
}

impl Found {
    /// From the results of all analyses; of two of a kind the first counts.
    pub fn of<'a>(info: &StreamInfo, names: &Names, results: impl Iterator<Item = &'a BlockResult>) -> Self {
        let (mut bursts, mut shape) = (None, None);
        for result in results {
            match result.kind.as_str() {
                BURSTS => bursts = bursts.or(Some(result)),
                SHAPE => shape = shape.or(Some(result)),
                _ => {}
            }
        }
        let listed = bursts.and_then(|result| result.table("bursts"));
        let bursts = Rc::new(listed.map(|table| names.moments(info, table)).unwrap_or_default());
        let latencies_ms = match shape {
            Some(result) => latencies(info, names, result),
            None => Self::default().latencies_ms,
        };
        Self { bursts, latencies_ms }
    }
}

fn latencies(info: &StreamInfo, names: &Names, result: &BlockResult) -> Result<Latencies, String> {
    let known = result.tables.iter().find_map(|table| match table.column("mean_latency_ms")? {
        Values::Number(values) => Some((table, values)),
        _ => None,
    });
    let nobody = || "there are no network bursts to join".to_owned();
    let Some((table, values)) = known else { return Err(result.absent.clone().unwrap_or_else(nobody)) };
    let mut latencies = vec![None; info.n_channels];
    for (row, value) in values.iter().enumerate() {
        if let Some(own) = names.channel(info, table, row).and_then(|channel| latencies.get_mut(channel)) {
            *own = *value;
        }
    }
    if latencies.iter().all(Option::is_none) { Err(nobody()) } else { Ok(Rc::new(latencies)) }
}

/// The state that all panels share.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linked {
    /// What the raster's rows are sorted by.
    pub order: Order,
    /// The rows that it shows, from the top; all without.
    pub rows: Option<(f64, f64)>,
    /// Findings of the analyses.
    pub found: Found,
    /// The moment that somebody looks at.
    pub marked: Option<Moment>,
    /// The well of a plate that somebody chose; figures show the most active one without.
    pub well: Option<String>,
}

/// Actions of the reducer.
#[derive(Debug)]
pub enum Action {
    /// Rows are sorted again.
    Sort(Order),
    /// Other rows are shown; all without.
    Show(Option<(f64, f64)>),
    /// The analyses were computed.
    Find(Found),
    /// Somebody looks at a moment.
    Mark(Moment),
    /// Another segment is shown.
    Leave,
    /// Figures show another well.
    Well(String),
}

impl Linked {
    fn after(&self, action: Action) -> Self {
        let now = self.clone();
        match action {
            // The rows in sight are others then.
            Action::Sort(order) if order != self.order => Self { order, rows: None, ..now },
            Action::Sort(_) => now,
            Action::Show(rows) => Self { rows, ..now },
            Action::Find(found) => Self { found, ..now },
            Action::Mark(moment) => Self { marked: Some(moment), ..now },
            Action::Leave => Self { marked: None, ..now },
            Action::Well(well) => Self { well: Some(well), ..now },
        }
    }
}

impl Reducible for Linked {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(self.after(action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::recording::FrameSource;
    use wasm_core::simulation::{Simulation, SimulationSpec};
    use wasm_core::table::Table;

    fn info() -> StreamInfo {
        let spec = SimulationSpec { n_channels: 3, sampling_frequency_hz: 1000.0, duration_s: 9.0, seed: 1 };
        Simulation::new(spec).info().clone()
    }

    fn result(kind: &str, tables: Vec<Table>) -> BlockResult {
        BlockResult {
            id: kind.into(),
            kind: kind.into(),
            version: 1,
            title: String::new(),
            definition: String::new(),
            source: String::new(),
            key: String::new(),
            absent: tables.is_empty().then(|| "too short".into()),
            tables,
            figures: Vec::new(),
        }
    }

    #[test]
    fn network_bursts_and_latencies_come_from_the_tables() {
        let info = info();
        let names = Names::new(&info);
        let bursts = Table::new("bursts", "Network bursts")
            .numbers(("start_s", "Start", "s"), [Some(4.0), Some(1.0)])
            .numbers(("duration_s", "Duration", "s"), [Some(0.5), Some(0.25)]);
        let label = |channel: usize| info.channel_label(channel).to_owned();
        let electrodes = Table::new("electrodes", "Electrodes")
            .texts(("electrode", "Electrode"), [label(2), label(0)])
            .numbers(("mean_latency_ms", "Latency", "ms"), [Some(12.0), None]);
        let all = [result(BURSTS, vec![bursts]), result(SHAPE, vec![electrodes]), result(BURSTS, Vec::new())];
        let found = Found::of(&info, &names, all.iter());
        let times: Vec<_> = found.bursts.iter().map(|burst| burst.times).collect();
        assert_eq!(times, [(1.0, 1.25), (4.0, 4.5)]);
        assert_eq!(found.latencies_ms, Ok(Rc::new(vec![None, None, Some(12.0)])));
        // What is absent says why.
        let absent = Found::of(&info, &names, [result(SHAPE, Vec::new())].iter());
        assert_eq!(absent.latencies_ms, Err("too short".into()));
        assert_eq!(Found::of(&info, &names, std::iter::empty()), Found::default());
    }

    #[test]
    fn sorting_shows_all_rows_again_and_keeps_what_is_marked() {
        let burst = Moment { segment: 0, times: (1.0, 2.0), channel: None, well: None };
        let mut now = Rc::new(Linked::default());
        for action in [Action::Mark(burst.clone()), Action::Show(Some((3.0, 9.0))), Action::Sort(Order::Recorded)] {
            now = now.reduce(action);
        }
        assert_eq!(now.rows, Some((3.0, 9.0)), "the order was that one already");
        now = now.reduce(Action::Sort(Order::Rate));
        assert_eq!((now.order, now.rows, now.marked.clone()), (Order::Rate, None, Some(burst)));
        let found = Found { bursts: Rc::default(), latencies_ms: Ok(Rc::default()) };
        now = now.reduce(Action::Find(found.clone())).reduce(Action::Leave);
        assert_eq!((&now.found, &now.marked, now.order), (&found, &None, Order::Rate));
        // A well stays chosen, whatever else changes.
        now = now.reduce(Action::Well("B3".into())).reduce(Action::Sort(Order::Recorded)).reduce(Action::Leave);
        assert_eq!(now.well.as_deref(), Some("B3"));
    }
}
