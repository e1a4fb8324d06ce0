//! Results that this browser shared from their spikes alone.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::services::results::{self, Sent};
use crate::services::shares::{Owner, Words, address_of};
use crate::ui::certain::Certain;
use crate::ui::{format, save};

/// What can be done with a result that was sent.
#[derive(Clone, Copy)]
enum Deed {
    Share,
    Revoke,
    Delete,
}

impl Deed {
    async fn run(self, sent: &Sent) -> Result<(), String> {
        let owner = Owner::File { result: sent.result_id.clone(), key: sent.owner_key.clone() };
        let done = match self {
            Self::Share => owner.share(&Words { title: sent.title.clone(), note: sent.note.clone() }).await,
            Self::Revoke => {
                let mut done = Ok(());
                for token in &sent.links {
                    done = done.and(owner.revoke(token).await);
                }
                done
            }
            Self::Delete => results::delete(sent).await,
        };
        done.map_err(|error| error.message)
    }
}

/// The list so far.
struct Known {
    all: UseStateHandle<Vec<Sent>>,
    said: UseStateHandle<Option<String>>,
    problem: UseStateHandle<Option<String>>,
    /// One deed at a time: a second click makes no second link.
    is_busy: UseStateHandle<bool>,
}

/// The list so far, and a callback that does a deed.
#[hook]
fn use_deeds() -> (Known, Callback<(Deed, Sent)>) {
    let all = use_state(results::all);
    let said = use_state(|| None::<String>);
    let problem = use_state(|| None::<String>);
    let is_busy = use_state_eq(|| false);
    let run = {
        let (all, problem, said, is_busy) = (all.setter(), problem.setter(), said.setter(), is_busy.setter());
        Callback::from(move |(deed, sent): (Deed, Sent)| {
            let (all, problem, said, is_busy) = (all.clone(), problem.clone(), said.clone(), is_busy.clone());
            is_busy.set(true);
            said.set(Some("Asking the cloud…".to_owned()));
            problem.set(None);
            spawn_local(async move {
                let done = deed.run(&sent).await;
                said.set(None);
                problem.set(done.err());
                all.set(results::all());
                is_busy.set(false);
            });
        })
    };
    (Known { all, said, problem, is_busy }, run)
}

/// Copies a link and says so.
fn copy(url: &str, said: UseStateSetter<Option<String>>) -> Callback<MouseEvent> {
    let url = url.to_owned();
    Callback::from(move |_: MouseEvent| {
        let (url, said) = (url.clone(), said.clone());
        spawn_local(async move { said.set(Some(save::copied(&url, "Copied.").await)) });
    })
}

/// The list; nothing where there are none.
#[component(SharedList)]
pub fn shared_list() -> Html {
    let (Known { all, said, problem, is_busy }, run) = use_deeds();
    let does = |deed: Deed, sent: &Sent| {
        let (run, sent) = (run.clone(), sent.clone());
        Callback::from(move |()| run.emit((deed, sent.clone())))
    };
    let item = |sent: &Sent| {
        let (date, duration) = (format::date(sent.created_ms), format::duration(sent.duration_s));
        let size = format::bytes(sent.size_bytes);
        let link = sent.links.first().map(address_of);
        html! {
            <li key={sent.result_id.clone()} data-testid="shared-item">
                <div class="what">
                    <h3>{ &sent.title }</h3>
                    <p class="small soft">{ format!("{}, {date}, {duration}, {size}", sent.name) }</p>
                    if link.is_none() { <p class="small soft">{ "No link shows it now." }</p> }
                </div>
                if let Some(url) = &link {
                    <a class="button" href={url.clone()} aria-label={format!("Open {}", sent.title)} data-testid="open-shared">{ "Open" }</a>
                    <button onclick={copy(url, said.setter())} aria-label={format!("Copy the link to {}", sent.title)} data-testid="copy-shared">{ "Copy link" }</button>
                    <Certain label="Revoke" question="Really revoke its link?" on_yes={does(Deed::Revoke, sent)} name="revoke-shared" />
                } else {
                    <button onclick={does(Deed::Share, sent).reform(|_: MouseEvent| ())} disabled={*is_busy} aria-label={format!("Share {} again", sent.title)} data-testid="share-again">{ "Make a new link" }</button>
                }
                <Certain label="Delete" question="Really delete it from the cloud?" on_yes={does(Deed::Delete, sent)} name="delete-shared" />
            </li>
        }
    };
    html! {
        <>
            if let Some(problem) = &*problem { <p class="notice problem small" role="alert" data-testid="shared-list-problem">{ problem }</p> }
            if !all.is_empty() {
                <section>
                    <h2>{ "Shared results" }</h2>
                    <p class="small soft">{ "They lie in the cloud without their recordings. Only this browser can revoke and delete them." }</p>
                    if let Some(said) = &*said { <p class="small soft" role="status">{ said }</p> }
                    <ul class="recordings">{ for all.iter().map(item) }</ul>
                </section>
            }
        </>
    }
}
