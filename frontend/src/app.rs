//! The frame: header, routes, and the recording that is open.

mod frame;
mod own;

use std::rc::Rc;

use yew::prelude::*;

use crate::pages::regions::RegionsPage;
use crate::pages::result::{Computed, KeptPage, KeptResult, ResultPage, Shown, StoredResult};
use crate::pages::start::Start;
use crate::pages::workbench::Workbench;
use crate::routes::{OPEN, Part, Route, go};
use crate::services::session::Session;
use crate::services::{early, leaving, memory};
use frame::{forget_open, use_missed, use_route, use_title};
use own::{Action, Own};

/// Shows the page in the place of what `www/index.html` shows until now.
pub fn start() {
    early::end();
    yew::Renderer::<App>::new().render();
}

/// The page.
#[component(App)]
pub fn app() -> Html {
    // Before the address is read for the first time.
    let is_forgotten = use_state_eq(forget_open);
    let (route, visit) = use_route();
    let session = use_state(|| None::<Rc<Session>>);
    // The result that was computed from it.
    let own = use_reducer(Own::<Computed>::default);
    // A result that was not kept is lost with the page, and with the recording that is open.
    leaving::use_asking(own.would_be_lost());
    let missed = use_missed(session.is_some() && *route != Route::Home);
    let on_open = {
        let (session, own, route) = (session.setter(), own.dispatcher(), route.setter());
        let is_forgotten = is_forgotten.setter();
        Callback::from(move |opened: Rc<Session>| {
            is_forgotten.set(false);
            // Who keeps a result that another recording would take the place of goes back to it.
            if leaving::may_leave() {
                opened.prepare_results();
                session.set(Some(opened));
                own.dispatch(Action::Found(None));
            }
            go(OPEN);
            route.set(Route::now());
        })
    };
    let on_home = {
        let (session, own) = (session.setter(), own.dispatcher());
        Callback::from(move |event: MouseEvent| {
            // Another tab or window leaves this one as it is.
            if event.ctrl_key() || event.meta_key() || event.shift_key() {
                return;
            }
            if leaving::may_leave() {
                session.set(None);
                own.dispatch(Action::Found(None));
            } else {
                event.prevent_default();
            }
        })
    };
    let place = place_of(&route, session.as_ref());
    use_title(&place);
    let page = match (*route).clone() {
        Route::Open(part) => match &*session {
            Some(session) => opened(session, part, &own),
            None => html! { <Start {on_open} /> },
        },
        Route::Home => {
            let still_open = session.as_ref().map(|session| AttrValue::from(session.name.clone()));
            html! { <Start {on_open} {still_open} is_forgotten={*is_forgotten} /> }
        }
        Route::Run { recording, run } => {
            let known = memory::get(&recording);
            let is_same = |open: &Rc<Session>| known.is_some_and(|known| open.fingerprint == known.fingerprint);
            let open = (*session).clone().filter(is_same);
            html! { <ResultPage key={format!("{run} {visit}")} shown={Shown::Own { recording, run: run.clone() }} {open} {on_open} /> }
        }
        Route::Kept { id } => html! { <KeptPage key={format!("{id} {visit}")} id={id.clone()} /> },
        Route::Regions => html! { <RegionsPage /> },
        Route::Share { token } => {
            html! { <ResultPage key={format!("{} {visit}", token.reveal())} shown={Shown::Shared { token: token.clone() }} /> }
        }
    };
    html! {
        <>
            <header class="top">
                <a href="/#/" onclick={on_home} data-testid="home"><img src="/icon.svg" alt="" />{ "Neurocyte" }</a>
                <span class="place" data-testid="place">{ place }</span>
            </header>
            if missed { <p class="notice small" role="status" data-testid="missed">{ "Another recording is open. Go to the start page, by the name at the top left, and drop these files there." }</p> }
            <main>{ page }</main>
        </>
    }
}

/// What is shown, in words; empty for the start page.
fn place_of(route: &Route, session: Option<&Rc<Session>>) -> String {
    match (route, session) {
        (Route::Open(_), Some(session)) => session.name.clone(),
        (Route::Share { .. }, _) => "Shared result".into(),
        (Route::Run { .. }, _) => "Result".into(),
        (Route::Kept { .. }, _) => "Kept result".into(),
        (Route::Regions, _) => "Regions and costs".into(),
        _ => String::new(),
    }
}

/// The recording that is open, or the result that it is.
fn opened(session: &Rc<Session>, part: Part, own: &UseReducerHandle<Own<Computed>>) -> Html {
    let key = format!("{:p}", Rc::as_ptr(session));
    if session.kept.is_some() {
        return html! { <KeptResult {key} session={Rc::clone(session)} /> };
    }
    if session.streams.is_empty() {
        return html! { <StoredResult {key} session={Rc::clone(session)} /> };
    }
    let on_found = {
        let own = own.dispatcher();
        Callback::from(move |found: Option<Rc<Computed>>| own.dispatch(Action::Found(found)))
    };
    let found = own.computed();
    let on_kept = {
        let (own, found) = (own.dispatcher(), found.clone());
        Callback::from(move |()| {
            if let Some(kept) = &found {
                own.dispatch(Action::Kept(Rc::clone(kept)));
            }
        })
    };
    html! { <Workbench {key} session={Rc::clone(session)} {part} {found} {on_found} {on_kept} /> }
}
