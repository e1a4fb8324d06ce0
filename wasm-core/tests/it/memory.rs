//! Recordings in memory, and what they are compared with.

use wasm_core::engine::{Engine, Workspace};
use wasm_core::filter::Section;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::{FrameSource, ReadError, StreamInfo, check_range};
use wasm_core::run::{RecordingSummary, RunResult, SliceResult, analyse, measure_noise, reduce, slices};
use wasm_core::sample::{Layout, RawBlock, SampleType};
use wasm_core::simulation::{Simulation, SimulationSpec};

use crate::numbers::info;

/// A recording in memory, `[frames, channels]` of `f32` microvolts.
#[derive(Clone)]
pub struct Memory {
    pub info: StreamInfo,
    pub values: Vec<f32>,
}

impl Memory {
    pub fn new(n_channels: usize, values: Vec<f32>) -> Self {
        let info = StreamInfo {
            name: "memory".into(),
            channel_ids: (0..n_channels).map(|at| at.to_string()).collect(),
            ..info(n_channels, 20_000.0, &[(values.len() / n_channels) as u64])
        };
        Self { info, values }
    }

    pub fn simulated(n_channels: usize, duration_s: f64) -> Self {
        let simulation =
            Simulation::new(SimulationSpec { n_channels, sampling_frequency_hz: 20_000.0, duration_s, seed: 11 });
        let n_frames = usize::try_from(simulation.info().n_frames()).expect("small");
        let block = simulation.read(0, 0, n_frames).expect("renders");
        let mut values = vec![0.0; n_frames * n_channels];
        for channel in 0..n_channels {
            for (frame, value) in block.channel(channel).into_iter().enumerate() {
                values[frame * n_channels + channel] = value;
            }
        }
        Self::new(n_channels, values)
    }

    /// Channels in another order.
    pub fn permuted(&self, order: &[usize]) -> Self {
        let rows = self.values.chunks_exact(self.info.n_channels);
        Self::new(order.len(), rows.flat_map(|row| order.iter().map(|channel| row[*channel])).collect())
    }
}

impl FrameSource for Memory {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        check_range(&self.info, segment, start, n_frames)?;
        let from = usize::try_from(start).expect("small") * self.info.n_channels;
        let values = &self.values[from..from + n_frames * self.info.n_channels];
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let n_channels = self.info.n_channels;
        Ok(RawBlock { sample_type: SampleType::Float32, layout: Layout::Interleaved, n_frames, n_channels, bytes })
    }
}

/// The default pipeline's result, from slices in reverse order.
pub fn run(source: &dyn FrameSource, blocks_per_slice: u64) -> RunResult {
    run_with(&Pipeline::default(), source, blocks_per_slice)
}

/// A pipeline's result, from slices in reverse order.
pub fn run_with(pipeline: &Pipeline, source: &dyn FrameSource, blocks_per_slice: u64) -> RunResult {
    let engine = Engine::new(source.info(), pipeline).expect("valid");
    let noise = measure_noise(&engine, source).expect("noise");
    let mut whole = SliceResult::empty(&engine);
    for slice in slices(source.info(), blocks_per_slice).into_iter().rev() {
        let part = analyse(&engine, source, slice, &noise, &mut Workspace::default(), |_| Ok(true));
        whole.add(part.expect("analysed").expect("not stopped"));
    }
    reduce(&engine, pipeline, RecordingSummary::new("memory", "memory", source.info(), &[], &[]), &noise, whole)
}

/// One way through the cascade, in double precision.
pub fn cascade(sections: &[Section], values: &mut [f64], backward: bool) {
    for section in sections {
        let (mut s1, mut s2) = (0.0, 0.0);
        let mut step = |value: &mut f64| {
            let x = *value;
            let y = section.b[0] * x + s1;
            s1 = section.b[1] * x - section.a[0] * y + s2;
            s2 = section.b[2] * x - section.a[1] * y;
            *value = y;
        };
        if backward { values.iter_mut().rev().for_each(&mut step) } else { values.iter_mut().for_each(&mut step) }
    }
}
