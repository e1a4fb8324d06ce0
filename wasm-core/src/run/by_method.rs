//! Bursts and network bursts by several methods at one threshold: where they agree, the method does not matter.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::analyses::{SpikeTrains, Verdict, mean};
use crate::blocks::{self, MAX_INTERVAL_VALUES, Outcome, run_of, spec};
use crate::recording::{StreamInfo, n_wells};
use crate::table::{Table, Values};

/// Bursts or network bursts, counted by several methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodsOf {
    /// Bursts of electrodes.
    Bursts,
    /// Bursts of the network.
    NetworkBursts,
}

/// A method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// Kind of its block.
    pub kind: &'static str,
    /// Name of the method beside the others.
    pub title: &'static str,
}

const fn method(kind: &'static str, title: &'static str) -> Method {
    Method { kind, title }
}

/// MaxInterval, whose defaults are those of the fixed interval; it is compared with the values of `NeuroExplorer`.
const MAX_INTERVAL: &str = "bursts_max_interval";

const BURSTS: [Method; 5] = [
    method("bursts_fixed_interval", "Fixed interval, as above"),
    method(MAX_INTERVAL, "MaxInterval"),
    method("bursts_log_isi", "logISI"),
    method("bursts_poisson_surprise", "Poisson surprise"),
    method("bursts_rank_surprise", "Rank surprise"),
];

/// The network bursts of the summary.
const BEYOND_CHANCE: &str = "network_bursts";

const NETWORK_BURSTS: [Method; 5] = [
    method(BEYOND_CHANCE, "Beyond chance, as above"),
    method("network_bursts_overlap", "Overlap of bursts"),
    method("network_bursts_isi_n", "ISI_N"),
    method("network_bursts_population_rate", "Population rate"),
    method("network_bursts_well_plate", "Well-plate rule"),
];

impl MethodsOf {
    /// The methods, that of the summary first.
    #[must_use]
    pub const fn methods(self) -> &'static [Method; 5] {
        match self {
            Self::Bursts => &BURSTS,
            Self::NetworkBursts => &NETWORK_BURSTS,
        }
    }
}

/// The counts of one method over a whole recording; of network bursts on a plate, the mean over its wells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ByMethod {
    /// Kind of its block.
    pub kind: String,
    /// Bursts of the active electrodes in all; none of network bursts.
    pub n_bursts: Option<u64>,
    /// Bursts per minute of an active electrode, on average, or network bursts per minute.
    pub per_min: Option<f64>,
    /// Network bursts per minute in shifted copies.
    pub per_min_shifted: Option<f64>,
    /// The verdict of the shifted copies, or why numbers are absent.
    pub remark: String,
    /// The definition, with the values that are used.
    pub definition: String,
}

/// What the method of a block tells; none of a kind that is no method.
#[must_use]
pub fn by_method(of: &SpikeTrains, kind: &str) -> Option<ByMethod> {
    let is_of = |methods: &[Method]| methods.iter().any(|known| known.kind == kind);
    let (is_of_bursts, is_of_network) = (is_of(&BURSTS), is_of(&NETWORK_BURSTS));
    let block = spec(kind).filter(|_| is_of_bursts || is_of_network)?;
    let given = given(kind);
    let values = blocks::Values::new(&given);
    let outcome = run_of(block)?(of, values);
    let mut found = if is_of_bursts { of_bursts(of, &outcome) } else { of_network(kind, &outcome, of.info()) };
    if let Some(reason) = &outcome.absent {
        found.remark.clone_from(reason);
    }
    let words = of.info().kind;
    let definition = words.worded(&(block.words)(values));
    Some(ByMethod { kind: kind.to_owned(), remark: words.worded(&found.remark), definition, ..found })
}

/// Values that a method is given in place of its defaults.
fn given(kind: &str) -> Map<String, Value> {
    let mut given = Map::new();
    if kind == MAX_INTERVAL {
        let values = &MAX_INTERVAL_VALUES[0];
        let names = ["max_start_interval_ms", "max_end_interval_ms", "min_gap_ms", "min_duration_ms"];
        given.extend(names.into_iter().zip(values.ms).map(|(name, ms)| (name.to_owned(), blocks::number(ms))));
        given.insert("min_spikes".to_owned(), values.min_spikes.into());
    }
    given
}

fn nothing() -> ByMethod {
    ByMethod {
        kind: String::new(),
        n_bursts: None,
        per_min: None,
        per_min_shifted: None,
        remark: String::new(),
        definition: String::new(),
    }
}

/// As the headline has it: over the active electrodes.
fn of_bursts(of: &SpikeTrains, outcome: &Outcome) -> ByMethod {
    let Some(electrodes) = outcome.tables.iter().find(|table| table.id == "electrodes") else { return nothing() };
    let active: Vec<usize> = (0..of.info().n_channels).filter(|at| of.is_active(*at)).collect();
    let rates = numbers(electrodes, "bursts_per_min");
    let counts: &[u64] = match electrodes.column("n_bursts") {
        Some(Values::Count(counts)) => counts.as_slice(),
        _ => &[],
    };
    ByMethod {
        n_bursts: Some(active.iter().filter_map(|at| counts.get(*at)).sum()),
        per_min: mean(active.iter().filter_map(|at| rates.get(*at).copied().flatten())),
        ..nothing()
    }
}

/// As the headline has it: the mean over the cultures that have the number.
fn of_network(kind: &str, outcome: &Outcome, info: &StreamInfo) -> ByMethod {
    let Some(cultures) = outcome.tables.first() else { return nothing() };
    let over = |name: &str| mean(numbers(cultures, name).iter().copied().flatten());
    ByMethod {
        per_min: over("network_bursts_per_min"),
        per_min_shifted: over("network_bursts_per_min_shifted"),
        remark: if kind == BEYOND_CHANCE { "only those beyond chance count".into() } else { verdict(cultures, info) },
        ..nothing()
    }
}

