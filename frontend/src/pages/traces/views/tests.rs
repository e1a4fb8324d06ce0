//! Facts in every order, and what is shown then.

use serde_json::json;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::{FrameSource, StreamInfo};
use wasm_core::simulation::{Simulation, SimulationSpec};
use wasm_core::view::ViewRequest;

use super::*;
use crate::pages::traces::Window;

const N_WORKERS: usize = 3;
const N_COLUMNS: usize = 50;
/// Frames of a view in four parts, and of one that is answered from a sample.
const SHORT: u32 = 4_000;
const LONG: u32 = 24_000;

/// A request to a worker.
struct Asked {
    turn: u64,
    worker: usize,
    ask: Rc<Ask>,
    frames: Range<u64>,
}

/// Views, and all that their effects reach.
struct Bench {
    views: Views,
    streams: Vec<StreamInfo>,
    now_ms: f64,
    asked: Vec<Asked>,
    /// Turns and workers whose idleness is to be told.
    awaited: Vec<(u64, usize)>,
    drawn: Vec<Seen>,
    /// The view of which a part was asked last.
    under_way: Option<Rc<Ask>>,
}

impl Bench {
    fn new(streams: Vec<StreamInfo>) -> Self {
        let (asked, awaited, drawn) = (Vec::new(), Vec::new(), Vec::new());
        Self { views: Views::default(), streams, now_ms: 1000.0, asked, awaited, drawn, under_way: None }
    }

    fn tell(&mut self, fact: Fact) {
        let source = Source { streams: &self.streams, n_workers: N_WORKERS, is_uploaded: false };
        for effect in self.views.step(source, fact, self.now_ms) {
            match effect {
                Effect::Compute { turn, worker, ask, frames } => {
                    self.under_way = Some(Rc::clone(&ask));
                    self.asked.push(Asked { turn, worker, ask, frames });
                }
                Effect::UntilIdle { turn, workers, .. } => self.awaited.push((turn, workers.start)),
                Effect::Draw(seen) => {
                    let newest_s = self.under_way.as_ref().map(|ask| ask.window.from_s);
                    if let Seen::View { data, .. } = &seen {
                        assert_eq!(Some(data.from_s), newest_s, "nothing is shown of what was given up");
                    }
                    self.drawn.push(seen);
                }
                Effect::Count(_) => {}
            }
        }
    }

    /// Asks for a view whose values are all `level`, with a threshold of the pipeline.
    fn ask(&mut self, level: u16, (start, n_frames): (u32, u32), threshold: f64) {
        let ask = self.wish(level, (start, n_frames), threshold, None);
        self.tell(Fact::Asked(ask));
    }

    fn wish(
        &self,
        level: u16,
        (start, n_frames): (u32, u32),
        threshold: f64,
        thresholds_uv: Option<Vec<f32>>,
    ) -> Rc<Ask> {
        let mut pipeline = Pipeline::default();
        pipeline.set("detect_peaks", "detect_threshold", json!(threshold));
        let first = Window::first(&self.streams[0]);
        let [from_s, span_s] = [start, n_frames].map(|frames| f64::from(frames) / first.rate_hz);
        let request = ViewRequest {
            segment: 0,
            start: start.into(),
            n_frames: n_frames.into(),
            channels: vec![3, 8],
            n_columns: N_COLUMNS,
            filtered: true,
            thresholds_uv,
            whole: false,
        };
        // Nothing here looks at the first row of the window.
        let window = Window { from_s, span_s, top: level.into(), ..first };
        Rc::new(Ask { pipeline: Rc::new(pipeline), stream: 0, request, window })
    }

    /// Answers one of the questions.
    fn answer(&mut self, at: usize) {
        let asked = self.asked.remove(at);
        let part = Ok(part(&asked));
        self.tell(Fact::Answered { turn: asked.turn, worker: asked.worker, part });
    }

    fn fail(&mut self, at: usize) {
        let Asked { turn, worker, .. } = self.asked.remove(at);
        self.tell(Fact::Answered { turn, worker, part: Err(format!("worker {worker} failed")) });
    }

    fn idle(&mut self, at: usize) {
        let (turn, worker) = self.awaited.remove(at);
        self.tell(Fact::Idle { turn, worker });
    }

    /// Answers all that was asked, and what is asked then.
    fn answer_all(&mut self) {
        while !self.asked.is_empty() {
            self.now_ms += 5.0;
            self.answer(0);
        }
    }

    /// Goes on until nothing is to be done.
    fn settle(&mut self) {
        self.answer_all();
        while !self.awaited.is_empty() {
            self.idle(0);
            self.answer_all();
        }
    }

    /// The one level of what is shown.
    fn shown(&self) -> Option<f32> {
        let Some(Seen::View { data, .. }) = self.drawn.last() else { return None };
        let level = *data.min_uv.first()?;
        data.min_uv.iter().chain(&data.max_uv).all(|uv| *uv == level).then_some(level)
    }
}

fn level_of(ask: &Ask) -> f32 {
    f32::from(u16::try_from(ask.window.top).unwrap())
}

