//! Recordings: announce, upload, read back, delete.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use wasm_core::api::{ChunkList, CreateRecording, CreatedRecording, RecordingState, SignUploads, Signed, limits};
use wasm_core::events::Event;
use wasm_core::recording::StreamInfo;
use wasm_core::zarr::{ChunkId, chunks_of, metadata_objects};

use super::access::owned;
use super::error::ApiError;
use crate::handlers::{StoredRecording, record_failure, to_json};
use crate::keys::{Id, ObjectKey, recording_prefix, runs_prefix, traces_prefix};
use crate::random;
use crate::store::Store;

/// Metadata objects that are written at a time.
const PUTS_AT_A_TIME: usize = 32;

/// Looks at what is left of a recording that is deleted.
const MAX_LOOKS: usize = 3;

type Body<T> = Result<Json<T>, JsonRejection>;
type Answer<T> = Result<Json<T>, ApiError>;

pub async fn create(State(store): State<Store>, body: Body<CreateRecording>) -> Answer<CreatedRecording> {
    let Json(mut recording) = body?;
    check(&recording)?;
    let events = std::mem::take(&mut recording.events);
    let id = Id::random()?;
    let owner_key = random::hex(32)?;
    let objects = metadata_objects(&recording.stream).into_iter().map(|(name, bytes)| {
        let key = ObjectKey::Traces(id.clone(), name);
        let store = &store;
        async move { store.put(&key, bytes).await }
    });
    // A recording of a thousand segments has as many objects.
    stream::iter(objects).buffer_unordered(PUTS_AT_A_TIME).try_collect::<Vec<()>>().await?;
    if !events.is_empty() {
        store.put(&ObjectKey::Events(id.clone()), to_json(&events)).await?;
    }
    let stored = StoredRecording { recording, owner_sha256: random::sha256_hex(&owner_key) };
    store.put_new(&ObjectKey::Recording(id.clone()), to_json(&stored)).await?;
    Ok(Json(CreatedRecording { recording_id: id.as_str().to_owned(), owner_key }))
}

/// Bounds every number that later work depends on.
fn check(recording: &CreateRecording) -> Result<(), ApiError> {
    let invalid = |what: &str, accepted: String| Err(ApiError::Invalid(format!("{what} must be {accepted}")));
    let stream = &recording.stream;
    if recording.name.is_empty() || recording.name.chars().count() > limits::NAME_CHARS {
        return invalid("name", format!("1 to {} characters", limits::NAME_CHARS));
    }
    if !(1..=limits::CHANNELS).contains(&stream.n_channels) {
        return invalid("stream.n_channels", format!("1 to {}", limits::CHANNELS));
    }
    if stream.n_channels * stream.sample_type.size_bytes() > limits::FRAME_BYTES {
        let accepted = format!("at most {} bytes, such as 4,096 channels of int16", limits::FRAME_BYTES);
        return invalid("a frame of all channels", accepted);
    }
    if !(stream.sampling_frequency_hz > 0.0 && stream.sampling_frequency_hz <= 1e6) {
        return invalid("stream.sampling_frequency_hz", "above 0 and at most 1,000,000".into());
    }
    let n = stream.n_channels;
    let lengths = [stream.channel_ids.len(), stream.gain_to_uv.len(), stream.offset_to_uv.len()];
    let optional = [stream.positions_um.as_ref().map(Vec::len), stream.wells.as_ref().map(Vec::len)];
    if lengths != [n; 3] || optional.into_iter().flatten().any(|length| length != n) {
        let lists = "stream.channel_ids, gain_to_uv, offset_to_uv, positions_um, wells";
        return invalid(lists, format!("lists of {n} values"));
    }
    let texts = stream.channel_ids.iter().chain(stream.wells.iter().flatten());
    if texts.map(|text| text.chars().count()).any(|n_chars| n_chars > limits::ID_CHARS) {
        let accepted = format!("of at most {} characters each", limits::ID_CHARS);
        return invalid("stream.channel_ids, wells", accepted);
    }
    if !(1..=limits::SEGMENTS).contains(&stream.segments.len()) {
        return invalid("stream.segments", format!("1 to {} segments", limits::SEGMENTS));
    }
    let is_short = |event: &Event| {
        event.source.chars().count() + event.label.chars().count() <= limits::EVENT_CHARS
            && event.time_s.is_finite()
            && event.duration_s.is_finite()
    };
    if recording.events.len() > limits::EVENTS || !recording.events.iter().all(is_short) {
        let accepted = format!("at most {}, of at most {} characters each", limits::EVENTS, limits::EVENT_CHARS);
        return invalid("events", accepted);
    }
    let frames = stream.segments.iter().try_fold(0_u64, |sum, segment| sum.checked_add(segment.n_frames));
    let row_bytes = (n * stream.sample_type.size_bytes()) as u64;
    if frames
        .and_then(|frames| frames.checked_mul(row_bytes))
        .is_none_or(|bytes| bytes == 0 || bytes > limits::RECORDING_BYTES)
    {
        return invalid("the recording", "1 byte to 2 TiB".into());
    }
    Ok(())
}

