//! Carries out what [`Views`] wants done, and tells it what came of that.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::asking::{Ask, Seen};
use super::parts::{Part, Source};
use super::views::{Effect, Fact, Views};
use crate::bridge::floats;
use crate::bridge::signal::{Reply, Request};
use crate::services::analysis::now_ms;
use crate::services::pool::WorkFailure;
use crate::services::session::Session;

/// Asks for views whenever something else is to be seen; what came back last.
#[hook]
pub fn use_views(
    session: Rc<Session>,
    ask: Option<Ask>,
    on_spikes: Callback<Option<(usize, f64)>>,
) -> UseStateHandle<Seen> {
    let seen = use_state(|| Seen::Nothing);
    let views = use_mut_ref(Views::default);
    let carrier = Carrier { session, views, seen: seen.setter(), on_spikes };
    let closing = carrier.clone();
    // Another scale of the same view is no wish.
    let wish = ask.as_ref().map(|ask| (ask.request.clone(), Rc::clone(&ask.pipeline), ask.stream));
    use_effect_with(wish, move |_| {
        if let Some(ask) = ask {
            carrier.tell(Fact::Asked(Rc::new(ask)));
        }
    });
    use_effect_with((), move |()| move || closing.tell(Fact::Closed));
    seen
}

/// What stands between the views and the workers.
#[derive(Clone)]
struct Carrier {
    session: Rc<Session>,
    views: Rc<RefCell<Views>>,
    seen: UseStateSetter<Seen>,
    on_spikes: Callback<Option<(usize, f64)>>,
}

impl Carrier {
    fn tell(&self, fact: Fact) {
        let source = Source {
            streams: &self.session.streams,
            n_workers: self.session.pool.len(),
            is_uploaded: self.session.is_uploaded(),
        };
        let effects = self.views.borrow_mut().step(source, fact, now_ms());
        for effect in effects {
            self.carry_out(effect);
        }
    }

    fn carry_out(&self, effect: Effect) {
        let carrier = self.clone();
        match effect {
            Effect::Draw(seen) => self.seen.set(seen),
            Effect::Count(found) => self.on_spikes.emit(found),
            Effect::Compute { turn, worker, ask, frames } => spawn_local(async move {
                let part = carrier.part(worker, &ask, frames).await.map_err(|failure| failure.reason);
                carrier.tell(Fact::Answered { turn, worker, part });
            }),
            Effect::UntilIdle { turn, workers, after_ms } => spawn_local(async move {
                if after_ms > 0 {
                    TimeoutFuture::new(after_ms).await;
                }
                while let Some(worker) = carrier.waits_for(turn, &workers) {
                    carrier.session.pool.rest(worker).await;
                    // Whoever asks for one thing after another has asked for the next one then.
                    TimeoutFuture::new(0).await;
                }
                carrier.tell(Fact::Idle { turn, worker: workers.start });
            }),
        }
    }

    /// The first of these workers that has something to do; none when nobody waits for them any more.
    fn waits_for(&self, turn: u64, workers: &Range<usize>) -> Option<usize> {
        let is_wanted = self.views.borrow().is_turn(turn);
        workers.clone().find(|worker| is_wanted && !self.session.pool.is_idle(*worker))
    }

    /// Has one worker compute a part.
    async fn part(&self, worker: usize, ask: &Ask, part: Range<u64>) -> Result<Part, WorkFailure> {
        let (pipeline, view) = ((*ask.pipeline).clone(), ask.request.clone());
        let request = Request::View { stream: ask.stream, pipeline, view, part };
        let (reply, attached) = self.session.pool.call(worker, request, Vec::new()).await?;
        let Reply::View { n_columns, columns, spikes, detail } = reply else { return Err(WorkFailure::unexpected()) };
        let [min_uv, max_uv] = [0, 1].map(|at| attached.get(at).map(floats).unwrap_or_default());
        Ok(Part { n_columns, columns, min_uv, max_uv, spikes, detail })
    }
}