fn part(asked: &Asked) -> Part {
    let request = &asked.ask.request;
    let column = |frame: u64| usize::try_from((frame - request.start) * N_COLUMNS as u64 / request.n_frames).unwrap();
    let columns = column(asked.frames.start)..column(asked.frames.end - 1) + 1;
    let values = vec![level_of(&asked.ask); request.channels.len() * columns.len()];
    let is_sampled = request.n_frames == u64::from(LONG) && !request.whole;
    let detail = if is_sampled { Detail::Sampled } else { Detail::Every };
    Part { n_columns: N_COLUMNS, columns, min_uv: values.clone(), max_uv: values, spikes: Vec::new(), detail }
}

fn streams() -> Vec<StreamInfo> {
    let spec = SimulationSpec { n_channels: 900, sampling_frequency_hz: 20_000.0, duration_s: 1.5, seed: 1 };
    vec![Simulation::new(spec).info().clone()]
}

#[test]
fn an_old_answer_never_replaces_a_newer_view() {
    let mut bench = Bench::new(streams());
    bench.ask(1, (5_000, SHORT), 5.0);
    let workers: Vec<usize> = bench.asked.iter().map(|asked| asked.worker).collect();
    assert_eq!(workers, [0, 1, 2], "every worker has a part");
    bench.now_ms += 200.0;
    bench.ask(2, (9_000, SHORT), 5.0);
    assert_eq!(bench.asked.len(), 6, "the newer one does not wait for answers to the older");
    for _ in 0..3 {
        bench.answer(0);
    }
    assert!(bench.drawn.is_empty() && bench.asked.len() == 3, "they come to nothing, and lead to nothing");
    bench.settle();
    assert_eq!(bench.shown(), Some(2.0));
    // Nobody looks any more.
    bench.ask(3, (5_000, SHORT), 5.0);
    bench.tell(Fact::Closed);
    let n_drawn = bench.drawn.len();
    bench.settle();
    bench.ask(4, (9_000, SHORT), 5.0);
    assert_eq!((bench.drawn.len(), bench.asked.len()), (n_drawn, 0));
}

#[test]
fn another_pipeline_drops_what_is_on_its_way() {
    let mut bench = Bench::new(streams());
    bench.ask(1, (5_000, SHORT), 5.0);
    bench.settle();
    bench.ask(2, (5_000, SHORT), 6.0);
    bench.answer(0);
    let mixed = |bench: &Bench| match bench.drawn.last() {
        Some(Seen::View { data, .. }) => [1.0, 2.0].iter().all(|level| data.min_uv.contains(level)),
        _ => false,
    };
    assert!(mixed(&bench), "the first part shows at once, over what was there");
    bench.now_ms += 200.0;
    let n_drawn = bench.drawn.len();
    bench.ask(3, (5_000, SHORT), 7.0);
    while bench.asked.iter().any(|asked| level_of(&asked.ask) == 2.0) {
        bench.answer(0);
    }
    assert_eq!(bench.drawn.len(), n_drawn);
    bench.settle();
    assert_eq!(bench.shown(), Some(3.0));
}

/// Who drags a control sees what passes: a view goes on for a while, and gives way when a part of it comes.
#[test]
fn a_newer_wish_is_patient() {
    let mut bench = Bench::new(streams());
    bench.ask(1, (5_000, SHORT), 5.0);
    for level in [2, 3] {
        bench.now_ms += 20.0;
        bench.ask(level, (9_000, SHORT), 5.0);
    }
    assert!(bench.asked.iter().all(|asked| level_of(&asked.ask) == 1.0));
    bench.now_ms += 100.0;
    bench.answer(0);
    let levels: Vec<f32> = bench.asked.iter().map(|asked| level_of(&asked.ask)).collect();
    assert_eq!(levels, [1.0, 1.0, 3.0, 3.0, 3.0], "the wish between them is forgotten");
    bench.settle();
    assert_eq!(bench.shown(), Some(3.0));
}

/// A wish that comes so late that the view gives way at once is the newest: none that waited comes after it.
#[test]
fn a_wish_that_need_not_wait_takes_the_place_of_one_that_waits() {
    for is_answered in [false, true] {
        let mut bench = Bench::new(streams());
        bench.ask(1, (5_000, SHORT), 5.0);
        bench.now_ms += 20.0;
        bench.ask(2, (9_000, SHORT), 5.0);
        bench.now_ms += 200.0;
        bench.ask(3, (600, SHORT), 5.0);
        let newest = |bench: &Bench| bench.asked.iter().rposition(|asked| level_of(&asked.ask) == 3.0);
        if let Some(at) = newest(&bench).filter(|_| is_answered) {
            // It has no patience left either when its first part comes.
            bench.now_ms += 200.0;
            bench.answer(at);
        }
        bench.settle();
        assert_eq!(bench.shown(), Some(3.0));
    }
}

