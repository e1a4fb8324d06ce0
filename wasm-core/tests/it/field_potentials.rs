//! Field potentials: the same however the work is cut, and analyses of them where there is something to find and where
//! there is nothing.

use std::f64::consts::TAU;
use std::sync::Arc;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use wasm_core::analyses::SpikeTrains;
use wasm_core::field::{FieldBuilder, FieldPlan, FieldPotentials, decimated};
use wasm_core::filter::Decimator;
use wasm_core::pipeline::Pipeline;
use wasm_core::run::{BlockResult, Cache, results, slices};
use wasm_core::spikes::Spike;
use wasm_core::table::Values;

use crate::memory::Memory;

/// Frames per second of the recordings in which phases are looked for, their seconds and electrodes.
const RATE_HZ: f64 = 2000.0;
const SECONDS: f64 = 120.0;
const N_CHANNELS: usize = 6;
/// Frequency of the wave.
const WAVE_HZ: f64 = 6.0;

struct Draw(Xoshiro256PlusPlus);

impl Draw {
    /// From 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    fn share(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn draw(seed: u64) -> Draw {
    Draw(Xoshiro256PlusPlus::seed_from_u64(seed))
}

/// White noise from -50 to 50 µV, a wave, and an offset.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a made signal"
)]
fn recording(wave_uv: f64, offset_uv: f64) -> Memory {
    let mut draw = draw(3);
    let n_frames = (SECONDS * RATE_HZ) as usize;
    let value = |at: usize| {
        let wave = wave_uv * (TAU * WAVE_HZ * (at / N_CHANNELS) as f64 / RATE_HZ).cos();
        (offset_uv + wave + 100.0 * (draw.share() - 0.5)) as f32
    };
    let mut source = Memory::new(N_CHANNELS, (0..n_frames * N_CHANNELS).map(value).collect());
    source.info.sampling_frequency_hz = RATE_HZ;
    source
}

fn pipeline() -> Pipeline {
    let mut pipeline = Pipeline::default();
    pipeline.add("field_potentials");
    pipeline
}

/// Field potentials from slices in reverse order.
fn kept(source: &Memory, pipeline: &Pipeline, blocks_per_slice: u64) -> FieldPotentials {
    let plan = FieldPlan::new(&source.info, pipeline).expect("a plan");
    let mut builder = FieldBuilder::new(plan.clone(), &source.info);
    for slice in slices(&source.info, blocks_per_slice).into_iter().rev() {
        assert!(builder.add(slice, &decimated(source, &plan, slice).expect("reads")));
    }
    builder.finish().expect("all slices")
}

fn block(of: &SpikeTrains, kind: &str, values: &[(&str, serde_json::Value)]) -> BlockResult {
    let mut pipeline = pipeline();
    let id = pipeline.add_analysis(kind).expect("known");
    for (name, value) in values {
        pipeline.set_analysis(&id, name, value.clone());
    }
    let found = results(of, 1, &pipeline, &mut Cache::default());
    (**found.blocks.iter().find(|block| block.id == id).expect("the analysis")).clone()
}

fn numbers(block: &BlockResult, table: &str, column: &str) -> Vec<Option<f64>> {
    match block.table(table).and_then(|table| table.column(column)) {
        Some(Values::Number(values)) => values.clone(),
        other => panic!("{column}: {other:?}, {:?}", block.absent),
    }
}

