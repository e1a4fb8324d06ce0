//! The numbers of a summary: right, or absent with a reason.

use std::collections::BTreeMap;

use serde_json::Value;
use wasm_core::analyses::SpikeTrains;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::{SegmentInfo, StoredSpikes, StreamInfo, StreamKind};
use wasm_core::report::sentence;
use wasm_core::run::{
    Measured, RecordingSummary, Summary, channels_csv, definitions, of_stored, spikes_csv, wells_csv,
};
use wasm_core::sample::SampleType;
use wasm_core::spikes::Spike;

use super::nulls::{Draw, RATE_HZ, independent};

/// A stream of segments of so many frames.
pub fn info(n_channels: usize, rate_hz: f64, lengths: &[u64]) -> StreamInfo {
    StreamInfo {
        name: "spikes".into(),
        kind: StreamKind::Electrodes,
        sampling_frequency_hz: rate_hz,
        n_channels,
        sample_type: SampleType::Float32,
        channel_ids: (0..n_channels).map(|at| format!("E{at}")).collect(),
        channel_names: None,
        gain_to_uv: vec![1.0; n_channels],
        offset_to_uv: vec![0.0; n_channels],
        positions_um: None,
        wells: None,
        empty_wells: Vec::new(),
        segments: lengths.iter().map(|n_frames| SegmentInfo { n_frames: *n_frames, t_start_s: 0.0 }).collect(),
    }
}

/// The spikes of trains of one segment, sorted.
pub fn spikes(trains: &[Vec<i64>]) -> Vec<Spike> {
    let of = |(channel_index, train): (u32, &Vec<i64>)| {
        let spike = |frame: &i64| Spike { segment_index: 0, sample_index: *frame, channel_index, amplitude_uv: -20.5 };
        train.iter().map(spike).collect::<Vec<_>>()
    };
    let mut spikes: Vec<Spike> = (0..).zip(trains).flat_map(of).collect();
    spikes.sort_by_key(Spike::key);
    spikes
}

pub fn summary(info: &StreamInfo, spikes: &[Spike], dead: &[usize], observed_s: Option<&[f64]>) -> Summary {
    let noise_uv = vec![4.0; info.n_channels];
    let pipeline = Pipeline::default();
    let trains = SpikeTrains::new(info, spikes, observed_s);
    let measured = Measured { trains: &trains, pipeline: &pipeline, noise_uv: &noise_uv, threshold: 5.0, dead, spikes };
    Summary::new(RecordingSummary::new("memory", "memory", info, &[], &[]), &measured)
}

fn of_trains(info: &StreamInfo, trains: &[Vec<i64>]) -> Summary {
    summary(info, &spikes(trains), &[], None)
}

/// Ten spikes each 5 ms at 1 kHz, every three seconds.
fn volleys(shift: i64, n: i64) -> Vec<i64> {
    (0..n).flat_map(|volley| (0..10).map(move |k| 500 + volley * 3000 + shift + k * 5)).collect()
}

/// Two wells of four electrodes: volleys each three seconds, those of the second half as much later.
#[test]
fn wells_do_not_burst_together() {
    let mut info = info(8, 1000.0, &[60_000]);
    let trains: Vec<Vec<i64>> = (0..8).map(|at| volleys(if at < 4 { 0 } else { 1500 }, 20)).collect();
    let together = of_trains(&info, &trains);
    assert!(together.wells.is_empty());
    assert!(together.headline.synchrony_sttc.is_some_and(|value| value < 0.6), "{:?}", together.headline);
    info.wells = Some((0..8).map(|at| ["A1", "A2"][at / 4].to_owned()).collect());
    let plate = of_trains(&info, &trains);
    for (culture, well) in plate.wells.iter().zip(["A1", "A2"]) {
        assert_eq!(culture.well.as_deref(), Some(well));
        assert_eq!((culture.n_electrodes, culture.active_electrodes), (4, 4));
        assert_eq!((culture.n_bursts, culture.bursts_per_min), (80, Some(20.0)));
        assert_eq!((culture.n_network_bursts, culture.network_bursts_per_min), (Some(20), Some(20.0)));
        assert_eq!(culture.network_bursts_per_min_shifted, Some(0.0));
        assert_eq!((culture.network_burst_participants, culture.network_burst_participation), (Some(4.0), Some(1.0)));
        // From the first spike to the frame behind the last.
        assert!(culture.network_burst_duration_s.is_some_and(|value| (value - 0.046).abs() < 1e-9), "{culture:?}");
        assert!(culture.synchrony_sttc.is_some_and(|value| value > 0.99), "{culture:?}");
        assert!(culture.absent.is_empty());
    }
    let headline = &plate.headline;
    assert_eq!((headline.n_network_bursts, headline.network_bursts_per_min), (Some(40), Some(20.0)));
    assert_eq!((headline.network_burst_participants, headline.n_bursts), (Some(4.0), 160));
    assert!(headline.absent.is_empty() && plate.channels.iter().all(|channel| channel.well.is_some()));
    let table = wells_csv(&plate);
    let start = "A1,4,4,3.3333333333333335,80,20,20,20,0,4,1,0.046";
    assert!(table.lines().nth(1).is_some_and(|line| line.starts_with(start)), "{table}");
    assert!(table.lines().count() == 3 && table.ends_with(",\n"), "nothing is absent: {table}");
}

