//! The owner's share links: make, copy, revoke.

use gloo_net::http::Method;
use wasm_bindgen_futures::spawn_local;
use wasm_core::api::{CreateShare, CreatedShare};
use wasm_core::secret::Secret;
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
    /// The link that the owner was asked about: is it to be revoked?
    asked: Option<Secret>,
    /// What came of it, in words.
    said: Option<String>,
    problem: Option<String>,
    is_busy: bool,
}

/// What can be done with a link.
struct Doing {
    /// Says what came of copying.
    said: Callback<String>,
    /// Asks whether a link is to be revoked; without one the question is taken back.
    ask: Callback<Option<Secret>>,
    /// Revokes it.
    revoke: Callback<Secret>,
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
    let revoke = {
        let (owner, now) = (owner.clone(), now.clone());
        Callback::from(move |token: Secret| {
            let (owner, now) = (owner.clone(), now.clone());
            now.set(Now { is_busy: true, ..(*now).clone() });
            spawn_local(async move {
                let problem = owner.revoke(&token).await.err();
                let said = problem.is_none().then(|| "Revoked: that link shows nothing any more.".to_owned());
                now.set(Now { links: links_of(&owner.recording), said, problem, ..Now::default() });
            });
        })
    };
    let said = {
        let now = now.clone();
        Callback::from(move |said: String| now.set(Now { said: Some(said), ..(*now).clone() }))
    };
    let ask = {
        let now = now.clone();
        Callback::from(move |asked: Option<Secret>| now.set(Now { asked, said: None, ..(*now).clone() }))
    };
    let doing = Doing { said, ask, revoke };
    html! {
        <>
            <button class="main" onclick={on_share} disabled={now.is_busy} data-testid="share">{ "Share" }</button>
            { for now.links.iter().map(|link| row(link, &owner.run, &now, &doing)) }
            if let Some(said) = &now.said { <p class="small soft" role="status" data-testid="copied">{ said }</p> }
            if let Some(problem) = &now.problem { <p class="notice problem" role="alert">{ problem }</p> }
        </>
    }
}

/// Who may share a recording's run.
#[derive(Clone)]
struct Owner {
    recording: String,
    run: String,
    key: Secret,
}

impl Owner {
    /// Makes a link, or says why not.
    async fn share(&self) -> Result<(), String> {
        let path = format!("/recordings/{}/runs/{}/shares", self.recording, self.run);
        let wish = CreateShare { days: DAYS };
        let created = cloud::call::<CreatedShare>(Method::POST, &path, Some(self.key.reveal()), Some(&wish)).await;
        let token = created.map_err(|error| error.message)?.token;
        let link = Link { run_id: self.run.clone(), token };
        memory::update(&self.recording, |known| known.links.push(link));
        Ok(())
    }

    /// Makes a link answer no more; one that is gone already does not.
    async fn revoke(&self, token: &Secret) -> Result<(), String> {
        let path = format!("/recordings/{}/shares/{}", self.recording, token.reveal());
        match cloud::call::<()>(Method::DELETE, &path, Some(self.key.reveal()), None::<&()>).await {
            Err(error) if !error.is_missing() => Err(error.message),
            _ => {
                memory::update(&self.recording, |known| known.links.retain(|link| link.token != *token));
                Ok(())
            }
        }
    }
}

/// A link, and what can be done with it.
fn row(link: &Link, run: &str, now: &Now, doing: &Doing) -> Html {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
    let url = format!("{origin}/share/{}", link.token.reveal());
    let whose = if link.run_id == run {
        format!("Whoever has this link sees the result and its traces, for {DAYS} days after it was made:")
    } else {
        "This link shows an earlier result of the recording:".to_owned()
    };
    let is_asked = now.asked.as_ref() == Some(&link.token);
    html! {
        <div class="share-link notice" key={link.token.reveal().to_owned()}>
            <span class="small soft">{ whose }</span>
            <input readonly=true value={url.clone()} aria-label="Share link" data-testid="share-link" />
            if is_asked {
                { question(link, now.is_busy, doing) }
            } else {
                <button onclick={copy(&url, false, &doing.said)}>{ "Copy" }</button>
                <button title="The link opens at the times, the electrode and the threshold that you see now." onclick={copy(&url, true, &doing.said)} data-testid="copy-view">{ "Copy with this view" }</button>
                <button onclick={ask(doing, Some(link.token.clone()))} data-testid="revoke">{ "Revoke" }</button>
            }
        </div>
    }
}

/// Asks before a link is revoked: who has it sees nothing any more, and it cannot be brought back.
fn question(link: &Link, is_busy: bool, doing: &Doing) -> Html {
    let (revoke, token) = (doing.revoke.clone(), link.token.clone());
    let on_yes = Callback::from(move |click: MouseEvent| {
        // The second click of a double click is not an answer to the question.
        if click.detail() < 2 {
            revoke.emit(token.clone());
        }
    });
    html! {
        <>
            <span class="small" role="alert" data-testid="revoke-question">{ "Revoke it? Whoever has the link sees nothing any more, and it cannot be brought back." }</span>
            <button onclick={on_yes} disabled={is_busy} data-testid="revoke-yes">{ "Yes, revoke" }</button>
            <button onclick={ask(doing, None)} disabled={is_busy} data-testid="revoke-no">{ "No, keep it" }</button>
        </>
    }
}

fn ask(doing: &Doing, about: Option<Secret>) -> Callback<MouseEvent> {
    doing.ask.reform(move |_: MouseEvent| about.clone())
}

/// Copies a link, perhaps with what is on screen, and says so.
fn copy(url: &str, with_view: bool, on_said: &Callback<String>) -> Callback<MouseEvent> {
    let (url, on_said) = (url.to_owned(), on_said.clone());
    Callback::from(move |_: MouseEvent| {
        let view = Place::text_now().filter(|_| with_view).map_or_else(String::new, |text| format!("#?{text}"));
        let (url, on_said) = (format!("{url}{view}"), on_said.clone());
        spawn_local(async move {
            on_said.emit(match save::to_clipboard(&url).await {
                true if with_view => "Copied, with what you see now.".to_owned(),
                true => "Copied.".to_owned(),
                false => format!("This browser does not let pages copy. The link: {url}"),
            });
        });
    })
}