#[test]
fn slices_change_no_bit() {
    let mut source = Memory::simulated(5, 2.6);
    source.info.wells = Some(["A1", "A1", "A2", "A2", "A2"].map(str::to_owned).to_vec());
    let mut pipeline = pipeline();
    for rate_hz in [1000, 150] {
        pipeline.set("field_potentials", "rate_hz", rate_hz.into());
        let whole = kept(&source, &pipeline, u64::MAX);
        for blocks_per_slice in [1, 2, 5] {
            assert_eq!(kept(&source, &pipeline, blocks_per_slice), whole, "{blocks_per_slice}");
        }
        // Far from the ends it is the low-pass of the command line.
        let decimator = Decimator::new(whole.factor());
        for (place, channel) in whole.channels().iter().enumerate() {
            let column: Vec<f32> = source.values.chunks_exact(5).map(|row| row[*channel]).collect();
            let samples = whole.of(place).next().expect("a segment");
            assert_eq!(samples.len() as u64, decimator.n_outputs(column.len() as u64));
            for at in 12..samples.len() - 12 {
                let mut sum = [0.0];
                decimator.add(at as u64, &column, 0, &mut sum);
                assert!((samples[at] - sum[0]).abs() < 1e-2, "{} is not {}", samples[at], sum[0]);
            }
        }
        let file = whole.to_bytes();
        assert_eq!(FieldPotentials::from_bytes(&file, &source.info).expect("reads"), whole);
        let mut damaged = file.clone();
        damaged[file.len() / 2] ^= 1;
        assert!(FieldPotentials::from_bytes(&damaged, &source.info).is_err());
        let mut other = source.info.clone();
        other.segments[0].n_frames += 20_000;
        assert!(FieldPotentials::from_bytes(&file, &other).expect_err("refused").to_string().contains("another"));
        let mut faster = source.info.clone();
        faster.sampling_frequency_hz *= 2.0;
        assert!(FieldPotentials::from_bytes(&file, &faster).expect_err("refused").to_string().contains("another"));
    }
}

#[test]
fn an_offset_makes_no_step_at_the_ends() {
    let source = Memory::new(2, vec![5000.0; 2 * 30_000]);
    let field = kept(&source, &pipeline(), 2);
    assert!(field.of(1).flatten().all(|value| (value - 5000.0).abs() < 0.1));
}

/// Spikes of all electrodes at times that are given one by one.
#[expect(clippy::cast_possible_truncation, reason = "frames of minutes")]
fn trains(source: &Memory, mut times_s: impl FnMut(usize) -> Vec<f64>) -> SpikeTrains {
    let mut spikes = Vec::new();
    for channel in 0..N_CHANNELS {
        spikes.extend(times_s(channel).into_iter().map(|time_s| Spike {
            segment_index: 0,
            sample_index: (time_s * RATE_HZ) as i64,
            channel_index: u32::try_from(channel).expect("few"),
            amplitude_uv: -50.0,
        }));
    }
    spikes.sort_by_key(Spike::key);
    SpikeTrains::new(&source.info, &spikes, None).with_field(Some(Arc::new(kept(source, &pipeline(), 4))))
}

/// Ten independent spikes a second.
fn poisson(seed: u64) -> Vec<f64> {
    let mut draw = draw(seed);
    let mut times_s = Vec::new();
    let mut at = 0.0;
    while at < SECONDS - 0.01 {
        times_s.push(at);
        at -= (1.0 - draw.share()).ln() / 10.0;
    }
    times_s
}

#[test]
fn independent_spikes_lock_to_nothing() {
    for wave_uv in [0.0, 80.0] {
        let source = recording(wave_uv, 1000.0);
        let of = trains(&source, |channel| poisson(channel as u64));
        let found = block(&of, "spikes_by_phase", &[("field_of", "own".into())]);
        let adjusted = numbers(&found, "electrodes", "p_adjusted");
        assert_eq!(adjusted.len(), N_CHANNELS);
        assert!(adjusted.iter().all(|p| p.expect("many spikes") > 1e-3), "{adjusted:?}");
        assert!(numbers(&found, "electrodes", "ppc").iter().all(|ppc| ppc.expect("known").abs() < 0.01));
    }
}

