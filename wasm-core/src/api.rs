//! The wire between page and cloud; `infra/openapi.json` describes it for everyone else.

mod invitations;
mod words;

use serde::{Deserialize, Serialize};

use crate::envelope::EnvelopeId;
use crate::events::Event;
use crate::pipeline::Pipeline;
use crate::recording::{Fact, StreamInfo};
use crate::run::{Receipt, Slice, Summary};
use crate::secret::Secret;
use crate::zarr::ChunkId;

pub use invitations::{
    Allowance, INVITATION_HEADER, InvitationState, charged_bytes, code_in, is_code, most_chunk_bytes, n_chunks,
};
pub use words::{is_plain, is_plain_in_note, make_recording_plain, make_stream_plain, make_summary_plain};

/// Header of `GET /api/health` that names the region of AWS which the API runs in; not there elsewhere.
pub const REGION_HEADER: &str = "x-neurocyte-region";

/// Upper bounds of the API, so that no request costs more than it should.
pub mod limits {
    /// Channels of a recording.
    pub const CHANNELS: usize = 4096;
    /// Bytes of a frame, all channels: two decoded rows of chunks must fit a function's memory.
    pub const FRAME_BYTES: usize = 8192;
    /// Bytes of a recording as stored.
    pub const RECORDING_BYTES: u64 = 2 << 40;
    /// Microvolts of a step of a channel's samples: no electrode gives a kilovolt.
    pub const GAIN_UV: f64 = 1e9;
    /// Microvolts that are added to a channel's samples.
    pub const OFFSET_UV: f64 = 1e15;
    /// Segments of a recording.
    pub const SEGMENTS: usize = 1000;
    /// Chunks of a recording: 2 TiB of 4,096 channels have 262,144.
    pub const CHUNKS: u64 = 300_000;
    /// Characters of a stream's name.
    pub const STREAM_NAME_CHARS: usize = 1000;
    /// Characters of the name of a format.
    pub const FORMAT_CHARS: usize = 100;
    /// Notes about how the files were read.
    pub const NOTES: usize = 100;
    /// Characters of a note.
    pub const NOTE_CHARS: usize = 2000;
    /// Chunks of one signing or reading request.
    pub const CHUNKS_PER_REQUEST: usize = 256;
    /// Chunks from which on a list of those that are there goes on with another request.
    pub const CHUNKS_PER_LIST: usize = 50_000;
    /// Bytes of one compressed chunk: 64 channels x 65,536 frames x 8 bytes that do not compress, and some.
    pub const CHUNK_BYTES: u64 = 40 << 20;
    /// Events of a recording.
    pub const EVENTS: usize = 5000;
    /// Characters of an event's source and label together.
    pub const EVENT_CHARS: usize = 100;
    /// Facts about a recording.
    pub const FACTS: usize = 200;
    /// Characters of a fact's name.
    pub const FACT_NAME_CHARS: usize = 100;
    /// Characters of a fact's value.
    pub const FACT_VALUE_CHARS: usize = 1000;
    /// Runs that are listed, the newest ones.
    pub const RUNS_LISTED: usize = 100;
    /// Characters of a channel's id and name, and of a well's name.
    pub const ID_CHARS: usize = 100;
    /// Characters of a recording's name.
    pub const NAME_CHARS: usize = 200;
    /// Days that a share may last.
    pub const SHARE_DAYS: u32 = 365;
    /// Characters of a share's title.
    pub const SHARE_TITLE_CHARS: usize = 200;
    /// Characters of the note that goes with a share.
    pub const SHARE_NOTE_CHARS: usize = 1000;
    /// Bytes of a result that is shared as a file: spikes by the million, and their waveforms.
    pub const RESULT_BYTES: u64 = 64 << 20;
    /// Bytes of a body that is sent to measure the uplink.
    pub const PROBE_BYTES: usize = 256 << 10;
    /// Bytes that a chunk counts for at least, and that it may have beyond its samples.
    pub const CHARGED_CHUNK_BYTES: u64 = 128 << 10;
    /// Recordings and results of an invitation: one page of S3's list.
    pub const INVITATION_UPLOADS: usize = 1000;
    /// Runs of an invitation: one page of S3's list.
    pub const INVITATION_RUNS: u64 = 1000;
    /// Runs of an invitation at a time.
    pub const INVITATION_CONCURRENT_RUNS: u64 = 20;
    /// Days that an invitation may last.
    pub const INVITATION_DAYS: u32 = 366;
    /// Characters of an invitation's name.
    pub const INVITATION_NAME_CHARS: usize = 100;
}

