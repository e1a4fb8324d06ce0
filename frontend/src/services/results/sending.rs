//! Sends the file of a result straight to S3; a lost connection is waited for.

use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_net::http::Method;
use wasm_bindgen::JsValue;
use wasm_core::api::{CreateResult, CreatedResult, SignedRequest, limits};

use super::{Sent, delete, put};
use crate::services::cloud::{self, Cause, CloudError};
use crate::services::line::Line;
use crate::services::transfer;
use crate::services::work::{Action, Step};

/// A file, and what is remembered of it.
pub struct Draft {
    /// All but what the cloud answers.
    pub about: Sent,
    /// Bytes of the file, as a buffer.
    pub file: JsValue,
    /// Their CRC-32C.
    pub crc32c: u32,
}

/// Sends a file and remembers it; `None` when it was stopped. What does not arrive leaves nothing.
pub async fn send(draft: Draft, line: &Rc<Line>) -> Result<Option<Sent>, CloudError> {
    let size_bytes = u64::from(js_sys::Uint8Array::new(&draft.file).length());
    if size_bytes > limits::RESULT_BYTES {
        return Err(CloudError::lasting(format!(
            "It was not shared: its file has {} MB, and at most {} MB go by a link. Save it as a file and send that.",
            size_bytes / 1_000_000,
            limits::RESULT_BYTES / 1_000_000
        )));
    }
    line.happens(Action::Begin(Step::Sending(draft.about.size_bytes)));
    let mut begun = None;
    let sent = {
        let watched = pin!(line.watched(whole(&draft, size_bytes, line, &mut begun)));
        match select(watched, pin!(line.until(|work| work.wish().is_end()))).await {
            Either::Left((sent, _)) => Some(sent),
            // What is under way is given up.
            Either::Right(_) => None,
        }
    };
    match (sent, begun) {
        (Some(Ok(())), Some(sent)) => Ok(Some(sent)),
        (unsent, begun) => {
            if let Some(begun) = begun {
                // Where that fails, the start page lists it, and it can be deleted there.
                drop(delete(&begun).await);
            }
            // Who stopped it need not hear why it would have failed.
            if line.wish().is_end() { Ok(None) } else { unsent.unwrap_or(Ok(())).map(|()| None) }
        }
    }
}

/// Announces a file and sends it.
async fn whole(draft: &Draft, size_bytes: u64, line: &Rc<Line>, begun: &mut Option<Sent>) -> Result<(), CloudError> {
    let wanted = CreateResult { size_bytes, crc32c: draft.crc32c };
    let created: CreatedResult = line.retried(|| cloud::call(Method::POST, "/results", None, Some(&wanted))).await?;
    let sent = Sent { result_id: created.result_id, owner_key: created.owner_key, ..draft.about.clone() };
    // From now on it can be deleted, whatever happens to this page.
    put(sent.clone());
    *begun = Some(sent);
    line.retried(|| arrive(&created.upload, &draft.file, line)).await
}

/// One try; that the file is there already is as good as having sent it.
async fn arrive(upload: &SignedRequest, file: &JsValue, line: &Rc<Line>) -> Result<(), CloudError> {
    let delivered = transfer::put(upload, file, line).await;
    // Unlike the chunks of a recording, what is there of a file is of no use.
    let unsent = |error: CloudError| match error.cause {
        Cause::Unreachable => {
            CloudError { message: "The connection was lost. Nothing was shared; try again.".into(), ..error }
        }
        Cause::Status(_) | Cause::Lasting => error,
    };
    match delivered.map_err(unsent)?.status {
        200 | 412 => Ok(()),
        status => Err(CloudError {
            cause: Cause::Status(status),
            message: format!("The storage refused the file with status {status}. Nothing was shared; try again."),
        }),
    }
}
