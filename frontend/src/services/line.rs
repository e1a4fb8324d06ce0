//! The line to the cloud while something depends on it: looking whether it is there, and waiting until it is.

use std::convert::Infallible;
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use wasm_core::upload::{TRIES, pause_ms};
use yew::prelude::*;

use super::analysis::now_ms;
use super::cloud::{self, CloudError};
use super::store::{Spawned, Store};
use super::work::{Action, Signal, Wish, Work};

/// Milliseconds in which the cloud must give a sign: a lost connection is told of within three seconds.
const ECHO_MS: u32 = 1800;

/// The state of work that depends on the line.
pub type Line = Store<Work>;

impl Line {
    /// Of work that begins now.
    pub fn begin() -> Self {
        Self::new(Work::new(now_ms()))
    }

    /// Something happened now; gives the state after it.
    pub fn happens(&self, action: Action) -> Rc<Work> {
        self.tell((now_ms(), action))
    }

    /// What the person wants.
    pub fn wish(&self) -> Wish {
        self.get().wish()
    }

    /// Does `work`, and meanwhile looks at the line.
    pub async fn watched<T>(&self, work: impl Future<Output = T>) -> T {
        match select(pin!(work), pin!(self.watch())).await {
            Either::Left((done, _)) => done,
            Either::Right((never, _)) => match never {},
        }
    }

    /// Asks the cloud for a sign whenever nothing has moved for a while: of a lost line nothing else tells.
    async fn watch(&self) -> Infallible {
        loop {
            self.due(|work| work.line().ask_ms()).await;
            self.happens(Action::Asked);
            let echo = cloud::echo(ECHO_MS).await;
            self.happens(Action::Echoed(echo));
        }
    }

    /// Repeats a request that failed for want of a connection until it comes through, with growing
    /// pauses while the cloud answers otherwise, and at once when a lost line is there again. What may
    /// pass is tried some times; all else is final. Ends with the person's wish to end.
    pub async fn retried<T, F: Future<Output = Result<T, CloudError>>>(
        &self,
        request: impl Fn() -> F,
    ) -> Result<T, CloudError> {
        self.repeated(request, |work| work.wish().is_end()).await
    }

    /// The same for what the person's wish to end asks for: that does not end it.
    pub async fn insisted<T, F: Future<Output = Result<T, CloudError>>>(
        &self,
        request: impl Fn() -> F,
    ) -> Result<T, CloudError> {
        self.repeated(request, |_| false).await
    }

    /// Repeats a request until that is over.
    async fn repeated<T, F: Future<Output = Result<T, CloudError>>>(
        &self,
        request: impl Fn() -> F,
        is_over: impl Fn(&Work) -> bool,
    ) -> Result<T, CloudError> {
        let mut tries = 0;
        loop {
            let answer = request().await;
            self.happens(Action::Heard(answer.as_ref().err().map(|error| error.cause)));
            let error = match answer {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            tries += 1;
            if !error.may_pass() || is_over(&self.get()) || tries == TRIES {
                return Err(error);
            }
            if self.was_lost(pause_ms(tries), &is_over).await {
                tries = 0;
            }
            if is_over(&self.get()) {
                return Err(error);
            }
        }
    }

    /// Waits so many milliseconds; where the line is lost, until it is there again. Tells whether it was.
    async fn was_lost(&self, pause_ms: u32, is_over: impl Fn(&Work) -> bool) -> bool {
        let n_unheard = self.get().line().n_unheard();
        let was_lost = |work: &Work| work.line().n_unheard() > n_unheard;
        let is_enough = |work: &Work| is_over(work) || (was_lost(work) && work.line().signal() == Signal::There);
        let work = match select(pin!(self.until(is_enough)), TimeoutFuture::new(pause_ms)).await {
            Either::Left((work, _)) => work,
            Either::Right(((), work)) if was_lost(&self.get()) => work.await,
            Either::Right(_) => return false,
        };
        !is_over(&work)
    }
}

/// The state of work, whenever it changes.
#[hook]
pub fn use_work(line: &Rc<Line>) -> Rc<Work> {
    let work = use_state_eq(|| line.get());
    let setter = work.setter();
    use_effect_with(Rc::clone(line), move |line| {
        let line = Rc::clone(line);
        let following = Spawned::begin(async move {
            let mut seen = line.get();
            loop {
                setter.set(Rc::clone(&seen));
                let next = line.until(|work| !std::ptr::eq(work, Rc::as_ptr(&seen))).await;
                seen = next;
            }
        });
        move || drop(following)
    });
    Rc::clone(&work)
}
