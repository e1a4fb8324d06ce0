//! The owner's share links: make, copy, revoke.

use gloo_net::http::Method;
use wasm_bindgen_futures::spawn_local;
use wasm_core::api::{CreateShare, CreatedShare};
use yew::prelude::*;

use crate::services::{cloud, memory};

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
    let tokens = use_state(|| memory::get(&props.recording).map(|known| known.shares).unwrap_or_default());
    let problem = use_state(|| None::<String>);
    let busy = use_state(|| false);
    let Some(key) = memory::get(&props.recording).map(|known| known.owner_key) else { return html! {} };
    let on_share = {
        let (recording, run, key) = (props.recording.clone(), props.run.clone(), key.clone());
        let (tokens, problem, busy) = (tokens.setter(), problem.setter(), busy.setter());
        Callback::from(move |_: MouseEvent| {
            let (recording, run, key) = (recording.clone(), run.clone(), key.clone());
            let (tokens, problem, busy) = (tokens.clone(), problem.clone(), busy.clone());
            busy.set(true);
            spawn_local(async move {
                let path = format!("/recordings/{recording}/runs/{run}/shares");
                match cloud::call::<CreatedShare>(Method::POST, &path, Some(&key), Some(&CreateShare { days: DAYS }))
                    .await
                {
                    Ok(created) => {
                        memory::update(&recording, |known| known.shares.push(created.token));
                        tokens.set(memory::get(&recording).map(|known| known.shares).unwrap_or_default());
                        problem.set(None);
                    }
                    Err(error) => problem.set(Some(error.message)),
                }
                busy.set(false);
            });
        })
    };
    let link = |token: &String| {
        let origin = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
        let url = format!("{origin}/share/{token}");
        let on_copy = {
            let url = url.clone();
            Callback::from(move |_: MouseEvent| {
                if let Some(window) = web_sys::window() {
                    drop(window.navigator().clipboard().write_text(&url));
                }
            })
        };
        let on_revoke = {
            let (recording, key, token) = (props.recording.clone(), key.clone(), token.clone());
            let (tokens, problem) = (tokens.setter(), problem.setter());
            Callback::from(move |_: MouseEvent| {
                let (recording, key, token) = (recording.clone(), key.clone(), token.clone());
                let (tokens, problem) = (tokens.clone(), problem.clone());
                spawn_local(async move {
                    let path = format!("/recordings/{recording}/shares/{token}");
                    match cloud::call::<()>(Method::DELETE, &path, Some(&key), None::<&()>).await {
                        Err(error) if error.status != 404 => problem.set(Some(error.message)),
                        _ => {
                            memory::update(&recording, |known| known.shares.retain(|known| *known != token));
                            tokens.set(memory::get(&recording).map(|known| known.shares).unwrap_or_default());
                        }
                    }
                });
            })
        };
        html! {
            <div class="share-link notice" key={token.clone()}>
                <span class="small soft">{ "Whoever has this link sees the result and its traces:" }</span>
                <input readonly=true value={url} aria-label="Share link" data-testid="share-link" />
                <button onclick={on_copy}>{ "Copy" }</button>
                <button onclick={on_revoke} data-testid="revoke">{ "Revoke" }</button>
            </div>
        }
    };
    html! {
        <>
            <button class="main" onclick={on_share} disabled={*busy} data-testid="share">{ "Share" }</button>
            { for tokens.iter().map(link) }
            if let Some(problem) = &*problem { <p class="notice problem" role="alert">{ problem }</p> }
        </>
    }
}
