//! Views asked of the workers: one window at a time, its parts side by side.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{Either, join_all, select};
use wasm_bindgen_futures::spawn_local;
use wasm_core::pipeline::Pipeline;
use wasm_core::view::{Detail, ViewRequest};
use yew::prelude::*;

use super::Window;
use super::arriving::Arriving;
use super::completing::complete;
use super::parts::{part_of, worker_of};
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
    /// Gives up what is under way, where it only marks spikes anew.
    give_up: Option<(Ask, oneshot::Sender<()>)>,
    /// Whether nobody looks any more.
    closed: bool,
}

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
    fn is_place_of(&self, other: &Self) -> bool {
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
    // What only marks spikes anew may wait for a busy worker; a wish for more does not.
    let given_up = runner.borrow_mut().give_up.take_if(|(under_way, _)| !wish.only_marks_anew(under_way));
    if let Some((_, give_up)) = given_up {
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
        let start = now_ms();
        let last = runner.borrow_mut().last.take().filter(|(last, _)| last.shows_signals_of(&ask));
        let (give_up, given_up) = oneshot::channel();
        runner.borrow_mut().give_up =
            last.as_ref().filter(|(last, _)| ask.only_marks_anew(last)).map(|_| (ask.clone(), give_up));
        let answering = pin!(answer(&session, &ask, last.clone(), &seen));
        let answered = match select(answering, given_up).await {
            Either::Left((answered, _)) => answered,
            Either::Right((Err(_), answering)) => answering.await,
            Either::Right((Ok(()), _)) => {
                runner.borrow_mut().last = last;
                continue;
            }
        };
        match answered {
            Ok((data, detail)) => {
                let counted = ask.request.filtered && detail == Detail::Every;
                let took_ms = now_ms() - start;
                on_spikes.emit(counted.then_some((data.spikes.len(), took_ms)));
                let data = Rc::new(data);
                runner.borrow_mut().remember(ask.clone(), Rc::clone(&data));
                let share = if detail == Detail::Sampled { 0.0 } else { 1.0 };
                seen.set(Seen::View { data: Rc::clone(&data), detail, share });
                if detail == Detail::Sampled {
                    complete(&session, &ask, &data, &runner, &seen).await;
                }
            }
            Err(reason) => seen.set(Seen::Problem(reason)),
        }
    }
}

/// Has the parts of a window computed side by side, and shows them as they arrive.
async fn answer(
    session: &Session,
    ask: &Ask,
    last: Option<(Ask, Rc<TraceData>)>,
    seen: &UseStateSetter<Seen>,
) -> Result<(TraceData, Detail), String> {
    let info = &session.streams[ask.stream];
    let frames = ask.request.start..ask.request.start + ask.request.n_frames;
    let parts = if session.is_uploaded() { vec![(0, frames)] } else { ask.request.parts(info) };
    let last = last.map(|(last, data)| (last.is_place_of(ask), data));
    let arriving = RefCell::new(Arriving::new(ask, info, last, parts.len()));
    let waiting = RefCell::new(parts);
    // A part goes to the worker that may know it from before, or to one that has nothing else to do.
    let next = |worker: usize| {
        let mut waiting = waiting.borrow_mut();
        let own = waiting.iter().position(|(number, _)| worker_of(session, *number) == worker);
        let at = own.or_else(|| waiting.len().checked_sub(1))?;
        Some(waiting.remove(at).1)
    };
    let one_worker = async |worker: usize| -> Result<(), String> {
        while let Some(part) = next(worker) {
            let part = part_of(session, ask, &ask.request, worker, part).await?;
            if let Some(picture) = arriving.borrow_mut().take(part) {
                seen.set(picture);
            }
        }
        Ok(())
    };
    let n_workers = if session.is_uploaded() { 1 } else { session.pool.len() };
    join_all((0..n_workers).map(one_worker)).await.into_iter().collect::<Result<(), String>>()?;
    Ok(arriving.into_inner().finish())
}