#[test]
fn a_short_recording_gives_counts_and_no_rates() {
    let trains = vec![volleys(0, 3); 6];
    let short = of_trains(&info(6, 1000.0, &[10_000]), &trains).headline;
    let reason = "too short: 10.0 s, at least 30 s are needed";
    assert_eq!((short.n_spikes, short.n_bursts, short.active_electrodes), (180, 18, 6));
    assert_eq!(short.mean_rate_hz, Some(3.0));
    let absent = [
        "bursts_per_min",
        "n_network_bursts",
        "network_burst_participants",
        "network_bursts_per_min",
        "network_bursts_per_min_shifted",
        "synchrony_sttc",
    ];
    assert_eq!(short.absent, BTreeMap::from(absent.map(|field| (field.to_owned(), reason.to_owned()))));
    assert_eq!((short.bursts_per_min, short.n_network_bursts, short.synchrony_sttc), (None, None, None));
    // Segments count together: three of ten seconds are enough.
    assert!(of_trains(&info(6, 1000.0, &[10_000; 3]), &trains).headline.absent.is_empty());
}

/// The words about a culture follow what chance brings.
#[test]
fn random_firing_is_not_called_bursting() {
    let random = of_trains(&info(16, RATE_HZ, &[600_000]), &independent(&mut Draw::new(3), 16, 8.0, 60.0));
    assert!(random.headline.n_bursts > 100, "{}", random.headline.n_bursts);
    let told = sentence(&random, StreamKind::Electrodes);
    assert!(told.starts_with("The culture is active: 16 of 16 electrodes"), "{told}");
    assert!(told.contains(" bursts per minute each, no more bursts than random firing at the same rates (a"), "{told}");
    let bursting = of_trains(&info(16, 1000.0, &[60_000]), &vec![volleys(0, 20); 16]);
    let told = sentence(&bursting, StreamKind::Electrodes);
    assert!(told.starts_with("The culture is active, bursting and firing as a network: 16 of 16"), "{told}");
    assert!(!told.contains("random"), "{told}");
    // Were as many found in shifted copies, they would be no network.
    let mut chance = bursting;
    chance.headline.network_bursts_per_min_shifted = chance.headline.network_bursts_per_min;
    let told = sentence(&chance, StreamKind::Electrodes);
    assert!(
        told.starts_with("The culture is active and bursting: ") && told.ends_with(": no more than chance."),
        "{told}"
    );
}

/// What copies that are moved by little hold as well is a slow change of the rate, and spikes that are there twice make
/// no bursts in silence.
#[test]
fn slow_rates_and_doubled_spikes_are_told_with_the_culture() {
    let mut slow = of_trains(&info(16, 1000.0, &[60_000]), &vec![volleys(0, 20); 16]);
    slow.headline.network_bursts_per_min_near = slow.headline.network_bursts_per_min;
    let told = sentence(&slow, StreamKind::Electrodes);
    assert!(told.starts_with("The culture is active and bursting: "), "{told}");
    assert!(told.ends_with("a slow change of the rate that electrodes share explains them."), "{told}");
    // Of 40 spikes each, 20 have the time of the one before: 20 of 39 intervals.
    let twice: Vec<i64> = (0..20).flat_map(|at| [at * 3000; 2]).collect();
    let doubled = of_trains(&info(4, 1000.0, &[60_000]), &vec![twice; 4]);
    assert_eq!(doubled.headline.too_short_intervals, Some(20.0 / 39.0));
    let told = sentence(&doubled, StreamKind::Electrodes);
    assert!(told.contains("51.3 % of the intervals between spikes of one electrode are below 0.5 ms"), "{told}");
}

