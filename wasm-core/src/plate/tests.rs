use super::*;
use crate::analyses::SpikeTrains;
use crate::figure::{Layer, svg};
use crate::pipeline::Pipeline;
use crate::recording::{FrameSource, StreamKind};
use crate::run::{Measured, RecordingSummary};
use crate::simulation::{Simulation, SimulationSpec};
use crate::spikes::Spike;

/// Twelve electrodes in A1, A2 and B1, of which the last is silent; no electrode lies in B2.
fn info() -> StreamInfo {
    let spec = SimulationSpec { n_channels: 12, sampling_frequency_hz: 1000.0, duration_s: 60.0, seed: 1 };
    let wells = (0..12).map(|at| ["A1", "A2", "B1"][at / 4].to_owned()).collect();
    StreamInfo { wells: Some(wells), empty_wells: vec!["B2".into()], ..Simulation::new(spec).info().clone() }
}

fn summary() -> Summary {
    let info = info();
    let mut spikes: Vec<Spike> = Vec::new();
    for channel_index in 0..8_u32 {
        // A2 fires more often.
        let step = if channel_index < 4 { 600 } else { 300 };
        let frames = (0..60_000_i64).step_by(step);
        spikes.extend(frames.map(|sample_index| Spike {
            segment_index: 0,
            sample_index: sample_index + i64::from(channel_index),
            channel_index,
            amplitude_uv: -50.0,
        }));
    }
    spikes.sort_by_key(Spike::key);
    let trains = SpikeTrains::new(&info, &spikes, None);
    let pipeline = Pipeline::default();
    let noise_uv = vec![4.0; info.n_channels];
    let measured = Measured {
        trains: &trains,
        pipeline: &pipeline,
        noise_uv: &noise_uv,
        threshold: 5.0,
        dead: &[],
        spikes: &spikes,
    };
    Summary::new(RecordingSummary::new("plate", "simulation", &info, &[], &[]), &measured)
}

#[test]
fn every_well_has_its_number_or_the_reason_why_not() {
    let summary = summary();
    let plate = Plate::new(&summary).expect("a plate");
    let names: Vec<&str> = plate.wells.iter().map(|well| well.name.as_str()).collect();
    assert_eq!(names, ["A1", "A2", "B1", "B2"]);
    assert_eq!(plate.most_active().map(|well| well.name.as_str()), Some("A2"));
    let table = wells_table(&summary, StreamKind::Electrodes);
    let column = leading(&table).expect("a number");
    let over = plate.over_wells(&table, column).expect("a number");
    assert_eq!((over.name.as_str(), over.unit.as_str()), ("mean_rate_hz", "Hz"));
    let told: Vec<Result<String, String>> =
        over.wells.iter().map(|well| well.value.clone().map(|value| format!("{value:.3}"))).collect();
    let expected = [
        Ok("1.667".to_owned()),
        Ok("3.333".to_owned()),
        Err("no active electrodes".to_owned()),
        Err("no electrode was recorded".to_owned()),
    ];
    assert_eq!(told, expected);
    let [map, by_well] = over.figures();
    assert_eq!(map.title, "Rate, all 4 wells");
    let sentence = "2 of 4 wells have this number, from 1.667 Hz (well A1) to 3.333 Hz (well A2). \
                    Not of B1: no active electrodes. Not of B2: no electrode was recorded.";
    assert!(map.sentence.starts_with(sentence), "{}", map.sentence);
    assert!(by_well.is_over_wells() && !map.is_over_wells());
    let Layer::Spans { spans } = &by_well.layers[0] else { panic!("no shades") };
    assert_eq!(*spans, [(2.0, 3.0), (3.0, 4.0)], "a well without a number is no zero");
    let text = map.to_csv();
    assert!(text.starts_with("wells\nwell,column,row,Rate (Hz)\nA1,1,1,1.66") && text.ends_with("B2,2,2,\n"), "{text}");
    assert_eq!(by_well.to_csv().matches("names\nstep,name\n1,A1\n").count(), 1);
    for figure in [map, by_well] {
        let picture = svg(&figure, (480.0, 300.0), None);
        roxmltree::Document::parse(&picture).expect("XML");
        assert!(
            !picture.contains("NaN") && picture.contains(">A</text>") | picture.contains(">A1</text>"),
            "{picture}"
        );
    }
    // Numbers that are all alike, or that nobody has, are drawn too.
    for values in [[Some(2.0); 4], [None; 4]] {
        let flat = table_of(values);
        let over = plate.over_wells(&flat, 1).expect("a number");
        assert!(over.figures().iter().all(|figure| !svg(figure, (480.0, 300.0), None).contains("NaN")));
    }
    assert_eq!(plate.figures(&table).len(), 2 * numbered(&table).len());
}

fn table_of(values: [Option<f64>; 4]) -> crate::table::Table {
    crate::table::Table::new("wells", "Wells")
        .texts(("well", "Well"), ["A1", "A2", "B1", "B2"].map(str::to_owned))
        .numbers(("n", "N", ""), values)
}

#[test]
fn a_table_says_itself_why_a_number_is_absent() {
    let plate = Plate::new(&summary()).expect("a plate");
    let table = table_of([Some(1.0), None, None, None])
        .texts(("chance", "Against chance"), ["", "too few spikes", "", ""].map(str::to_owned));
    let over = plate.over_wells(&table, 1).expect("a number");
    assert_eq!(over.wells[1].value, Err("too few spikes".into()));
    assert_eq!(plate.over_wells(&table, 0), None, "names are no numbers");
    assert_eq!(plate.over_wells(&table, 9), None);
    let electrodes = crate::table::Table { id: "electrodes".into(), ..table };
    assert!(numbered(&electrodes).is_empty() && leading(&electrodes).is_none());
}

#[test]
fn wells_are_named_and_checked() {
    let info = info();
    assert_eq!(all_wells(&info).as_deref(), Some("3 of 4 wells"));
    let full = StreamInfo { empty_wells: Vec::new(), ..info.clone() };
    assert_eq!(all_wells(&full).as_deref(), Some("all 3 wells"));
    assert_eq!(wells_of(&info, &[5]).as_deref(), Some("well A2"));
    assert_eq!(wells_of(&info, &[0, 5]).as_deref(), Some("wells A1, A2"));
    assert_eq!(wells_of(&info, &[0, 5, 9]).as_deref(), Some("3 of 4 wells"));
    assert_eq!(check_well(&info, "B1"), Ok(()));
    let refused = check_well(&info, "B2").expect_err("an empty well");
    assert!(refused.contains("choose one of A1, A2, B1"), "{refused}");
    let single = StreamInfo { wells: None, empty_wells: Vec::new(), ..info };
    assert!(check_well(&single, "A1").expect_err("no wells").contains("the recording has no wells"));
    assert_eq!(titled("Raster", all_wells(&single)), "Raster");
}
