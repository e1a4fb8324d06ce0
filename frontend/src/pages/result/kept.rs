//! Results that were kept: in this browser, or as a file that was dropped.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{Computed, ResultView};
use crate::bridge::result::Request;
use crate::services::kept::{self, KeptFile};
use crate::services::pool::WorkFailure;
use crate::services::session::Session;
use crate::ui::format;

/// Properties of [`KeptPage`].
#[derive(Properties, PartialEq)]
pub struct KeptPageProps {
    /// The id, which the address ends with.
    pub id: String,
}

#[derive(Clone, PartialEq)]
enum State {
    Loading,
    Gone,
    Failed(String),
    There(Rc<Session>),
}

/// A result that this browser keeps.
#[component(KeptPage)]
pub fn kept_page(props: &KeptPageProps) -> Html {
    let state = use_state(|| State::Loading);
    {
        let (id, state) = (props.id.clone(), state.setter());
        use_effect_with((), move |()| {
            spawn_local(async move { state.set(look(&id).await) });
        });
    }
    match &*state {
        State::Loading => loading(),
        State::Gone => html! {
            <div class="empty" data-testid="gone">
                <h1>{ "This result is not kept here" }</h1>
                <p class="soft">{ "It was deleted, or it is kept in another browser. The person who has it can save it as a file, which opens anywhere." }</p>
                <a class="button" href="/#/">{ "Back to the start" }</a>
            </div>
        },
        State::Failed(reason) => failed(reason),
        State::There(session) => html! { <KeptResult session={Rc::clone(session)} has_address={true} /> },
    }
}

async fn look(id: &str) -> State {
    match kept::file(id).await {
        Ok(Some(file)) => match KeptFile::open(file).await {
            Ok(file) => State::There(Session::of_kept(file)),
            Err(error) => State::Failed(format!("The kept file does not open: {error}.")),
        },
        Ok(None) => State::Gone,
        Err(error) => State::Failed(format!("The kept file cannot be read: {error}.")),
    }
}

/// Properties of [`KeptResult`].
#[derive(Properties, PartialEq)]
pub struct KeptResultProps {
    /// The kept result.
    pub session: Rc<Session>,
    /// Whether the address bar holds the view.
    #[prop_or_default]
    pub has_address: bool,
}

/// A kept result that is open.
#[component(KeptResult)]
pub fn kept_result(props: &KeptResultProps) -> Html {
    let state = use_state(|| None::<Result<Rc<Computed>, String>>);
    {
        let (session, state) = (Rc::clone(&props.session), state.setter());
        use_effect_with((), move |()| {
            spawn_local(async move {
                let computed = restored(&session).await;
                let told = |failure: WorkFailure| format!("{} does not open: {}", session.name, failure.reason);
                state.set(Some(computed.map(Rc::new).map_err(told)));
            });
        });
    }
    match &*state {
        None => loading(),
        Some(Err(reason)) => failed(reason),
        Some(Ok(computed)) => html! {
            // What was dropped has no address: this browser does not keep it.
            <ResultView computed={Rc::clone(computed)} has_address={props.has_address} is_kept={props.has_address}>{ about(&props.session) }</ResultView>
        },
    }
}

/// What a kept file holds, as the worker of results restores it.
pub async fn restored(session: &Rc<Session>) -> Result<Computed, WorkFailure> {
    let file = session.kept.as_ref().ok_or_else(WorkFailure::unexpected)?;
    let attached = vec![file.buffer().await?];
    let (reply, attached) = session.pool.ask(Request::Restore, attached).await?;
    Computed::kept(session, reply, &attached).ok_or_else(WorkFailure::unexpected)
}

/// When it was kept, and what the person wrote.
fn about(session: &Session) -> Html {
    let Some(file) = &session.kept else { return html! {} };
    let about = &file.head.about;
    html! {
        <p class="keep small soft" data-testid="kept-about">
            { format!("Kept on {}. ", format::date(about.created_ms)) }
            { &about.note }
        </p>
    }
}

fn loading() -> Html {
    html! { <div class="result" role="status" data-testid="loading"><p class="soft">{ "Opening the kept result…" }</p><div class="skeleton" /></div> }
}

fn failed(reason: &str) -> Html {
    html! {
        <div class="empty" data-testid="failed">
            <h1>{ "The kept result could not be opened" }</h1>
            <p class="soft" role="alert">{ reason }</p>
            <a class="button" href="/#/">{ "Back to the start" }</a>
        </div>
    }
}
