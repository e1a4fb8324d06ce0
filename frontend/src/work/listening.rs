//! How a worker is asked, and how it answers: one request after another.

use std::rc::Rc;

use js_sys::global;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::bridge::{Envelope, Failure};

/// An answer: the small part and what is attached.
pub type Answer<R> = Result<(R, Vec<JsValue>), Failure>;

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error.to_string())
    }
}

/// A failure that nothing on the page can help.
pub fn problem(reason: &str) -> Failure {
    Failure::new(reason)
}

/// Answers requests until the page closes the worker.
pub fn listen<Q, R, F>(answer: impl Fn(Q, Vec<JsValue>) -> F + 'static)
where
    Q: DeserializeOwned + 'static,
    R: Serialize + 'static,
    F: Future<Output = Answer<R>> + 'static,
{
    let answer = Rc::new(answer);
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    let answering = scope.clone();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(Envelope { id, body, attached }) = Envelope::<Q>::from_js(&event.data()) else { return };
        let (answer, answering) = (Rc::clone(&answer), answering.clone());
        spawn_local(async move {
            let answered = match body {
                Ok(body) => answer(body, attached).await,
                Err(error) => Err(problem(&error)),
            };
            let (body, attached) = match answered {
                Ok((reply, attached)) => (Ok(reply), attached),
                Err(failure) => (Err(failure), Vec::new()),
            };
            let (message, transfer) = Envelope::<Result<R, Failure>> { id, body, attached }.to_js();
            // Only fails when the page is gone.
            drop(answering.post_message_with_transfer(&message, &transfer));
        });
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    // The page waits for this before its first request.
    drop(scope.post_message(&JsValue::from("ready")));
}
