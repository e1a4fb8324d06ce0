//! The line to the cloud while something depends on it: whether it is there, and waiting until it is.

use std::cell::Cell;
use std::convert::Infallible;
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use wasm_core::upload::{TRIES, pause_ms};

use super::analysis::now_ms;
use super::cloud::{self, Cause, CloudError, Echo};
use super::upload::Wish;

/// Milliseconds between two looks at the line.
const LOOK_MS: u32 = 100;
/// Milliseconds without a byte after which the cloud is asked for a sign, and in which it must give
/// one: with a look between, a lost connection is told of within three seconds.
const QUIET_MS: f64 = 900.0;
const ECHO_MS: u32 = 1800;
/// Milliseconds between two such questions.
const ASK_AGAIN_MS: f64 = 1000.0;
/// A line that was lost for longer has dropped the requests that were under way.
const LONG_LOST_MS: f64 = 5000.0;

/// What is known of the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signal {
    /// Bytes go through.
    #[default]
    There,
    /// Nothing comes back.
    Silent,
    /// There is no way to the cloud.
    Lost,
}

/// The line, and what the person wants of the work that depends on it.
pub struct Line {
    wish: Rc<Cell<Wish>>,
    signal: Cell<Signal>,
    /// When something went through last.
    moved_ms: Cell<f64>,
    /// Signs that the cloud was asked for in vain.
    n_unheard: Cell<u32>,
    /// When the line was lost, as long as it is.
    lost_ms: Cell<Option<f64>>,
    /// When it came back after it had been lost for long.
    back_ms: Cell<f64>,
}

impl Line {
    /// One that is thought to be there.
    pub fn new(wish: Rc<Cell<Wish>>) -> Rc<Self> {
        Rc::new(Self {
            wish,
            signal: Cell::default(),
            moved_ms: Cell::new(now_ms()),
            n_unheard: Cell::new(0),
            lost_ms: Cell::new(None),
            back_ms: Cell::new(f64::NEG_INFINITY),
        })
    }

    /// What is known of it.
    pub fn signal(&self) -> Signal {
        self.signal.get()
    }

    /// What the person wants.
    pub fn wish(&self) -> Wish {
        self.wish.get()
    }

    /// Something went through.
    pub fn moved(&self) {
        let now = now_ms();
        self.moved_ms.set(now);
        self.signal.set(Signal::There);
        if self.lost_ms.take().is_some_and(|lost_ms| now - lost_ms > LONG_LOST_MS) {
            self.back_ms.set(now);
        }
    }

    /// How often the cloud was asked for a sign in vain.
    pub fn n_unheard(&self) -> u32 {
        self.n_unheard.get()
    }

    /// Takes why a request failed; none where it did not.
    pub fn heard(&self, cause: Option<Cause>) {
        match cause {
            Some(Cause::Unreachable) => self.lost(Signal::Lost),
            // An answer, even a refusal, came through.
            None | Some(Cause::Status(_)) => self.moved(),
            Some(Cause::Lasting) => {}
        }
    }

    /// Whether a request on which nothing has moved since then may be given up: the person ends the
    /// work on a lost line, or the line was lost meanwhile and has been back for long.
    pub fn gives_up(&self, moved_ms: f64) -> bool {
        let is_ended = self.wish().is_end() && self.signal() != Signal::There;
        let is_dropped = moved_ms < self.back_ms.get() && now_ms() - self.back_ms.get() > 2.0 * LONG_LOST_MS;
        is_ended || is_dropped
    }

    /// Nothing goes through.
    fn lost(&self, signal: Signal) {
        self.signal.set(signal);
        self.lost_ms.set(self.lost_ms.get().or_else(|| Some(now_ms())));
    }

    /// Does `work`, and meanwhile looks at the line; `changed` is called whenever something moved or
    /// is known otherwise.
    pub async fn watched<T>(&self, work: impl Future<Output = T>, changed: impl Fn()) -> T {
        match select(pin!(work), pin!(self.watch(changed))).await {
            Either::Left((done, _)) => done,
            Either::Right((never, _)) => match never {},
        }
    }

    async fn watch(&self, changed: impl Fn()) -> Infallible {
        let mut known = (self.signal(), self.moved_ms.get());
        let mut asked_ms = f64::NEG_INFINITY;
        loop {
            TimeoutFuture::new(LOOK_MS).await;
            let now = now_ms();
            if now - self.moved_ms.get() > QUIET_MS && now - asked_ms > ASK_AGAIN_MS {
                asked_ms = now;
                match cloud::echo(ECHO_MS).await {
                    Echo::Heard => self.moved(),
                    unheard => {
                        self.n_unheard.set(self.n_unheard.get() + 1);
                        // What moved while the question was under way counts more.
                        if self.moved_ms.get() < now {
                            self.lost(if unheard == Echo::NoWay { Signal::Lost } else { Signal::Silent });
                        }
                    }
                }
            }
            let now_known = (self.signal(), self.moved_ms.get());
            if now_known != known {
                known = now_known;
                changed();
            }
        }
    }

    /// Repeats a request that failed for want of a connection until it comes through, with growing
    /// pauses while the cloud answers otherwise, and at once when a lost line is there again. What may
    /// pass is tried some times; all else is final. Ends with the person's wish to end.
    pub async fn retried<T, F: Future<Output = Result<T, CloudError>>>(
        &self,
        request: impl Fn() -> F,
    ) -> Result<T, CloudError> {
        let mut tries = 0;
        loop {
            let error = match request().await {
                Ok(done) => {
                    self.heard(None);
                    return Ok(done);
                }
                Err(error) => error,
            };
            self.heard(Some(error.cause));
            tries += 1;
            if !error.may_pass() || self.wish().is_end() || tries == TRIES {
                return Err(error);
            }
            if self.was_lost(pause_ms(tries)).await {
                tries = 0;
            }
            if self.wish().is_end() {
                return Err(error);
            }
        }
    }

    /// Waits so many milliseconds; where the line is lost, until it is there again. Tells whether it was.
    async fn was_lost(&self, pause_ms: u32) -> bool {
        let (start, n_unheard) = (now_ms(), self.n_unheard.get());
        while !self.wish().is_end() {
            TimeoutFuture::new(LOOK_MS).await;
            let was_lost = self.n_unheard.get() > n_unheard;
            let is_there = self.signal() == Signal::There;
            if was_lost && is_there {
                return true;
            }
            if !was_lost && now_ms() - start > f64::from(pause_ms) {
                return false;
            }
        }
        false
    }
}
