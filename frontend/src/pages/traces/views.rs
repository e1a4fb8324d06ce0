//! What is asked of the workers and when, and what is shown of their answers: facts come in, effects go out.
//! One view at a time: the newest wish waits, older ones are forgotten.

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::rc::Rc;

use wasm_core::view::Detail;

use super::arriving::Arriving;
use super::asking::{Ask, Extent, Known, Seen};
use super::completing::Completing;
use super::parts::{Part, Source};

/// A view that took longer is not computed again for better noise alone while workers are busy: the
/// next move of a control would have to wait for it.
const EASY_MS: f64 = 30.0;

/// Time after which a view is completed: whoever moves a control moves it on.
const REST_MS: u32 = 400;

/// What happened. A turn is that of the effect which this follows from.
pub enum Fact {
    /// Somebody wishes for a view.
    Asked(Rc<Ask>),
    /// A worker computed a part, or could not.
    Answered { turn: u64, worker: usize, part: Result<Part, String> },
    /// Workers have nothing to do; the first of those that were waited for.
    Idle { turn: u64, worker: usize },
    /// Nobody looks any more.
    Closed,
}

/// Work that follows from a fact.
pub enum Effect {
    /// Have a worker compute these frames of a view.
    Compute { turn: u64, worker: usize, ask: Rc<Ask>, frames: Range<u64> },
    /// Tell when none of these workers has anything to do, this time from now at the earliest.
    UntilIdle { turn: u64, workers: Range<usize>, after_ms: u32 },
    /// Show this.
    Draw(Seen),
    /// Tell the number of spikes in view and the milliseconds that it took; none where none are marked.
    Count(Option<(usize, f64)>),
}

/// The views of one trace viewer.
#[derive(Default)]
pub struct Views {
    phase: Phase,
    /// Counts what was begun: what belongs to something earlier is no answer any more.
    turn: u64,
    /// The newest wish, while the view under way has time left.
    next: Option<Rc<Ask>>,
    /// The view on screen, while nothing newer is under way.
    known: Option<Known>,
    /// Milliseconds that the last view took.
    took_ms: f64,
    /// Whether a problem is shown.
    has_failed: bool,
}

#[derive(Default)]
enum Phase {
    #[default]
    Resting,
    /// A wish that waits until no worker has anything to do.
    Waiting(Rc<Ask>),
    Arriving(Arriving),
    Completing(Completing),
    Closed,
}

impl Views {
    /// Whether this turn is that of now.
    pub const fn is_turn(&self, turn: u64) -> bool {
        self.turn == turn
    }

    /// Takes a fact; gives the work that follows from it.
    pub fn step(&mut self, source: Source<'_>, fact: Fact, now_ms: f64) -> Vec<Effect> {
        match fact {
            Fact::Asked(ask) => self.asked(source, ask, now_ms),
            Fact::Answered { turn, worker, part } if self.is_turn(turn) => match part {
                Ok(part) => self.answered(source, worker, part, now_ms),
                Err(reason) => self.failed(source, reason, now_ms),
            },
            Fact::Idle { turn, worker } if self.is_turn(turn) => self.idle(source, worker, now_ms),
            Fact::Answered { .. } | Fact::Idle { .. } => Vec::new(),
            Fact::Closed => {
                *self = Self { phase: Phase::Closed, turn: self.turn + 1, ..Self::default() };
                Vec::new()
            }
        }
    }

    fn asked(&mut self, source: Source<'_>, wish: Rc<Ask>, now_ms: f64) -> Vec<Effect> {
        match &self.phase {
            Phase::Closed => Vec::new(),
            Phase::Arriving(view) if !view.gives_way_to(&wish, now_ms) => {
                self.next = Some(wish);
                Vec::new()
            }
            _ if self.changes_nothing(&wish) => Vec::new(),
            _ => self.begin(source, wish, now_ms),
        }
    }

    /// Whether the wish only marks spikes again in a view that has none.
    fn changes_nothing(&self, wish: &Ask) -> bool {
        self.known.as_ref().is_some_and(|known| known.extent == Extent::Sampled && wish.only_marks_anew(&known.ask))
    }

    /// Whether the wish only marks spikes a little better, in a view that takes its time.
    fn may_wait(&self, wish: &Ask) -> bool {
        let is_marked = |known: &Known| known.extent == Extent::Whole && known.ask.request.thresholds_uv.is_some();
        self.took_ms > EASY_MS
            && self.known.as_ref().is_some_and(|known| is_marked(known) && wish.only_marks_anew(&known.ask))
    }

    /// Turns to a wish; gives up what is under way, and forgets what was wished for before.
    fn begin(&mut self, source: Source<'_>, wish: Rc<Ask>, now_ms: f64) -> Vec<Effect> {
        self.next = None;
        if let Phase::Arriving(view) = std::mem::take(&mut self.phase) {
            self.known = view.given_up();
        }
        self.turn += 1;
        if self.may_wait(&wish) {
            self.phase = Phase::Waiting(wish);
            return vec![Effect::UntilIdle { turn: self.turn, workers: 0..source.n_workers, after_ms: 0 }];
        }
        self.start(source, &wish, now_ms)
    }

