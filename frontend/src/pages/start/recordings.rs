//! Recordings that were uploaded from this browser.

use gloo_net::http::Method;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::services::cloud;
use crate::services::memory::{self, Remembered};
use crate::ui::format;

/// The list; nothing where there are none.
#[component(Recordings)]
pub fn recordings() -> Html {
    let all = use_state(memory::all);
    let problem = use_state(|| None::<String>);
    let asked = use_state(|| None::<String>);
    if all.is_empty() {
        return html! {};
    }
    let on_delete = |recording: &Remembered| {
        let (recording, all, problem, asked) = (recording.clone(), all.setter(), problem.setter(), asked.clone());
        Callback::from(move |click: MouseEvent| {
            // The second click of a double click is not an answer to the question.
            if click.detail() > 1 {
                return;
            }
            if asked.as_deref() != Some(recording.recording_id.as_str()) {
                asked.set(Some(recording.recording_id.clone()));
                return;
            }
            let (recording, all, problem) = (recording.clone(), all.clone(), problem.clone());
            spawn_local(async move {
                let path = format!("/recordings/{}", recording.recording_id);
                match cloud::call::<()>(Method::DELETE, &path, Some(recording.owner_key.reveal()), None::<&()>).await {
                    Err(error) if !error.is_missing() => problem.set(Some(error.message)),
                    _ => {
                        memory::forget(&recording.recording_id);
                        all.set(memory::all());
                    }
                }
            });
        })
    };
    // Who goes elsewhere has not said yes.
    let on_leave = {
        let asked = asked.setter();
        Callback::from(move |_: FocusEvent| asked.set(None))
    };
    let item = |recording: &Remembered| {
        let date = format::date(recording.created_ms);
        let certain = asked.as_deref() == Some(recording.recording_id.as_str());
        html! {
            <li key={recording.recording_id.clone()} data-testid="remembered">
                <div class="what">
                    <h3>{ &recording.name }</h3>
                    <p class="small soft">{ format!("{date}, {}, {}", format::duration(recording.duration_s), recording.stream) }</p>
                </div>
                if let Some(run) = &recording.run_id {
                    <a class="button" href={format!("#/recordings/{}/runs/{run}", recording.recording_id)} data-testid="open-result">{ "Open result" }</a>
                } else {
                    <span class="small soft">{ "No result yet: drop the same files again to go on" }</span>
                }
                <button class="quiet" onclick={on_delete(recording)} onblur={on_leave.clone()} data-testid="delete-recording">{ if certain { "Really delete it from the cloud?" } else { "Delete" } }</button>
            </li>
        }
    };
    html! {
        <section>
            <h2>{ "Your recordings" }</h2>
            <p class="small soft">{ "Known to this browser only." }</p>
            if let Some(problem) = &*problem { <p class="notice problem" role="alert">{ problem }</p> }
            <ul class="recordings">{ for all.iter().map(item) }</ul>
        </section>
    }
}
