//! Where noise is measured, and what comes out, against sorting.

use std::ops::Range;

use wasm_core::engine::{BLOCK_FRAMES, Engine, Workspace, noise_sample};
use wasm_core::pipeline::{NoiseMethod, Pipeline};
use wasm_core::recording::{FrameSource, SegmentInfo, StreamInfo};
use wasm_core::run::measure_noise;

use crate::memory::Memory;

fn of_segments(lengths: &[u64]) -> StreamInfo {
    let segments = lengths.iter().map(|n_frames| SegmentInfo { n_frames: *n_frames, t_start_s: 0.0 });
    StreamInfo { segments: segments.collect(), ..Memory::new(1, vec![0.0]).info }
}

fn places(lengths: &[u64]) -> Vec<(usize, Range<u64>)> {
    let sample = noise_sample(&of_segments(lengths), NoiseMethod::Mad);
    sample.into_iter().map(|excerpt| (excerpt.segment, excerpt.frames)).collect()
}

#[test]
fn short_recordings_are_measured_as_spikeinterface_does_longer_ones_on_blocks() {
    assert_eq!(places(&[]), []);
    assert_eq!(places(&[0, 6000]), [(1, 0..6000)], "a third of a second: all of it");
    assert_eq!(places(&[10_000]), [(0, 0..10_000)]);
    // Two seconds: the starts 0 to 30,000 in eight equal parts, the middle of each.
    let starts = [1875, 5625, 9375, 13_125, 16_875, 20_625, 24_375, 28_125];
    assert_eq!(places(&[40_000]), starts.map(|start| (0, start..start + 10_000)));
    assert_eq!(places(&[40_000, 7000]).last(), Some(&(1, 0..7000)));
    let ten_seconds = places(&[200_000]);
    assert_eq!(ten_seconds.len(), 25, "every block, the last one as long as it is");
    assert_eq!(ten_seconds[24], (0, 24 * BLOCK_FRAMES..200_000));
    let long = places(&[2_000_000, 100, 9_999_999]);
    assert_eq!(long.len(), 48);
    assert!(long.is_sorted_by_key(|(segment, frames)| (*segment, frames.start)));
    assert!(
        long.iter().all(|(_, frames)| frames.start % BLOCK_FRAMES == 0 && frames.end - frames.start == BLOCK_FRAMES)
    );
    assert_eq!(long.iter().filter(|(segment, _)| *segment == 0).count(), 8, "a sixth of the recording");
    assert_eq!(places(&vec![100; 700]).len(), 48, "hundreds of short pieces");
}

/// The deviation of all values from their median, the slow way.
fn by_sorting(values: impl Iterator<Item = f32>) -> f64 {
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
    };
    let values: Vec<f64> = values.map(f64::from).collect();
    let centre = median(values.clone());
    median(values.iter().map(|value| (value - centre).abs()).collect()) / 0.674_489_750_196_081_7
}

#[test]
fn noise_is_the_mean_of_the_median_absolute_deviations_of_the_excerpts() {
    for duration_s in [0.2, 0.45, 0.9, 2.3] {
        let source = Memory::simulated(6, duration_s);
        let engine = Engine::new(source.info(), &Pipeline::default()).expect("valid");
        let noise = measure_noise(&engine, &source).expect("noise");
        let n_frames = source.info.n_frames();
        let whole = engine.range(&source, 0, 0..n_frames, &mut Workspace::default()).expect("reads");
        let excerpts = places(&[n_frames]);
        for (channel, noise) in noise.iter().enumerate() {
            let of = |frames: &Range<u64>| {
                let frames = usize::try_from(frames.start).expect("small")..usize::try_from(frames.end).expect("small");
                by_sorting(whole.channel(channel, frames))
            };
            let n_excerpts = f64::from(u32::try_from(excerpts.len()).expect("few"));
            let mean = excerpts.iter().map(|(_, frames)| of(frames)).sum::<f64>() / n_excerpts;
            let error = (f64::from(*noise) / mean - 1.0).abs();
            assert!(error < 1e-3, "{duration_s} s, channel {channel}: {noise} instead of {mean}");
        }
    }
}

/// A segment counts by its length: half a second that is quiet in front of two seconds that are not.
/// One in which the channel held one value does not count at all.
#[test]
fn segments_count_by_their_length() {
    let info = of_segments(&[10_000, 40_000]);
    let sample = noise_sample(&info, NoiseMethod::Mad);
    let noise: Vec<Vec<f32>> = sample
        .iter()
        .map(|excerpt| if excerpt.segment == 0 { vec![1.0, 0.0, 0.0] } else { vec![5.0, 5.0, 0.0] })
        .collect();
    let mean = wasm_core::engine::combine_noise(&sample, &noise);
    assert!((mean[0] - 4.2).abs() < 1e-6 && mean[1..] == [5.0, 0.0], "{mean:?}");
}
