//! The cloud's API, as this page calls it.

use gloo_net::http::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_core::api::Failure;

/// The status of answers that are not the API's own.
const BAD_GATEWAY: u16 = 502;

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

async fn send(
    method: Method,
    path: &str,
    key: Option<&str>,
    body: Option<&impl Serialize>,
) -> Result<String, CloudError> {
    let unreachable = |error: gloo_net::Error| CloudError {
        cause: Cause::Unreachable,
        message: format!("The cloud cannot be reached ({error}). Nothing is lost; try again when you are online."),
    };
    let mut request = RequestBuilder::new(&format!("/api{path}")).method(method);
    if let Some(key) = key {
        request = request.header("authorization", &format!("Bearer {key}"));
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
    let response = RequestBuilder::new("/api/health").send().await.ok()?;
    match response.status() {
        408 | 429 | 500.. => None,
        _ => Some(response.ok() && response.text().await.ok()? == "ok"),
    }
}

/// The bytes at a signed address.
pub async fn download(url: &str) -> Result<Vec<u8>, CloudError> {
    let failed = |error: gloo_net::Error| CloudError {
        cause: Cause::Unreachable,
        message: format!("A result file could not be fetched: {error}"),
    };
    let response = RequestBuilder::new(url).send().await.map_err(failed)?;
    if !response.ok() {
        let cause = Cause::Status(response.status());
        let gone = "A result file is gone; it may have been deleted.";
        let message = format!("The storage answered {} for a result file; try again later.", response.status());
        let error = CloudError { cause, message };
        return Err(if error.is_gone() { CloudError { message: gone.into(), ..error } } else { error });
    }
    response.binary().await.map_err(failed)
}
