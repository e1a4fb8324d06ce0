//! One object, sent to a signed address; what of it is under way is counted.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use gloo_events::EventListener;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::{JsCast, JsValue};
use wasm_core::api::SignedRequest;
use web_sys::{ProgressEvent, XmlHttpRequest};

use super::analysis::now_ms;
use super::cloud::{Cause, CloudError};
use super::line::Line;

/// Milliseconds between looks whether a transfer is to be given up.
const LOOK_MS: u32 = 200;

/// What was handed to the network of all transfers under way.
#[derive(Default)]
pub struct UnderWay {
    /// Bytes.
    pub bytes: Cell<f64>,
    /// Whole objects, counted in parts.
    pub objects: Cell<f64>,
}

impl UnderWay {
    fn add(&self, bytes: f64, objects: f64) {
        self.bytes.set((self.bytes.get() + bytes).max(0.0));
        self.objects.set((self.objects.get() + objects).max(0.0));
    }
}

/// What was counted of a transfer; taken back when it is dropped.
struct Counted {
    counted: Rc<Cell<(f64, f64)>>,
    under_way: Rc<UnderWay>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let (bytes, objects) = self.counted.get();
        self.under_way.add(-bytes, -objects);
    }
}

/// What the storage answered.
pub struct Delivered {
    /// Its status.
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
pub async fn put(
    signed: &SignedRequest,
    body: &JsValue,
    line: &Rc<Line>,
    under_way: &Rc<UnderWay>,
) -> Result<Delivered, CloudError> {
    let refused = |_: JsValue| CloudError::lasting("The browser refused to send it; reload the page.");
    let request = XmlHttpRequest::new().map_err(refused)?;
    request.open_with_async("PUT", signed.url.reveal(), true).map_err(refused)?;
    for (name, value) in &signed.headers {
        request.set_request_header(name, value).map_err(refused)?;
    }
    let (done, mut ended) = oneshot::channel();
    let _on_end = EventListener::once(&request, "loadend", move |_| {
        let _gone = done.send(());
    });
    let counted = Rc::new(Cell::new((0.0, 0.0)));
    let moved_ms = Rc::new(Cell::new(now_ms()));
    let on_progress = {
        let (counted, moved_ms) = (Rc::clone(&counted), Rc::clone(&moved_ms));
        let (line, under_way) = (Rc::clone(line), Rc::clone(under_way));
        move |event: &web_sys::Event| {
            let Some(progress) = event.dyn_ref::<ProgressEvent>() else { return };
            let now = (progress.loaded(), progress.loaded() / progress.total().max(1.0));
            let before = counted.replace(now);
            under_way.add(now.0 - before.0, now.1 - before.1);
            moved_ms.set(now_ms());
            line.moved();
        }
    };
    let upload = request.upload().map_err(refused)?;
    let _on_progress = EventListener::new(&upload, "progress", on_progress);
    let counted = Counted { counted, under_way: Rc::clone(under_way) };
    let sending = Sending(request);
    sending.0.send_with_opt_buffer_source(Some(body.unchecked_ref())).map_err(refused)?;
    loop {
        match select(&mut ended, TimeoutFuture::new(LOOK_MS)).await {
            Either::Left(_) => break,
            Either::Right(_) if line.gives_up(moved_ms.get()) => break,
            Either::Right(_) => {}
        }
    }
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
