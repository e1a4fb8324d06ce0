//! Upload and run, one after the other; a lost connection is waited for.

use std::cell::Cell;
use std::rc::Rc;

use gloo_net::http::Method;
use wasm_core::api::{CreateRecording, CreatedRecording, RecordingState, StartRun, StartedRun, limits};
use wasm_core::events::shortened;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::Fact;
use wasm_core::upload::Limit;

use crate::pages::running;
use crate::services::analysis::now_ms;
use crate::services::cloud::{self, CloudError};
use crate::services::line::{Line, Signal};
use crate::services::memory::{self, Remembered};
use crate::services::runs::Run;
use crate::services::session::Session;
use crate::services::upload::{self, Wish};
use crate::ui::format;
use crate::ui::progress::{Shown, left};

/// Uploads what is missing and runs the pipeline; `None` when the person stopped it.
pub async fn upload_and_run(
    session: &Session,
    stream: usize,
    pipeline: &Pipeline,
    wish: &Rc<Cell<Wish>>,
    show: impl Fn(Shown) + Clone,
) -> Result<Option<(String, String)>, CloudError> {
    let line = Line::new(Rc::clone(wish));
    let step = |what: &'static str| {
        let (show, line) = (show.clone(), Rc::clone(&line));
        move || show(waiting(line.signal()).unwrap_or_else(|| Shown { what: what.into(), ..Shown::default() }))
    };
    let recording = line.watched(announce(session, stream, &line), step("Preparing the upload")).await?;
    let (start, shown) = (now_ms(), show.clone());
    let size_bytes = session.streams[stream].size_bytes();
    let on_progress =
        move |progress: upload::Progress| shown(sending(&progress, size_bytes, (now_ms() - start) / 1000.0));
    let is_there = session.uploaded.is_some();
    if !is_there && !upload::run(session, stream, &recording, &line, on_progress).await? {
        return Ok(None);
    }
    let path = format!("/recordings/{}/runs", recording.recording_id);
    // With an id of its own the request can be repeated where its answer is lost.
    let request = StartRun { pipeline: pipeline.clone(), run_id: random_id() };
    let key = Some(recording.owner_key.reveal());
    let starting = line.retried(|| cloud::call(Method::POST, &path, key, Some(&request)));
    let started: StartedRun = line.watched(starting, step("Starting the analysis")).await?;
    let run = Run { recording: recording.recording_id, id: started.run_id, owner_key: recording.owner_key };
    // From now on the run is found again, whatever happens to this page.
    memory::started(&run.recording, &run.id, pipeline);
    if run.follow(|| !wish.get().is_end(), |look| show(running::shown(look))).await? {
        return Ok(Some((run.recording, run.id)));
    }
    if wish.get() == Wish::Stop {
        if !run.cancel().await? {
            return Ok(Some((run.recording, run.id)));
        }
        memory::stopped(&run.recording, &run.id);
    }
    Ok(None)
}

/// What is shown while nothing gets through.
fn waiting(signal: Signal) -> Option<Shown> {
    let what = match signal {
        Signal::There => return None,
        Signal::Silent => "The cloud does not answer: waiting; it goes on by itself",
        Signal::Lost => "Connection lost: waiting; it goes on by itself",
    };
    Some(Shown { what: what.into(), ..Shown::default() })
}

/// What is shown of an upload after so many seconds.
#[expect(clippy::cast_precision_loss, reason = "shares")]
fn sending(progress: &upload::Progress, size_bytes: u64, seconds: f64) -> Shown {
    let share_of = |chunks: f64| chunks / progress.chunks.max(1) as f64;
    let share = Some(share_of(progress.chunks_done as f64 + progress.under_way_chunks).min(1.0));
    if let Some(shown) = waiting(progress.signal) {
        let size_bytes = size_bytes as f64;
        let safe_bytes = format::bytes(share_of(progress.chunks_done as f64) * size_bytes);
        let detail = format!("{safe_bytes} of {} are safe", format::bytes(size_bytes));
        return Shown { share, detail, can_pause: true, ..shown };
    }
    // What was sent in an earlier session took no time in this one.
    let to_send = (progress.chunks - progress.chunks_before).max(1) as f64;
    let sent = (progress.chunks_done - progress.chunks_before) as f64 + progress.under_way_chunks;
    let detail = format!(
        "{} sent ({} of recording) · {} of {} chunks · {}{}",
        format::bytes(progress.sent_bytes as f64 + progress.under_way_bytes),
        format::bytes(progress.raw_bytes as f64),
        progress.chunks_done,
        progress.chunks,
        left(seconds, (sent / to_send).min(1.0)),
        progress.limit.map_or_else(String::new, |limit| format!(" · {}", limited(limit))),
    );
    Shown { what: "Uploading".into(), share, detail, can_pause: true }
}

