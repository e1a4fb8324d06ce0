//! A worker of this page: its program loads while it is asked, and it answers one request after another.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures_channel::oneshot;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::bridge::{Envelope, Failure};

/// An answer with its attachments.
pub type Answer<R> = Result<(R, Vec<JsValue>), Failure>;

type Pending<R> = Rc<RefCell<HashMap<u32, oneshot::Sender<Answer<R>>>>>;

/// A worker that takes requests `Q` and gives replies `R`.
pub struct Link<Q, R> {
    worker: Worker,
    pending: Pending<R>,
    /// Requests made before the worker had loaded; `None` once it has.
    waiting: Rc<RefCell<Option<Vec<Envelope<Q>>>>>,
    /// Whether it stopped for good.
    stopped: Rc<Cell<bool>>,
    next_id: Cell<u32>,
    _listeners: [Closure<dyn Fn(MessageEvent)>; 2],
}

impl<Q: Serialize + 'static, R: DeserializeOwned + 'static> Link<Q, R> {
    /// Starts the worker whose first module is at an address.
    pub fn start(address: &str) -> Option<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        Worker::new_with_options(address, &options).ok().map(|worker| Self::with(worker, false))
    }

    /// Takes a worker that was started before; whether it has loaded already.
    pub fn with(worker: Worker, has_loaded: bool) -> Self {
        let pending = Pending::<R>::default();
        let waiting = Rc::new(RefCell::new((!has_loaded).then(Vec::new)));
        let on_message = {
            let (worker, pending, waiting) = (worker.clone(), Rc::clone(&pending), Rc::clone(&waiting));
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                let Some(Envelope { id, body, attached }) = Envelope::<Result<R, Failure>>::from_js(&event.data())
                else {
                    for envelope in waiting.borrow_mut().take().into_iter().flatten() {
                        post(&worker, &envelope);
                    }
                    return;
                };
                if let Some(asker) = pending.borrow_mut().remove(&id) {
                    // Nobody may be waiting any more.
                    drop(asker.send(match body {
                        Ok(Ok(reply)) => Ok((reply, attached)),
                        Ok(Err(failure)) => Err(failure),
                        Err(reason) => Err(Failure::new(reason)),
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
        Self { worker, pending, waiting, stopped: dead, next_id: Cell::new(0), _listeners: [on_message, on_error] }
    }

    /// Asks it.
    pub async fn call(&self, body: Q, attached: Vec<JsValue>) -> Answer<R> {
        if self.stopped.get() {
            return Err(stopped());
        }
        let id = self.next_id.replace(self.next_id.get().wrapping_add(1));
        let (answer, answered) = oneshot::channel();
        self.pending.borrow_mut().insert(id, answer);
        self.post(Envelope { id, body, attached });
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Whether it stopped before it had loaded, as for want of a connection: another one may do better.
    pub fn never_loaded(&self) -> bool {
        self.stopped.get() && self.waiting.borrow().is_some()
    }

    /// Whether it has answered all that it was asked.
    pub fn is_idle(&self) -> bool {
        self.pending.borrow().is_empty()
    }

    fn post(&self, envelope: Envelope<Q>) {
        match &mut *self.waiting.borrow_mut() {
            Some(waiting) => waiting.push(envelope),
            None => post(&self.worker, &envelope),
        }
    }
}

impl<Q, R> Drop for Link<Q, R> {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// Why there is no worker.
pub fn gone() -> Failure {
    Failure::new("This browser could not start a worker; is it up to date?")
}

fn stopped() -> Failure {
    Failure::new(
        "A worker ran out of memory or could not be loaded. Close other tabs, reload this page and open the recording again.",
    )
}

fn post<Q: Serialize>(worker: &Worker, envelope: &Envelope<Q>) {
    let (message, transfer) = envelope.to_js();
    // Only fails for values that cannot be cloned, and ours can.
    drop(worker.post_message_with_transfer(&message, &transfer));
}