/// `POST /api/recordings`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "an object with name, format, stream and notes")]
pub struct CreateRecording {
    /// Name of the dropped file or folder.
    pub name: String,
    /// Format it was read from.
    pub format: String,
    /// The stream that will be uploaded.
    pub stream: StreamInfo,
    /// Notes for a person about how the files were read, in up to [`limits::NOTES`].
    pub notes: Vec<String>,
    /// Up to [`limits::FACTS`] of what the files tell about how they were recorded.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// Up to [`limits::EVENTS`] pulses, messages and annotations.
    #[serde(default)]
    pub events: Vec<Event>,
}

/// The answer to [`CreateRecording`]. The key is told once; the cloud keeps only its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedRecording {
    /// Id of the recording.
    pub recording_id: String,
    /// The key that makes its bearer the owner: 256 random bits in hexadecimal.
    pub owner_key: Secret,
}

/// `GET /api/recordings/{id}`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordingState {
    /// The recording as it was announced.
    pub recording: CreateRecording,
    /// Chunks that are there.
    pub n_chunks_present: u64,
    /// Chunks there must be before a run.
    pub n_chunks: u64,
    /// Ids of its runs, sorted.
    pub runs: Vec<String>,
}

/// One compressed chunk, ready to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkToUpload {
    /// Which one.
    pub chunk: ChunkId,
    /// Length of the compressed chunk.
    pub size_bytes: u64,
    /// CRC-32C of the compressed bytes.
    pub crc32c: u32,
}

/// `POST /api/recordings/{id}/uploads`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "an object with chunks")]
pub struct SignUploads {
    /// Up to [`limits::CHUNKS_PER_REQUEST`].
    pub chunks: Vec<ChunkToUpload>,
}

/// A request that S3 will accept from anyone who holds it, until it expires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedRequest {
    /// Where to.
    pub url: Secret,
    /// Headers that were signed and must be sent; the browser sets the length itself.
    pub headers: Vec<(String, String)>,
}

/// Answer to [`SignUploads`] and [`SignReads`], in the order asked, chunks first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// One per chunk.
    pub requests: Vec<SignedRequest>,
}

/// `GET /api/recordings/{id}/chunks`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkList {
    /// Chunks that are there, in the order of their names.
    pub present: Vec<ChunkId>,
    /// The last of these where there are more: `?behind=` with its name gives them.
    #[serde(default)]
    pub next: Option<ChunkId>,
}

/// Answer to a deletion that is not finished: the same request once more goes on with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleting {
    /// Objects that this request deleted.
    pub n_deleted: u64,
}

/// `POST /api/recordings/{id}/runs/{run}/reads` and `POST /api/shares/{token}/reads`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "an object with chunks, envelopes or both")]
pub struct SignReads {
    /// Chunks of the recording; with the envelopes up to [`limits::CHUNKS_PER_REQUEST`].
    #[serde(default)]
    pub chunks: Vec<ChunkId>,
    /// Outlines that the run stored.
    #[serde(default)]
    pub envelopes: Vec<EnvelopeId>,
}

/// `POST /api/recordings/{id}/runs`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "an object with pipeline")]
pub struct StartRun {
    /// The pipeline to run.
    pub pipeline: Pipeline,
    /// Id of the run, 128 random bits in hexadecimal, so that a request whose answer was lost
    /// can be repeated; without it each request starts a run.
    #[serde(default)]
    pub run_id: Option<String>,
}

/// The answer to [`StartRun`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartedRun {
    /// Id of the run.
    pub run_id: String,
}

/// `GET /api/recordings/{id}/runs/{run}`: derived from which objects exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RunStatus {
    /// Noise is being measured.
    Planning {
        /// Parts of it done.
        done: u64,
        /// Parts there are.
        total: u64,
    },
    /// Slices are being analysed.
    Analysing {
        /// Slices done.
        done: u64,
        /// Slices there are.
        total: u64,
    },
    /// Results are there.
    Done,
    /// It ended without a result.
    Failed {
        /// Why, in words.
        reason: String,
    },
}