/// What makes an upload take as long as it does.
fn limited(limit: Limit) -> String {
    match limit {
        Limit::Line(bytes_per_s) => format!("as fast as the line ({}/s)", format::bytes(bytes_per_s)),
        Limit::Packing(bytes_per_s) => {
            format!("as fast as this computer packs ({}/s for each worker)", format::bytes(bytes_per_s))
        }
    }
}

/// 128 random bits in hexadecimal; none where the browser has no randomness to give.
fn random_id() -> Option<String> {
    let mut bytes = [0; 16];
    web_sys::window()?.crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// A fact as long as the API takes it.
fn cut(fact: &Fact) -> Fact {
    let short = |text: &str, n_chars: usize| text.chars().take(n_chars).collect();
    Fact { name: short(&fact.name, limits::FACT_NAME_CHARS), value: short(&fact.value, limits::FACT_VALUE_CHARS) }
}

/// The recording in the cloud: the one that these files began before, or a new one.
async fn announce(session: &Session, stream: usize, line: &Line) -> Result<Remembered, CloudError> {
    if let Some(id) = &session.uploaded {
        return memory::get(id).ok_or_else(|| {
            CloudError::lasting("This browser no longer has the key of the recording. Open its saved keys on the start page, or drop the files again.")
        });
    }
    let info = &session.streams[stream];
    let same = |known: &Remembered| known.fingerprint == session.fingerprint && known.stream == info.name;
    for known in memory::all().into_iter().filter(same) {
        let path = format!("/recordings/{}", known.recording_id);
        let key = Some(known.owner_key.reveal());
        match line.retried(|| cloud::get::<RecordingState>(&path, key)).await {
            Ok(state) if state.recording.stream == *info => return Ok(known),
            // The same files, described otherwise: what was sent of them belongs to another recording.
            Ok(_) => {}
            Err(error) if error.is_gone() => memory::forget(&known.recording_id),
            Err(error) => return Err(error),
        }
    }
    let name: String = session.name.chars().take(limits::NAME_CHARS).collect();
    let mut notes = session.notes.clone();
    if session.events.len() > limits::EVENTS {
        notes.push(format!(
            "Of {} events the first {} were uploaded.",
            format::count(session.events.len() as u64),
            format::count(limits::EVENTS as u64)
        ));
    }
    notes.truncate(limits::NOTES);
    for note in &mut notes {
        *note = note.chars().take(limits::NOTE_CHARS).collect();
    }
    let request = CreateRecording {
        name: name.clone(),
        format: session.format.chars().take(limits::FORMAT_CHARS).collect(),
        stream: info.clone(),
        facts: session.facts.iter().take(limits::FACTS).map(cut).collect(),
        notes,
        events: shortened(&session.events, limits::EVENTS, limits::EVENT_CHARS),
    };
    let create = || cloud::call(Method::POST, "/recordings", None, Some(&request));
    let created: CreatedRecording = line.retried(create).await?;
    let remembered = Remembered {
        recording_id: created.recording_id,
        owner_key: created.owner_key,
        name,
        stream: info.name.clone(),
        fingerprint: session.fingerprint.clone(),
        duration_s: info.duration_s(),
        created_ms: js_sys::Date::now(),
        run_id: None,
        earlier_run_id: None,
        pipeline: None,
        links: Vec::new(),
    };
    memory::put(remembered.clone());
    Ok(remembered)
}