#[test]
fn nothing_is_claimed_of_nothing() {
    // One spike meets no criterion, however short the recording.
    let one = of_trains(&info(2, 1000.0, &[1000]), &[vec![5], Vec::new()]);
    assert_eq!((one.headline.n_spikes, one.headline.active_electrodes, one.headline.mean_rate_hz), (1, 0, None));
    let none = of_trains(&info(8, 1000.0, &[60_000]), &vec![Vec::new(); 8]);
    assert_eq!(none.headline.absent["mean_rate_hz"], "no active electrodes");
    assert_eq!(none.headline.absent["network_bursts_per_min"], "no active electrodes");
    assert_eq!((none.channels[0].rate_hz, none.channels[0].mean_amplitude_uv), (Some(0.0), None));
    // A single electrode has bursts, but no network and no pair.
    let single = of_trains(&info(1, 1000.0, &[60_000]), &[volleys(0, 20)]).headline;
    assert_eq!(single.bursts_per_min, Some(20.0));
    assert_eq!(single.absent["synchrony_sttc"], "not enough active electrodes (1 of the 2 that are needed)");
    assert_eq!(single.absent["n_network_bursts"], "not enough active electrodes (1 of the 4 that are needed)");
    // A recording without any time, and one without electrodes.
    let empty = of_trains(&info(2, 1000.0, &[0]), &[Vec::new(), Vec::new()]);
    let brief = of_trains(&info(2, 1000.0, &[12]), &[vec![1, 5], vec![2, 6]]);
    assert_eq!(brief.headline.absent["synchrony_sttc"], "too short: 12 ms, at least 30 s are needed");
    assert_eq!(brief.headline.absent["mean_rate_hz"], "too short: 12 ms, at least 1 s is needed for a rate");
    assert_eq!((empty.headline.duration_s, empty.channels[0].rate_hz), (0.0, None));
    assert!(empty.headline.absent["synchrony_sttc"].starts_with("too short: 0.0 s"));
    assert_eq!(of_trains(&info(0, 1000.0, &[60_000]), &[]).headline.active_electrodes, 0);
    // Regular firing of a quiet well is no network burst.
    let regular: Vec<Vec<i64>> = (0..6).map(|at| (0..60).map(|k| k * 1000 + at * 160).collect()).collect();
    let regular = of_trains(&info(6, 1000.0, &[60_000]), &regular).headline;
    assert_eq!((regular.n_network_bursts, regular.network_bursts_per_min), (Some(0), Some(0.0)));
    assert_eq!(regular.absent["network_burst_participants"], "no network bursts");
}

#[test]
fn wells_that_have_no_number_leave_the_mean_to_the_others() {
    let mut info = info(10, 1000.0, &[60_000]);
    info.wells = Some((0..10).map(|at| ["A1", "A2"][usize::from(at >= 6)].to_owned()).collect());
    let mut trains = vec![volleys(0, 20); 6];
    trains.extend([volleys(0, 20), Vec::new(), Vec::new(), Vec::new()]);
    let plate = of_trains(&info, &trains);
    assert_eq!(plate.wells[1].absent["n_network_bursts"], "not enough active electrodes (1 of the 4 that are needed)");
    assert_eq!((plate.headline.network_bursts_per_min, plate.headline.n_network_bursts), (Some(20.0), Some(20)));
    // And where no well has it the headline says so, with an example.
    let few = of_trains(&info, &[vec![volleys(0, 20); 2], vec![Vec::new(); 4], vec![volleys(0, 20); 3]].concat());
    let reason = "absent in every well; in A1: not enough active electrodes (2 of the 4 that are needed)";
    assert_eq!(few.headline.absent["network_bursts_per_min"], reason);
    assert!(few.headline.synchrony_sttc.is_some());
}

