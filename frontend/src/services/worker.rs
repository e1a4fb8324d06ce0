//! A worker of this page: its program loads while it is asked, and it answers one request after another.

mod asked;

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::bridge::{Envelope, Failure};
use asked::Asked;

/// An answer with its attachments.
pub type Answer<R> = Result<(R, Vec<JsValue>), Failure>;

type Askers<Q, R> = Asked<Envelope<Q>, oneshot::Sender<Answer<R>>>;

/// A worker that takes requests `Q` and gives replies `R`.
pub struct Link<Q, R> {
    worker: Worker,
    asked: Rc<RefCell<Askers<Q, R>>>,
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
        let asked = Rc::new(RefCell::new(Askers::<Q, R>::new(has_loaded)));
        let on_message = {
            let (worker, asked) = (worker.clone(), Rc::clone(&asked));
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                let Some(Envelope { id, body, attached }) = Envelope::<Result<R, Failure>>::from_js(&event.data())
                else {
                    for envelope in asked.borrow_mut().loaded() {
                        post(&worker, &envelope);
                    }
                    return;
                };
                let asker = asked.borrow_mut().answered(id);
                if let Some(asker) = asker {
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
        let on_error = {
            let asked = Rc::clone(&asked);
            Closure::<dyn Fn(MessageEvent)>::new(move |_| {
                let askers = asked.borrow_mut().stopped();
                let never_loaded = asked.borrow().never_loaded();
                for asker in askers {
                    drop(asker.send(Err(stopped(never_loaded))));
                }
            })
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Self { worker, asked, _listeners: [on_message, on_error] }
    }

    /// Asks it.
    pub async fn call(&self, body: Q, attached: Vec<JsValue>) -> Answer<R> {
        let answered = {
            let mut asked = self.asked.borrow_mut();
            if asked.has_stopped() {
                return Err(stopped(asked.never_loaded()));
            }
            let (asker, answered) = oneshot::channel();
            if let Some(envelope) = asked.ask(asker, |id| Envelope { id, body, attached }) {
                post(&self.worker, &envelope);
            }
            answered
        };
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Whether it stopped before it had loaded, as for want of a connection: another one may do better.
    pub fn never_loaded(&self) -> bool {
        self.asked.borrow().never_loaded()
    }

    /// Whether it has answered all that it was asked.
    pub fn is_idle(&self) -> bool {
        self.asked.borrow().is_idle()
    }

    /// Waits until it has answered all that it was asked.
    pub async fn rest(&self) {
        let rest = self.asked.borrow_mut().rest();
        if let Some(rest) = rest {
            // Nothing is sent; it ends when all is answered.
            let _ended = rest.await;
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

/// Why a worker gives no answer.
fn stopped(never_loaded: bool) -> Failure {
    Failure::new(if never_loaded {
        "A part of this page could not be loaded. When you are online again, try once more."
    } else {
        "A worker ran out of memory. Close other tabs, reload this page and open the recording again."
    })
}

fn post<Q: Serialize>(worker: &Worker, envelope: &Envelope<Q>) {
    let (message, transfer) = envelope.to_js();
    // Only fails for values that cannot be cloned, and ours can.
    drop(worker.post_message_with_transfer(&message, &transfer));
}
