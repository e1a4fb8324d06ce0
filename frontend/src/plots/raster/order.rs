//! The order of a raster's rows.

use std::cmp::Ordering;
use std::ops::Range;

use wasm_core::recording::StreamInfo;

/// The order of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As the channels lie in the recording.
    #[default]
    Recorded,
    /// From small y to large, then from small x to large.
    Position,
    /// The highest rate on top.
    Rate,
    /// Who joins network bursts first is on top.
    Recruitment,
    /// The electrodes of a well below each other.
    Well,
}

/// All of them, as a list shows them.
pub const ORDERS: [Order; 5] = [Order::Recorded, Order::Position, Order::Rate, Order::Recruitment, Order::Well];

impl Order {
    /// The name of the order in a list.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "As recorded",
            Self::Position => "By position",
            Self::Rate => "By rate",
            Self::Recruitment => "By recruitment",
            Self::Well => "By well",
        }
    }

    /// What the axis of the rows says.
    #[must_use]
    pub const fn axis(self) -> &'static str {
        match self {
            Self::Recorded => "electrodes as recorded",
            Self::Position => "electrodes by position: y, then x",
            Self::Rate => "electrodes by rate, highest first",
            Self::Recruitment => "electrodes by recruitment, first to last",
            Self::Well => "electrodes by well",
        }
    }
}

/// Facts of the channels that rows are sorted by.
pub struct Facts<'a> {
    /// The stream.
    pub info: &'a StreamInfo,
    /// Firing rate of each.
    pub rates_hz: &'a [Option<f64>],
    /// Mean latency of each in network bursts, or why there is none.
    pub latencies_ms: Result<&'a [Option<f64>], &'a str>,
}

impl Facts<'_> {
    /// Why rows cannot be sorted so; nothing where they can.
    #[must_use]
    pub fn missing(&self, order: Order) -> Option<String> {
        match order {
            Order::Recorded | Order::Rate => None,
            Order::Position => {
                self.info.positions_um.is_none().then(|| "the files do not tell where the electrodes lie".into())
            }
            Order::Recruitment => self.latencies_ms.err().map(str::to_owned),
            Order::Well => (self.info.groups().len() < 2).then(|| "there are no wells".into()),
        }
    }

    /// Rows in an order; as recorded where they cannot be sorted so. Of equals the first recorded comes first.
    #[must_use]
    pub fn rows(&self, order: Order) -> Rows {
        let n = self.info.n_channels;
        let sorted = |compare: &dyn Fn(usize, usize) -> Ordering| {
            let mut channels: Vec<usize> = (0..n).collect();
            channels.sort_by(|a, b| compare(*a, *b));
            Rows::new(channels, Vec::new())
        };
        let value = |values: &[Option<f64>], channel: usize| values.get(channel).copied().flatten();
        match (order, &self.info.positions_um, self.latencies_ms) {
            (Order::Position, Some(places), _) => sorted(&|a, b| {
                let place = |channel: usize| places.get(channel).copied().unwrap_or([f64::INFINITY; 2]);
                let ([ax, ay], [bx, by]) = (place(a), place(b));
                ay.total_cmp(&by).then(ax.total_cmp(&bx))
            }),
            (Order::Rate, ..) => {
                let rate = |channel: usize| value(self.rates_hz, channel).unwrap_or(-1.0);
                sorted(&|a, b| rate(b).total_cmp(&rate(a)))
            }
            // Who never joins comes last.
            (Order::Recruitment, _, Ok(latencies)) => {
                let latency = |channel: usize| value(latencies, channel).unwrap_or(f64::INFINITY);
                sorted(&|a, b| latency(a).total_cmp(&latency(b)))
            }
            (Order::Well, ..) => {
                let groups = self.info.groups();
                let mut from = 0;
                let well = |group: &Vec<usize>| {
                    let rows = from..from + group.len();
                    from = rows.end;
                    let name = self.info.wells.as_ref().and_then(|wells| wells.get(*group.first()?));
                    (name.cloned().unwrap_or_default(), rows)
                };
                let wells = groups.iter().map(well).collect();
                Rows::new(groups.into_iter().flatten().collect(), wells)
            }
            _ => sorted(&|_, _| Ordering::Equal),
        }
    }
}

