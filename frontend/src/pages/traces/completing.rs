//! A view that was answered from a sample, completed while nothing else is to be done.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::join_all;
use gloo_timers::future::TimeoutFuture;
use wasm_core::view::{Detail, ViewRequest};
use yew::prelude::*;

use super::asking::{Ask, LOOK_MS, Runner, Seen};
use super::parts::{Waiting, part_of};
use crate::plots::traces::TraceData;
use crate::services::analysis::now_ms;
use crate::services::session::Session;

/// Time after which a view is completed: whoever moves a control moves it on.
const WAIT_MS: u32 = 400;
/// Time between two pictures of a view that is being completed.
const PICTURE_MS: f64 = 300.0;

/// Reads what a sampled view left out, part by part, while nothing else is asked of the workers,
/// until it is complete or another view is wished for.
pub async fn complete(
    session: &Session,
    ask: &Ask,
    sampled: &TraceData,
    runner: &RefCell<Runner>,
    seen: &UseStateSetter<Seen>,
) {
    let whole = ViewRequest { whole: true, thresholds_uv: None, ..ask.request.clone() };
    let parts = whole.parts(&session.streams[ask.stream]);
    let n_parts = parts.len();
    let waiting = Waiting::new(parts);
    // A sample may stand for its neighbours, so what is read takes its place.
    let read = TraceData { min_uv: Vec::new(), max_uv: Vec::new(), ..sampled.clone() };
    let (read, n_read, pictured) = (RefCell::new(read), Cell::new(0_u32), Cell::new(now_ms()));
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    let show = |detail: Detail| {
        let share = f64::from(n_read.get()) / n_parts.max(1) as f64;
        let data = Rc::new(read.borrow().over(sampled));
        if detail == Detail::Every {
            runner.borrow_mut().remember(ask.clone(), Rc::clone(&data));
        }
        seen.set(Seen::View { data, detail, share });
    };
    for _ in 0..WAIT_MS / LOOK_MS {
        if !runner.borrow().is_wanted() {
            return;
        }
        TimeoutFuture::new(LOOK_MS).await;
    }
    let one_worker = async |worker: usize| -> Result<(), String> {
        loop {
            while runner.borrow().is_wanted() && !session.pool.is_idle(worker) && !waiting.is_empty() {
                TimeoutFuture::new(LOOK_MS).await;
            }
            let next = waiting.next(session, worker).filter(|_| runner.borrow().is_wanted());
            let Some(part) = next else { return Ok(()) };
            let found = part_of(session, ask, &whole, worker, part).await?;
            read.borrow_mut().widen(found.n_columns, found.columns, &found.min_uv, &found.max_uv);
            n_read.set(n_read.get() + 1);
            if now_ms() - pictured.get() > PICTURE_MS && runner.borrow().is_wanted() {
                pictured.set(now_ms());
                show(Detail::Sampled);
            }
        }
    };
    let done = join_all((0..session.pool.len()).map(one_worker)).await;
    if !runner.borrow().is_wanted() {
        return;
    }
    match done.into_iter().collect::<Result<(), String>>() {
        Ok(()) => show(Detail::Every),
        Err(reason) => seen.set(Seen::Problem(reason)),
    }
}
