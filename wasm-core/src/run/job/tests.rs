//! The order of stages, who waits for whom, and what all interleavings of workers have in common.

use proptest::prelude::*;

use super::*;
use crate::engine::{blocks_of, combine_noise, noise_sample};
use crate::formats::uniform;
use crate::recording::SegmentInfo;
use crate::run::{cloud_blocks_per_slice, cloud_slices, slices};
use crate::sample::SampleType;

/// One channel at 20 kHz.
fn of_segments(lengths: &[u64]) -> StreamInfo {
    let segment = |n_frames: &u64| SegmentInfo { n_frames: *n_frames, t_start_s: 0.0 };
    let segments = lengths.iter().map(segment).collect();
    StreamInfo { segments, ..uniform("signal", 20_000.0, SampleType::Float32, vec!["E1".into()], 1.0) }
}

fn cut(blocks_per_slice: u64, n_stretches: usize) -> Cut {
    Cut { blocks_per_slice, n_stretches, early: Vec::new() }
}

fn job_of(lengths: &[u64], cut: Cut) -> Job {
    Job::new(STAGES, &of_segments(lengths), NoiseMethod::Mad, cut)
}

/// Blocks of the noise sample and some more; none where excerpts are no blocks.
fn early_of(info: &StreamInfo) -> Vec<BlockId> {
    let sample = noise_sample(info, NoiseMethod::Mad);
    let sample: Option<Vec<BlockId>> = sample.iter().map(|excerpt| excerpt.block(info)).collect();
    sample.map_or_else(Vec::new, |sample| {
        blocks_of(info).filter(|id| sample.contains(id) || id.index.is_multiple_of(5)).collect()
    })
}

/// The noise of an excerpt, another one for each.
fn levels_of(at: usize) -> Vec<f32> {
    vec![1.0 + f32::from(u16::try_from(at).expect("few"))]
}

fn noise_of(info: &StreamInfo) -> Vec<f32> {
    let sample = noise_sample(info, NoiseMethod::Mad);
    combine_noise(&sample, &(0..sample.len()).map(levels_of).collect::<Vec<_>>())
}

fn finish(job: &mut Job, task: &Task) {
    match task {
        Task::Measure { at, .. } => job.measured(*at, levels_of(*at)),
        other => job.searched(other),
    }
}

/// Has workers ask and finish in the order of a script, then in turn; gives tasks as they were done.
fn carried(job: &mut Job, n_workers: usize, script: &[usize]) -> Vec<Task> {
    let mut hands: Vec<Option<Task>> = vec![None; n_workers];
    let mut done = Vec::new();
    for turn in script.iter().copied().chain(0..100_000) {
        let worker = turn % n_workers;
        if let Some(task) = hands[worker].take() {
            finish(job, &task);
            done.push(task);
        } else if let Next::Task(task) = job.next(worker) {
            hands[worker] = Some(task);
        } else if job.has_ended() {
            break;
        }
    }
    done
}

/// All tasks that a worker gets before it has to wait.
fn taken(job: &mut Job, worker: usize) -> Vec<Task> {
    let mut tasks = Vec::new();
    while let Next::Task(task) = job.next(worker) {
        tasks.push(task);
    }
    tasks
}

#[test]
fn noise_comes_first_and_each_worker_has_a_stretch_of_its_own() {
    let mut job = job_of(&[200_000], cut(1, 2));
    assert_eq!(job.progress(), Progress { stage: "noise", done: 0, total: 50 }, "25 blocks, all of them measured");
    let firsts = [job.next(0), job.next(1), job.next(0)].map(|next| match next {
        Next::Task(Task::Measure { at, block: None, .. }) => at,
        other => panic!("{other:?}"),
    });
    assert_eq!(firsts, [0, 12, 1]);
    let mut job = job_of(&[200_000], cut(1, 2));
    let tasks = carried(&mut job, 2, &[]);
    let (noise, analyse) = tasks.split_at(25);
    assert!(noise.iter().all(|task| matches!(task, Task::Measure { .. })));
    assert!(analyse.iter().all(|task| matches!(task, Task::Analyse { .. })));
    assert_eq!(job.progress(), Progress { stage: "reduce", done: 50, total: 50 });
    assert_eq!(job.next(0), Next::Ended);
}

