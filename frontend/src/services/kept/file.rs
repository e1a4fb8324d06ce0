//! A kept result as the page holds it: what its header tells, and the file.

use std::fmt;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_core::kept::{Kept, KeptError, PREFIX_BYTES, header_span, read_header};
use web_sys::Blob;

use super::ENDING;
use crate::services::drop::{DroppedFile, bytes_of};
use crate::services::pool::WorkFailure;
use crate::services::session::Session;

/// Why the file of a kept result does not open.
#[derive(Debug)]
pub enum OpenError {
    /// The browser gives none of its bytes.
    Unreadable,
    /// Its bytes are not those of a kept result that this version reads.
    Kept(KeptError),
}

impl From<KeptError> for OpenError {
    fn from(error: KeptError) -> Self {
        Self::Kept(error)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("the browser cannot read it; it may have been moved or changed"),
            Self::Kept(error) => write!(f, "{error}"),
        }
    }
}

/// A file of a kept result.
pub struct KeptFile {
    /// All but its spikes and waveforms.
    pub head: Kept,
    file: Blob,
}

impl KeptFile {
    /// Reads the header.
    #[expect(clippy::cast_precision_loss, reason = "headers are short")]
    pub async fn open(file: Blob) -> Result<Self, OpenError> {
        let prefix = bytes_of(&file, 0.0, PREFIX_BYTES as f64).await.ok_or(OpenError::Unreadable)?;
        let span = header_span(&prefix)?;
        let header = bytes_of(&file, span.start as f64, span.end as f64).await.ok_or(OpenError::Unreadable)?;
        Ok(Self { head: read_header(&prefix, &header)?, file })
    }

    /// All its bytes, as a buffer for a worker.
    pub async fn buffer(&self) -> Result<JsValue, WorkFailure> {
        let read = JsFuture::from(self.file.array_buffer()).await;
        read.map_err(|_| WorkFailure::new("The browser cannot read the file. Was it moved or changed?"))
    }
}

/// Opens the kept result that was dropped; none where something else was.
pub async fn opened(files: &[DroppedFile]) -> Option<Result<Rc<Session>, WorkFailure>> {
    let named = files.iter().find(|file| file.path.ends_with(ENDING));
    let file = match files {
        [only] => only,
        _ => named?,
    };
    if files.len() > 1 {
        let reason = format!("{} is a kept result, which opens by itself: drop it alone", file.path);
        return Some(Err(WorkFailure::new(reason)));
    }
    match KeptFile::open(file.file.clone().into()).await {
        Ok(kept) => Some(Ok(Session::of_kept(kept))),
        // The readers of recordings say what it is.
        Err(OpenError::Unreadable | OpenError::Kept(KeptError::Other)) if named.is_none() => None,
        Err(error) => Some(Err(WorkFailure::new(format!("{}: {error}", file.path)))),
    }
}
