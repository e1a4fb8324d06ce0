//! How a result comes from the cloud: its run is followed, then its files are fetched.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use wasm_core::api::{ResultLinks, detected_file};
use wasm_core::field::FIELD_FILE;
use wasm_core::secret::Secret;
use yew::prelude::*;

use super::followed::{Action, Ask, Followed, Phase};
use super::{Computed, Shown, shared};
use crate::bridge::result::Request;
use crate::services::analysis::now_ms;
use crate::services::pool::WorkFailure;
use crate::services::runs::{Look, Run};
use crate::services::session::Session;
use crate::services::store::Spawned;
use crate::services::{cloud, memory};

/// Follows a run until its result is there: what is known of it, and what asks something of it.
#[hook]
pub fn use_followed(shown: &Shown) -> (UseReducerHandle<Followed<Rc<Computed>>>, Callback<Ask>) {
    let followed = use_reducer(Followed::<Rc<Computed>>::default);
    {
        let (shown, dispatcher) = (shown.clone(), followed.dispatcher());
        // Who leaves the page follows it no more.
        use_effect_with(followed.attempt(), move |attempt| {
            let following = attempt.map(|_| {
                Spawned::begin(async move {
                    let came = follow(&shown, |look| dispatcher.dispatch(Action::Looked(look, now_ms()))).await;
                    dispatcher.dispatch(Action::Came(came));
                })
            });
            move || drop(following)
        });
    }
    {
        let (shown, dispatcher) = (shown.clone(), followed.dispatcher());
        use_effect_with(followed.asked(), move |asked| {
            if let Some((ask, run)) = asked.zip(own_run(&shown)) {
                // What is asked is asked to its end, whatever is shown meanwhile.
                spawn_local(async move { dispatcher.dispatch(Action::Answered(done(ask, &run).await)) });
            }
        });
    }
    let on_ask = {
        let dispatcher = followed.dispatcher();
        Callback::from(move |ask: Ask| dispatcher.dispatch(Action::Ask(ask)))
    };
    (followed, on_ask)
}

/// Follows the run, if it is one of this browser, then fetches the result.
async fn follow(shown: &Shown, on_look: impl Fn(Look)) -> Phase<Rc<Computed>> {
    if let Some(run) = own_run(shown)
        && let Err(error) = run.follow(on_look).await
    {
        let has_ended = error.cause == cloud::Cause::Lasting;
        return if has_ended { Phase::Ended(error.message) } else { Problem::from(error).into() };
    }
    match load(shown).await {
        Ok(computed) => Phase::There(Rc::new(computed)),
        Err(problem) => problem.into(),
    }
}

/// Does what a person asks of a run; whether it was done.
async fn done(ask: Ask, run: &Run) -> Result<bool, String> {
    let done = match ask {
        Ask::Stop => run.cancel().await,
        Ask::GoOn => run.redrive().await.map(|()| true),
    };
    if done.as_ref().is_ok_and(|is_done| *is_done) {
        match ask {
            Ask::Stop => memory::stopped(&run.recording, &run.id),
            // The start page leads to it again, also after it was stopped.
            Ask::GoOn => memory::resumed(&run.recording, &run.id),
        }
    }
    done.map_err(|error| error.message)
}

/// The run of this browser's recording, if that is what is shown.
pub fn own_run(shown: &Shown) -> Option<Run> {
    let Shown::Own { recording, run } = shown else { return None };
    let owner_key = memory::get(recording)?.owner_key;
    Some(Run { recording: recording.clone(), id: run.clone(), owner_key })
}

/// Why there is no result.
pub enum Problem {
    /// It was deleted, or is not for this browser.
    Gone(String),
    /// It could not be fetched or read.
    Failed(String),
}

impl<T> From<Problem> for Phase<T> {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Gone(message) => Self::Gone(message),
            Problem::Failed(message) => Self::Failed(message),
        }
    }
}

impl From<cloud::CloudError> for Problem {
    fn from(error: cloud::CloudError) -> Self {
        if error.is_gone() { Self::Gone(error.message) } else { Self::Failed(error.message) }
    }
}

async fn load(shown: &Shown) -> Result<Computed, Problem> {
    match shown {
        Shown::Shared { token } => shared::load(token).await,
        Shown::Own { recording, run } => {
            let gone = || {
                Problem::Gone("Only the browser that uploaded a recording can open this address. Its owner can share the result with a link.".into())
            };
            let key = memory::get(recording).ok_or_else(gone)?.owner_key;
            let links = cloud::get(&format!("/recordings/{recording}/runs/{run}/result"), Some(key.reveal())).await?;
            of_run(links, format!("/api/recordings/{recording}/runs/{run}/reads"), Some(key)).await
        }
    }
}

/// A result that lies beside its uploaded recording.
pub async fn of_run(links: ResultLinks, reads: String, key: Option<Secret>) -> Result<Computed, Problem> {
    let failed = |reason: String| Problem::Failed(reason);
    let found =
        |name: &str| links.files.iter().find(|(known, _)| known == name).map(|(_, url)| url.reveal().to_owned());
    let file =
        |name: &str| found(name).ok_or_else(|| failed(format!("The run has no {name}. Run the analysis again.")));
    let peaks = cloud::download(&file("peaks.parquet")?).await?;
    let waveforms = cloud::download(&file("waveforms.npy")?).await?;
    // Only runs that kept field potentials have their file.
    let field = match found(FIELD_FILE) {
        Some(url) => Some(cloud::download(&url).await?),
        None => None,
    };
    let session = Session::remote(links.stream.clone(), links.events, reads, links.slices, key)
        .await
        .map_err(|failure| failed(failure.reason))?;
    let request = Request::Load {
        info: links.stream.clone(),
        summary: Box::new(links.summary.clone()),
        events: session.events.to_vec(),
    };
    let mut attached = vec![crate::bridge::buffer(&peaks), crate::bridge::buffer(&waveforms)];
    for of in links.summary.pipeline.detectors().iter().skip(1) {
        let spikes = cloud::download(&file(&detected_file(&of.block.id))?).await?;
        attached.push(crate::bridge::buffer(&spikes));
    }
    attached.extend(field.map(|field| crate::bridge::buffer(&field)));
    let (reply, attached) = session.pool.ask(request, attached).await.map_err(|failure| failed(failure.reason))?;
    let computed = Computed::new(&session, 0, reply, &attached, links.receipt);
    computed.ok_or_else(|| failed(WorkFailure::unexpected().reason))
}
