//! Recordings: announce, upload, read back, delete.

use std::fmt::Display;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use wasm_core::api::{
    ChunkList, CreateRecording, CreatedRecording, RecordingState, SignUploads, Signed, charged_bytes, limits,
    make_recording_plain, most_chunk_bytes, n_chunks,
};
use wasm_core::events::Event;
use wasm_core::recording::{Fact, StreamInfo, StreamKind};
use wasm_core::table::every_digit;
use wasm_core::zarr::{ChunkId, chunks_of, metadata_objects};

use super::access::owned;
use super::attempts;
use super::bounds::{check_chunks, check_texts};
use super::error::ApiError;
use super::invited::{invited, invited_for};
use super::path::Path;
use super::{listing, removal};
use crate::executions::Executions;
use crate::handlers::{StoredRecording, record_failure, to_json};
use crate::invitations::books::Uploaded;
use crate::keys::{Id, ObjectKey, recording_prefix, runs_prefix, traces_prefix};
use crate::random;
use crate::store::Store;

/// Metadata objects that are written at a time.
const PUTS_AT_A_TIME: usize = 32;

/// Objects of a recording beside its Zarr group: what was announced, its events, the entry in the
/// invitation's book.
const OTHER_OBJECTS: u64 = 3;

type Body<T> = Result<Json<T>, JsonRejection>;
type Answer<T> = Result<Json<T>, ApiError>;

pub async fn create(
    State(store): State<Store>,
    headers: HeaderMap,
    body: Body<CreateRecording>,
) -> Answer<CreatedRecording> {
    let invited = invited(&store, &headers).await?;
    let Json(mut recording) = body?;
    make_recording_plain(&mut recording);
    check(&recording)?;
    let events = std::mem::take(&mut recording.events);
    let id = Id::random()?;
    let owner_key = random::hex(32)?;
    let objects = metadata_objects(&recording.stream);
    let of = Uploaded::Recording(id.as_str().to_owned());
    let n_puts = n_chunks(&recording.stream) + objects.len() as u64 + OTHER_OBJECTS;
    invited.take_upload(&store, &of, charged_bytes(&recording.stream), n_puts).await?;
    let objects = objects.into_iter().map(|(name, bytes)| {
        let key = ObjectKey::Traces(id.clone(), name);
        let store = &store;
        async move { store.put(&key, bytes).await }
    });
    // A recording of a thousand segments has as many objects.
    stream::iter(objects).buffer_unordered(PUTS_AT_A_TIME).try_collect::<Vec<()>>().await?;
    if !events.is_empty() {
        store.put(&ObjectKey::Events(id.clone()), to_json(&events)).await?;
    }
    let owner_sha256 = random::sha256_hex(&owner_key);
    let stored = StoredRecording { recording, owner_sha256, invitation: Some(invited.hash) };
    store.put_new(&ObjectKey::Recording(id.clone()), to_json(&stored)).await?;
    Ok(Json(CreatedRecording { recording_id: id.as_str().to_owned(), owner_key: owner_key.into() }))
}

/// What is refused, with what is accepted and what was found.
pub fn refused(what: &str, accepted: impl Display, found: impl Display) -> ApiError {
    ApiError::Invalid(format!("{what} must be {accepted}, not {found}"))
}

/// Bounds every number that later work depends on.
fn check(recording: &CreateRecording) -> Result<(), ApiError> {
    let n_chars = recording.name.chars().count();
    if !(1..=limits::NAME_CHARS).contains(&n_chars) {
        return Err(refused("name", format!("1 to {} characters", limits::NAME_CHARS), n_chars));
    }
    check_size(&recording.stream)?;
    check_chunks(&recording.stream)?;
    check_texts(recording)?;
    check_channels(&recording.stream)?;
    check_facts(&recording.facts)?;
    check_events(&recording.events)
}

/// Channels, rate, segments and bytes of a stream.
fn check_size(stream: &StreamInfo) -> Result<(), ApiError> {
    // Spikes that were sorted have no signal to upload.
    if stream.kind == StreamKind::Units {
        return Err(refused("stream.kind", "electrodes or auxiliary", "units"));
    }
    let n = stream.n_channels;
    if !(1..=limits::CHANNELS).contains(&n) {
        return Err(refused("stream.n_channels", format!("1 to {}", limits::CHANNELS), n));
    }
    let frame_bytes = n * stream.sample_type.size_bytes();
    if frame_bytes > limits::FRAME_BYTES {
        let accepted = format!("at most {} bytes, such as 4,096 channels of int16", limits::FRAME_BYTES);
        return Err(refused("a frame of all channels", accepted, frame_bytes));
    }
    let rate_hz = stream.sampling_frequency_hz;
    if !(0.001..=1e6).contains(&rate_hz) {
        return Err(refused("stream.sampling_frequency_hz", "0.001 to 1,000,000", every_digit(rate_hz)));
    }
    let n_segments = stream.segments.len();
    if !(1..=limits::SEGMENTS).contains(&n_segments) {
        let accepted = format!("1 to {} segments: stretches without a gap", limits::SEGMENTS);
        return Err(refused("stream.segments", accepted, n_segments));
    }
    let frames = stream.segments.iter().try_fold(0_u64, |sum, segment| sum.checked_add(segment.n_frames));
    match frames.and_then(|frames| frames.checked_mul(frame_bytes as u64)) {
        Some(bytes) if (1..=limits::RECORDING_BYTES).contains(&bytes) => Ok(()),
        Some(bytes) => Err(refused("the recording", "1 byte to 2 TiB", format!("{bytes} bytes"))),
        None => Err(refused("the recording", "1 byte to 2 TiB", "more bytes than can be counted")),
    }
}

