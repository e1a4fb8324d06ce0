//! Chunks of an uploaded recording. Those of a view are signed together and fetched six at a time, before the view
//! is made; for other work they are fetched synchronously, which a worker may.

mod wanted;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use gloo_net::http::{Method, RequestBuilder};
use wasm_bindgen::JsValue;
use wasm_core::api::{Failure, SignReads, Signed};
use wasm_core::envelope::EnvelopeId;
use wasm_core::secret::Secret;
use wasm_core::zarr::{ChunkId, ObjectStore};
use web_sys::{XmlHttpRequest, XmlHttpRequestResponseType};

use wanted::Wanted;

/// Objects that are fetched at a time; browsers open six connections to a host.
const AT_A_TIME: usize = 6;

/// Why something was not fetched that nothing answered for.
const UNANSWERED: &str = "the network did not answer";

/// The uploaded recording, as the owner or a share may read it.
#[derive(Clone)]
pub struct Remote {
    reads_url: String,
    owner_key: Option<Secret>,
    wanted: Arc<Mutex<Wanted>>,
}

impl Remote {
    pub fn new(reads_url: String, owner_key: Option<Secret>) -> Self {
        Self { reads_url, owner_key, wanted: Arc::default() }
    }

    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does work that can be done again; gives what it was lacking.
    pub fn tried<T>(&self, work: impl FnOnce() -> T) -> (T, Vec<String>) {
        self.wanted().begin();
        let done = work();
        (done, self.wanted().end())
    }

    /// Fetches what some work was lacking.
    pub async fn bring(&self, names: Vec<String>) -> Result<(), String> {
        let asked = asked(names);
        let mut request = RequestBuilder::new(&self.reads_url).method(Method::POST);
        if let Some(key) = &self.owner_key {
            request = request.header("authorization", &format!("Bearer {}", key.reveal()));
        }
        let request = request.json(&asked).map_err(|error| error.to_string())?;
        let answer = request.send().await.map_err(|_| UNANSWERED)?;
        let (status, body) = (answer.status(), answer.text().await.map_err(|_| UNANSWERED)?);
        let urls = urls(status, &body)?;
        let fetches = names_of(&asked).into_iter().zip(urls).map(async |(name, url): (String, String)| {
            let answer = RequestBuilder::new(&url).send().await.map_err(|_| UNANSWERED)?;
            if !answer.ok() {
                return Err(format!("the storage answered {}", answer.status()));
            }
            let bytes = answer.binary().await.map_err(|_| UNANSWERED)?;
            self.wanted().bring(name, bytes);
            Ok::<(), String>(())
        });
        stream::iter(fetches).buffer_unordered(AT_A_TIME).try_collect::<Vec<()>>().await.map(drop)
    }

    /// The address of an object; those that are read with it are signed too.
    fn sign(&self, name: &str) -> Result<String, String> {
        if let Some(url) = self.wanted().take_signed(name) {
            return Ok(url);
        }
        let asked = asked(self.wanted().with(name));
        let request = open("POST", &self.reads_url)?;
        let header = |name: &str, value: &str| request.set_request_header(name, value).map_err(|error| text(&error));
        header("content-type", "application/json")?;
        if let Some(key) = &self.owner_key {
            header("authorization", &format!("Bearer {}", key.reveal()))?;
        }
        let body = serde_json::to_string(&asked).map_err(|error| error.to_string())?;
        request.send_with_opt_str(Some(&body)).map_err(|error| text(&error))?;
        let answer = request.response_text().ok().flatten().unwrap_or_default();
        let urls = urls(request.status().unwrap_or(0), &answer)?;
        self.wanted().sign(names_of(&asked).into_iter().zip(urls));
        self.wanted().take_signed(name).ok_or_else(|| "nothing was signed".into())
    }

    fn fetch(&self, name: &str) -> Result<Vec<u8>, String> {
        let request = open("GET", &self.sign(name)?)?;
        request.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
        request.send().map_err(|error| text(&error))?;
        if request.status() != Ok(200) {
            // So may be what was signed with it.
            self.wanted().forget_signed();
            return Err(format!("the storage answered {}", request.status().unwrap_or(0)));
        }
        Ok(js_sys::Uint8Array::new(&request.response().map_err(|error| text(&error))?).to_vec())
    }
}

impl ObjectStore for Remote {
    fn get(&self, name: &str) -> std::io::Result<Vec<u8>> {
        let brought = self.wanted().get(name)?;
        if let Some(bytes) = brought {
            return Ok(bytes);
        }
        let was_signed = self.wanted().is_signed(name);
        let fetched = match self.fetch(name) {
            // An address lasts some minutes.
            Err(_) if was_signed => self.fetch(name),
            fetched => fetched,
        };
        fetched.map_err(std::io::Error::other)
    }

    fn announce(&self, names: &dyn Fn() -> Vec<String>) {
        self.wanted().announce(names());
    }
}

/// What is asked for some objects.
fn asked(names: Vec<String>) -> SignReads {
    let mut asked = SignReads::default();
    for name in names {
        asked.chunks.extend(ChunkId::parse(&name));
        asked.envelopes.extend(EnvelopeId::parse(&name));
    }
    asked
}

/// Names of the objects in the order of the answer.
fn names_of(asked: &SignReads) -> Vec<String> {
    let chunks = asked.chunks.iter().map(|id| id.name());
    chunks.chain(asked.envelopes.iter().map(|id| id.name())).collect()
}

/// The addresses that an answer holds.
fn urls(status: u16, body: &str) -> Result<Vec<String>, String> {
    if status != 200 {
        let failure = serde_json::from_str::<Failure>(body).map(|failure| failure.message);
        return Err(failure.unwrap_or_else(|_| "the cloud did not answer".into()));
    }
    let signed: Signed = serde_json::from_str(body).map_err(|error| error.to_string())?;
    Ok(signed.requests.into_iter().map(|request| request.url.into_revealed()).collect())
}

fn open(method: &str, url: &str) -> Result<XmlHttpRequest, String> {
    let request = XmlHttpRequest::new().map_err(|error| text(&error))?;
    request.open_with_async(method, url, false).map_err(|error| text(&error))?;
    Ok(request)
}

fn text(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.unwrap_or_else(|| UNANSWERED.into())
}