    /// Asks every worker for a part.
    fn start(&mut self, source: Source<'_>, ask: &Rc<Ask>, now_ms: f64) -> Vec<Effect> {
        let cleared = std::mem::take(&mut self.has_failed).then_some(Effect::Draw(Seen::Nothing));
        let mut view = Arriving::new(source, Rc::clone(ask), self.known.take(), now_ms);
        let compute = |worker: usize| self.compute(worker, ask, view.waiting.next(worker));
        let effects = cleared.into_iter().chain((0..source.n_workers).filter_map(compute)).collect();
        self.phase = Phase::Arriving(view);
        effects
    }

    fn compute(&self, worker: usize, ask: &Rc<Ask>, frames: Option<Range<u64>>) -> Option<Effect> {
        Some(Effect::Compute { turn: self.turn, worker, ask: Rc::clone(ask), frames: frames? })
    }

    fn answered(&mut self, source: Source<'_>, worker: usize, part: Part, now_ms: f64) -> Vec<Effect> {
        match std::mem::take(&mut self.phase) {
            Phase::Arriving(view) => self.arrived(source, view, worker, part, now_ms),
            Phase::Completing(view) => self.read(view, worker, part, now_ms),
            other => {
                self.phase = other;
                Vec::new()
            }
        }
    }

    /// Takes a part of a view, and asks for the next one unless it is time for a newer wish.
    fn arrived(
        &mut self,
        source: Source<'_>,
        mut view: Arriving,
        worker: usize,
        part: Part,
        now_ms: f64,
    ) -> Vec<Effect> {
        let picture = view.take(part, now_ms);
        if view.is_whole() {
            return self.finished(source, view, now_ms);
        }
        let newer = self.next.take_if(|next| view.gives_way_to(next, now_ms));
        let frames = if newer.is_none() { view.waiting.next(worker) } else { None };
        let mut effects: Vec<Effect> = picture.map(Effect::Draw).into_iter().collect();
        effects.extend(self.compute(worker, &view.ask, frames));
        self.phase = Phase::Arriving(view);
        if let Some(newer) = newer {
            effects.extend(self.begin(source, newer, now_ms));
        }
        effects
    }

    /// Shows all of a view, and goes on to what else there is to do.
    fn finished(&mut self, source: Source<'_>, view: Arriving, now_ms: f64) -> Vec<Effect> {
        self.took_ms = now_ms - view.started_ms;
        let (known, detail) = view.whole();
        let (ask, data, extent) = (Rc::clone(&known.ask), Rc::clone(&known.data), known.extent);
        self.known = Some(known);
        let is_counted = ask.request.filtered && detail == Detail::Every;
        let share = if extent == Extent::Sampled { 0.0 } else { 1.0 };
        let mut effects = vec![
            Effect::Count(is_counted.then_some((data.spikes.len(), self.took_ms))),
            Effect::Draw(Seen::View { data: Rc::clone(&data), detail, share }),
        ];
        if let Some(next) = self.next.take().filter(|next| !self.changes_nothing(next)) {
            effects.extend(self.begin(source, next, now_ms));
        } else if extent == Extent::Sampled {
            self.turn += 1;
            self.phase = Phase::Completing(Completing::new(source, &ask, data, now_ms));
            effects.extend((0..source.n_workers).map(|worker| self.until_idle(worker, REST_MS)));
        }
        effects
    }

    fn until_idle(&self, worker: usize, after_ms: u32) -> Effect {
        Effect::UntilIdle { turn: self.turn, workers: worker..worker + 1, after_ms }
    }

    /// Takes a part of a view that is being completed.
    fn read(&mut self, mut view: Completing, worker: usize, part: Part, now_ms: f64) -> Vec<Effect> {
        let picture = view.take(part, now_ms);
        if let (Some(Seen::View { data, detail: Detail::Every, .. }), Some(known)) = (&picture, &mut self.known) {
            known.data = Rc::clone(data);
        }
        let more = (view.waiting.len() > 0).then(|| self.until_idle(worker, 0));
        self.phase = Phase::Completing(view);
        picture.map(Effect::Draw).into_iter().chain(more).collect()
    }

    fn idle(&mut self, source: Source<'_>, worker: usize, now_ms: f64) -> Vec<Effect> {
        match std::mem::take(&mut self.phase) {
            Phase::Waiting(ask) => self.start(source, &ask, now_ms),
            Phase::Completing(mut view) => {
                let asked = self.compute(worker, &view.ask, view.waiting.next(worker));
                self.phase = Phase::Completing(view);
                asked.into_iter().collect()
            }
            other => {
                self.phase = other;
                Vec::new()
            }
        }
    }

    /// Shows why a view is not there, unless another one is wished for already.
    fn failed(&mut self, source: Source<'_>, reason: String, now_ms: f64) -> Vec<Effect> {
        if let Some(next) = self.next.take() {
            return self.begin(source, next, now_ms);
        }
        *self = Self { turn: self.turn + 1, took_ms: self.took_ms, has_failed: true, ..Self::default() };
        vec![Effect::Draw(Seen::Problem(reason))]
    }
}