#[test]
fn rates_are_per_time_observed() {
    let trains = [volleys(0, 4), volleys(0, 4)];
    let halved = summary(&info(2, 1000.0, &[60_000]), &spikes(&trains), &[], Some(&[60.0, 15.0]));
    assert_eq!(
        halved.channels.iter().map(|channel| channel.rate_hz).collect::<Vec<_>>(),
        [Some(40.0 / 60.0), Some(40.0 / 15.0)]
    );
    assert_eq!(halved.headline.bursts_per_min, Some(f64::midpoint(4.0, 16.0)));
}

#[test]
fn dead_electrodes_are_said_once() {
    let mut info = info(15, 1000.0, &[60_000]);
    info.channel_names = Some((0..15).map(|at| if at == 1 { "corner".into() } else { String::new() }).collect());
    let once = summary(&info, &[], &[0, 1], None);
    let note = "Electrodes E0, corner held one value, or no numbers (NaN), throughout: they are dead, take no part in \
                the reference, and have no spikes.";
    assert_eq!(once.recording.notes, [note]);
    assert!(once.channels[1].dead && !once.channels[2].dead);
    assert_eq!((once.channels[1].name.as_deref(), once.channels[2].name.as_deref()), (Some("corner"), None));
    // As when the threshold moves: the notes are those of the result before.
    let pipeline = Pipeline::default();
    let noise_uv = [4.0; 15];
    let trains = SpikeTrains::new(&info, &[], None);
    let measured = Measured {
        trains: &trains,
        pipeline: &pipeline,
        noise_uv: &noise_uv,
        threshold: 6.0,
        dead: &[0, 1],
        spikes: &[],
    };
    assert_eq!(Summary::new(once.recording, &measured).recording.notes, [note]);
    let all = summary(&info, &[], &(0..15).collect::<Vec<_>>(), None).recording.notes;
    assert!(all[0].contains("E8, E9 and 5 more held one value"), "{all:?}");
}

#[test]
fn spikes_at_the_same_time_are_counted_and_said() {
    let trains = [vec![10, 10, 10, 500], vec![10]];
    let stored = StoredSpikes::new(info(2, 1000.0, &[60_000]), spikes(&trains), "a test".into());
    let result = of_stored(&stored, "name", "format", &[], &[]).summary;
    assert_eq!(result.headline.n_spikes, 5);
    let said = |note: &String| note.starts_with("2 of 5 spikes have the very time of the one before");
    assert_eq!(result.recording.notes.iter().filter(|note| said(note)).count(), 1, "{:?}", result.recording.notes);
}

#[test]
fn tables_hold_every_digit() {
    let mut info = info(2, 30_000.0, &[30_000 * 60]);
    info.segments[0].t_start_s = 5000.1;
    info.channel_names = Some(vec!["left, upper".into(), String::new()]);
    let mut spikes = spikes(&[vec![1, 1_000_001], vec![7]]);
    spikes[0].amplitude_uv = -20.123_457;
    let table = spikes_csv(&info, &spikes);
    let mut lines = table.lines();
    let titles = "segment_index,segment_start_s,sample_index,time_s,channel_index,channel_id,channel_name,amplitude_uv";
    assert_eq!(lines.next(), Some(titles));
    assert_eq!(lines.next(), Some("0,5000.1,1,5000.100033333334,0,E0,\"left, upper\",-20.123457"));
    let cells: Vec<&str> = lines.next().expect("a line").split(',').collect();
    let time_s = 5000.1 + 7.0 / 30_000.0;
    assert_eq!(cells[3].parse::<f64>().expect("a number"), time_s);
    assert_eq!((cells[5], cells[6], cells[7]), ("E1", "", "-20.5"));
    // A size that nobody recorded is absent, whatever the others are, and is no part of the mean.
    spikes[0].amplitude_uv = 0.0;
    let table = spikes_csv(&info, &spikes);
    let sizes: Vec<Option<&str>> = table.lines().skip(1).map(|line| line.rsplit(',').next()).collect();
    assert_eq!(sizes, [Some(""), Some("-20.5"), Some("-20.5")]);
    assert_eq!(summary(&info, &spikes, &[], None).channels[0].mean_amplitude_uv, Some(-20.5));
    // Files that hold no sizes give none.
    for spike in &mut spikes {
        spike.amplitude_uv = 0.0;
    }
    assert!(spikes_csv(&info, &spikes).lines().skip(1).all(|line| line.ends_with(',')));
    let channels = channels_csv(&summary(&info, &spikes, &[1], None));
    let told: Vec<&str> = channels.lines().skip(1).collect();
    assert_eq!(told[0], "E0,\"left, upper\",,2,0.03333333333333333,0,,4,20,false,false");
    assert_eq!(told[1], "E1,,,1,0.016666666666666666,0,,4,20,false,true");
}

