//! An uploaded recording, opened to be run again: nothing is uploaded once more.

use std::rc::Rc;

use wasm_core::api::{RecordingState, ResultLinks, RunList, RunStatus};
use wasm_core::pipeline::Pipeline;

use super::cloud::{self, CloudError};
use super::session::Session;
use super::{memory, runs};

/// The recording with the values of a run; those that the run was started with, unless others are given.
pub async fn open(recording_id: &str, run_id: &str, pipeline: Option<Pipeline>) -> Result<Rc<Session>, CloudError> {
    let known = memory::get(recording_id).ok_or_else(|| {
        CloudError::lasting("Only the browser that uploaded a recording can run it again. Open it there, or open its saved keys on the start page.")
    })?;
    let (path, key) = (format!("/recordings/{recording_id}"), Some(known.owner_key.reveal()));
    let RecordingState { recording, n_chunks_present, n_chunks, .. } = cloud::get(&path, key).await?;
    if n_chunks_present < n_chunks {
        return Err(CloudError::lasting(format!(
            "Only {n_chunks_present} of {n_chunks} parts of the recording are uploaded. Drop the same files on the start page to go on with the upload."
        )));
    }
    let list = runs::of_recording(recording_id, &known.owner_key).await?;
    let pipeline = pipeline.or_else(|| pipeline_of(&list, run_id)).ok_or_else(|| {
        CloudError::lasting("The values of this run are not known any more. Open a newer run, or drop the same files on the start page.")
    })?;
    // Events, and the outlines of wide windows, come with a result, whichever run it is of.
    let result = match finished(&list, run_id) {
        Some(run) => cloud::get::<ResultLinks>(&format!("{path}/runs/{run}/result"), key).await.ok(),
        None => None,
    };
    let outlined = if result.is_some() { finished(&list, run_id) } else { None };
    let reads_url = format!("/api{path}/runs/{}/reads", outlined.unwrap_or(run_id));
    let (events, slices) = result.map(|result| (result.events, result.slices)).unwrap_or_default();
    let opened = Session::remote(recording.stream, events, reads_url, slices, Some(known.owner_key)).await;
    let mut session = opened.map_err(|failure| CloudError::lasting(failure.reason))?;
    if let Some(session) = Rc::get_mut(&mut session) {
        session.name = recording.name;
        session.facts = recording.facts;
        session.notes = recording.notes;
        session.fingerprint = known.fingerprint;
        session.uploaded = Some(recording_id.to_owned());
    }
    session.keep_tuned(0, &Rc::new(pipeline));
    Ok(session)
}

/// What a run was started with.
fn pipeline_of(list: &RunList, run_id: &str) -> Option<Pipeline> {
    list.runs.iter().find(|run| run.run_id == run_id).map(|run| run.pipeline.clone())
}

/// The run itself where it has a result, else the newest that has.
fn finished<'a>(list: &'a RunList, run_id: &str) -> Option<&'a str> {
    let mut done = list.runs.iter().filter(|run| run.status == RunStatus::Done);
    let own = done.clone().find(|run| run.run_id == run_id);
    own.or_else(|| done.next()).map(|run| run.run_id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::api::ListedRun;

    fn run(id: &str, status: RunStatus) -> ListedRun {
        ListedRun { run_id: id.into(), started_at_s: None, status, pipeline: Pipeline::default() }
    }

    #[test]
    fn outlines_come_from_the_run_or_the_newest_that_is_done() {
        let failed = || RunStatus::Failed { reason: "You stopped this run.".into() };
        let runs = vec![run("c", failed()), run("b", RunStatus::Done), run("a", RunStatus::Done)];
        let list = RunList { n_runs: 3, runs };
        assert_eq!(finished(&list, "a"), Some("a"));
        assert_eq!(finished(&list, "c"), Some("b"));
        assert_eq!(finished(&RunList { n_runs: 1, runs: vec![run("c", failed())] }, "c"), None);
        assert_eq!(pipeline_of(&list, "c"), Some(Pipeline::default()));
        assert_eq!(pipeline_of(&list, "x"), None);
    }
}
