//! Messages between the page and its workers.
//!
//! A message is a JavaScript array `[id, json, attachments...]`: the JSON is small, large
//! arrays travel as buffers that are transferred, not copied, and files as handles.
//! [`signal`] has what the workers are asked that read files, [`result`] what the one is asked that
//! holds a result, [`stored`] what goes from the ones to the other. An answer is what was asked for,
//! or a [`Failure`].

pub mod result;
pub mod signal;
pub mod stored;

use js_sys::{Array, Uint8Array};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

/// Why a worker did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// For people.
    pub reason: String,
    /// A remedy that the page can offer.
    pub remedy: Remedy,
}

impl Failure {
    /// A reason that nothing on the page can help.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), remedy: Remedy::default() }
    }
}

/// What a person can do about files that did not open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// Describe them in a form: they may be plain binary.
    pub describe: bool,
    /// Add the file that belongs to them.
    pub add: bool,
}

/// A message with what is attached to it.
pub struct Envelope<T> {
    /// Pairs answers with requests.
    pub id: u32,
    /// The small part.
    pub body: T,
    /// The large part.
    pub attached: Vec<JsValue>,
}

impl<T: Serialize> Envelope<T> {
    /// As a value that `postMessage` takes, with the list of buffers to transfer.
    #[must_use]
    pub fn to_js(&self) -> (Array, Array) {
        let json = serde_json::to_string(&self.body).unwrap_or_default();
        let message = Array::of2(&JsValue::from(self.id), &JsValue::from(json));
        let transfer = Array::new();
        for value in &self.attached {
            message.push(value);
            if value.is_instance_of::<js_sys::ArrayBuffer>() {
                transfer.push(value);
            }
        }
        (message, transfer)
    }
}

impl<T: DeserializeOwned> Envelope<T> {
    /// From what `onmessage` got; `None` for a stranger's message. A message of ours that is
    /// not understood gives the error, so that its asker does not wait for ever.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an id that was a u32")]
    pub fn from_js(message: &JsValue) -> Option<Envelope<Result<T, String>>> {
        let message: &Array = message.dyn_ref()?;
        let id = message.get(0).as_f64()? as u32;
        let body = serde_json::from_str(&message.get(1).as_string()?).map_err(|error| error.to_string());
        Some(Envelope { id, body, attached: message.iter().skip(2).collect() })
    }
}

/// Bytes as a buffer that can be transferred.
#[must_use]
pub fn buffer(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).buffer().into()
}

/// The bytes of an attached buffer.
#[must_use]
pub fn bytes(value: &JsValue) -> Vec<u8> {
    Uint8Array::new(value).to_vec()
}

/// `f32` values as a buffer.
#[must_use]
pub fn floats_buffer(values: &[f32]) -> JsValue {
    js_sys::Float32Array::from(values).buffer().into()
}

/// The values of an attached buffer of `f32`.
#[must_use]
pub fn floats(value: &JsValue) -> Vec<f32> {
    js_sys::Float32Array::new(value).to_vec()
}

/// What arrives is what was sent.
#[cfg(test)]
fn assert_arrives<T: Serialize + DeserializeOwned>(message: &T) {
    let sent = serde_json::to_string(message).expect("can be written");
    let arrived: T = serde_json::from_str(&sent).unwrap_or_else(|error| panic!("{error}: {sent}"));
    assert_eq!(serde_json::to_string(&arrived).expect("can be written"), sent);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_arrive_as_answers() {
        let remedy = Remedy { describe: true, add: false };
        let failure = Failure { reason: "a.bin: no .meta beside it".into(), remedy };
        assert_arrives(&Err::<signal::Reply, Failure>(failure.clone()));
        assert_arrives(&Err::<result::Reply, Failure>(failure));
        assert_arrives(&Ok::<signal::Reply, Failure>(signal::Reply::Sums));
    }
}