#[test]
fn spikes_in_the_trough_are_found_there() {
    let mut source = recording(80.0, 0.0);
    let troughs = |_: usize| (10..700).map(|at| (f64::from(at) + 0.5) / WAVE_HZ).collect::<Vec<f64>>();
    let nowhere = block(&trains(&source, troughs), "spikes_by_phase", &[]);
    assert!(nowhere.absent.is_some_and(|reason| reason.starts_with("nobody knows where the electrodes are")));
    source.info.positions_um = Some((0..6_u32).map(|at| [f64::from(at) * 100.0, 0.0]).collect());
    let found = block(&trains(&source, troughs), "spikes_by_phase", &[]);
    for phase in numbers(&found, "electrodes", "preferred_phase_deg") {
        assert!(phase.expect("known").abs() > 170.0, "{phase:?}");
    }
    assert!(numbers(&found, "electrodes", "resultant").iter().all(|length| length.expect("known") > 0.9));
    assert!(numbers(&found, "electrodes", "p_adjusted").iter().all(|p| p.expect("known") < 1e-6));
    // Moved by a random time, regular spikes lie at one phase still: the copies tell that there is no chance in it.
    assert!(numbers(&found, "electrodes", "resultant_by_chance").iter().all(|length| length.expect("known") > 0.5));
    let Some(Values::Text(with)) = found.table("electrodes").and_then(|table| table.column("field_of")) else {
        panic!("names")
    };
    assert_eq!(with, &["2", "3", "0", "1", "2", "3"], "the nearest beyond 150 µm, the first of two");
    assert!(found.figures[0].sentence.contains("6 electrodes lock"), "{}", found.figures[0].sentence);
    let above = block(&trains(&source, troughs), "spikes_by_phase", &[("low_hz", 100.into()), ("high_hz", 400.into())]);
    assert_eq!(above.absent, None, "400 Hz are the end of 1,000 samples a second");
    // What is too little has a reason beside its empty table.
    let own = ("field_of", serde_json::Value::from("own"));
    let few = block(&trains(&source, |_| vec![20.0, 40.0, 60.0]), "spikes_by_phase", std::slice::from_ref(&own));
    let reason = "no electrode has 50 spikes at which the phase is known; the most that one has is 3";
    assert_eq!(few.absent.as_deref(), Some(reason));
    let early = block(&trains(&source, |_| vec![0.01]), "spikes_by_phase", std::slice::from_ref(&own));
    assert!(early.absent.is_some_and(|reason| reason.starts_with("no electrode with a field potential has a spike")));
    let silent = block(&trains(&source, |_| Vec::new()), "spikes_by_phase", &[own]);
    assert_eq!(silent.absent.as_deref(), Some("there are no spikes"));
    let empty = block(&trains(&source, troughs), "spikes_by_phase", &[("low_hz", 9.into())]);
    assert!(empty.absent.is_some_and(|reason| reason.contains("holds nothing")));
}

#[test]
fn white_noise_has_the_power_of_each_bands_width_and_a_wave_its_own() {
    let source = recording(80.0, 500.0);
    let of = trains(&source, |channel| poisson(channel as u64));
    let found = block(&of, "band_powers", &[]);
    // The variance of the noise is 100² / 12, over the 1,000 Hz up to half the rate; that of a wave half its square.
    let per_hz = 100.0_f64.powi(2) / 12.0 / 1000.0;
    for (band, expected) in [("theta", 3200.0 + 4.0 * per_hz), ("beta", 17.0 * per_hz), ("gamma", 50.0 * per_hz)] {
        for power in numbers(&found, "electrodes", &format!("{band}_uv2")) {
            let power = power.expect("known");
            assert!((power / expected - 1.0).abs() < 0.15, "{band}: {power} is not {expected}");
        }
    }
    assert!(numbers(&found, "electrodes", "peak_hz").iter().all(|hz| *hz == Some(WAVE_HZ)));
    assert_eq!(numbers(&found, "course", "theta_uv2").len(), 12);
    assert_eq!(found.figures.len(), 2);
    let picture = block(&of, "spectrogram", &[("channel_ids", vec!["4", "1"].into())]);
    assert_eq!(picture.figures.len(), 2);
    assert!(numbers(&picture, "columns", "peak_hz").iter().flatten().all(|hz| *hz == WAVE_HZ));
    let unknown = block(&of, "spectrogram", &[("channel_ids", vec!["9"].into())]);
    assert!(unknown.absent.is_some_and(|reason| reason.contains("electrode 9 was not kept")));
}

