//! Plates: a well analysed alone gives the rows that it has in the plate, every table names its wells, every figure
//! says whose it is, and no pair reaches from one well to another.

use std::collections::BTreeMap;

use wasm_core::analyses::SpikeTrains;
use wasm_core::blocks::BLOCKS;
use wasm_core::events::Event;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::{FrameSource, StreamInfo};
use wasm_core::run::{BlockResult, Cache, ResultSet, results, some_results};
use wasm_core::simulation::{Simulation, SimulationSpec};
use wasm_core::spikes::Spike;
use wasm_core::table::{Table, Values};

const WELLS: [&str; 4] = ["A1", "A2", "B1", "B2"];
const N_CHANNELS: usize = 32;

/// Tables about the whole plate: events happen to all wells at once.
const OF_ALL_WELLS: [(&str, &str); 2] = [("psth", "events"), ("psth", "trials")];

/// Columns that are corrected for all electrodes or wells of the plate, and what follows from them.
const CORRECTED: [&str; 5] = ["p_adjusted", "response", "n_electrodes_more", "n_electrodes_less", "percent_responding"];

/// Four wells whose electrodes alternate in the file; B2 is silent.
fn plate() -> SpikeTrains {
    let spec = SimulationSpec { n_channels: N_CHANNELS, sampling_frequency_hz: 20_000.0, duration_s: 40.0, seed: 5 };
    let simulation = Simulation::new(spec);
    let wells = (0..N_CHANNELS).map(|at| WELLS[at % WELLS.len()].to_owned()).collect();
    // Electrodes have the same names in every well.
    let names = (0..N_CHANNELS).map(|at| format!("e{}", at / WELLS.len())).collect();
    let info = StreamInfo { wells: Some(wells), channel_names: Some(names), ..simulation.info().clone() };
    let all = simulation.truth().iter().map(|at| Spike {
        segment_index: 0,
        sample_index: at.sample_index,
        channel_index: at.channel_index,
        amplitude_uv: -50.0,
    });
    let spikes: Vec<Spike> = all.filter(|spike| spike.channel_index % 4 != 3).collect();
    let event = |second: u32| Event {
        segment: 0,
        time_s: f64::from(second),
        duration_s: 0.0,
        source: "port".into(),
        label: "on".into(),
    };
    SpikeTrains::new(&info, &spikes, None).with_events(&(1..35).map(event).collect::<Vec<_>>())
}

/// The channels of a well.
fn channels(well: &str) -> Vec<usize> {
    let own = WELLS.iter().position(|name| *name == well).expect("a well");
    (0..N_CHANNELS).filter(|at| at % WELLS.len() == own).collect()
}

/// Every analysis that there is, with few copies where they take long.
fn pipeline() -> Pipeline {
    let mut pipeline = Pipeline::empty().with_analyses();
    for spec in BLOCKS.into_iter().filter(|spec| spec.is_analysis()) {
        if pipeline.blocks.iter().all(|block| block.kind != spec.kind) {
            pipeline.add_analysis(spec.kind);
        }
    }
    pipeline.set_analysis("connectivity", "n_surrogates", 20.into());
    pipeline
}

fn analysed(of: &SpikeTrains) -> ResultSet {
    results(of, 0, &pipeline(), &mut Cache::default())
}

/// The wells of the rows of a table; none where it has none.
fn wells(table: &Table) -> Option<&[String]> {
    match table.column("well")? {
        Values::Text(names) => Some(names),
        _ => None,
    }
}

/// The rows of a table that are of a well, as text with every digit.
fn rows(block: &BlockResult, table: &Table, well: &str) -> Vec<String> {
    let names = wells(table).expect("names of wells");
    let is_own =
        |column: &&wasm_core::table::Column| block.kind != "psth" || !CORRECTED.contains(&column.name.as_str());
    let row = |at: usize| {
        let cells = table.columns.iter().filter(is_own).map(|column| column.values.exact(at));
        cells.collect::<Vec<String>>().join(",")
    };
    (0..table.n_rows()).filter(|at| names[*at] == well).map(row).collect()
}

#[test]
fn every_table_names_its_wells() {
    let set = analysed(&plate());
    let mut n = 0;
    for block in &set.blocks {
        for table in &block.tables {
            let is_of_all = OF_ALL_WELLS.contains(&(block.kind.as_str(), table.id.as_str()));
            match wells(table) {
                Some(names) => {
                    assert!(names.iter().all(|name| WELLS.contains(&name.as_str())), "{} {}", block.id, table.id);
                    n += 1;
                }
                None => assert!(is_of_all, "{} {} has no column “well”", block.id, table.id),
            }
        }
    }
    assert!(n > 40, "{n} tables");
}

#[test]
fn a_well_alone_gives_the_rows_that_it_has_in_the_plate() {
    let trains = plate();
    let whole = analysed(&trains);
    let mut n = 0;
    for well in &WELLS[..3] {
        let alone = analysed(&trains.of_channels(&channels(well)));
        for (of_plate, own) in whole.blocks.iter().zip(&alone.blocks) {
            assert_eq!(of_plate.id, own.id);
            for table in own.tables.iter().filter(|table| wells(table).is_some()) {
                let all = of_plate.table(&table.id).unwrap_or_else(|| panic!("{} {}", own.id, table.id));
                let (expected, found) = (rows(own, table, well), rows(of_plate, all, well));
                assert_eq!(expected.len(), table.n_rows(), "{} {} of {well}", own.id, table.id);
                assert_eq!(found, expected, "{} {} of {well}", own.id, table.id);
                n += found.len();
            }
        }
    }
    assert!(n > 1000, "{n} rows were compared");
}

