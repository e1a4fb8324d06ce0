//! The cloud's API, as this page calls it.

use std::cell::Cell;
use std::rc::Rc;

use gloo_net::http::{Method, RequestBuilder};
use gloo_timers::callback::Timeout;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_core::api::{Deleting, Failure, INVITATION_HEADER};
use web_sys::{AbortController, AbortSignal};

use super::invitation;

/// The status of answers that are not the API's own.
const BAD_GATEWAY: u16 = 502;

/// Milliseconds after which a call of the API is given up: the API ends its own calls before.
const CALL_MS: u32 = 30_000;
/// Milliseconds after which a file of a result, which may be large, is given up.
const DOWNLOAD_MS: u32 = 300_000;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudError {
    /// Whose fault it is.
    pub cause: Cause,
    /// For people.
    pub message: String,
}

/// Whose fault a failed call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nothing answered.
    Unreachable,
    /// The API or the storage answered with this status.
    Status(u16),
    /// What was asked for cannot be done, or what was answered not be understood.
    Lasting,
}

impl CloudError {
    /// Where trying again does not help.
    pub fn lasting(message: impl Into<String>) -> Self {
        Self { cause: Cause::Lasting, message: message.into() }
    }

    /// Whether the same call may do better later.
    pub const fn may_pass(&self) -> bool {
        matches!(self.cause, Cause::Unreachable | Cause::Status(409 | 429 | 500..))
    }

    /// Whether what was asked for is not there.
    pub const fn is_missing(&self) -> bool {
        matches!(self.cause, Cause::Status(404))
    }

    /// Whether what was asked for is not there, or not for whoever asks.
    pub const fn is_gone(&self) -> bool {
        matches!(self.cause, Cause::Status(403 | 404))
    }
}

/// Gives a request up that takes too long.
pub struct Limit {
    controller: Option<AbortController>,
    is_over: Rc<Cell<bool>>,
    _timer: Timeout,
}

impl Limit {
    /// Counts from now.
    pub fn new(milliseconds: u32) -> Self {
        let (controller, is_over) = (AbortController::new().ok(), Rc::new(Cell::new(false)));
        let (ends, over) = (controller.clone(), Rc::clone(&is_over));
        let timer = Timeout::new(milliseconds, move || {
            over.set(true);
            if let Some(controller) = ends {
                controller.abort();
            }
        });
        Self { controller, is_over, _timer: timer }
    }

    /// The signal that ends the request.
    pub fn signal(&self) -> Option<AbortSignal> {
        self.controller.as_ref().map(AbortController::signal)
    }

    /// Why a request failed, in words.
    fn reason(&self, error: &gloo_net::Error) -> String {
        if self.is_over.get() { "there was no answer in time".to_owned() } else { error.to_string() }
    }
}

/// Asks the API; `key` is the owner's.
pub async fn call<T: DeserializeOwned>(
    method: Method,
    path: &str,
    key: Option<&str>,
    body: Option<&impl Serialize>,
) -> Result<T, CloudError> {
    let text = send(method, path, key, body).await?;
    // Deletions answer nothing, which reads as null.
    let text = if text.is_empty() { "null" } else { &text };
    serde_json::from_str(text).map_err(|error| {
        CloudError::lasting(format!(
            "The answer was not understood ({error}); reload the page, it may be of another version."
        ))
    })
}

/// A `GET` without a body.
pub async fn get<T: DeserializeOwned>(path: &str, key: Option<&str>) -> Result<T, CloudError> {
    call(Method::GET, path, key, None::<&()>).await
}

/// Deletes what lies there, with as many requests as that takes.
pub async fn delete(path: &str, key: Option<&str>) -> Result<(), CloudError> {
    while call::<Option<Deleting>>(Method::DELETE, path, key, None::<&()>).await?.is_some() {}
    Ok(())
}

async fn send(
    method: Method,
    path: &str,
    key: Option<&str>,
    body: Option<&impl Serialize>,
) -> Result<String, CloudError> {
    let limit = Limit::new(CALL_MS);
    let unreachable = |error: gloo_net::Error| CloudError {
        cause: Cause::Unreachable,
        message: format!(
            "The cloud cannot be reached ({}). Nothing is lost; try again when you are online.",
            limit.reason(&error)
        ),
    };
    let mut request = RequestBuilder::new(&format!("/api{path}")).method(method).abort_signal(limit.signal().as_ref());
    if let Some(key) = key {
        request = request.header("authorization", &format!("Bearer {key}"));
    }
    // Whoever was invited may upload; elsewhere the API does not look at it.
    if let Some(code) = invitation::code() {
        request = request.header(INVITATION_HEADER, code.reveal());
    }
    let response = match body {
        Some(body) => request.json(body).map_err(unreachable)?.send().await,
        None => request.send().await,
    };
    let response = response.map_err(unreachable)?;
    let status = response.status();
    let text = response.text().await.map_err(unreachable)?;
    if response.ok() {
        return Ok(text);
    }
    Err(match serde_json::from_str::<Failure>(&text) {
        Ok(failure) => CloudError { cause: Cause::Status(status), message: failure.message },
        // Something between here and the API: what it says of recordings is not to be believed.
        Err(_) => CloudError {
            cause: Cause::Status(BAD_GATEWAY),
            message: format!("The cloud answered {status}; try again later."),
        },
    })
}

/// Whether a cloud stands behind this page, or it is served alone; `None` when that cannot be
/// told now.
pub async fn is_there() -> Option<bool> {
    let limit = Limit::new(CALL_MS);
    let request = RequestBuilder::new("/api/health").abort_signal(limit.signal().as_ref());
    let response = request.send().await.ok()?;
    match response.status() {
        408 | 429 | 500.. => None,
        _ => Some(response.ok() && response.text().await.ok()? == "ok"),
    }
}

/// Whether anything comes back from the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    /// It answered, whatever it said.
    Heard,
    /// It did not in time.
    Silence,
    /// There is no way to it.
    NoWay,
}

/// Asks the cloud for a sign, for so many milliseconds.
pub async fn echo(milliseconds: u32) -> Echo {
    let limit = Limit::new(milliseconds);
    match RequestBuilder::new("/api/health").abort_signal(limit.signal().as_ref()).send().await {
        Ok(_) => Echo::Heard,
        Err(_) if limit.is_over.get() => Echo::Silence,
        Err(_) => Echo::NoWay,
    }
}

/// The bytes at a signed address.
pub async fn download(url: &str) -> Result<Vec<u8>, CloudError> {
    let limit = Limit::new(DOWNLOAD_MS);
    let failed = |error: gloo_net::Error| CloudError {
        cause: Cause::Unreachable,
        message: format!("A result file could not be fetched: {}", limit.reason(&error)),
    };
    let response = RequestBuilder::new(url).abort_signal(limit.signal().as_ref()).send().await.map_err(failed)?;
    if !response.ok() {
        let cause = Cause::Status(response.status());
        let gone = "A result file is gone; it may have been deleted.";
        let message = format!("The storage answered {} for a result file; try again later.", response.status());
        let error = CloudError { cause, message };
        return Err(if error.is_gone() { CloudError { message: gone.into(), ..error } } else { error });
    }
    response.binary().await.map_err(failed)
}
