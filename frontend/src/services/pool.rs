//! The workers of this page: those that read and search a recording, and the one that holds its result.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::early;
use super::worker::{self, Answer, Link};
pub use crate::bridge::Failure as WorkFailure;
use crate::bridge::{result, signal};

/// More workers than this wait for memory rather than for processors.
const MAX_WORKERS: usize = 8;

/// The first modules of the two programs.
const READER: &str = "/worker-start.js";
const ANALYST: &str = "/analyst-start.js";

/// Milliseconds in which the workers that read have the line to themselves.
const READERS_FIRST_MS: u32 = 3_000;

impl WorkFailure {
    /// The answer to another question: page and worker are of different versions.
    #[must_use]
    pub fn unexpected() -> Self {
        Self::new("The worker answered something else; reload the page.")
    }
}

type Reader = Link<signal::Request, signal::Reply>;
type Analyst = Link<result::Request, result::Reply>;

thread_local! {
    /// Workers that load while a person still looks for a file.
    static SPARE: RefCell<Option<Pool>> = const { RefCell::new(None) };
}

/// Workers that all hold the same recording, and one that holds its result.
pub struct Pool {
    readers: Vec<Reader>,
    /// The worker of results. Its program is loaded once those that read have loaded; `None` until then, and
    /// where the browser starts no worker.
    analyst: RefCell<Option<Rc<Analyst>>>,
}

impl PartialEq for Pool {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Pool {
    /// Starts loading workers ahead of the first recording, and then the one that holds its result: a person may go
    /// offline before they open one.
    pub fn warm() {
        SPARE.with(|spare| {
            spare.borrow_mut().get_or_insert_with(Self::new);
        });
        spawn_local(async {
            TimeoutFuture::new(READERS_FIRST_MS).await;
            SPARE.with(|spare| {
                if let Some(pool) = spare.borrow().as_ref() {
                    pool.warm_analyst();
                }
            });
        });
    }

    /// The workers that were loaded ahead, or new ones.
    #[must_use]
    pub fn take() -> Self {
        SPARE.with(RefCell::take).unwrap_or_else(Self::new)
    }

    /// For a result without its recording: nothing is read.
    #[must_use]
    pub fn without_readers() -> Self {
        Self { readers: Vec::new(), analyst: RefCell::default() }
    }

    /// As many workers as the machine has processors, at least two. One of them may be under way.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    fn new() -> Self {
        let cores = web_sys::window().map_or(2.0, |window| window.navigator().hardware_concurrency()) as usize;
        let first = early::worker().map(|(worker, has_loaded)| Link::with(worker, has_loaded));
        let others =
            (0..cores.clamp(2, MAX_WORKERS) - usize::from(first.is_some())).filter_map(|_| Link::start(READER));
        Self { readers: first.into_iter().chain(others).collect(), analyst: RefCell::default() }
    }

    /// Number of workers that read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.readers.len()
    }

    /// Whether a worker that reads has answered all that it was asked.
    #[must_use]
    pub fn is_idle(&self, worker: usize) -> bool {
        self.readers.get(worker).is_none_or(Link::is_idle)
    }

    /// Waits until a worker that reads has answered all that it was asked.
    pub async fn rest(&self, worker: usize) {
        if let Some(reader) = self.readers.get(worker) {
            reader.rest().await;
        }
    }

    /// Whether the worker that holds the result has answered all that it was asked.
    #[must_use]
    pub fn is_analyst_idle(&self) -> bool {
        self.analyst.borrow().as_ref().is_none_or(|analyst| analyst.is_idle())
    }

    /// Asks one worker that reads.
    pub async fn call(&self, worker: usize, body: signal::Request, attached: Vec<JsValue>) -> Answer<signal::Reply> {
        let reader = self.readers.get(worker % self.readers.len().max(1)).ok_or_else(worker::gone)?;
        reader.call(body, attached).await
    }

    /// Asks all that read the same; gives the first one's answer, or why one of them could not.
    pub async fn call_all(&self, body: &signal::Request, attached: &[JsValue]) -> Answer<signal::Reply> {
        let calls = (0..self.len().max(1)).map(|worker| self.call(worker, body.clone(), attached.to_vec()));
        let answers: Result<Vec<_>, _> = futures_util::future::join_all(calls).await.into_iter().collect();
        answers?.into_iter().next().ok_or_else(WorkFailure::unexpected)
    }

    /// Starts loading the worker that holds the result.
    pub fn warm_analyst(&self) {
        drop(self.analyst());
    }

    /// Asks the worker that holds the result.
    pub async fn ask(&self, body: result::Request, attached: Vec<JsValue>) -> Answer<result::Reply> {
        let analyst = self.analyst().ok_or_else(worker::gone)?;
        analyst.call(body, attached).await
    }

    /// The worker; one that could not be loaded is started again.
    fn analyst(&self) -> Option<Rc<Analyst>> {
        let mut analyst = self.analyst.borrow_mut();
        if analyst.as_ref().is_none_or(|analyst| analyst.never_loaded()) {
            *analyst = Link::start(ANALYST).map(Rc::new);
        }
        analyst.clone()
    }
}
