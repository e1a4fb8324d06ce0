//! The spikes of a further detection, from which analyses start, and their number.

use std::sync::Arc;

use super::spikes_key;
use crate::analyses::SpikeTrains;
use crate::blocks::Outcome;
use crate::engine::Engine;
use crate::events::Event;
use crate::field::FieldPotentials;
use crate::pipeline::Pipeline;
use crate::recording::StreamInfo;
use crate::spikes::Spike;
use crate::table::Table;

/// The spikes of a detection.
#[derive(Clone, Debug)]
pub struct Detected {
    /// Id of its block.
    pub id: String,
    /// The spikes, sorted.
    pub spikes: Vec<Spike>,
    /// The spikes as trains, from which analyses start.
    pub trains: SpikeTrains,
    /// Number that tells the spikes from others.
    pub key: u64,
}

impl Detected {
    /// Takes the spikes of a detection.
    #[must_use]
    pub fn new(id: String, info: &StreamInfo, spikes: Vec<Spike>) -> Self {
        let trains = SpikeTrains::new(info, &spikes, None);
        Self { id, key: spikes_key(&spikes), trains, spikes }
    }

    /// With the events of the recording, which some analyses take.
    #[must_use]
    pub fn with_events(self, events: &[Event]) -> Self {
        Self { trains: self.trains.with_events(events), ..self }
    }

    /// With the field potentials of the recording, where they were kept.
    #[must_use]
    pub fn with_field(self, field: Option<Arc<FieldPotentials>>) -> Self {
        Self { trains: self.trains.with_field(field), ..self }
    }

    /// The spikes of all detections behind the first, as a finished result has them, a list for each; none where
    /// there are more or fewer lists.
    #[must_use]
    pub fn all(pipeline: &Pipeline, info: &StreamInfo, lists: Vec<Vec<Spike>>) -> Option<Vec<Self>> {
        let detectors = pipeline.detectors();
        let ids: Vec<&str> = detectors.iter().skip(1).map(|of| of.block.id.as_str()).collect();
        let fits = ids.len() == lists.len();
        fits.then(|| ids.into_iter().zip(lists).map(|(id, spikes)| Self::new(id.to_owned(), info, spikes)).collect())
    }
}

/// The spikes of the further detections in all slices together, in whatever order they were added.
pub(super) fn found(engine: &Engine, lists: Vec<Vec<Spike>>) -> Vec<Detected> {
    let mut lists = lists.into_iter();
    let detections = engine.settings().further.iter();
    detections
        .map(|detection| {
            let spikes = engine.counted(detection, sorted(lists.next().unwrap_or_default()));
            Detected::new(detection.id.clone(), engine.info(), spikes)
        })
        .collect()
}

/// Peaks of slices in the order of every file. Slices are sorted: a stable sort finds that out and merges them, but
/// takes memory for it even where they came in order.
pub(super) fn sorted(mut peaks: Vec<Spike>) -> Vec<Spike> {
    if !peaks.is_sorted_by_key(Spike::key) {
        peaks.sort_by_key(Spike::key);
    }
    peaks
}