#[test]
fn a_failure_is_shown_once_until_the_next_wish() {
    let mut bench = Bench::new(streams());
    bench.ask(1, (5_000, SHORT), 5.0);
    bench.fail(1);
    assert_eq!(bench.drawn, [Seen::Problem("worker 1 failed".into())]);
    bench.fail(1);
    bench.answer(0);
    assert_eq!((bench.drawn.len(), bench.asked.len()), (1, 0), "no other answer counts");
    bench.ask(1, (5_000, SHORT), 5.0);
    assert_eq!(bench.drawn.last(), Some(&Seen::Nothing));
    bench.settle();
    assert_eq!(bench.shown(), Some(1.0));
    // Where another view is wished for already, that one tells what there is to tell.
    bench.ask(2, (9_000, SHORT), 5.0);
    bench.ask(3, (5_000, SHORT), 5.0);
    let n_drawn = bench.drawn.len();
    bench.fail(0);
    assert_eq!(bench.drawn.len(), n_drawn);
    bench.settle();
    assert_eq!(bench.shown(), Some(3.0));
}

#[test]
fn a_sample_is_completed_while_workers_rest() {
    let mut bench = Bench::new(streams());
    bench.ask(1, (600, LONG), 5.0);
    bench.answer_all();
    let share_of = |seen: Option<&Seen>| match seen {
        Some(Seen::View { detail, share, .. }) => Some((*detail, *share)),
        _ => None,
    };
    assert_eq!(share_of(bench.drawn.last()), Some((Detail::Sampled, 0.0)));
    assert_eq!(bench.awaited.len(), N_WORKERS);
    // Better noise alone changes nothing of it.
    let marked = bench.wish(1, (600, LONG), 5.0, Some(vec![40.0]));
    bench.tell(Fact::Asked(Rc::clone(&marked)));
    assert!(bench.asked.is_empty());
    bench.idle(0);
    assert!(bench.asked.len() == 1 && bench.asked[0].ask.request.whole);
    bench.settle();
    assert_eq!((share_of(bench.drawn.last()), bench.shown()), (Some((Detail::Every, 1.0)), Some(1.0)));
    bench.tell(Fact::Asked(marked));
    assert!(bench.asked.is_empty());
    // Another view ends it.
    bench.ask(2, (600, LONG), 6.0);
    bench.answer_all();
    bench.idle(0);
    bench.ask(3, (5_000, SHORT), 6.0);
    bench.settle();
    assert_eq!(bench.shown(), Some(3.0));
}

#[test]
fn better_noise_waits_until_workers_rest() {
    let mut bench = Bench::new(streams());
    let wish = |bench: &mut Bench, uv: f32| {
        let wish = bench.wish(1, (5_000, SHORT), 5.0, Some(vec![uv]));
        bench.tell(Fact::Asked(wish));
    };
    wish(&mut bench, 40.0);
    bench.now_ms += 50.0;
    bench.settle();
    wish(&mut bench, 41.0);
    wish(&mut bench, 42.0);
    assert_eq!((bench.asked.len(), bench.awaited.len()), (0, 2));
    bench.idle(0);
    assert!(bench.asked.is_empty(), "that was the wish before");
    bench.idle(0);
    assert!(bench.asked.iter().all(|asked| asked.ask.request.thresholds_uv == Some(vec![42.0])));
    bench.now_ms += 50.0;
    bench.settle();
    // Another place does not wait.
    wish(&mut bench, 43.0);
    bench.ask(2, (9_000, SHORT), 5.0);
    assert_eq!(bench.asked.len(), 3);
    bench.settle();
    assert_eq!(bench.shown(), Some(2.0));
}

/// Numbers that look random, and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }
}

#[test]
fn whatever_the_order_the_last_picture_is_that_of_the_last_wish() {
    let streams = streams();
    let places = [(5_000, SHORT), (9_000, SHORT), (600, LONG)];
    for seed in 1_u64..=200 {
        let (mut bench, mut dice) = (Bench::new(streams.clone()), Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let wish = |bench: &mut Bench, dice: &mut Dice| {
            let (place, tuned) = (dice.below(3), dice.below(2));
            let thresholds_uv = (dice.below(2) == 0).then(|| vec![40.0]);
            let level = u16::try_from(place * 2 + tuned).unwrap();
            let wish = bench.wish(level, places[place], [5.0, 6.0][tuned], thresholds_uv);
            bench.tell(Fact::Asked(Rc::clone(&wish)));
            wish
        };
        let mut last = wish(&mut bench, &mut dice);
        for _ in 0..100 {
            bench.now_ms += [0.0, 1.0, 10.0, 60.0][dice.below(4)];
            let (n_asked, n_awaited) = (bench.asked.len(), bench.awaited.len());
            match dice.below(12) {
                0 => last = wish(&mut bench, &mut dice),
                1 | 2 if n_awaited > 0 => bench.idle(dice.below(n_awaited)),
                3 if n_asked > 0 && dice.below(4) == 0 => bench.fail(dice.below(n_asked)),
                _ if n_asked > 0 => bench.answer(dice.below(n_asked)),
                _ => {}
            }
        }
        bench.settle();
        if matches!(bench.drawn.last(), Some(Seen::Problem(_))) {
            bench.tell(Fact::Asked(Rc::clone(&last)));
            bench.settle();
        }
        assert_eq!(bench.shown(), Some(level_of(&last)), "seed {seed}");
    }
}
