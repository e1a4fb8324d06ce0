//! The messages between an upload and its carrier.

use super::answer::Answer;
use super::missing::Row;
use crate::api::ChunkToUpload;
use crate::zarr::{ChunkId, Level};

/// A step that the carrier must take. It reports each back once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// List the chunks that are there: [`super::Upload::listed`].
    List,
    /// Read and compress these chunks: [`super::Upload::packed`].
    Pack(Row, Level),
    /// Have these signed: [`super::Upload::signed`].
    Sign(Vec<ChunkToUpload>),
    /// Send this one to the address that was signed last: [`super::Upload::sent`].
    Put(ChunkId),
}

/// The wish of the person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wants {
    /// Go on.
    #[default]
    Go,
    /// Wait; what is under way is finished.
    Pause,
    /// End when what is under way is sent.
    Stop,
}

/// The end of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every chunk is there, as a list at the end says.
    Complete,
    /// The person stopped it.
    Stopped,
    /// This came of a request; what was sent is kept. None where packing failed.
    Failed(Option<Answer>),
}

/// The state of the line, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whether anything goes through.
    pub is_there: bool,
    /// How often the cloud was asked for a sign in vain, in all.
    pub n_unheard: u32,
}

/// A chunk that was packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    /// It, ready to be signed.
    pub ready: ChunkToUpload,
    /// Bytes before packing.
    pub raw_bytes: u64,
}

/// Progress of an upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Chunks that were there before; none until that is known.
    pub before: Option<usize>,
    /// Chunks that are there.
    pub done: usize,
    /// Chunks there must be.
    pub all: usize,
    /// Compressed bytes that arrived.
    pub sent_bytes: u64,
    /// Bytes that these were before.
    pub raw_bytes: u64,
}

/// The part of the work that an upload waits for most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// The line: compressed bytes per second.
    Line(f64),
    /// Packing: bytes of the recording per second and worker.
    Packing(f64),
}