/// The channel of each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// From top to bottom.
    channels: Vec<usize>,
    /// The row of each channel.
    row_of: Vec<usize>,
    /// Rows of each well; none where rows are not grouped.
    wells: Vec<(String, Range<usize>)>,
}

impl Rows {
    fn new(channels: Vec<usize>, wells: Vec<(String, Range<usize>)>) -> Self {
        let mut row_of = vec![0; channels.len()];
        for (row, channel) in channels.iter().enumerate() {
            row_of[*channel] = row;
        }
        Self { channels, row_of, wells }
    }

    /// Number of rows.
    #[must_use]
    pub fn n(&self) -> usize {
        self.channels.len()
    }

    /// The channel of a row.
    #[must_use]
    pub fn channel(&self, row: usize) -> Option<usize> {
        self.channels.get(row).copied()
    }

    /// The row of a channel.
    #[must_use]
    pub fn row(&self, channel: usize) -> Option<usize> {
        self.row_of.get(channel).copied()
    }

    /// Wells with their rows; none where rows are not grouped by well.
    #[must_use]
    pub fn wells(&self) -> &[(String, Range<usize>)] {
        &self.wells
    }

    /// The rows of a well.
    #[must_use]
    pub fn of_well(&self, name: &str) -> Option<Range<usize>> {
        self.wells.iter().find(|(well, _)| well == name).map(|(_, rows)| rows.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::recording::FrameSource;
    use wasm_core::simulation::{Simulation, SimulationSpec};

    fn info() -> StreamInfo {
        let spec = SimulationSpec { n_channels: 4, sampling_frequency_hz: 1000.0, duration_s: 1.0, seed: 1 };
        let positions_um = Some(vec![[10.0, 20.0], [0.0, 20.0], [5.0, 0.0], [5.0, 30.0]]);
        let wells = Some(["B1", "A1", "B1", "A1"].map(str::to_owned).to_vec());
        StreamInfo { positions_um, wells, ..Simulation::new(spec).info().clone() }
    }

    fn channels(facts: &Facts<'_>, order: Order) -> Vec<usize> {
        let rows = facts.rows(order);
        assert!((0..rows.n()).all(|row| rows.channel(row).and_then(|channel| rows.row(channel)) == Some(row)));
        (0..rows.n()).filter_map(|row| rows.channel(row)).collect()
    }

    #[test]
    fn rows_follow_what_they_are_sorted_by_and_lead_back_to_their_channels() {
        let info = info();
        let rates_hz = [Some(1.0), None, Some(5.0), Some(1.0)];
        let latencies_ms = [None, Some(30.0), Some(2.0), Some(30.0)];
        let facts = Facts { info: &info, rates_hz: &rates_hz, latencies_ms: Ok(&latencies_ms) };
        assert_eq!(channels(&facts, Order::Recorded), [0, 1, 2, 3]);
        assert_eq!(channels(&facts, Order::Position), [2, 1, 0, 3]);
        assert_eq!(channels(&facts, Order::Rate), [2, 0, 3, 1]);
        assert_eq!(channels(&facts, Order::Recruitment), [2, 1, 3, 0]);
        assert_eq!(channels(&facts, Order::Well), [1, 3, 0, 2]);
        let rows = facts.rows(Order::Well);
        assert_eq!((rows.of_well("A1"), rows.of_well("B1"), rows.of_well("C1")), (Some(0..2), Some(2..4), None));
        assert!(facts.rows(Order::Rate).wells().is_empty());
        assert!(ORDERS.into_iter().all(|order| facts.missing(order).is_none()));
    }

    #[test]
    fn an_order_that_nothing_is_known_for_says_why_and_changes_nothing() {
        let info = StreamInfo { positions_um: None, wells: None, ..info() };
        let facts = Facts { info: &info, rates_hz: &[], latencies_ms: Err("no network bursts") };
        for order in [Order::Position, Order::Recruitment, Order::Well] {
            assert!(facts.missing(order).is_some(), "{order:?}");
            assert_eq!(channels(&facts, order), [0, 1, 2, 3], "{order:?}");
        }
        assert_eq!(facts.missing(Order::Recruitment).as_deref(), Some("no network bursts"));
    }
}