/// Name of the file with the spikes of a detection behind the first, by the id of its block.
#[must_use]
pub fn detected_file(id: &str) -> String {
    format!("spikes-{id}.parquet")
}

/// `GET /api/recordings/{id}/runs`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunList {
    /// Up to [`limits::RUNS_LISTED`], newest first.
    pub runs: Vec<ListedRun>,
    /// How many there are in all.
    pub n_runs: u64,
}

/// A run among all of its recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListedRun {
    /// Id of the run.
    pub run_id: String,
    /// When it was started, in seconds since 1970; none where the storage does not tell.
    pub started_at_s: Option<f64>,
    /// Where it is.
    pub status: RunStatus,
    /// The pipeline that it was started with.
    pub pipeline: Pipeline,
}

/// `GET /api/recordings/{id}/runs/{run}/result`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultLinks {
    /// The stream that was analysed, for reading traces.
    pub stream: StreamInfo,
    /// The events that came with it.
    #[serde(default)]
    pub events: Vec<Event>,
    /// The numbers.
    pub summary: Summary,
    /// Time and cost.
    pub receipt: Receipt,
    /// Slices of the run, one [`EnvelopeId`] each.
    pub slices: Vec<Slice>,
    /// Where to read the files, by name; the addresses expire.
    pub files: Vec<(String, Secret)>,
}

/// `POST /api/results`: announces a result that comes as a file, as [`crate::kept`] describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "an object with size_bytes and crc32c")]
pub struct CreateResult {
    /// Length of the file, up to [`limits::RESULT_BYTES`].
    pub size_bytes: u64,
    /// CRC-32C of the file.
    pub crc32c: u32,
}

/// The answer to [`CreateResult`]. The key is told once; the cloud keeps only its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedResult {
    /// Id of the result.
    pub result_id: String,
    /// The key that makes its bearer the owner: 256 random bits in hexadecimal.
    pub owner_key: Secret,
    /// Takes the file: exactly these bytes, once.
    pub upload: SignedRequest,
}

/// `POST /api/recordings/{id}/runs/{run}/shares` and `POST /api/results/{id}/shares`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "an object with days, and perhaps title and note")]
pub struct CreateShare {
    /// Days until it expires, up to [`limits::SHARE_DAYS`].
    pub days: u32,
    /// What the sender calls it, in up to [`limits::SHARE_TITLE_CHARS`] that are [plain](is_plain); empty where they
    /// do not.
    #[serde(default)]
    pub title: String,
    /// What the sender says of it, in up to [`limits::SHARE_NOTE_CHARS`] that are [plain](is_plain_in_note); empty
    /// where they do not.
    #[serde(default)]
    pub note: String,
}

/// The answer to [`CreateShare`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedShare {
    /// 256 random bits in hexadecimal; whoever has it sees the result.
    pub token: Secret,
    /// When it expires, in seconds since 1970.
    pub expires_at_s: u64,
}

/// `GET /api/shares/{token}`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedResult {
    /// The sender's words.
    pub about: ShareAbout,
    /// The result: the fields of a run's result, or `file`.
    #[serde(flatten)]
    pub shows: SharedContent,
}

/// The sender's words about a share, as plain text, and how long it lasts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareAbout {
    /// The title; empty where there is none.
    #[serde(default)]
    pub title: String,
    /// The note; empty where there is none.
    #[serde(default)]
    pub note: String,
    /// When it was made, in seconds since 1970; none for one that an earlier version made.
    #[serde(default)]
    pub created_at_s: Option<u64>,
    /// When it stops being reachable, in seconds since 1970.
    pub expires_at_s: u64,
}

/// The content of a share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SharedContent {
    /// A run of an uploaded recording.
    Run(Box<ResultLinks>),
    /// A result that came as a file, without its signal.
    File {
        /// Where it is.
        file: SharedFile,
    },
}

/// A file of a shared result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedFile {
    /// Length of the file.
    pub size_bytes: u64,
    /// Where to read it; the address expires.
    pub url: Secret,
}

/// The answer to any request that fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Stable name of the failure, such as `not_found`.
    pub code: String,
    /// The failure and its remedy, for people.
    pub message: String,
}
