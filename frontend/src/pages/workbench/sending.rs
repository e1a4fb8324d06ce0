//! Upload and run, one after the other; a lost connection is waited for.

use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_net::http::Method;
use wasm_bindgen_futures::spawn_local;
use wasm_core::api::{CreateRecording, CreatedRecording, RecordingState, StartRun, StartedRun, limits};
use wasm_core::events::shortened;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::Fact;

use crate::services::cloud::{self, CloudError};
use crate::services::line::Line;
use crate::services::memory::{self, Remembered};
use crate::services::runs::Run;
use crate::services::session::Session;
use crate::services::upload;
use crate::services::work::{Action, Step, Wish};
use crate::ui::format;

/// Uploads what is missing and runs the pipeline; `None` when the person stopped it.
pub async fn upload_and_run(
    session: &Session,
    stream: usize,
    pipeline: &Pipeline,
    line: &Rc<Line>,
) -> Result<Option<(String, String)>, CloudError> {
    let recording = line.watched(announce(session, stream, line)).await?;
    let is_there = session.uploaded.is_some();
    if !is_there && !upload::run(session, stream, &recording, line).await? {
        return Ok(None);
    }
    line.happens(Action::Begin(Step::Concluding));
    let path = format!("/recordings/{}/runs", recording.recording_id);
    // With an id of its own the request can be repeated where its answer is lost.
    let request = StartRun { pipeline: pipeline.clone(), run_id: random_id() };
    let key = Some(recording.owner_key.reveal());
    let starting = line.retried(|| cloud::call(Method::POST, &path, key, Some(&request)));
    let started: Result<StartedRun, CloudError> = line.watched(starting).await;
    if started.is_err()
        && line.wish() == Wish::Stop
        && let Some(id) = request.run_id.clone()
    {
        // It may have begun all the same, with its answer lost.
        let run = Run { recording: recording.recording_id.clone(), id, owner_key: recording.owner_key.clone() };
        spawn_local(async move { drop(run.cancel().await) });
    }
    let started = started?;
    let run = Run { recording: recording.recording_id, id: started.run_id, owner_key: recording.owner_key };
    // From now on the run is found again, whatever happens to this page.
    memory::started(&run.recording, &run.id, pipeline);
    let is_done = {
        let following = pin!(run.follow(|look| {
            line.happens(Action::Looked(look));
        }));
        match select(following, pin!(line.until(|work| work.wish().is_end()))).await {
            Either::Left((done, _)) => done.map(|()| true)?,
            // It may be done before it is stopped.
            Either::Right(_) => line.wish() == Wish::Stop && !run.cancel().await?,
        }
    };
    if is_done {
        return Ok(Some((run.recording, run.id)));
    }
    if line.wish() == Wish::Stop {
        memory::stopped(&run.recording, &run.id);
    }
    Ok(None)
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
    let same = |known: &Remembered| known.is_of(&session.fingerprint, &info.name);
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
