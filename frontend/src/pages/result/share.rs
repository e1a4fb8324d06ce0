//! The owner's share links: make, copy, revoke.

use gloo_net::http::Method;
use wasm_bindgen_futures::spawn_local;
use wasm_core::api::{CreateShare, CreatedShare};
use yew::prelude::*;

use crate::services::address::Place;
use crate::services::cloud;
use crate::services::memory::{self, Link};
use crate::ui::save;

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

/// What the owner did last, and what came of it.
#[derive(Clone, Default, PartialEq)]
struct Now {
    links: Vec<Link>,
    copied: Option<String>,
    problem: Option<String>,
    is_busy: bool,
}

/// A button, and the links once they are made.
#[component(Share)]
pub fn share(props: &ShareProps) -> Html {
    let now = use_state(|| Now { links: links_of(&props.recording), ..Now::default() });
    let Some(key) = memory::get(&props.recording).map(|known| known.owner_key) else { return html! {} };
    let owner = Owner { recording: props.recording.clone(), run: props.run.clone(), key };
    // Each does one thing and shows what there is afterwards.
    let on_share = {
        let (owner, now) = (owner.clone(), now.clone());
        Callback::from(move |_: MouseEvent| {
            let (owner, now) = (owner.clone(), now.clone());
            now.set(Now { is_busy: true, ..(*now).clone() });
            spawn_local(async move {
                let problem = owner.share().await.err();
                now.set(Now { links: links_of(&owner.recording), problem, ..Now::default() });
            });
        })
    };
    let on_revoke = {
        let (owner, now) = (owner.clone(), now.clone());
        Callback::from(move |token: String| {
            let (owner, now) = (owner.clone(), now.clone());
            spawn_local(async move {
                let problem = owner.revoke(&token).await.err();
                now.set(Now { links: links_of(&owner.recording), problem, ..Now::default() });
            });
        })
    };
    let on_copied = {
        let now = now.clone();
        Callback::from(move |copied: String| now.set(Now { copied: Some(copied), ..(*now).clone() }))
    };
    html! {
        <>
            <button class="main" onclick={on_share} disabled={now.is_busy} data-testid="share">{ "Share" }</button>
            { for now.links.iter().map(|link| row(link, &owner.run, &on_copied, &on_revoke)) }
            if let Some(copied) = &now.copied { <p class="small soft" role="status" data-testid="copied">{ copied }</p> }
            if let Some(problem) = &now.problem { <p class="notice problem" role="alert">{ problem }</p> }
        </>
    }
}

/// Who may share a recording's run.
#[derive(Clone)]
struct Owner {
    recording: String,
    run: String,
    key: String,
}

impl Owner {
    /// Makes a link, or says why not.
    async fn share(&self) -> Result<(), String> {
        let path = format!("/recordings/{}/runs/{}/shares", self.recording, self.run);
        let wish = CreateShare { days: DAYS };
        let created = cloud::call::<CreatedShare>(Method::POST, &path, Some(&self.key), Some(&wish)).await;
        let token = created.map_err(|error| error.message)?.token;
        let link = Link { run_id: self.run.clone(), token };
        memory::update(&self.recording, |known| known.links.push(link));
        Ok(())
    }

    /// Makes a link answer no more; one that is gone already does not.
    async fn revoke(&self, token: &str) -> Result<(), String> {
        let path = format!("/recordings/{}/shares/{token}", self.recording);
        match cloud::call::<()>(Method::DELETE, &path, Some(&self.key), None::<&()>).await {
            Err(error) if !error.is_missing() => Err(error.message),
            _ => {
                memory::update(&self.recording, |known| known.links.retain(|link| link.token != token));
                Ok(())
            }
        }
    }
}

/// A link, and what can be done with it.
fn row(link: &Link, run: &str, on_copied: &Callback<String>, on_revoke: &Callback<String>) -> Html {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
    let url = format!("{origin}/share/{}", link.token);
    let whose = if link.run_id == run {
        format!("Whoever has this link sees the result and its traces, for {DAYS} days after it was made:")
    } else {
        "This link shows an earlier result of the recording:".to_owned()
    };
    let token = link.token.clone();
    let on_revoke = on_revoke.reform(move |_: MouseEvent| token.clone());
    html! {
        <div class="share-link notice" key={link.token.clone()}>
            <span class="small soft">{ whose }</span>
            <input readonly=true value={url.clone()} aria-label="Share link" data-testid="share-link" />
            <button onclick={copy(&url, false, on_copied)}>{ "Copy" }</button>
            <button title="The link opens at the times, the electrode and the threshold that you see now." onclick={copy(&url, true, on_copied)} data-testid="copy-view">{ "Copy with this view" }</button>
            <button onclick={on_revoke} data-testid="revoke">{ "Revoke" }</button>
        </div>
    }
}

/// Copies a link, perhaps with what is on screen, and says so.
fn copy(url: &str, with_view: bool, on_copied: &Callback<String>) -> Callback<MouseEvent> {
    let (url, on_copied) = (url.to_owned(), on_copied.clone());
    Callback::from(move |_: MouseEvent| {
        let view = Place::text_now().filter(|_| with_view).map_or_else(String::new, |text| format!("#?{text}"));
        let (url, on_copied) = (format!("{url}{view}"), on_copied.clone());
        spawn_local(async move {
            on_copied.emit(match save::to_clipboard(&url).await {
                true if with_view => "Copied, with what you see now.".to_owned(),
                true => "Copied.".to_owned(),
                false => format!("This browser does not let pages copy. The link: {url}"),
            });
        });
    })
}
