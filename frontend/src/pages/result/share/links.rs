//! Links to a result: copy, revoke.

mod now;

use wasm_bindgen_futures::spawn_local;
use wasm_core::secret::Secret;
use yew::prelude::*;

use crate::services::address::Place;
use crate::services::shares::{DAYS, Owner, address_of};
use crate::ui::save;
use now::{Action, Now};

/// Properties of [`Links`].
#[derive(Properties, PartialEq)]
pub struct LinksProps {
    /// Whose links.
    pub owner: Owner,
    /// The links, each with whether it shows this very result.
    pub links: Vec<(Secret, bool)>,
    /// Whether the address bar holds a view that a link can begin with.
    pub has_view: bool,
    /// Told when there are fewer.
    pub on_changed: Callback<()>,
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

/// A row for each link, and what came of what was done with them.
#[component(Links)]
pub fn links(props: &LinksProps) -> Html {
    let now = use_reducer_eq(Now::default);
    let revoke = {
        let (owner, now, on_changed) = (props.owner.clone(), now.dispatcher(), props.on_changed.clone());
        Callback::from(move |token: Secret| {
            let (owner, now, on_changed) = (owner.clone(), now.clone(), on_changed.clone());
            now.dispatch(Action::Revoke);
            spawn_local(async move {
                let revoked = owner.revoke(&token).await;
                let said = || format!("Revoked: that link shows nothing any more.{}", owner.stays());
                now.dispatch(Action::Revoked(revoked.map(|()| said()).map_err(|error| error.message)));
                on_changed.emit(());
            });
        })
    };
    let said = {
        let now = now.dispatcher();
        Callback::from(move |said: String| now.dispatch(Action::Say(said)))
    };
    let ask = {
        let now = now.dispatcher();
        Callback::from(move |asked: Option<Secret>| now.dispatch(Action::Ask(asked)))
    };
    let doing = Doing { said, ask, revoke };
    html! {
        <>
            { for props.links.iter().map(|link| row(link, props, &now, &doing)) }
            if props.has_view && !props.links.is_empty() { <p class="small soft">{ "With this view, a link opens at the times, the electrode and the threshold that you see now." }</p> }
            if let Some(said) = &now.said { <p class="small soft" role="status" data-testid="copied">{ said }</p> }
            if let Some(problem) = &now.problem { <p class="notice problem" role="alert">{ problem }</p> }
        </>
    }
}

/// A link, and what can be done with it.
fn row((token, is_own): &(Secret, bool), props: &LinksProps, now: &Now, doing: &Doing) -> Html {
    let url = address_of(token);
    let whose = if *is_own {
        format!("Everyone who has this link sees {} for {DAYS} days after it was made:", props.owner.shows())
    } else {
        "This link shows an earlier result of the recording:".to_owned()
    };
    html! {
        <div class="share-link notice" key={token.reveal().to_owned()}>
            <span class="small soft">{ whose }</span>
            <input readonly=true value={url.clone()} aria-label="Share link" data-testid="share-link" />
            if now.asked.as_ref() == Some(token) {
                { question(token, now.is_busy, doing) }
            } else {
                <button onclick={copy(&url, false, &doing.said)} data-testid="copy-link">{ "Copy" }</button>
                if props.has_view { <button onclick={copy(&url, true, &doing.said)} data-testid="copy-view">{ "Copy with this view" }</button> }
                <button onclick={ask(doing, Some(token.clone()))} data-testid="revoke">{ "Revoke" }</button>
            }
        </div>
    }
}

/// Asks before a link is revoked: who has it sees nothing any more, and it cannot be brought back.
fn question(token: &Secret, is_busy: bool, doing: &Doing) -> Html {
    let (revoke, token) = (doing.revoke.clone(), token.clone());
    let on_yes = Callback::from(move |click: MouseEvent| {
        // The second click of a double click is not an answer to the question.
        if click.detail() < 2 {
            revoke.emit(token.clone());
        }
    });
    html! {
        <>
            <span class="small" role="alert" data-testid="revoke-question">{ "Revoke it? Then nobody with the link sees anything any more, and it cannot be brought back." }</span>
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
            let done = if with_view { "Copied, with what you see now." } else { "Copied." };
            on_said.emit(save::copied(&url, done).await);
        });
    })
}
