//! What the blocks that a pipeline may do without change, and what they leave alone.

use wasm_core::engine::{BlockId, Engine, Workspace};
use wasm_core::filter::{Band, design, fir_taps, firwin, notch};
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::FrameSource;
use wasm_core::run::measure_noise;
use wasm_core::spikes::Spike;

use crate::memory::{Memory, cascade, run, run_with};

fn without(channels: &[&str]) -> Pipeline {
    let mut pipeline = Pipeline::default();
    pipeline.set("bad_channels", "channel_ids", channels.to_vec().into());
    pipeline
}

#[test]
fn a_channel_left_out_is_as_good_as_not_there() {
    let whole = Memory::simulated(6, 2.0);
    let part = whole.permuted(&[0, 1, 3, 4, 5]);
    let result = run_with(&without(&["2"]), &whole, 3);
    let place = |channel: u32| if channel > 2 { channel - 1 } else { channel };
    let spikes: Vec<Spike> =
        result.spikes.iter().map(|spike| Spike { channel_index: place(spike.channel_index), ..*spike }).collect();
    assert!(!spikes.is_empty() && result.spikes.iter().all(|spike| spike.channel_index != 2));
    assert_eq!(spikes, run(&part, 3).spikes, "the reference is that of the others");
    assert!(result.summary.channels[2].left_out);
    let error = |channels: &[&str]| Engine::new(&whole.info, &without(channels)).err().expect("refused").to_string();
    assert_eq!(error(&["1", "7", "x"]), "block “bad_channels”: there is no channel 7, x");
    assert!(error(&["0", "1", "2", "3", "4", "5"]).contains("no channel is left"));
}

#[test]
fn forward_only_is_one_way_through_the_cascade() {
    let source = Memory::simulated(3, 1.0);
    let mut pipeline = Pipeline::default();
    pipeline.set("filter", "direction", "forward".into());
    pipeline.set("common_reference", "operator", "none".into());
    let engine = Engine::new(&source.info, &pipeline).expect("valid");
    let sections = design(5, Band::BandPass { low_hz: 300.0, high_hz: 3000.0 }, 20_000.0);
    let column = |channel: usize| source.values.chunks_exact(3).map(move |row| f64::from(row[channel]));
    for channel in 0..3 {
        let base = column(channel).next().expect("a frame");
        let mut expected: Vec<f64> = column(channel).map(|value| value - base).collect();
        cascade(&sections, &mut expected, false);
        let block = engine.block(&source, BlockId { segment: 0, index: 1 }).expect("reads");
        let first = usize::try_from(block.span.first_frame).expect("small") + block.span.own.start;
        for (frame, value) in (first..).zip(block.channel(channel, block.span.own.clone())) {
            assert!((f64::from(value) - expected[frame]).abs() < 5e-3, "channel {channel}, frame {frame}");
        }
    }
}

/// The default pipeline with a filter of finite response, without reference.
fn linear_phase() -> Pipeline {
    let mut pipeline = Pipeline::default();
    pipeline.set("filter", "ftype", "fir".into());
    pipeline.set("common_reference", "operator", "none".into());
    pipeline
}

#[test]
fn linear_phase_is_a_convolution_without_delay() {
    let source = Memory::simulated(3, 1.5);
    let n_frames = source.values.len() / 3;
    let taps = firwin(fir_taps(100.0, 20_000.0), Band::BandPass { low_hz: 300.0, high_hz: 3000.0 }, 20_000.0);
    let half = taps.len() / 2;
    let mut notched = linear_phase();
    notched.set("notch_filter", "freq_hz", 1000.into());
    for (pipeline, sections) in [(linear_phase(), Vec::new()), (notched, vec![notch(1000.0, 30.0, 20_000.0)])] {
        let engine = Engine::new(&source.info, &pipeline).expect("valid");
        for channel in 0..3 {
            let column: Vec<f64> = source.values.chunks_exact(3).map(|row| f64::from(row[channel])).collect();
            // Beyond its ends the signal goes on mirrored through them, as in SciPy's odd extension.
            let at = |frame: isize| match usize::try_from(frame) {
                Err(_) => 2.0 * column[0] - column[frame.unsigned_abs()],
                Ok(frame) if frame < n_frames => column[frame],
                Ok(frame) => 2.0 * column[n_frames - 1] - column[2 * n_frames - 2 - frame],
            };
            let output = |frame: usize| -> f64 {
                let first = frame.cast_signed() - half.cast_signed();
                (first..).zip(&taps).map(|(frame, tap)| at(frame) * tap).sum()
            };
            let mut expected: Vec<f64> = (0..n_frames).map(output).collect();
            cascade(&sections, &mut expected, false);
            cascade(&sections, &mut expected, true);
            // The expected notch starts at rest at either end of the recording.
            let settled = if sections.is_empty() { 0..n_frames } else { 4000..n_frames - 4000 };
            let ids = (0..4).map(|index| BlockId { segment: 0, index });
            for block in ids.map(|id| engine.block(&source, id).expect("reads")) {
                let first = usize::try_from(block.span.first_frame).expect("small") + block.span.own.start;
                for (frame, value) in (first..).zip(block.channel(channel, block.span.own.clone())) {
                    let error = (f64::from(value) - expected[frame]).abs();
                    assert!(!settled.contains(&frame) || error < 5e-3, "channel {channel}, frame {frame}: {error}");
                }
            }
        }
    }
}

