//! One object, sent to a signed address; what of it is under way is counted.

use std::pin::pin;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::select;
use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use wasm_core::api::SignedRequest;
use web_sys::{ProgressEvent, XmlHttpRequest};

use super::cloud::{Cause, CloudError};
use super::line::Line;
use super::work::{Action, Handed};

/// What is counted of a transfer; taken back when it is dropped.
struct Counted {
    line: Rc<Line>,
    number: u32,
}

impl Counted {
    fn begin(line: &Rc<Line>) -> Self {
        let number = line.happens(Action::Connect).newest();
        Self { line: Rc::clone(line), number }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.line.happens(Action::Disconnect(self.number));
    }
}

/// The answer of the storage.
pub struct Delivered {
    /// Status of the answer.
    pub status: u16,
    /// What it says; empty where that may not be read.
    pub text: String,
    /// What is counted as under way until this is dropped.
    _counted: Counted,
}

/// A request, given up when it is dropped.
struct Sending(XmlHttpRequest);

impl Drop for Sending {
    fn drop(&mut self) {
        // Does nothing to one that has ended.
        drop(self.0.abort());
    }
}

/// Sends bytes, and gives the answer, with what is counted as under way until the caller counts it
/// otherwise.
///
/// The browser tells of bytes that it sends only with this older kind of request.
pub async fn put(signed: &SignedRequest, body: &JsValue, line: &Rc<Line>) -> Result<Delivered, CloudError> {
    let refused = |_: JsValue| CloudError::lasting("The browser refused to send it; reload the page.");
    let request = XmlHttpRequest::new().map_err(refused)?;
    request.open_with_async("PUT", signed.url.reveal(), true).map_err(refused)?;
    for (name, value) in &signed.headers {
        request.set_request_header(name, value).map_err(refused)?;
    }
    let (done, ended) = oneshot::channel();
    let _on_end = EventListener::once(&request, "loadend", move |_| {
        let _gone = done.send(());
    });
    let counted = Counted::begin(line);
    let number = counted.number;
    let on_progress = {
        let line = Rc::clone(line);
        move |event: &web_sys::Event| {
            let Some(progress) = event.dyn_ref::<ProgressEvent>() else { return };
            let (bytes, size_bytes) = (progress.loaded(), progress.total());
            line.happens(Action::Handed(number, Handed { bytes, share: bytes / size_bytes.max(1.0) }));
        }
    };
    let upload = request.upload().map_err(refused)?;
    let _on_progress = EventListener::new(&upload, "progress", on_progress);
    let sending = Sending(request);
    sending.0.send_with_opt_buffer_source(Some(body.unchecked_ref())).map_err(refused)?;
    select(ended, pin!(line.due(|work| work.gives_up_ms(number)))).await;
    // There is none where the connection was lost, or the transfer was given up.
    match sending.0.status().unwrap_or(0) {
        0 => Err(CloudError {
            cause: Cause::Unreachable,
            message: "The connection was lost. What was sent is kept.".into(),
        }),
        status => {
            let text = sending.0.response_text().ok().flatten().unwrap_or_default();
            Ok(Delivered { status, text, _counted: counted })
        }
    }
}
