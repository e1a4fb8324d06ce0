//! The owner's share links: make, copy, revoke.

use gloo_net::http::Method;
use wasm_bindgen_futures::spawn_local;
use wasm_core::api::{CreateShare, CreatedShare};
use yew::prelude::*;

use crate::services::address::Place;
use crate::services::memory::{self, Link};
use crate::services::{cloud, save};

/// The links to results of a recording that this browser made: also those of earlier runs, which
/// could be revoked nowhere else.
fn links_of(recording: &str) -> Vec<Link> {
    memory::get(recording).map(|known| known.links).unwrap_or_default()
}

/// Days that a share lasts.
const DAYS: u32 = 90;

/// Properties of [`Share`].
#[derive(Properties, PartialEq)]
pub struct ShareProps {
    /// The recording.
    pub recording: String,
    /// Its run.
    pub run: String,
}

/// A button, and the link once it is made.
#[component(Share)]
pub fn share(props: &ShareProps) -> Html {
    let links = use_state(|| links_of(&props.recording));
    let copied = use_state(|| None::<String>);
    let problem = use_state(|| None::<String>);
    let busy = use_state(|| false);
    let Some(key) = memory::get(&props.recording).map(|known| known.owner_key) else { return html! {} };
    let on_share = {
        let (recording, run, key) = (props.recording.clone(), props.run.clone(), key.clone());
        let (links, problem, busy) = (links.setter(), problem.setter(), busy.setter());
        Callback::from(move |_: MouseEvent| {
            let (recording, run, key) = (recording.clone(), run.clone(), key.clone());
            let (links, problem, busy) = (links.clone(), problem.clone(), busy.clone());
            busy.set(true);
            spawn_local(async move {
                let path = format!("/recordings/{recording}/runs/{run}/shares");
                match cloud::call::<CreatedShare>(Method::POST, &path, Some(&key), Some(&CreateShare { days: DAYS }))
                    .await
                {
                    Ok(created) => {
                        let link = Link { run_id: run.clone(), token: created.token };
                        memory::update(&recording, |known| known.links.push(link));
                        links.set(links_of(&recording));
                        problem.set(None);
                    }
                    Err(error) => problem.set(Some(error.message)),
                }
                busy.set(false);
            });
        })
    };
    let link = |Link { run_id, token }: &Link| {
        let origin = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
        let url = format!("{origin}/share/{token}");
        let on_copy = |name: &'static str, with_view: bool| {
            let (url, copied) = (url.clone(), copied.setter());
            Callback::from(move |_: MouseEvent| {
                let view = Place::text_now().filter(|_| with_view).map_or_else(String::new, |text| format!("#?{text}"));
                let (url, copied) = (format!("{url}{view}"), copied.clone());
                spawn_local(async move {
                    let done = save::to_clipboard(&url).await;
                    copied.set(Some(if done {
                        name.to_owned()
                    } else {
                        format!("This browser does not let pages copy. The link: {url}")
                    }));
                });
            })
        };
        let on_revoke = {
            let (recording, key, token) = (props.recording.clone(), key.clone(), token.clone());
            let (links, problem) = (links.setter(), problem.setter());
            Callback::from(move |_: MouseEvent| {
                let (recording, key, token) = (recording.clone(), key.clone(), token.clone());
                let (links, problem) = (links.clone(), problem.clone());
                spawn_local(async move {
                    let path = format!("/recordings/{recording}/shares/{token}");
                    match cloud::call::<()>(Method::DELETE, &path, Some(&key), None::<&()>).await {
                        Err(error) if !error.is_missing() => problem.set(Some(error.message)),
                        _ => {
                            memory::update(&recording, |known| known.links.retain(|link| link.token != token));
                            links.set(links_of(&recording));
                        }
                    }
                });
            })
        };
        let whose = if *run_id == props.run {
            format!("Whoever has this link sees the result and its traces, for {DAYS} days after it was made:")
        } else {
            "This link shows an earlier result of the recording:".to_owned()
        };
        html! {
            <div class="share-link notice" key={token.clone()}>
                <span class="small soft">{ whose }</span>
                <input readonly=true value={url.clone()} aria-label="Share link" data-testid="share-link" />
                <button onclick={on_copy("Copied.", false)}>{ "Copy" }</button>
                <button title="The link opens at the times, the electrode and the threshold that you see now." onclick={on_copy("Copied, with what you see now.", true)} data-testid="copy-view">{ "Copy with this view" }</button>
                <button onclick={on_revoke} data-testid="revoke">{ "Revoke" }</button>
            </div>
        }
    };
    html! {
        <>
            <button class="main" onclick={on_share} disabled={*busy} data-testid="share">{ "Share" }</button>
            { for links.iter().map(link) }
            if let Some(copied) = &*copied { <p class="small soft" role="status" data-testid="copied">{ copied }</p> }
            if let Some(problem) = &*problem { <p class="notice problem" role="alert">{ problem }</p> }
        </>
    }
}
