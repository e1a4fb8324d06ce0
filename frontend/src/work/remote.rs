//! Chunks of an uploaded recording, fetched synchronously: a worker may.

use wasm_bindgen::JsValue;
use wasm_core::api::{Failure, SignReads, Signed};
use wasm_core::envelope::EnvelopeId;
use wasm_core::secret::Secret;
use wasm_core::zarr::{ChunkId, ObjectStore};
use web_sys::{XmlHttpRequest, XmlHttpRequestResponseType};

/// The uploaded recording, as the owner or a share may read it.
pub struct Remote {
    reads_url: String,
    owner_key: Option<Secret>,
}

impl Remote {
    pub const fn new(reads_url: String, owner_key: Option<Secret>) -> Self {
        Self { reads_url, owner_key }
    }

    fn sign(&self, name: &str) -> Result<String, String> {
        let wanted = SignReads {
            chunks: ChunkId::parse(name).into_iter().collect(),
            envelopes: EnvelopeId::parse(name).into_iter().collect(),
        };
        let request = open("POST", &self.reads_url)?;
        let header = |name: &str, value: &str| request.set_request_header(name, value).map_err(|error| text(&error));
        header("content-type", "application/json")?;
        if let Some(key) = &self.owner_key {
            header("authorization", &format!("Bearer {}", key.reveal()))?;
        }
        let body = serde_json::to_string(&wanted).map_err(|error| error.to_string())?;
        request.send_with_opt_str(Some(&body)).map_err(|error| text(&error))?;
        let answer = request.response_text().ok().flatten().unwrap_or_default();
        if request.status() != Ok(200) {
            let failure = serde_json::from_str::<Failure>(&answer).map(|failure| failure.message);
            return Err(failure.unwrap_or_else(|_| "the cloud did not answer".into()));
        }
        let signed: Signed = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
        signed
            .requests
            .into_iter()
            .next()
            .map(|request| request.url.into_revealed())
            .ok_or_else(|| "nothing was signed".into())
    }

    fn fetch(&self, name: &str) -> Result<Vec<u8>, String> {
        let request = open("GET", &self.sign(name)?)?;
        request.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
        request.send().map_err(|error| text(&error))?;
        if request.status() != Ok(200) {
            return Err(format!("the storage answered {}", request.status().unwrap_or(0)));
        }
        Ok(js_sys::Uint8Array::new(&request.response().map_err(|error| text(&error))?).to_vec())
    }
}

impl ObjectStore for Remote {
    fn get(&self, name: &str) -> std::io::Result<Vec<u8>> {
        self.fetch(name).map_err(std::io::Error::other)
    }
}

fn open(method: &str, url: &str) -> Result<XmlHttpRequest, String> {
    let request = XmlHttpRequest::new().map_err(|error| text(&error))?;
    request.open_with_async(method, url, false).map_err(|error| text(&error))?;
    Ok(request)
}

fn text(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.unwrap_or_else(|| "the network did not answer".into())
}
