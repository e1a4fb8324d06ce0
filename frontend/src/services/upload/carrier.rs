//! Does what an upload says, and reports what came of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use gloo_net::http::Method;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;
use wasm_core::api::{ChunkList, ChunkToUpload, SignUploads, Signed, SignedRequest};
use wasm_core::upload::{Answer, Ended, Line as Known, Packed, Row, Step, Upload, Wants};
use wasm_core::zarr::{ChunkId, Level};

use super::Wish;
use crate::bridge::signal::{Reply, Request};
use crate::services::analysis::now_ms;
use crate::services::cloud::{self, Cause, CloudError};
use crate::services::line::{Line, Signal};
use crate::services::pool::WorkFailure;
use crate::services::session::Session;
use crate::services::transfer::{self, Delivered, UnderWay};

/// Milliseconds between looks at the line and at what the person wants.
const LOOK_MS: u32 = 100;

/// What came of a step.
enum Happened {
    Listed(Result<Vec<ChunkId>, CloudError>),
    Packed { worker: usize, row: Row, packed: Result<Encoded, CloudError> },
    Signed(Vec<ChunkToUpload>, Result<Signed, CloudError>),
    Sent(ChunkId, Result<Delivered, CloudError>),
}

/// Chunks of a row with their bytes.
struct Encoded {
    chunks: Vec<(Packed, JsValue)>,
    took_ms: f64,
}

/// A step under way.
type UnderWayStep<'a> = Pin<Box<dyn Future<Output = Happened> + 'a>>;

/// Carries an upload.
pub struct Carrier<'a> {
    session: &'a Session,
    stream: usize,
    path: &'a str,
    key: &'a str,
    line: &'a Rc<Line>,
    under_way: &'a Rc<UnderWay>,
    upload: &'a RefCell<Upload>,
    /// Bytes of chunks that have not arrived yet.
    bytes: RefCell<HashMap<ChunkId, JsValue>>,
    /// Where to chunks were signed last.
    addresses: RefCell<HashMap<ChunkId, SignedRequest>>,
    /// Workers that pack nothing, the first one last: it is wanted for the traces.
    free: RefCell<Vec<usize>>,
    /// What came of the last request that failed.
    failure: RefCell<Option<CloudError>>,
}

impl<'a> Carrier<'a> {
    /// Of a stream, to the recording at this path of the API, with its owner's key.
    pub fn new(
        session: &'a Session,
        stream: usize,
        (path, key): (&'a str, &'a str),
        line: &'a Rc<Line>,
        under_way: &'a Rc<UnderWay>,
        upload: &'a RefCell<Upload>,
    ) -> Self {
        let free = RefCell::new((0..session.pool.len()).collect());
        let (bytes, addresses, failure) = (RefCell::default(), RefCell::default(), RefCell::default());
        Self { session, stream, path, key, line, under_way, upload, bytes, addresses, free, failure }
    }

    /// Goes on until the upload has ended; `changed` is called whenever it is further.
    pub async fn carry(&self, changed: impl Fn()) -> Result<(), CloudError> {
        let mut under_way: FuturesUnordered<UnderWayStep<'_>> = FuturesUnordered::new();
        loop {
            self.look();
            loop {
                let step = self.upload.borrow_mut().next(now_ms());
                let Some(step) = step else { break };
                under_way.push(self.begin(step));
            }
            let ended = self.upload.borrow().ended();
            match ended {
                Some(Ended::Complete | Ended::Stopped) => return Ok(()),
                Some(Ended::Failed(_)) => {
                    let failure = self.failure.take();
                    let gone = "What was sent does not stay in the storage. Nothing is lost here; upload it again.";
                    return Err(failure.unwrap_or_else(|| CloudError::lasting(gone)));
                }
                None => {}
            }
            let wait = TimeoutFuture::new(LOOK_MS);
            if under_way.is_empty() {
                wait.await;
            } else if let Either::Left((Some(happened), _)) = select(under_way.next(), wait).await {
                self.take(happened);
                changed();
            }
        }
    }

    fn look(&self) {
        let wants = match self.line.wish() {
            Wish::Go => Wants::Go,
            Wish::Pause => Wants::Pause,
            Wish::Stop | Wish::Leave => Wants::Stop,
        };
        let known = Known { is_there: self.line.signal() == Signal::There, n_unheard: self.line.n_unheard() };
        self.upload.borrow_mut().look(wants, known);
    }