/// What the shifted copies say: of one culture, or of how many wells.
fn verdict(cultures: &Table, info: &StreamInfo) -> String {
    let Some(Values::Text(chance)) = cultures.column("chance") else { return String::new() };
    let more = Verdict::MoreThanChance.words();
    match chance.as_slice() {
        [one] => one.clone(),
        wells => format!("{more} in {} of {} wells", wells.iter().filter(|well| *well == more).count(), n_wells(info)),
    }
}

fn numbers<'a>(table: &'a Table, name: &str) -> &'a [Option<f64>] {
    match table.column(name) {
        Some(Values::Number(values)) => values,
        _ => &[],
    }
}

/// A row for each method.
#[must_use]
pub fn methods_table(of: MethodsOf, rows: &[ByMethod]) -> Table {
    let title = |row: &ByMethod| {
        let known = of.methods().iter().find(|known| known.kind == row.kind);
        known.map_or_else(|| row.kind.clone(), |known| known.title.to_owned())
    };
    let per_min = || rows.iter().map(|row| row.per_min);
    match of {
        MethodsOf::Bursts => Table::new("bursts_by_method", "Bursts by method")
            .texts(("method", "Method"), rows.iter().map(title))
            .counts(("n_bursts", "Bursts"), rows.iter().map(|row| row.n_bursts.unwrap_or_default()))
            .numbers(("bursts_per_min", "Burst rate", "per min"), per_min()),
        MethodsOf::NetworkBursts => Table::new("network_bursts_by_method", "Network bursts by method")
            .texts(("method", "Method"), rows.iter().map(title))
            .numbers(("network_bursts_per_min", "Rate", "per min"), per_min())
            .numbers(
                ("network_bursts_per_min_shifted", "In shifted copies", "per min"),
                rows.iter().map(|row| row.per_min_shifted),
            )
            .texts(("chance", "Against chance"), rows.iter().map(|row| row.remark.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Pipeline;
    use crate::recording::FrameSource;
    use crate::run::{Headline, Measured};
    use crate::simulation::{Simulation, SimulationSpec};

    fn culture(duration_s: f64, is_plate: bool, n_spikes: usize) -> (SpikeTrains, Headline) {
        let spec = SimulationSpec { n_channels: 16, sampling_frequency_hz: 20_000.0, duration_s, seed: 5 };
        let simulation = Simulation::new(spec);
        let mut info: StreamInfo = simulation.info().clone();
        info.wells = is_plate.then(|| (0..16).map(|at| if at < 8 { "A1".into() } else { "A2".into() }).collect());
        let mut spikes = simulation.true_spikes();
        spikes.truncate(n_spikes);
        let trains = SpikeTrains::new(&info, &spikes, None);
        let measured = Measured {
            trains: &trains,
            pipeline: &Pipeline::empty(),
            noise_uv: &[4.0; 16],
            threshold: 5.0,
            dead: &[],
            spikes: &spikes,
        };
        let headline = Headline::new(&measured);
        (trains, headline)
    }

    fn all(of: MethodsOf, trains: &SpikeTrains) -> Vec<ByMethod> {
        of.methods().iter().map(|known| by_method(trains, known.kind).expect("a method")).collect()
    }

    #[test]
    fn the_first_method_is_that_of_the_headline() {
        for is_plate in [false, true] {
            let (trains, headline) = culture(60.0, is_plate, usize::MAX);
            let bursts = all(MethodsOf::Bursts, &trains);
            assert!(headline.bursts_per_min.is_some());
            assert_eq!((bursts[0].per_min, bursts[0].n_bursts), (headline.bursts_per_min, Some(headline.n_bursts)));
            assert!(bursts.iter().all(|found| found.per_min.is_some() && found.definition.ends_with('.')));
            assert!(bursts[1].definition.contains("170 ms") && bursts[1].per_min != bursts[0].per_min);
            let network = all(MethodsOf::NetworkBursts, &trains);
            assert_eq!(network[0].per_min, headline.network_bursts_per_min);
            assert_eq!(network[0].per_min_shifted, headline.network_bursts_per_min_shifted);
            assert!(network.iter().all(|found| !found.remark.is_empty()), "{network:?}");
            let table = methods_table(MethodsOf::NetworkBursts, &network);
            assert_eq!((table.n_rows(), table.columns.len()), (5, 4));
            assert!(table.to_csv().starts_with("method,network_bursts_per_min,"), "{}", table.to_csv());
        }
        assert_eq!(by_method(&culture(40.0, false, 0).0, "sttc"), None, "no method of bursts");
    }

    #[test]
    fn short_recordings_have_counts_and_silence_has_none() {
        let (trains, headline) = culture(20.0, false, usize::MAX);
        let bursts = all(MethodsOf::Bursts, &trains);
        assert_eq!((bursts[0].n_bursts, bursts[0].per_min), (Some(headline.n_bursts), None));
        let network = all(MethodsOf::NetworkBursts, &trains);
        assert!(network.iter().all(|found| found.per_min.is_none() && found.remark.contains("too short")));
        let (silent, _) = culture(40.0, false, 0);
        for found in [MethodsOf::Bursts, MethodsOf::NetworkBursts].into_iter().flat_map(|of| all(of, &silent)) {
            assert_eq!(
                (found.per_min, found.per_min_shifted, found.n_bursts.unwrap_or(0)),
                (None, None, 0),
                "{found:?}"
            );
        }
    }
}