#[test]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a made signal")]
fn hum_is_told_and_a_short_recording_has_no_course_yet() {
    // Ten seconds: one window of the course.
    let hum = |at: usize| (30.0 * (TAU * 50.0 * (at / N_CHANNELS) as f64 / RATE_HZ).cos()) as f32;
    let values = recording(0.0, 0.0).values.into_iter().take(20_000 * N_CHANNELS).enumerate();
    let mut source = Memory::new(N_CHANNELS, values.map(|(at, value)| value + hum(at)).collect());
    source.info.sampling_frequency_hz = RATE_HZ;
    let of = trains(&source, |_| Vec::new());
    let found = block(&of, "band_powers", &[]);
    let [spectrum, course] = &found.figures[..] else { panic!("two figures") };
    for figure in [spectrum, course] {
        assert!(figure.sentence.starts_with("Hum of the mains: a peak at 50 Hz has "), "{}", figure.sentence);
        // 30² / 2 beside the 42 µV² that the noise has from 30 to 80 Hz.
        assert!(figure.sentence.contains("% of the power of gamma"), "{}", figure.sentence);
    }
    assert!(course.sentence.contains("there is no course yet"), "{}", course.sentence);
    let without = block(&of, "band_powers", &[("mains", "50".into())]);
    assert!(without.figures.iter().all(|figure| !figure.sentence.contains("Hum")), "it is left out");
}

#[test]
fn what_is_missing_is_said_in_words() {
    let source = recording(0.0, 0.0);
    let none = SpikeTrains::new(&source.info, &[], None);
    let with = trains(&source, |_| Vec::new());
    for kind in ["band_powers", "spectrogram", "spikes_by_phase"] {
        let absent = block(&none, kind, &[]);
        let reason = absent.absent.clone().expect("a reason");
        assert!(reason.contains("add the step “Field potentials”"), "{kind}: {reason}");
        assert_ne!(block(&with, kind, &[]).key, absent.key, "other field potentials, another key");
    }
    let mut slow = recording(0.0, 0.0);
    slow.info.sampling_frequency_hz = 160.0;
    let of = SpikeTrains::new(&slow.info, &[], None).with_field(Some(Arc::new(kept(&slow, &pipeline(), 4))));
    let powers = block(&of, "band_powers", &[]);
    assert!(numbers(&powers, "electrodes", "gamma_uv2").iter().all(Option::is_none), "80 Hz is beyond 64 Hz");
    assert!(numbers(&powers, "electrodes", "beta_uv2").iter().all(Option::is_some));
}

#[test]
fn a_well_tells_of_its_own_electrodes() {
    let mut plate = recording(80.0, 0.0);
    plate.info.wells = Some(["A1", "A1", "A1", "A2", "A2", "A2"].map(str::to_owned).to_vec());
    let of = trains(&plate, |_| Vec::new());
    let second = of.of_channels(&[3, 4, 5]);
    let both = block(&second, "spectrogram", &[("channel_ids", vec!["0", "4"].into())]);
    assert_eq!(both.figures.len(), 1, "{:?}", both.absent);
    assert!(both.figures[0].title.contains("electrode 4"), "{}", both.figures[0].title);
    let none = block(&second, "spectrogram", &[("channel_ids", vec!["0"].into())]);
    assert_eq!(none.absent.as_deref(), Some("none of the chosen electrodes lies in this well"));
    let whole = block(&of, "spectrogram", &[("channel_ids", vec!["0", "4"].into())]);
    let Some(Values::Text(wells)) = whole.table("columns").and_then(|table| table.column("well")) else {
        panic!("names of wells")
    };
    assert_eq!((wells.first().map(String::as_str), wells.last().map(String::as_str)), (Some("A1"), Some("A2")));
    let mut one = pipeline();
    one.set("field_potentials", "channel_ids", vec!["0"].into());
    let of = SpikeTrains::new(&plate.info, &[], None).with_field(Some(Arc::new(kept(&plate, &one, 4))));
    for kind in ["band_powers", "spectrogram", "spikes_by_phase"] {
        let reason = block(&of.of_channels(&[3, 4, 5]), kind, &[]).absent.expect("a reason");
        assert!(reason.starts_with("no field potential of these electrodes was kept"), "{kind}: {reason}");
    }
}
