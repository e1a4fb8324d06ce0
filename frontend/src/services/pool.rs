//! The workers of this page.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures_channel::oneshot;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::bridge::{Envelope, Remedy, Reply, Request};

/// More workers than this wait for memory rather than for processors.
const MAX_WORKERS: usize = 8;

/// Why a worker did not answer as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkFailure {
    /// For people.
    pub reason: String,
    /// What would help.
    pub remedy: Remedy,
}

impl WorkFailure {
    /// A reason that nothing on the page can help.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), remedy: Remedy::default() }
    }

    /// The answer to another question: page and worker are of different versions.
    pub fn unexpected() -> Self {
        Self::new("The worker answered something else; reload the page.")
    }
}

/// An answer with its attachments.
pub type Answer = Result<(Reply, Vec<JsValue>), WorkFailure>;

type Pending = Rc<RefCell<HashMap<u32, oneshot::Sender<Answer>>>>;

struct Handle {
    worker: Worker,
    pending: Pending,
    /// Requests made before the worker had loaded; `None` once it has.
    waiting: Rc<RefCell<Option<Vec<Envelope<Request>>>>>,
    /// Whether it stopped for good.
    stopped: Rc<Cell<bool>>,
    _listeners: [Closure<dyn Fn(MessageEvent)>; 2],
}

thread_local! {
    /// Workers that load while a person still looks for a file.
    static SPARE: RefCell<Option<Pool>> = const { RefCell::new(None) };
}

/// Workers that all hold the same recording.
pub struct Pool {
    workers: Vec<Handle>,
    next_id: Cell<u32>,
}

impl PartialEq for Pool {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Pool {
    /// Starts loading workers ahead of the first recording.
    pub fn warm() {
        SPARE.with(|spare| {
            spare.borrow_mut().get_or_insert_with(Self::new);
        });
    }

    /// The workers that were loaded ahead, or new ones.
    #[must_use]
    pub fn take() -> Self {
        SPARE.with(RefCell::take).unwrap_or_else(Self::new)
    }

    /// As many workers as the machine has processors, at least two.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    fn new() -> Self {
        let cores = web_sys::window().map_or(2.0, |window| window.navigator().hardware_concurrency()) as usize;
        let workers = (0..cores.clamp(2, MAX_WORKERS)).filter_map(|_| Handle::start()).collect();
        Self { workers, next_id: Cell::new(0) }
    }

    /// Number of workers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.workers.len()
    }

    /// Whether a worker has answered all that it was asked.
    #[must_use]
    pub fn is_idle(&self, worker: usize) -> bool {
        self.workers.get(worker).is_none_or(|handle| handle.pending.borrow().is_empty())
    }

    /// Asks one worker.
    pub async fn call(&self, worker: usize, body: Request, attached: Vec<JsValue>) -> Answer {
        let gone = || WorkFailure::new("This browser could not start a worker; is it up to date?");
        let handle = self.workers.get(worker % self.workers.len().max(1)).ok_or_else(gone)?;
        if handle.stopped.get() {
            return Err(stopped());
        }
        let id = self.next_id.replace(self.next_id.get().wrapping_add(1));
        let (answer, answered) = oneshot::channel();
        handle.pending.borrow_mut().insert(id, answer);
        handle.post(Envelope { id, body, attached });
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Asks all workers the same; gives the first one's answer, or why one of them could not.
    pub async fn call_all(&self, body: &Request, attached: &[JsValue]) -> Answer {
        let calls = (0..self.len().max(1)).map(|worker| self.call(worker, body.clone(), attached.to_vec()));
        let answers: Result<Vec<_>, _> = futures_util::future::join_all(calls).await.into_iter().collect();
        answers?.into_iter().next().ok_or_else(WorkFailure::unexpected)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for handle in &self.workers {
            handle.worker.terminate();
        }
    }
}

impl Handle {
    fn start() -> Option<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options("/worker-start.js", &options).ok()?;
        let pending = Pending::default();
        let waiting = Rc::new(RefCell::new(Some(Vec::new())));
        let on_message = {
            let (worker, pending, waiting) = (worker.clone(), Rc::clone(&pending), Rc::clone(&waiting));
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                let Some(Envelope { id, body, attached }) = Envelope::<Reply>::from_js(&event.data()) else {
                    for envelope in waiting.borrow_mut().take().into_iter().flatten() {
                        post(&worker, &envelope);
                    }
                    return;
                };
                if let Some(asker) = pending.borrow_mut().remove(&id) {
                    // Nobody may be waiting any more.
                    drop(asker.send(match body {
                        Ok(Reply::Failed { reason, remedy }) => Err(WorkFailure { reason, remedy }),
                        Ok(body) => Ok((body, attached)),
                        Err(reason) => Err(WorkFailure::new(reason)),
                    }));
                }
            })
        };
        // A worker that dies, for want of memory say, must not leave its askers waiting.
        let dead = Rc::new(Cell::new(false));
        let on_error = {
            let (pending, dead) = (Rc::clone(&pending), Rc::clone(&dead));
            Closure::<dyn Fn(MessageEvent)>::new(move |_| {
                dead.set(true);
                for (_, asker) in pending.borrow_mut().drain() {
                    drop(asker.send(Err(stopped())));
                }
            })
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Self { worker, pending, waiting, stopped: dead, _listeners: [on_message, on_error] })
    }

    fn post(&self, envelope: Envelope<Request>) {
        match &mut *self.waiting.borrow_mut() {
            Some(waiting) => waiting.push(envelope),
            None => post(&self.worker, &envelope),
        }
    }
}

fn stopped() -> WorkFailure {
    WorkFailure::new(
        "A worker ran out of memory or could not be loaded. Close other tabs, reload this page and open the recording again.",
    )
}

fn post(worker: &Worker, envelope: &Envelope<Request>) {
    let (message, transfer) = envelope.to_js();
    // Only fails for values that cannot be cloned, and ours can.
    drop(worker.post_message_with_transfer(&message, &transfer));
}
