//! Slices one after the other are the same as all at once, in less memory.

use std::sync::{Arc, Mutex};

use super::*;
use crate::engine::Workspace;
use crate::pipeline::TWO_DETECTIONS;
use crate::recording::FrameSource;
use crate::run::{Slice, analyse, measure_noise, reduce, slices};
use crate::simulation::{Simulation, SimulationSpec};
use crate::spikes::{ROW_GROUP, write_parquet};

/// A file in memory, of which one may look at what is there.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Sink {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().expect("not poisoned").clone()
    }
}

fn outputs(n_further: usize) -> Outputs<Sink> {
    Outputs { peaks: Sink::default(), spikes: Sink::default(), further: vec![Sink::default(); n_further] }
}

fn same_of(to: &Outputs<Sink>) -> Outputs<Sink> {
    Outputs { peaks: to.peaks.clone(), spikes: to.spikes.clone(), further: to.further.clone() }
}

fn simulation() -> Simulation {
    Simulation::new(SimulationSpec { n_channels: 20, sampling_frequency_hz: 20_000.0, duration_s: 12.0, seed: 7 })
}

fn engine_of(source: &dyn FrameSource, pipeline: &Pipeline) -> Engine {
    Engine::new(source.info(), pipeline).expect("valid")
}

#[test]
fn slices_one_by_one_give_what_all_give_at_once() {
    let source = simulation();
    let described = || RecordingSummary::new("simulated", "simulated", source.info(), &[], &[]);
    for pipeline in [Pipeline::default(), Pipeline::from_json(TWO_DETECTIONS).expect("valid")] {
        let engine = engine_of(&source, &pipeline);
        let noise_uv = measure_noise(&engine, &source).expect("noise");
        let of = |slice: Slice| {
            let part = analyse(&engine, &source, slice, &noise_uv, &mut Workspace::default(), |_| Ok(true));
            part.expect("analysed").expect("not stopped")
        };
        let mut whole = SliceResult::empty(&engine);
        for slice in slices(source.info(), 7) {
            whole.add(of(slice));
        }
        let whole = reduce(&engine, &pipeline, described(), &noise_uv, whole);
        assert!(whole.spikes.len() > 100 && whole.peaks.len() > whole.spikes.len());
        for blocks_per_slice in [1, 4, 1000] {
            let to = outputs(engine.settings().further.len());
            let mut merge = Merge::new(&engine, &noise_uv, same_of(&to)).expect("begins");
            for slice in slices(source.info(), blocks_per_slice) {
                merge.push(&of(slice)).expect("follows");
            }
            let merged = merge.finish(&engine, &pipeline, described(), &noise_uv).expect("ends");
            assert_eq!(to.peaks.bytes(), write_parquet(&whole.peaks).expect("writes"));
            assert_eq!(to.spikes.bytes(), write_parquet(&whole.spikes).expect("writes"));
            for ((file, own), wanted) in
                to.further.iter().zip(&merged.detections.further).zip(&whole.detections.further)
            {
                assert_eq!(file.bytes(), write_parquet(&wanted.spikes).expect("writes"));
                assert_eq!((&own.id, own.key), (&wanted.id, wanted.key));
                assert_eq!(own.trains.frames(), wanted.trains.frames());
            }
            assert_eq!((&merged.summary, &merged.waveforms), (&whole.summary, &whole.waveforms));
            assert_eq!(merged.detections.first.frames(), whole.detections.first.frames());
            assert_eq!(merged.detections.results(&pipeline), whole.detections.results(&pipeline));
        }
    }
}

/// Peaks of a slice of ten seconds, most of them spikes; every channel in turn.
fn made_up(engine: &Engine, slice: usize, n_spikes: usize) -> SliceResult {
    let n_channels = engine.info().n_channels;
    let spike = |at: usize| Spike {
        segment_index: 0,
        sample_index: i64::try_from(slice * 200_000 + at * 3).expect("small"),
        channel_index: u32::try_from(at % n_channels).expect("few"),
        amplitude_uv: if at.is_multiple_of(4) { -21.0 } else { -40.0 },
    };
    SliceResult {
        peaks: (0..n_spikes).map(spike).collect(),
        waveforms: engine.waveform_sums(),
        further: engine.settings().further.iter().map(|_| Vec::new()).collect(),
    }
}

#[test]
fn memory_is_bounded_by_the_trains_and_a_row_group_of_each_file() {
    let source = simulation();
    let engine = engine_of(&source, &Pipeline::default());
    let noise_uv = vec![5.0; 20];
    let to = outputs(0);
    let mut merge = Merge::new(&engine, &noise_uv, same_of(&to)).expect("begins");
    // A list of rows may have room for twice what a row group holds; a train begins with 128 bytes.
    let of_files = 2 * 2 * ROW_GROUP * size_of::<Spike>();
    let of_channels = 20 * 128;
    let mut n_peaks = 0;
    for slice in 0..60 {
        let part = made_up(&engine, slice, 60_000);
        n_peaks += part.peaks.len();
        merge.push(&part).expect("follows");
        let bound = n_peaks * BYTES_PER_SPIKE + of_files + of_channels;
        assert!(merge.held_bytes() <= bound, "{} of {bound} after {n_peaks} peaks", merge.held_bytes());
    }
    // Row groups are written when they are full.
    assert!(to.peaks.bytes().len() > 10_000 && n_peaks > 3 * ROW_GROUP);
}

#[test]
fn the_key_is_that_of_the_list_up_to_the_last_frame_that_can_be() {
    let spike = |sample_index| Spike { segment_index: 0, sample_index, channel_index: 1, amplitude_uv: -30.0 };
    let spikes = [0, 65_535, 65_536, i64::MAX - 1, i64::MAX].map(spike);
    let mut frames = Frames::new(1, 2);
    for spike in &spikes {
        frames.push(spike);
    }
    assert_eq!(frames.key(5), crate::run::spikes_key(&spikes));
}

#[test]
fn what_does_not_follow_is_refused() {
    let source = simulation();
    let engine = engine_of(&source, &Pipeline::default());
    let noise_uv = vec![5.0; 20];
    let begin = || Merge::new(&engine, &noise_uv, outputs(0)).expect("begins");
    let mut merge = begin();
    merge.push(&made_up(&engine, 1, 100)).expect("the first");
    assert!(matches!(merge.push(&made_up(&engine, 0, 100)), Err(MergeError::Order)), "an earlier one");
    let mut turned = made_up(&engine, 2, 100);
    turned.peaks.reverse();
    assert!(matches!(begin().push(&turned), Err(MergeError::Order)));
    let mut foreign = made_up(&engine, 2, 100);
    foreign.peaks[50].channel_index = 20;
    assert!(matches!(begin().push(&foreign), Err(MergeError::Foreign)));
    foreign = SliceResult { further: vec![Vec::new()], ..made_up(&engine, 2, 100) };
    assert!(matches!(begin().push(&foreign), Err(MergeError::Foreign)));
    assert!(matches!(Merge::new(&engine, &noise_uv, outputs(1)), Err(MergeError::Foreign)));
}