/// How many spikes a detection has, on each electrode and in all.
#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
pub(super) fn counts(of: &SpikeTrains) -> Outcome {
    let info = of.info();
    let each = || 0..info.n_channels;
    let rate_hz = |at: usize| Some(of.n_spikes(at) as f64 / of.observed_s(at)).filter(|rate_hz| rate_hz.is_finite());
    let n_active = each().filter(|at| of.is_active(*at)).count() as u64;
    let all = Table::new("detection", "Spikes")
        .counts(("spikes", "Spikes"), [each().map(|at| of.n_spikes(at)).sum()])
        .counts(("active_electrodes", "Active electrodes"), [n_active])
        .counts(("electrodes", "Electrodes"), [info.n_channels as u64]);
    let mut electrodes = Table::new("electrodes", "Electrodes");
    if info.wells.is_some() {
        electrodes = electrodes.texts(("well", "Well"), each().map(|at| of.well(at).to_owned()));
    }
    let electrodes = electrodes
        .texts(("electrode", "Electrode"), each().map(|at| info.channel_label(at).to_owned()))
        .counts(("spikes", "Spikes"), each().map(|at| of.n_spikes(at)))
        .numbers(("rate_hz", "Rate", "Hz"), each().map(rate_hz));
    Outcome { tables: vec![all, electrodes], ..Outcome::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Workspace;
    use crate::pipeline::Block;
    use crate::recording::FrameSource;
    use crate::run::{
        Cut, Detections, Job, Next, RecordingSummary, RunResult, STAGES, Slice, SliceResult, Task, analyse,
        early_blocks, measure_noise, reduce, search, slices, survey,
    };
    use crate::simulation::{Simulation, SimulationSpec};
    use std::collections::BTreeMap;

    fn simulation() -> Simulation {
        Simulation::new(SimulationSpec { n_channels: 20, sampling_frequency_hz: 20_000.0, duration_s: 12.0, seed: 7 })
    }

    /// A pipeline whose detections have these signs and thresholds.
    fn with(detections: &[(&str, f64)]) -> Pipeline {
        let mut pipeline = Pipeline::default().with_analyses();
        for (at, (sign, threshold)) in detections.iter().enumerate() {
            if at > 0 {
                let first = pipeline.block("detect_peaks").expect("a detection").clone();
                let behind = pipeline.blocks.iter().position(Block::is_analysis).expect("analyses");
                pipeline.blocks.insert(behind, Block { id: format!("detector_{at}"), ..first });
            }
            let id = pipeline.detectors()[at].block.id.clone();
            pipeline.set_by_id(&id, "peak_sign", (*sign).into());
            pipeline.set_by_id(&id, "detect_threshold", (*threshold).into());
        }
        pipeline.check().expect("valid");
        pipeline
    }

    fn run(source: &dyn FrameSource, pipeline: &Pipeline, blocks_per_slice: u64) -> RunResult {
        let engine = Engine::new(source.info(), pipeline).expect("valid");
        let noise_uv = measure_noise(&engine, source).expect("noise");
        let mut whole = SliceResult::empty(&engine);
        for slice in slices(source.info(), blocks_per_slice).into_iter().rev() {
            let part = analyse(&engine, source, slice, &noise_uv, &mut Workspace::default(), |_| Ok(true));
            whole.add(part.expect("analysed").expect("not stopped"));
        }
        reduce(&engine, pipeline, described(source), &noise_uv, whole)
    }

    fn described(source: &dyn FrameSource) -> RecordingSummary {
        RecordingSummary::new("simulated", "simulated", source.info(), &[], &[])
    }

    /// As the command line does it: blocks are searched before the noise is known.
    fn run_early(source: &dyn FrameSource, pipeline: &Pipeline) -> RunResult {
        let engine = Engine::new(source.info(), pipeline).expect("valid");
        let method = engine.settings().noise;
        let cut = Cut { blocks_per_slice: 4, n_stretches: 1, early: early_blocks(source, method) };
        let mut job = Job::new(STAGES, source.info(), method, cut);
        let (mut early, mut whole) = (BTreeMap::new(), SliceResult::empty(&engine));
        let (mut expected_uv, mut workspace) = (Vec::new(), Workspace::default());
        loop {
            let task = match job.next(0) {
                Next::Task(task) => task,
                Next::Wait => continue,
                Next::Ended => break,
            };
            match &task {
                Task::Measure { at, excerpt, block } => {
                    let found = survey(&engine, source, excerpt, &mut expected_uv, &mut workspace);
                    let (levels_uv, scan) = found.expect("searched");
                    early.extend(block.map(|block| (block, scan)));
                    job.measured(*at, levels_uv);
                    continue;
                }
                Task::Search(block) => {
                    let scan = search(&engine, source, *block, &mut expected_uv, &mut workspace).expect("searched");
                    early.insert(*block, scan);
                }
                Task::Field(_) => {}
                Task::Settle { block, noise_uv } => {
                    if !whole.settle(&engine, &early[block], noise_uv) {
                        let slice = Slice { segment: block.segment, first_block: block.index, n_blocks: 1 };
                        let part = analyse(&engine, source, slice, noise_uv, &mut workspace, |_| Ok(true));
                        whole.add(part.expect("analysed").expect("not stopped"));
                    }
                }
                Task::Analyse { slice, noise_uv } => {
                    let part = analyse(&engine, source, *slice, noise_uv, &mut workspace, |_| Ok(true));
                    whole.add(part.expect("analysed").expect("not stopped"));
                }
            }
            job.searched(&task);
        }
        let noise_uv = job.noise_uv().expect("noise").to_vec();
        reduce(&engine, pipeline, described(source), &noise_uv, whole)
    }

    #[test]
    fn two_detections_are_two_runs() {
        let source = simulation();
        let (neg, pos) = (run(&source, &with(&[("neg", 5.0)]), 4), run(&source, &with(&[("pos", 6.0)]), 4));
        assert!(
            neg.detections.further.is_empty() && neg.spikes.len() > 100 && !pos.spikes.is_empty(),
            "{}",
            pos.spikes.len()
        );
        let both = with(&[("neg", 5.0), ("pos", 6.0)]);
        let whole = run(&source, &both, u64::MAX);
        assert_eq!((&whole.spikes, &whole.peaks), (&neg.spikes, &neg.peaks), "the first is what it is alone");
        assert_eq!(whole.waveforms, neg.waveforms);
        assert_eq!(whole.summary.headline, neg.summary.headline);
        assert_eq!(
            (whole.detections.further[0].id.as_str(), &whole.detections.further[0].spikes),
            ("detector_1", &pos.spikes)
        );
        // However it is cut, and whether or not the noise was known.
        for other in [run(&source, &both, 1), run(&source, &both, 3), run_early(&source, &both)] {
            assert_eq!((&other.spikes, &other.peaks), (&whole.spikes, &whole.peaks));
            assert_eq!(other.detections.further[0].spikes, whole.detections.further[0].spikes);
            assert_eq!(other.waveforms, whole.waveforms);
        }
        // The other way round, and three of them.
        let turned = run(&source, &with(&[("pos", 6.0), ("neg", 5.0), ("pos", 6.0)]), 4);
        assert_eq!((&turned.spikes, &turned.waveforms), (&pos.spikes, &pos.waveforms));
        assert_eq!(
            (&turned.detections.further[0].spikes, &turned.detections.further[1].spikes),
            (&neg.spikes, &pos.spikes)
        );
    }

    #[test]
    fn equal_detections_have_equal_spikes_and_analyses_take_their_own() {
        let source = simulation();
        let mut pipeline = with(&[("neg", 5.0), ("neg", 5.0)]);
        let same = run(&source, &pipeline, 4);
        assert_eq!(same.spikes, same.detections.further[0].spikes);
        let second = pipeline.add_analysis("intervals").expect("an analysis");
        pipeline.take_spikes_of(&second, "detector_1");
        let tables = |of: &RunResult, pipeline: &Pipeline, id: &str| {
            let results = of.detections.results(pipeline);
            let block = results.blocks.iter().find(|block| block.id == id).expect("the block").clone();
            (block.tables.clone(), block.key.clone())
        };
        assert_eq!(tables(&same, &pipeline, "intervals").0, tables(&same, &pipeline, &second).0);
        // Another threshold of the second changes what starts from it, and nothing else.
        let mut higher = pipeline.clone();
        higher.set_by_id("detector_1", "detect_threshold", 8.into());
        let other = run(&source, &higher, 4);
        assert_eq!(tables(&other, &higher, "intervals"), tables(&same, &pipeline, "intervals"));
        assert_ne!(tables(&other, &higher, &second).1, tables(&same, &pipeline, &second).1);
        assert_ne!(tables(&other, &higher, &second).0, tables(&same, &pipeline, &second).0);
        let n = |of: &RunResult| of.detections.further[0].spikes.len() as u64;
        let counted = tables(&other, &higher, "detector_1").0;
        assert_eq!(counted[0].column("spikes").map(|values| values.exact(0)), Some(n(&other).to_string()));
        assert_eq!(counted[1].n_rows(), 20);
        assert!(n(&other) < n(&same));
        // A pipeline of one detection says nothing more than before.
        let one = with(&[("neg", 5.0)]);
        assert!(run(&source, &one, 4).detections.results(&one).blocks.iter().all(|block| block.kind != "detect_peaks"));
        // Spikes that are not there are not taken from elsewhere.
        let without = Detections { further: Vec::new(), ..other.detections };
        let results = without.results(&higher);
        let found = results.blocks.iter().find(|block| block.id == second).expect("the block");
        assert!(found.absent.as_ref().is_some_and(|reason| reason.contains("detector_1")), "{:?}", found.absent);
    }
}
