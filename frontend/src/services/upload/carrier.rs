//! Does what an upload says, and reports what came of it.

use std::collections::HashMap;
use std::future::pending;
use std::pin::{Pin, pin};

use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use wasm_bindgen::JsValue;
use wasm_core::api::{ChunkToUpload, Signed, SignedRequest};
use wasm_core::upload::{Answer, Ended, Packed, Row, Step, Upload, n_packers};
use wasm_core::zarr::ChunkId;

use super::hands::{Encoded, Hands};
use crate::services::analysis::now_ms;
use crate::services::cloud::{Cause, CloudError};
use crate::services::store::at;
use crate::services::transfer::{self, Delivered};
use crate::services::work::{Action, Step as Doing};

/// The outcome of a step.
enum Happened {
    Listed(Result<Vec<ChunkId>, CloudError>),
    Packed { worker: usize, row: Row, packed: Result<Encoded, CloudError> },
    Signed(Vec<ChunkToUpload>, Result<Signed, CloudError>),
    Sent(ChunkId, Result<Delivered, CloudError>),
}

/// A step under way.
type UnderWay<'a> = Pin<Box<dyn Future<Output = Happened> + 'a>>;

/// Goes on until the upload has ended, and tells the line how far it is.
pub async fn carry(hands: &Hands<'_>) -> Result<(), CloudError> {
    let mut carried = Carried::new(hands);
    let mut under_way: FuturesUnordered<UnderWay<'_>> = FuturesUnordered::new();
    loop {
        let (told, now) = (hands.line.get().told(), now_ms());
        carried.upload.look(told.0, told.1);
        while let Some(step) = carried.upload.next(now) {
            under_way.push(carried.begin(step));
        }
        let further = Doing::Uploading(carried.upload.counts(), carried.upload.limit());
        hands.line.happens(Action::Further(further));
        match carried.upload.ended() {
            Some(Ended::Complete | Ended::Stopped) => return Ok(()),
            Some(Ended::Failed(_)) => {
                let gone = "What was sent does not stay in the storage. Nothing is lost here; upload it again.";
                return Err(carried.failure.unwrap_or_else(|| CloudError::lasting(gone)));
            }
            None => {}
        }
        let happened = pin!(async {
            match under_way.next().await {
                Some(happened) => happened,
                None => pending().await,
            }
        });
        // The person wants something else, the line is lost or back, or the time of another try has come.
        let changed = pin!(hands.line.until(|work| work.told() != told));
        let due = pin!(at(carried.upload.due_ms(now)));
        if let Either::Left((happened, _)) = select(happened, select(changed, due)).await {
            carried.take(happened);
        }
    }
}

/// An upload, and what the browser holds of it.
struct Carried<'a> {
    hands: &'a Hands<'a>,
    upload: Upload,
    /// Bytes of chunks that have not arrived yet.
    bytes: HashMap<ChunkId, JsValue>,
    /// Where to chunks were signed last.
    addresses: HashMap<ChunkId, SignedRequest>,
    /// Workers that pack nothing, the first one last: it is wanted for the traces.
    free: Vec<usize>,
    /// What came of the last request that failed.
    failure: Option<CloudError>,
}

impl<'a> Carried<'a> {
    fn new(hands: &'a Hands<'a>) -> Self {
        let (info, n_workers) = (&hands.session.streams[hands.stream], hands.session.pool.len());
        Self {
            hands,
            upload: Upload::new(info, n_packers(info, n_workers)),
            bytes: HashMap::new(),
            addresses: HashMap::new(),
            free: (0..n_workers).collect(),
            failure: None,
        }
    }

    fn begin(&mut self, step: Step) -> UnderWay<'a> {
        let hands = self.hands;
        match step {
            Step::List => Box::pin(async move { Happened::Listed(hands.present().await) }),
            Step::Pack(row, level) => {
                let worker = self.free.pop().unwrap_or(0);
                Box::pin(async move {
                    let packed = hands.pack(worker, &row, level).await;
                    Happened::Packed { worker, row, packed }
                })
            }
            Step::Sign(chunks) => Box::pin(async move {
                let signed = hands.sign(&chunks).await;
                Happened::Signed(chunks, signed)
            }),
            Step::Put(chunk) => {
                let (address, bytes) = (self.addresses.get(&chunk).cloned(), self.bytes.get(&chunk).cloned());
                Box::pin(async move {
                    let (Some(address), Some(bytes)) = (address, bytes) else {
                        let reason = "A chunk was not signed as asked; reload the page.";
                        return Happened::Sent(chunk, Err(CloudError::lasting(reason)));
                    };
                    Happened::Sent(chunk, transfer::put(&address, &bytes, hands.line).await)
                })
            }
        }
    }

    fn take(&mut self, happened: Happened) {
        let now = now_ms();
        match happened {
            Happened::Listed(Ok(list)) => {
                self.heard(None);
                self.upload.listed(Ok(&list), now);
            }
            Happened::Listed(Err(error)) => {
                let answer = self.answer(error);
                self.upload.listed(Err(answer), now);
            }
            Happened::Packed { worker, row, packed } => {
                self.free.push(worker);
                match packed {
                    Ok(Encoded { chunks, took_ms }) => {
                        let packed: Vec<Packed> = chunks.iter().map(|(packed, _)| *packed).collect();
                        self.bytes.extend(chunks.into_iter().map(|(packed, bytes)| (packed.ready.chunk, bytes)));
                        self.upload.packed(&row, Some(&packed), took_ms);
                    }
                    Err(error) => {
                        self.failure = Some(error);
                        self.upload.packed(&row, None, 0.0);
                    }
                }
            }
            Happened::Signed(chunks, Ok(signed)) => {
                self.heard(None);
                self.addresses.extend(chunks.iter().map(|chunk| chunk.chunk).zip(signed.requests));
                self.upload.signed(Answer::Done, now);
            }
            Happened::Signed(_, Err(error)) => {
                let answer = self.answer(error);
                self.upload.signed(answer, now);
            }
            Happened::Sent(chunk, delivered) => {
                let answer = match &delivered {
                    Ok(delivered) => self.answer_of_storage(delivered),
                    Err(error) => self.answer(error.clone()),
                };
                if self.upload.sent(chunk, answer, now) {
                    self.bytes.remove(&chunk);
                    self.addresses.remove(&chunk);
                }
                // Until here its bytes counted as under way.
                drop(delivered);
            }
        }
    }

    fn heard(&self, cause: Option<Cause>) {
        self.hands.line.happens(Action::Heard(cause));
    }

    /// What a failed call of the API means.
    fn answer(&mut self, error: CloudError) -> Answer {
        self.heard(Some(error.cause));
        let answer = match error.cause {
            Cause::Unreachable => Answer::Unreachable,
            _ if error.may_pass() => Answer::MayPass,
            Cause::Status(status) => Answer::Refused(status),
            Cause::Lasting => Answer::Refused(0),
        };
        self.failure = Some(error);
        answer
    }

    fn answer_of_storage(&mut self, Delivered { status, text, .. }: &Delivered) -> Answer {
        self.heard(None);
        let answer = Answer::of_storage(*status, text);
        if answer != Answer::Done {
            self.failure = Some(CloudError {
                cause: Cause::Status(*status),
                message: format!("The storage refused a chunk with status {status}. What was sent is kept."),
            });
        }
        answer
    }
}
