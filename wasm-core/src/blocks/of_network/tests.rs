//! Wells in which too few electrodes are active, and what is marked.

use serde_json::Map;

use crate::analyses::SpikeTrains;
use crate::blocks::{Outcome, Values, network_bursts_overlap};
use crate::figure::Layer;
use crate::formats::uniform;
use crate::recording::{SegmentInfo, StreamInfo};
use crate::sample::SampleType;
use crate::spikes::of_trains;
use crate::table::Values as Column;

/// A minute at 1 kHz of a plate of four wells with four electrodes each, the last well without any: A1 bursts
/// together at irregular times, in A2 and B1 as many electrodes as wished fire regularly, each at its own pace.
fn plate(n_active: [usize; 2]) -> SpikeTrains {
    let start = |burst: i64| 1000 + burst * 2900 + burst * burst * 131 % 1700;
    let together = |at: i64| (0..19).flat_map(move |burst| (0..10).map(move |k| start(burst) + at * 2 + k * 10));
    let alone = |at: i64| (1..20).map(move |k| k * (2900 + 37 * at)).collect::<Vec<i64>>();
    let mut trains: Vec<Vec<i64>> = (0..4).map(|at| together(at).collect()).collect();
    for n in n_active {
        trains.extend((0..4).map(|at| if at < n { alone(i64::try_from(at).expect("small")) } else { Vec::new() }));
    }
    let ids = (0..12).map(|at| format!("E{at}")).collect();
    let info = StreamInfo {
        wells: Some((0..12).map(|at| ["A1", "A2", "B1"][at / 4].to_owned()).collect()),
        empty_wells: vec!["B2".to_owned()],
        segments: vec![SegmentInfo { n_frames: 60_000, t_start_s: 0.0 }],
        ..uniform("spikes", 1000.0, SampleType::Float32, ids, 1.0)
    };
    SpikeTrains::new(&info, &of_trains(&trains), None)
}

fn overlap(of: &SpikeTrains) -> Outcome {
    network_bursts_overlap::run(of, Values::new(&Map::new()))
}

fn column<'a>(of: &'a Outcome, name: &str) -> &'a Column {
    of.tables[0].column(name).expect("a column")
}

#[test]
fn too_few_active_electrodes_are_no_count_of_zero() {
    let found = overlap(&plate([2, 4]));
    let expected = [Some(19.0), None, Some(0.0)];
    assert_eq!(column(&found, "n_network_bursts"), &Column::Number(expected.to_vec()));
    let verdicts = ["more than chance", "not enough active electrodes (2 of the 4 that are needed)", "none found"];
    assert_eq!(column(&found, "chance"), &Column::Text(verdicts.map(str::to_owned).to_vec()));
    let chance = found.figures.iter().find(|figure| figure.id == "chance").expect("a figure");
    assert!(chance.sentence.starts_with("1 of 4 wells have more network bursts"), "{}", chance.sentence);
    assert!(chance.sentence.contains("2 have no number"), "the empty well, too: {}", chance.sentence);
    assert_eq!(chance.layers[0], Layer::Spans { spans: vec![(1.0, 2.0)] });
    let none = overlap(&plate([0, 1]).of_channels(&[4, 5, 6, 7, 8, 9, 10, 11]));
    let reason = "no active electrodes; not enough active electrodes (1 of the 4 that are needed)";
    assert_eq!(none.absent.as_deref(), Some(reason));
}

#[test]
fn what_chance_may_bring_is_not_marked() {
    let marked = |outcome: &Outcome| match &outcome.figures[0].layers[0] {
        Layer::Spans { spans } => spans.len(),
        other => panic!("{other:?}"),
    };
    let more = overlap(&plate([4, 4]));
    assert_eq!(marked(&more), 19);
    assert!(more.figures[0].sentence.contains("They are marked"), "{}", more.figures[0].sentence);
    // One network burst alone is too few to tell from chance.
    let burst: Vec<i64> = (0..10).map(|k| 30_000 + k * 10).collect();
    let info = StreamInfo {
        segments: vec![SegmentInfo { n_frames: 60_000, t_start_s: 0.0 }],
        ..uniform("spikes", 1000.0, SampleType::Float32, (0..4).map(|at| format!("E{at}")).collect(), 1.0)
    };
    let one = overlap(&SpikeTrains::new(&info, &of_trains(&vec![burst; 4]), None));
    assert_eq!((column(&one, "n_network_bursts"), marked(&one)), (&Column::Number(vec![Some(1.0)]), 0));
    assert!(one.figures[0].sentence.contains("They are not marked"), "{}", one.figures[0].sentence);
}