    fn begin(&self, step: Step) -> UnderWayStep<'_> {
        match step {
            Step::List => Box::pin(async move { Happened::Listed(self.present().await) }),
            Step::Pack(row, level) => {
                let worker = self.free.borrow_mut().pop().unwrap_or(0);
                Box::pin(async move {
                    let packed = self.pack(worker, &row, level).await;
                    Happened::Packed { worker, row, packed }
                })
            }
            Step::Sign(chunks) => Box::pin(async move {
                let path = format!("{}/uploads", self.path);
                let request = SignUploads { chunks: chunks.clone() };
                let signed = cloud::call(Method::POST, &path, Some(self.key), Some(&request)).await;
                Happened::Signed(chunks, signed)
            }),
            Step::Put(chunk) => {
                let address = self.addresses.borrow().get(&chunk).cloned();
                let bytes = self.bytes.borrow().get(&chunk).cloned();
                Box::pin(async move {
                    let (Some(address), Some(bytes)) = (address, bytes) else {
                        let reason = "A chunk was not signed as asked; reload the page.";
                        return Happened::Sent(chunk, Err(CloudError::lasting(reason)));
                    };
                    Happened::Sent(chunk, transfer::put(&address, &bytes, self.line, self.under_way).await)
                })
            }
        }
    }

    /// Chunks that are there; of a long recording they come in several lists.
    async fn present(&self) -> Result<Vec<ChunkId>, CloudError> {
        let (mut present, mut behind) = (Vec::new(), None::<ChunkId>);
        loop {
            let query = behind.map(|chunk| format!("?behind={}", chunk.name())).unwrap_or_default();
            let list: ChunkList = cloud::get(&format!("{}/chunks{query}", self.path), Some(self.key)).await?;
            present.extend(list.present);
            behind = list.next;
            if behind.is_none() {
                return Ok(present);
            }
        }
    }

    async fn pack(&self, worker: usize, row: &Row, level: Level) -> Result<Encoded, CloudError> {
        let (stream, row) = (self.stream, row.clone());
        let request = Request::Encode { stream, segment: row.segment, row: row.row, groups: row.groups, level };
        let encoded = self.session.pool.call(worker, request, Vec::new()).await;
        let (reply, attached) = encoded.map_err(|failure| CloudError::lasting(failure.reason))?;
        let Reply::Encoded { chunks, raw_bytes, took_ms } = reply else {
            return Err(CloudError::lasting(WorkFailure::unexpected().reason));
        };
        let raw_bytes = raw_bytes / chunks.len().max(1) as u64;
        let packed = |((chunk, crc32c), bytes): ((ChunkId, u32), JsValue)| {
            let size_bytes = u64::from(js_sys::Uint8Array::new(&bytes).length());
            (Packed { ready: ChunkToUpload { chunk, size_bytes, crc32c }, raw_bytes }, bytes)
        };
        Ok(Encoded { chunks: chunks.into_iter().zip(attached).map(packed).collect(), took_ms })
    }

    fn take(&self, happened: Happened) {
        let now = now_ms();
        let mut upload = self.upload.borrow_mut();
        match happened {
            Happened::Listed(Ok(list)) => {
                self.line.heard(None);
                upload.listed(Ok(&list), now);
            }
            Happened::Listed(Err(error)) => upload.listed(Err(self.answer(error)), now),
            Happened::Packed { worker, row, packed } => {
                self.free.borrow_mut().push(worker);
                match packed {
                    Ok(Encoded { chunks, took_ms }) => {
                        let packed: Vec<Packed> = chunks.iter().map(|(packed, _)| *packed).collect();
                        let bytes = chunks.into_iter().map(|(packed, bytes)| (packed.ready.chunk, bytes));
                        self.bytes.borrow_mut().extend(bytes);
                        upload.packed(&row, Some(&packed), took_ms);
                    }
                    Err(error) => {
                        self.failure.replace(Some(error));
                        upload.packed(&row, None, 0.0);
                    }
                }
            }
            Happened::Signed(chunks, Ok(signed)) => {
                self.line.heard(None);
                let addresses = chunks.iter().map(|chunk| chunk.chunk).zip(signed.requests);
                self.addresses.borrow_mut().extend(addresses);
                upload.signed(Answer::Done, now);
            }
            Happened::Signed(_, Err(error)) => upload.signed(self.answer(error), now),
            Happened::Sent(chunk, delivered) => {
                let answer = self.answer_of_storage(&delivered);
                if upload.sent(chunk, answer, now) {
                    self.bytes.borrow_mut().remove(&chunk);
                    self.addresses.borrow_mut().remove(&chunk);
                }
                // Until here its bytes counted as under way.
                drop(delivered);
            }
        }
    }

    /// What a failed call of the API means.
    fn answer(&self, error: CloudError) -> Answer {
        self.line.heard(Some(error.cause));
        let answer = match error.cause {
            Cause::Unreachable => Answer::Unreachable,
            _ if error.may_pass() => Answer::MayPass,
            Cause::Status(status) => Answer::Refused(status),
            Cause::Lasting => Answer::Refused(0),
        };
        self.failure.replace(Some(error));
        answer
    }

    fn answer_of_storage(&self, delivered: &Result<Delivered, CloudError>) -> Answer {
        let Delivered { status, text, .. } = match delivered {
            Ok(delivered) => delivered,
            Err(error) => return self.answer(error.clone()),
        };
        self.line.heard(None);
        let answer = Answer::of_storage(*status, text);
        if answer != Answer::Done {
            self.failure.replace(Some(CloudError {
                cause: Cause::Status(*status),
                message: format!("The storage refused a chunk with status {status}. What was sent is kept."),
            }));
        }
        answer
    }
}