#[test]
fn no_pair_reaches_from_well_to_well() {
    let trains = plate();
    let mut n = 0;
    for block in &analysed(&trains).blocks {
        for table in &block.tables {
            let (Some(Values::Text(a)), Some(Values::Text(b))) =
                (table.column("electrode_a"), table.column("electrode_b"))
            else {
                continue;
            };
            // A pair twice in a well would be one of two wells.
            let mut pairs: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
            let names = wells(table).expect("names of wells");
            for ((a, b), well) in a.iter().zip(b).zip(names) {
                let (a, b, well) = (a.as_str(), b.as_str(), well.as_str());
                assert_ne!(a, b, "{} {}", block.id, table.id);
                *pairs.entry((well, a.min(b), a.max(b))).or_default() += 1;
            }
            assert!(pairs.values().all(|times| *times == 1), "{} {}: {pairs:?}", block.id, table.id);
            n += pairs.len();
        }
    }
    assert!(n > 50, "{n} pairs");
}

#[test]
fn every_figure_says_which_wells_it_shows() {
    let trains = plate();
    let set = analysed(&trains);
    let shown = set.shown_well.clone().expect("a well");
    assert!(!shown.is_chosen && shown.words().contains("the most active one"));
    let active = |well: &str| {
        let own = channels(well);
        (trains.active(&own).len(), own.iter().map(|channel| trains.n_spikes(*channel)).sum::<u64>())
    };
    assert!(WELLS.iter().all(|well| active(well) <= active(&shown.name)));
    let mut cache = Cache::default();
    for well in WELLS {
        let set = results(&trains.clone().showing(Some(well)), 0, &pipeline(), &mut cache);
        assert_eq!(set.shown_well.as_ref().map(|shown| (shown.name.as_str(), shown.is_chosen)), Some((well, true)));
        for figure in set.blocks.iter().flat_map(|block| &block.figures) {
            if figure.is_over_wells() {
                assert!(figure.title.contains("of each well"), "{}", figure.title);
                continue;
            }
            assert!(figure.title.contains(&format!("well {well}")), "{}", figure.title);
            assert!(figure.id.ends_with(&format!("-{well}")), "{}", figure.id);
            assert!(figure.sentence.ends_with('.'), "{}", figure.sentence);
        }
    }
    // A silent well says why there is nothing.
    let silent = results(&trains.clone().showing(Some("B2")), 0, &pipeline(), &mut cache);
    let sttc = silent.blocks.iter().find(|block| block.kind == "sttc").expect("the analysis");
    assert!(sttc.figures[0].sentence.starts_with("There is no figure of well B2: no two active electrodes"));
}

#[test]
fn figures_of_a_well_are_those_of_the_well_alone_and_tables_stay() {
    let trains = plate();
    let mut cache = Cache::default();
    let of = |well: &str, cache: &mut Cache| results(&trains.clone().showing(Some(well)), 0, &pipeline(), cache);
    let first = of("A1", &mut cache);
    let other = of("A2", &mut cache);
    // What is absent from a matrix equals nothing, but is written alike.
    let text = |set: &ResultSet| serde_json::to_string(set).expect("JSON");
    assert_eq!(text(&other), text(&of("A2", &mut Cache::default())), "with tables that were known, and without");
    assert_eq!(text(&first), text(&of("A1", &mut cache)), "and back again");
    for (one, two) in first.blocks.iter().zip(&other.blocks) {
        assert_eq!((&one.tables, &one.absent), (&two.tables, &two.absent), "{}", one.id);
        assert_ne!(one.key, two.key);
    }
    let matrix = |set: &ResultSet| {
        let sttc = set.blocks.iter().find(|block| block.kind == "sttc").expect("the analysis");
        serde_json::to_string(&sttc.figures[0].layers).expect("JSON")
    };
    let alone = analysed(&trains.of_channels(&channels("A2")));
    assert_eq!(matrix(&other), matrix(&alone));
    assert_ne!(matrix(&other), matrix(&first));
    // Somebody who waits gets one after another, and what is known of the tables is not lost.
    let waiting = trains.clone().showing(Some("B1"));
    let n_all = first.blocks.len();
    let (some, n_pending) = some_results((&waiting, 0), &[], &pipeline(), &mut cache, 1);
    assert_eq!((some.blocks.len(), n_pending), (1, n_all - 1));
    let (all, n_pending) = some_results((&waiting, 0), &[], &pipeline(), &mut cache, usize::MAX);
    assert_eq!((all.blocks.len(), n_pending), (n_all, 0));
}

#[test]
fn without_wells_nothing_is_said_of_wells() {
    let trains = plate();
    let info = StreamInfo { wells: None, ..trains.info().clone() };
    let spikes: Vec<Spike> = Vec::new();
    let set = analysed(&SpikeTrains::new(&info, &spikes, None).showing(Some("A1")));
    assert_eq!(set.shown_well, None);
    assert!(!serde_json::to_string(&set).expect("JSON").contains("shown_well"));
}
