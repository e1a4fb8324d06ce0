//! Recordings that were uploaded from this browser.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::keys::Keys;
use super::shared::SharedList;
use crate::pages::result::Runs;
use crate::services::cloud;
use crate::services::memory::{self, Remembered};
use crate::services::results;
use crate::ui::certain::Certain;
use crate::ui::format;

/// Why the list is empty.
const NONE: &str = "No recording was uploaded from this browser yet.";

/// The list, that of results that were shared without their recordings, and the keys of what is in them.
#[component(Recordings)]
pub fn recordings() -> Html {
    let all = use_state(memory::all);
    let problem = use_state(|| None::<String>);
    let on_delete = |recording: &Remembered| {
        let (recording, all, problem) = (recording.clone(), all.setter(), problem.setter());
        Callback::from(move |()| {
            let (recording, all, problem) = (recording.clone(), all.clone(), problem.clone());
            spawn_local(async move {
                let path = format!("/recordings/{}", recording.recording_id);
                match cloud::delete(&path, Some(recording.owner_key.reveal())).await {
                    Err(error) if !error.is_missing() => problem.set(Some(error.message)),
                    _ => {
                        memory::forget(&recording.recording_id);
                        all.set(memory::all());
                    }
                }
            });
        })
    };
    let n_added = use_state(|| 0_u32);
    let on_added = {
        let (all, n_added) = (all.setter(), n_added.clone());
        Callback::from(move |()| {
            all.set(memory::all());
            n_added.set(*n_added + 1);
        })
    };
    let item = |recording: &Remembered| {
        let date = format::date(recording.created_ms);
        html! {
            <li key={recording.recording_id.clone()} data-testid="remembered">
                <div class="what">
                    <h3>{ &recording.name }</h3>
                    <p class="small soft">{ format!("{date}, {}, {}", format::duration(recording.duration_s), recording.stream) }</p>
                </div>
                if let Some(run) = &recording.run_id {
                    <a class="button" href={format!("#/recordings/{}/runs/{run}", recording.recording_id)} data-testid="open-result">{ "Open the latest run" }</a>
                } else {
                    <span class="small soft">{ "No result yet: drop the same files again to go on" }</span>
                }
                <Runs recording={recording.recording_id.clone()} run={recording.run_id.clone().unwrap_or_default()} is_here={false} />
                <Certain label="Delete" question="Really delete it from the cloud?" on_yes={on_delete(recording)} name="delete-recording" />
            </li>
        }
    };
    html! {
        <>
        <SharedList key={*n_added} />
        <section>
            <h2>{ "Your recordings" }</h2>
            <p class="small soft" data-testid="recordings-told">{ if all.is_empty() { NONE } else { "Only this browser knows them." } }</p>
            if let Some(problem) = &*problem { <p class="notice problem" role="alert">{ problem }</p> }
            if !all.is_empty() { <ul class="recordings">{ for all.iter().map(item) }</ul> }
            <Keys has_any={!all.is_empty() || !results::all().is_empty()} {on_added} />
        </section>
        </>
    }
}
