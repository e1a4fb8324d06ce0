//! Views asked of the workers: one window at a time, its parts side by side.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{Either, join_all, select};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use wasm_core::pipeline::Pipeline;
use wasm_core::view::{Detail, ViewRequest};
use yew::prelude::*;

use super::Window;
use super::arriving::Arriving;
use super::completing::complete;
use super::parts::{Waiting, part_of};
use crate::plots::traces::TraceData;
use crate::services::analysis::now_ms;
use crate::services::session::Session;

/// One view at a time: the newest wish waits, older ones are forgotten.
#[derive(Default)]
pub struct Runner {
    busy: bool,
    next: Option<Ask>,
    /// What was shown last, and what was asked for it.
    last: Option<(Ask, Rc<TraceData>)>,
    under_way: Option<UnderWay>,
    /// Milliseconds that the last view took.
    took_ms: f64,
    /// A view that is answered from a sample, or being completed: no spikes are marked in it.
    sampled: Option<Ask>,
    /// Whether nobody looks any more.
    closed: bool,
}

/// A view that is being answered, and what gives it up.
struct UnderWay {
    ask: Ask,
    /// From then on it is given up for a newer wish.
    until_ms: f64,
    give_up: oneshot::Sender<()>,
}

/// A view that took longer is not computed again for better noise alone while workers are busy: the
/// next move of a control would have to wait for it.
const EASY_MS: f64 = 30.0;

/// Milliseconds between two looks whether the workers have nothing else to do.
pub const LOOK_MS: u32 = 20;

/// How long a view goes on although a newer one is wished for: whoever drags sees what passes.
const PATIENCE_MS: f64 = 100.0;

impl Runner {
    /// Ends what goes on in the background.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Remembers what is shown, and what was asked for it.
    pub fn remember(&mut self, ask: Ask, data: Rc<TraceData>) {
        self.last = Some((ask, data));
    }

    /// Whether what was asked last is still what somebody looks at.
    pub fn is_wanted(&self) -> bool {
        !self.closed && self.next.is_none()
    }

    /// Whether the wish would change nothing of a view without spikes.
    fn is_idle_wish(&self, wish: &Ask) -> bool {
        self.next.is_none() && self.sampled.as_ref().is_some_and(|sampled| wish.only_marks_anew(sampled))
    }

    /// Whether the wish only marks spikes a little better, in a view that takes its time.
    fn may_wait(&self, wish: &Ask) -> bool {
        let shown = self.last.as_ref().map(|(shown, _)| shown);
        self.took_ms > EASY_MS
            && shown.is_some_and(|shown| shown.request.thresholds_uv.is_some() && wish.only_marks_anew(shown))
    }

    /// What gives up the view under way, if it is time to for this wish. What only marks spikes
    /// anew never is worth it.
    fn give_up_for(&mut self, wish: &Ask) -> Option<oneshot::Sender<()>> {
        let is_time = |view: &mut UnderWay| now_ms() >= view.until_ms && !wish.only_marks_anew(&view.ask);
        self.under_way.take_if(is_time).map(|view| view.give_up)
    }
}

/// A wish.
#[derive(Clone)]
pub struct Ask {
    pub pipeline: Rc<Pipeline>,
    pub stream: usize,
    pub request: ViewRequest,
    pub window: Window,
}

impl Ask {
    /// Whether the other asks for the same channels of the same segment, perhaps at another time.
    fn shows_signals_of(&self, other: &Self) -> bool {
        let signals = |ask: &Self| (ask.stream, ask.request.segment, ask.request.filtered);
        signals(self) == signals(other) && self.request.channels == other.request.channels
    }

    /// Whether it also asks for the same frames, perhaps filtered otherwise.
    pub fn is_place_of(&self, other: &Self) -> bool {
        let place = |ask: &Self| (ask.request.start, ask.request.n_frames, ask.request.n_columns);
        self.shows_signals_of(other) && place(self) == place(other)
    }

    /// Whether nothing but spikes would change.
    fn only_marks_anew(&self, shown: &Self) -> bool {
        self.pipeline == shown.pipeline && self.is_place_of(shown)
    }
}

/// What came back last.
#[derive(Clone, PartialEq)]
pub enum Seen {
    Nothing,
    View {
        data: Rc<TraceData>,
        detail: Detail,
        /// The part of the frames that was read, beyond the sample where there is one.
        share: f64,
    },
    Problem(String),
}

/// Takes a wish; asks at once if nothing is under way.
pub fn ask(
    wish: Ask,
    session: Rc<Session>,
    runner: Rc<RefCell<Runner>>,
    seen: UseStateSetter<Seen>,
    on_spikes: Callback<Option<(usize, f64)>>,
) {
    if runner.borrow().is_idle_wish(&wish) {
        return;
    }
    let give_up = runner.borrow_mut().give_up_for(&wish);
    if let Some(give_up) = give_up {
        let _ended_before = give_up.send(());
    }
    runner.borrow_mut().next = Some(wish);
    if !runner.borrow().busy {
        runner.borrow_mut().busy = true;
        spawn_local(work(session, runner, seen, on_spikes));
    }
}