/// Lists of one value per channel, and the texts in them.
fn check_channels(stream: &StreamInfo) -> Result<(), ApiError> {
    let n = stream.n_channels;
    let lists = [
        ("channel_ids", Some(stream.channel_ids.len())),
        ("channel_names", stream.channel_names.as_ref().map(Vec::len)),
        ("gain_to_uv", Some(stream.gain_to_uv.len())),
        ("offset_to_uv", Some(stream.offset_to_uv.len())),
        ("positions_um", stream.positions_um.as_ref().map(Vec::len)),
        ("wells", stream.wells.as_ref().map(Vec::len)),
    ];
    for (name, length) in lists {
        if let Some(length) = length.filter(|length| *length != n) {
            let accepted = format!("a list of {n} values, one per channel");
            return Err(refused(&format!("stream.{name}"), accepted, format!("of {length}")));
        }
    }
    check_scale(stream)?;
    let texts = [
        ("channel_ids", Some(&stream.channel_ids)),
        ("channel_names", stream.channel_names.as_ref()),
        ("wells", stream.wells.as_ref()),
        ("empty_wells", Some(&stream.empty_wells)),
    ];
    if stream.empty_wells.len() > limits::CHANNELS {
        let accepted = format!("at most {}", limits::CHANNELS);
        return Err(refused("stream.empty_wells", accepted, stream.empty_wells.len()));
    }
    for (name, texts) in texts {
        let longest = texts.into_iter().flatten().map(|text| text.chars().count()).max().unwrap_or(0);
        if longest > limits::ID_CHARS {
            let accepted = format!("texts of at most {} characters", limits::ID_CHARS);
            return Err(refused(&format!("stream.{name}"), accepted, format!("of {longest}")));
        }
    }
    Ok(())
}

/// Gains and offsets with which every sample is a finite number of microvolts, and so is its square.
fn check_scale(stream: &StreamInfo) -> Result<(), ApiError> {
    for (name, values, most) in
        [("gain_to_uv", &stream.gain_to_uv, limits::GAIN_UV), ("offset_to_uv", &stream.offset_to_uv, limits::OFFSET_UV)]
    {
        if let Some(value) = values.iter().find(|value| !(value.abs() <= most)) {
            let accepted = format!("between -{most:e} and {most:e} µV");
            return Err(refused(&format!("stream.{name}"), accepted, format!("{value:e}")));
        }
    }
    Ok(())
}

/// What the files tell about how they were recorded.
fn check_facts(facts: &[Fact]) -> Result<(), ApiError> {
    if facts.len() > limits::FACTS {
        return Err(refused("facts", format!("at most {}", limits::FACTS), facts.len()));
    }
    let longest = |text: fn(&Fact) -> &str| facts.iter().map(|fact| text(fact).chars().count()).max().unwrap_or(0);
    for (what, longest, limit) in [
        ("a fact's name", longest(|fact| &fact.name), limits::FACT_NAME_CHARS),
        ("a fact's value", longest(|fact| &fact.value), limits::FACT_VALUE_CHARS),
    ] {
        if longest > limit {
            return Err(refused(what, format!("at most {limit} characters"), longest));
        }
    }
    Ok(())
}

/// Pulses, messages and annotations.
fn check_events(events: &[Event]) -> Result<(), ApiError> {
    if events.len() > limits::EVENTS {
        return Err(refused("events", format!("at most {}", limits::EVENTS), events.len()));
    }
    let chars = |event: &Event| event.source.chars().count() + event.label.chars().count();
    let longest = events.iter().map(chars).max().unwrap_or(0);
    if longest > limits::EVENT_CHARS {
        let accepted = format!("at most {} characters, source and label together", limits::EVENT_CHARS);
        return Err(refused("one of events", accepted, longest));
    }
    if let Some(event) = events.iter().find(|event| !(event.time_s.is_finite() && event.duration_s.is_finite())) {
        let found = format!("{} and {}", event.time_s, event.duration_s);
        return Err(refused("times and durations of events", "finite seconds", found));
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

pub async fn chunks(
    State(store): State<Store>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer<ChunkList> {
    let (id, stored) = owned(&store, &headers, &id).await?;
    let behind = listing::behind(uri.query())?;
    listing::some(&store, &id, &stored.recording.stream, behind).await.map(Json)
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
    // One that was revoked, or has expired, ends the uploads under way too.
    invited_for(&store, &headers, &stored).await?;
    let mut requests = Vec::with_capacity(chunks.len());
    for wanted in chunks {
        exists(wanted.chunk, &stored.recording.stream)?;
        let most = most_chunk_bytes(&stored.recording.stream, wanted.chunk);
        if !(1..=most).contains(&wanted.size_bytes) {
            return Err(refused("size_bytes", format!("1 to {most} for this chunk"), wanted.size_bytes));
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
    State(executions): State<Option<Executions>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (id, _) = owned(&store, &headers, &id).await?;
    // Runs under way end before their recording does.
    let requests = store.list(&runs_prefix(&id)).await?;
    for run in requests.iter().filter_map(|key| ObjectKey::run_of_request(key)) {
        // One that has ended needs no stop: the steps of a run that failed do nothing more, and for hundreds of runs
        // a request has no time. The keys are sorted.
        let ended = [ObjectKey::Receipt(run.clone()), ObjectKey::Failure(run.clone())];
        if !ended.iter().any(|key| requests.binary_search(&key.path()).is_ok()) {
            record_failure(&store, run.clone(), "The recording was deleted.".into()).await?;
            attempts::stop(executions.as_ref(), &run, attempts::last(&run, &requests)).await?;
        }
    }
    // The chunks first: until they are gone, what ended the runs stays.
    let prefixes = [traces_prefix(&id), recording_prefix(&id)];
    removal::remove_all(&store, &prefixes, ObjectKey::Recording(id).path()).await
}
