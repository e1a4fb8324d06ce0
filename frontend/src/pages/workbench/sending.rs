//! Upload and run, one after the other; a lost connection is waited for.

use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_net::http::Method;
use wasm_core::api::{
    CreateRecording, CreatedRecording, RecordingState, StartRun, StartedRun, limits, make_recording_plain,
    make_stream_plain,
};
use wasm_core::events::shortened;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::Fact;

use crate::services::cloud::{self, Cause, CloudError};
use crate::services::line::Line;
use crate::services::memory::{self, Remembered};
use crate::services::runs::Run;
use crate::services::session::Session;
use crate::services::upload;
use crate::services::work::{Action, Step, Unstopped, Wish};
use crate::ui::format;

/// How an upload and the run that followed it ended.
pub enum Ended {
    /// The run is done.
    Done(Run),
    /// The person ended the work; where they left the page alone, its run goes on.
    ByPerson,
    /// They stopped the run, and the cloud did not take it.
    MayGoOn(Unstopped),
}

/// Uploads what is missing and runs the pipeline.
pub async fn upload_and_run(
    session: &Session,
    stream: usize,
    pipeline: &Pipeline,
    line: &Rc<Line>,
) -> Result<Ended, CloudError> {
    let recording = line.watched(announce(session, stream, line)).await?;
    let is_there = session.uploaded.is_some();
    if !is_there && !upload::run(session, stream, &recording, line).await.map_err(deleted)? {
        return Ok(Ended::ByPerson);
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
        return Ok(stop(Run { recording: recording.recording_id, id, owner_key: recording.owner_key }, line).await);
    }
    let started = started.map_err(|error| if is_there { error } else { deleted(error) })?;
    let run = Run { recording: recording.recording_id, id: started.run_id, owner_key: recording.owner_key };
    // From now on the run is found again, whatever happens to this page.
    memory::started(&run.recording, &run.id, pipeline);
    let is_done = {
        let following = pin!(run.follow(|look| {
            line.happens(Action::Looked(look));
        }));
        match select(following, pin!(line.until(|work| work.wish().is_end()))).await {
            Either::Left((done, _)) => done.map(|()| true)?,
            Either::Right(_) => false,
        }
    };
    Ok(if is_done {
        Ended::Done(run)
    } else if line.wish() == Wish::Stop {
        stop(run, line).await
    } else {
        Ended::ByPerson
    })
}

/// Stops a run, with as many requests as that takes: until the cloud has heard of it, it goes on and costs.
async fn stop(run: Run, line: &Line) -> Ended {
    line.happens(Action::Begin(Step::Stopping));
    let answer = line.watched(line.insisted(|| run.cancel())).await;
    match answer {
        Ok(true) => {
            memory::stopped(&run.recording, &run.id);
            Ended::ByPerson
        }
        // It was done before.
        Ok(false) => Ended::Done(run),
        // It never began, or went with its recording.
        Err(error) if error.is_missing() => Ended::ByPerson,
        Err(error) => Ended::MayGoOn(Unstopped { reason: may_go_on(&error), address: run.address() }),
    }
}

/// Why a run could not be stopped, in words.
fn may_go_on(error: &CloudError) -> String {
    match error.cause {
        Cause::Unreachable => "The cloud could not be reached: the run may go on.".into(),
        Cause::Status(_) | Cause::Lasting => format!("The run may go on: it could not be stopped. {}", error.message),
    }
}

/// A recording that was deleted elsewhere while it was sent from here is sent again by the same button.
fn deleted(error: CloudError) -> CloudError {
    if error.is_missing() {
        let message = "The recording was deleted in the cloud. Press Back, then Upload, to upload it again.";
        return CloudError { message: message.into(), ..error };
    }
    error
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
    // As the cloud keeps it.
    let mut kept = info.clone();
    make_stream_plain(&mut kept);
    let same = |known: &Remembered| known.is_of(&session.fingerprint, &info.name);
    for known in memory::all().into_iter().filter(same) {
        let path = format!("/recordings/{}", known.recording_id);
        let key = Some(known.owner_key.reveal());
        match line.retried(|| cloud::get::<RecordingState>(&path, key)).await {
            Ok(state) if state.recording.stream == kept || state.recording.stream == *info => return Ok(known),
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
    let mut request = CreateRecording {
        name,
        format: session.format.chars().take(limits::FORMAT_CHARS).collect(),
        stream: info.clone(),
        facts: session.facts.iter().take(limits::FACTS).map(cut).collect(),
        notes,
        events: shortened(&session.events, limits::EVENTS, limits::EVENT_CHARS),
    };
    make_recording_plain(&mut request);
    let create = || cloud::call(Method::POST, "/recordings", None, Some(&request));
    let created: CreatedRecording = line.retried(create).await?;
    let remembered = Remembered {
        recording_id: created.recording_id,
        owner_key: created.owner_key,
        name: request.name,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn error(cause: Cause) -> CloudError {
        CloudError { cause, message: "The cloud's words.".into() }
    }

    #[test]
    fn a_run_that_could_not_be_stopped_may_go_on() {
        assert_eq!(may_go_on(&error(Cause::Unreachable)), "The cloud could not be reached: the run may go on.");
        let said = may_go_on(&error(Cause::Status(503)));
        assert!(said.contains("may go on") && said.ends_with("The cloud's words."), "{said}");
    }

    #[test]
    fn a_recording_that_was_deleted_meanwhile_can_be_uploaded_anew() {
        let said = deleted(error(Cause::Status(404)));
        assert!(said.is_missing() && said.message.contains("upload it again"), "{said:?}");
        let other = error(Cause::Status(403));
        assert_eq!(deleted(other.clone()), other);
    }
}