#[test]
fn stragglers_are_waited_for_and_all_go_on_together() {
    let mut job = job_of(&[200_000], cut(4, 1));
    let mut tasks = taken(&mut job, 0);
    let late = tasks.pop().expect("25 excerpts");
    for task in &tasks {
        finish(&mut job, task);
    }
    assert_eq!((job.next(0), job.next(0)), (Next::Wait, Next::Wait));
    assert_eq!(job.noise_uv(), None);
    finish(&mut job, &late);
    assert_eq!(job.noise_uv().map(|noise_uv| noise_uv.to_vec()), Some(noise_of(&of_segments(&[200_000]))));
    assert_eq!(job.next(1), Next::Wait, "who was late comes to rest too");
    let noise_uv = Arc::new(noise_of(&of_segments(&[200_000])));
    for (worker, first_block) in [(0, 0), (1, 4)] {
        let slice = Slice { segment: 0, first_block, n_blocks: 4 };
        assert_eq!(job.next(worker), Next::Task(Task::Analyse { slice, noise_uv: Arc::clone(&noise_uv) }));
    }
}

#[test]
fn a_job_that_was_stopped_hands_out_no_more() {
    let mut job = job_of(&[200_000], cut(1, 2));
    let Next::Task(task) = job.next(0) else { panic!("a task") };
    job.stop();
    assert_eq!((job.next(0), job.next(1)), (Next::Ended, Next::Ended));
    // What was under way still comes.
    finish(&mut job, &task);
    assert!(job.has_ended() && job.noise_uv().is_none());
    assert_eq!(job.progress().done, 1);
}

#[test]
fn a_recording_without_frames_has_nothing_to_do() {
    for lengths in [&[][..], &[0, 0]] {
        let mut job = job_of(lengths, cut(4, 2));
        assert_eq!(carried(&mut job, 2, &[]), []);
        assert!(job.has_ended() && job.slices().is_empty());
        assert_eq!(job.noise_uv().map(|noise_uv| noise_uv.to_vec()), Some(Vec::new()));
    }
}

#[test]
fn slices_lie_in_one_segment_each_and_are_those_of_the_cloud() {
    let lengths = [30_000, 0, 8192, 100_000, 5_000_000];
    let info = of_segments(&lengths);
    let mut job = job_of(&lengths, cut(3, 1));
    assert_eq!(job.slices(), slices(&info, 3));
    assert!(job.slices().iter().any(|slice| slice.segment == 3 && slice.first_block == 0));
    let analysed = carried(&mut job, 3, &[]).into_iter().filter_map(|task| match task {
        Task::Analyse { slice, .. } => Some(slice),
        _ => None,
    });
    let mut analysed: Vec<Slice> = analysed.collect();
    analysed.sort_unstable();
    assert_eq!(analysed, slices(&info, 3));
    let planned = Job::new(&[NOISE], &info, NoiseMethod::Mad, cut(cloud_blocks_per_slice(&info), 1));
    assert_eq!(planned.slices(), cloud_slices(&info));
    assert_eq!(planned.progress().total, 48, "Plan measures noise, and no more");
}

#[test]
fn blocks_that_were_searched_early_are_settled_and_not_analysed() {
    let info = of_segments(&[2_000_000]);
    let early = early_of(&info);
    assert!(early.len() > 48, "those of the sample, and others");
    let mut job = job_of(&[2_000_000], Cut { early: early.clone(), ..cut(4, 1) });
    assert_eq!(job.progress().total, 245, "each block counts once");
    assert!(job.slices().iter().all(|slice| slice.blocks().all(|id| !early.contains(&id))));
    let tasks = carried(&mut job, 2, &[]);
    let searched = tasks.iter().filter(|task| matches!(task, Task::Search(_))).count();
    let measured = tasks.iter().filter(|task| matches!(task, Task::Measure { block: Some(_), .. })).count();
    assert_eq!((measured, searched), (48, early.len() - 48));
    assert_eq!(job.progress().done, 245);
}