/// As for the recursive filter, one number stands for all platforms.
#[test]
fn linear_phase_is_the_same_on_every_processor() {
    let source = Memory::simulated(18, 1.0);
    let engine = Engine::new(&source.info, &linear_phase()).expect("valid");
    let block = engine.block(&source, BlockId { segment: 0, index: 1 }).expect("reads");
    let values = (0..18).flat_map(|channel| block.channel(channel, block.span.own.clone()));
    let bytes: Vec<u8> = values.flat_map(|value| value.to_bits().to_le_bytes()).collect();
    assert_eq!(wasm_core::crc32c(&bytes), 1_094_418_468);
}

#[test]
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a sine in f32, by frame number")]
fn a_notch_takes_out_its_frequency_and_leaves_the_others() {
    let sine = |hz: f64| -> Vec<f32> {
        (0..60_000).map(|at| (100.0 * (f64::from(at) / 20_000.0 * hz * std::f64::consts::TAU).sin()) as f32).collect()
    };
    let size = |hz: f64| {
        let source = Memory::new(1, sine(hz));
        let mut pipeline = Pipeline::default();
        pipeline.set("notch_filter", "freq_hz", 1000.into());
        pipeline.set("notch_filter", "n_harmonics", 2.into());
        let engine = Engine::new(&source.info, &pipeline).expect("valid");
        let block = engine.block(&source, BlockId { segment: 0, index: 3 }).expect("reads");
        let values = block.channel(0, block.span.own.clone());
        let n = values.len() as f32;
        (values.map(|value| value * value).sum::<f32>() / n).sqrt()
    };
    assert!(size(1000.0) < 0.1 && size(2000.0) < 0.1, "{} and {}", size(1000.0), size(2000.0));
    assert!((size(1400.0) - 70.7).abs() < 1.0, "{}", size(1400.0));
}

#[test]
fn vendors_noise_is_the_deviation_of_the_first_half_second() {
    let source = Memory::simulated(2, 1.5);
    let mut pipeline = Pipeline::default();
    pipeline.set("noise_levels", "method", "sd_start".into());
    let engine = Engine::new(source.info(), &pipeline).expect("valid");
    let noise = measure_noise(&engine, &source).expect("noise");
    let start = engine.range(&source, 0, 0..10_000, &mut Workspace::default()).expect("reads");
    for (channel, noise) in noise.iter().enumerate() {
        let values: Vec<f64> = start.channel(channel, start.span.own.clone()).map(f64::from).collect();
        let mean = values.iter().sum::<f64>() / 10_000.0;
        let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 10_000.0).sqrt();
        assert!((f64::from(*noise) - deviation).abs() < 1e-4, "{noise} is not {deviation}");
    }
}

#[test]
fn coincident_events_are_dropped_and_nothing_else() {
    let source = Memory::simulated(8, 2.0);
    let all = run(&source, 4).spikes;
    let mut pipeline = Pipeline::default();
    pipeline.set("coincident_events", "min_electrodes", 2.into());
    pipeline.set("coincident_events", "window_us", 200.into());
    let kept = run_with(&pipeline, &source, 4).spikes;
    // Four frames of 50 µs.
    let is_shared = |spike: &&Spike| {
        all.iter().any(|other| {
            other.channel_index != spike.channel_index && (other.sample_index - spike.sample_index).abs() <= 4
        })
    };
    let expected: Vec<Spike> = all.iter().filter(|spike| !is_shared(spike)).copied().collect();
    assert!(expected.len() < all.len(), "cells are seen on several electrodes");
    assert_eq!(kept, expected);
}