#[test]
fn every_number_has_its_definition() {
    let mut plate = info(4, 1000.0, &[60_000]);
    plate.wells = Some(vec!["A1".into(); 4]);
    let summary = of_trains(&plate, &vec![volleys(0, 20); 4]);
    let known: Vec<&str> = definitions().iter().map(|definition| definition.id).collect();
    let numbers = |of: Value| {
        let of = of.as_object().expect("an object").clone();
        of.into_iter().filter(|(_, value)| value.is_number()).map(|(field, _)| field).collect::<Vec<String>>()
    };
    let of = |value: Result<Value, serde_json::Error>| numbers(value.expect("JSON"));
    let headline = of(serde_json::to_value(&summary.headline));
    let well = of(serde_json::to_value(&summary.wells[0]));
    let channel = of(serde_json::to_value(&summary.channels[0]));
    assert!(headline.len() >= 11 && well.len() >= 12 && channel.len() >= 6, "{headline:?} {well:?} {channel:?}");
    for field in headline.iter().chain(&well).chain(&channel) {
        assert!(known.contains(&field.as_str()), "{field} has no definition");
    }
}

/// Intervals hold their numbers, are the same every time, and are absent with a reason where there are too few.
#[test]
fn numbers_have_intervals() {
    let info_of = |n: usize| info(n, 1000.0, &[60_000]);
    // Electrodes of different rates, all of which take part in the volleys.
    let train = |at: i64| {
        let mut train = volleys(at, 20);
        train.extend((0..at * 10).map(|k| 2130 + k * 500 + at));
        train.sort_unstable();
        train
    };
    let trains: Vec<Vec<i64>> = (0..10).map(train).collect();
    let summary = of_trains(&info_of(10), &trains);
    let headline = &summary.headline;
    let numbers = [
        ("active_electrodes", Some(10.0)),
        ("mean_rate_hz", headline.mean_rate_hz),
        ("bursts_per_min", headline.bursts_per_min),
        ("network_bursts_per_min", headline.network_bursts_per_min),
        ("synchrony_sttc", headline.synchrony_sttc),
    ];
    for (field, number) in numbers {
        let (number, interval) = (number.expect(field), headline.intervals.of(field).expect(field));
        assert!(interval.low <= number && number <= interval.high, "{field}: {number} in {interval:?}");
    }
    assert_eq!(of_trains(&info_of(10), &trains).headline, *headline);
    let rate = headline.intervals.of("mean_rate_hz").expect("an interval");
    assert!(rate.low < rate.high, "{rate:?}");

    let one = of_trains(&info_of(1), &trains[..1]).headline;
    assert_eq!(one.intervals.known.len(), 0, "{:?}", one.intervals);
    assert_eq!(one.intervals.absent["active_electrodes"], "needs at least 2 working electrodes");
    assert_eq!(one.intervals.absent["mean_rate_hz"], "needs at least 6 active electrodes, and has 1");
    // What is absent itself has its own reason.
    assert!(!one.intervals.absent.contains_key("synchrony_sttc"), "{:?}", one.intervals);

    // Results of earlier versions open without, and are written as they were.
    let mut json = serde_json::to_value(headline).expect("JSON");
    json.as_object_mut().expect("an object").remove("intervals").expect("written");
    let earlier: wasm_core::run::Headline = serde_json::from_value(json.clone()).expect("an earlier headline");
    assert!(earlier.intervals.is_empty());
    assert_eq!(serde_json::to_value(&earlier).expect("JSON"), json);
}