#[test]
fn a_receipt_tells_each_stage() {
    let mut job = job_of(&[200_000], cut(4, 1));
    for (stage, seconds) in [(&NOISE, 1.0), (&NOISE, 0.5), (&REDUCE, 0.25)] {
        job.took(stage, seconds);
    }
    let receipt = job.receipt("browser", 2, 3.0);
    assert_eq!(receipt.stages, [NOISE.took(1.5), ANALYSE.took(0.0), REDUCE.took(0.25)]);
    assert_eq!((receipt.n_samples, receipt.n_workers, receipt.wall_s), (200_000, 2, 3.0));
}

#[test]
fn field_potentials_of_every_block_come_behind_the_search() {
    let info = of_segments(&[2_000_000, 30_000]);
    let mut pipeline = crate::pipeline::Pipeline::default();
    assert_eq!(stages_of(&pipeline).len(), 3);
    pipeline.add("field_potentials");
    let early = early_of(&info);
    let mut job = Job::new(stages_of(&pipeline), &info, NoiseMethod::Mad, Cut { early, ..cut(4, 1) });
    let total = job.progress().total;
    let tasks = carried(&mut job, 2, &[]);
    let first = tasks.iter().position(|task| matches!(task, Task::Field(_))).expect("kept");
    let mut kept: Vec<Slice> = tasks[first..]
        .iter()
        .map(|task| match task {
            Task::Field(slice) => *slice,
            other => panic!("{other:?}"),
        })
        .collect();
    kept.sort_unstable();
    assert_eq!(kept, slices(&info, 4));
    assert_eq!(job.progress(), Progress { stage: "reduce", done: total, total });
    let names: Vec<String> = job.receipt("browser", 1, 1.0).stages.into_iter().map(|stage| stage.name).collect();
    assert_eq!(names, ["noise", "analyse", "field potentials", "reduce"]);
}

proptest! {
    #[test]
    fn any_interleaving_gives_each_task_once_and_the_same_noise(
        lengths in prop::collection::vec(0_u64..600_000, 0..4),
        (n_workers, n_stretches) in (1_usize..6, 1_usize..6),
        (blocks_per_slice, is_early) in (1_u64..9, any::<bool>()),
        script in prop::collection::vec(0_usize..6, 0..600),
    ) {
        let info = of_segments(&lengths);
        let early = if is_early { early_of(&info) } else { Vec::new() };
        let mut job = job_of(&lengths, Cut { early: early.clone(), ..cut(blocks_per_slice, n_stretches) });
        let total = job.progress().total;
        let (mut excerpts, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new());
        for task in carried(&mut job, n_workers, &script) {
            match task {
                Task::Measure { at, block, .. } => {
                    excerpts.push(at);
                    before.extend(block);
                }
                Task::Search(block) => before.push(block),
                Task::Settle { block, noise_uv } => {
                    prop_assert_eq!(noise_uv.to_vec(), noise_of(&info));
                    after.push(block);
                }
                Task::Analyse { slice, noise_uv } => {
                    prop_assert_eq!(noise_uv.to_vec(), noise_of(&info));
                    after.extend(slice.blocks());
                }
                Task::Field(slice) => panic!("{slice:?}: no field potentials are kept"),
            }
        }
        excerpts.sort_unstable();
        before.sort_unstable();
        after.sort_unstable();
        prop_assert!(job.has_ended());
        prop_assert_eq!(job.noise_uv().map(|noise_uv| noise_uv.to_vec()), Some(noise_of(&info)));
        prop_assert_eq!(excerpts, (0..noise_sample(&info, NoiseMethod::Mad).len()).collect::<Vec<_>>());
        prop_assert_eq!(before, early);
        prop_assert_eq!(after, blocks_of(&info).collect::<Vec<_>>());
        prop_assert_eq!((job.progress().done, job.progress().total), (total, total));
    }
}