pub async fn state(State(store): State<Store>, Path(id): Path<String>, headers: HeaderMap) -> Answer<RecordingState> {
    let (id, stored) = owned(&store, &headers, &id).await?;
    let present = present(&store, &id, &stored.recording.stream).await?.len() as u64;
    let n_chunks = chunks_of(&stored.recording.stream).count() as u64;
    let keys = store.list(&runs_prefix(&id)).await?;
    let runs =
        keys.iter().filter_map(|key| ObjectKey::run_of_request(key)).map(|run| run.run.as_str().to_owned()).collect();
    Ok(Json(RecordingState { recording: stored.recording, n_chunks_present: present, n_chunks, runs }))
}

pub async fn chunks(State(store): State<Store>, Path(id): Path<String>, headers: HeaderMap) -> Answer<ChunkList> {
    let (id, stored) = owned(&store, &headers, &id).await?;
    Ok(Json(ChunkList { present: present(&store, &id, &stored.recording.stream).await? }))
}

/// Chunks of the recording that are in the bucket.
pub async fn present(store: &Store, id: &Id, info: &StreamInfo) -> Result<Vec<ChunkId>, ApiError> {
    let prefix = traces_prefix(id);
    let keys = store.list(&format!("{prefix}traces_seg")).await?;
    let parse = |key: &String| ChunkId::parse(key.strip_prefix(&prefix)?).filter(|chunk| chunk.is_in(info));
    Ok(keys.iter().filter_map(parse).collect())
}

pub async fn sign_uploads(
    State(store): State<Store>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body<SignUploads>,
) -> Answer<Signed> {
    let (id, stored) = owned(&store, &headers, &id).await?;
    let Json(SignUploads { chunks }) = body?;
    bounded("chunks", chunks.len())?;
    let mut requests = Vec::with_capacity(chunks.len());
    for wanted in chunks {
        exists(wanted.chunk, &stored.recording.stream)?;
        if !(1..=limits::CHUNK_BYTES).contains(&wanted.size_bytes) {
            return Err(ApiError::Invalid(format!("size_bytes must be 1 to {}", limits::CHUNK_BYTES)));
        }
        let key = ObjectKey::Traces(id.clone(), wanted.chunk.name());
        requests.push(store.sign_put(&key, wanted.size_bytes, wanted.crc32c).await?);
    }
    Ok(Json(Signed { requests }))
}

/// At most so many chunks at a time; `what` lists them.
pub fn bounded(what: &str, n: usize) -> Result<(), ApiError> {
    let fits = (1..=limits::CHUNKS_PER_REQUEST).contains(&n);
    if fits { Ok(()) } else { Err(ApiError::Invalid(format!("{what} must be 1 to {}", limits::CHUNKS_PER_REQUEST))) }
}

/// Only chunks of the recording.
pub fn exists(chunk: ChunkId, info: &StreamInfo) -> Result<(), ApiError> {
    if chunk.is_in(info) {
        Ok(())
    } else {
        Err(ApiError::Invalid(format!("the recording has no chunk {}", chunk.name())))
    }
}

pub async fn remove(
    State(store): State<Store>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let (id, _) = owned(&store, &headers, &id).await?;
    // Runs under way end before their recording does.
    let requests = store.list(&runs_prefix(&id)).await?;
    for run in requests.iter().filter_map(|key| ObjectKey::run_of_request(key)) {
        record_failure(&store, run, "The recording was deleted.".into()).await?;
    }
    let announced = ObjectKey::Recording(id.clone()).path();
    // The announcement goes last, so that a deletion that was cut short can be repeated; what a
    // run or an upload under way writes meanwhile is found by looking again.
    for _ in 0..MAX_LOOKS {
        let mut keys = store.list(&recording_prefix(&id)).await?;
        keys.retain(|key| *key != announced);
        if keys.is_empty() {
            break;
        }
        let shares: Vec<String> = keys.iter().filter_map(|key| Some(ObjectKey::share_of(key)?.path())).collect();
        store.delete(&shares).await?;
        store.delete(&keys).await?;
    }
    store.delete(&[announced]).await?;
    Ok(StatusCode::NO_CONTENT)
}