/// Asks until no newer wish is waiting.
async fn work(
    session: Rc<Session>,
    runner: Rc<RefCell<Runner>>,
    seen: UseStateSetter<Seen>,
    on_spikes: Callback<Option<(usize, f64)>>,
) {
    loop {
        let next = runner.borrow_mut().next.take();
        let Some(ask) = next else {
            runner.borrow_mut().busy = false;
            return;
        };
        if runner.borrow().may_wait(&ask) && !wait_for_workers(&session, &runner).await {
            continue;
        }
        let start = now_ms();
        let last = runner.borrow_mut().last.take().filter(|(last, _)| last.shows_signals_of(&ask));
        let (give_up, given_up) = oneshot::channel();
        // What only marks spikes anew may wait for a busy worker; a wish for more does not.
        let only_marks = last.as_ref().is_some_and(|(last, _)| ask.only_marks_anew(last));
        let until_ms = if only_marks { start } else { start + PATIENCE_MS };
        runner.borrow_mut().sampled = None;
        runner.borrow_mut().under_way = Some(UnderWay { ask: ask.clone(), until_ms, give_up });
        let arriving = RefCell::new(Arriving::new(&ask, &session.streams[ask.stream], last.as_ref()));
        let answered = {
            let answering = pin!(answer(&session, &ask, &arriving, &seen, &runner));
            match select(answering, given_up).await {
                Either::Left((answered, _)) => answered,
                Either::Right((Err(_), answering)) => answering.await,
                Either::Right((Ok(()), _)) => Ok(()),
            }
        };
        runner.borrow_mut().under_way = None;
        if let Err(reason) = answered {
            seen.set(Seen::Problem(reason));
            continue;
        }
        let (data, detail) = match arriving.into_inner().finish() {
            Ok(whole) => whole,
            // Given up: the next is shown over what there is of it.
            Err(picture) => {
                runner.borrow_mut().last = picture.map(|data| (ask, data)).or(last);
                continue;
            }
        };
        let counted = ask.request.filtered && detail == Detail::Every;
        on_spikes.emit(counted.then_some((data.spikes.len(), now_ms() - start)));
        runner.borrow_mut().remember(ask.clone(), Rc::clone(&data));
        runner.borrow_mut().took_ms = now_ms() - start;
        let share = if detail == Detail::Sampled { 0.0 } else { 1.0 };
        seen.set(Seen::View { data: Rc::clone(&data), detail, share });
        if detail == Detail::Sampled {
            runner.borrow_mut().sampled = Some(ask.clone());
            complete(&session, &ask, &data, &runner, &seen).await;
        }
    }
}

/// Waits until no worker has anything to do; whether the wish is still wanted then.
async fn wait_for_workers(session: &Session, runner: &RefCell<Runner>) -> bool {
    let is_busy = || (0..session.pool.len()).any(|worker| !session.pool.is_idle(worker));
    while runner.borrow().is_wanted() && is_busy() {
        TimeoutFuture::new(LOOK_MS).await;
    }
    runner.borrow().is_wanted()
}

/// Has the parts of a window computed side by side, and shows them as they arrive, until a newer
/// wish has waited for long.
async fn answer(
    session: &Session,
    ask: &Ask,
    arriving: &RefCell<Arriving>,
    seen: &UseStateSetter<Seen>,
    runner: &RefCell<Runner>,
) -> Result<(), String> {
    let frames = ask.request.start..ask.request.start + ask.request.n_frames;
    let parts = if session.is_uploaded() { vec![(0, frames)] } else { ask.request.parts(&session.streams[ask.stream]) };
    arriving.borrow_mut().expect(parts.len());
    let waiting = Waiting::new(parts);
    let next = |worker: usize| {
        let newer = runner.borrow().next.clone();
        if newer.and_then(|wish| runner.borrow_mut().give_up_for(&wish)).is_some() {
            waiting.clear();
        }
        waiting.next(session, worker)
    };
    let one_worker = async |worker: usize| -> Result<(), String> {
        while let Some(part) = next(worker) {
            let part = part_of(session, ask, &ask.request, worker, part).await?;
            let picture = arriving.borrow_mut().take(part);
            if let Some(picture) = picture {
                seen.set(picture);
            }
        }
        Ok(())
    };
    let n_workers = if session.is_uploaded() { 1 } else { session.pool.len() };
    join_all((0..n_workers).map(one_worker)).await.into_iter().collect()
}
