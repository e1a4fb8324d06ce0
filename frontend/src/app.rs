//! The frame: header, routes, and the recording that is open.

use std::rc::Rc;

use wasm_core::secret::Secret;
use yew::prelude::*;

use crate::pages::result::{KeptPage, KeptResult, ResultPage, Shown, StoredResult};
use crate::pages::start::Start;
use crate::pages::workbench::Workbench;
use crate::services::session::Session;
use crate::services::{leaving, memory};

/// Where the address bar points. Shares have a path of their own, so that the server can
/// answer 404 once they are revoked; all else stands behind `#`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Route {
    Home,
    Run { recording: String, run: String },
    Kept { id: String },
    Share { token: Secret },
}

impl Route {
    fn now() -> Self {
        let location = web_sys::window().map(|window| window.location());
        let path = location.and_then(|location| location.pathname().ok()).unwrap_or_default();
        if let Some(token) = path.strip_prefix("/share/") {
            return Self::Share { token: Secret::new(token.trim_end_matches('/')) };
        }
        let hash = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
        let path = hash.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.trim_start_matches('#').split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            ["recordings", recording, "runs", run] => Self::Run { recording: (*recording).into(), run: (*run).into() },
            ["kept", id] => Self::Kept { id: (*id).into() },
            _ => Self::Home,
        }
    }
}

/// Goes to an address of this page.
pub fn go(hash: &str) {
    if let Some(window) = web_sys::window() {
        drop(window.location().set_hash(hash));
    }
}

/// The page.
#[component(App)]
pub fn app() -> Html {
    let route = use_state(Route::now);
    // Addresses that were gone to: a link to another view of what is shown begins anew with it.
    let visit = use_mut_ref(|| 0_u32);
    let session = use_state(|| None::<Rc<Session>>);
    {
        let (route, visit) = (route.setter(), Rc::clone(&visit));
        use_effect_with((), move |()| {
            let gone = move |_: &Event| {
                *visit.borrow_mut() += 1;
                route.set(Route::now());
            };
            let listener = web_sys::window().map(|window| gloo_events::EventListener::new(&window, "hashchange", gone));
            move || drop(listener)
        });
    }
    // A file that is dropped beside the place for it must not replace the page.
    let missed = use_state_eq(|| false);
    {
        let missed = missed.setter();
        use_effect_with(session.is_some(), move |is_open| {
            let is_open = *is_open;
            missed.set(false);
            let swallow = |kind: &'static str| {
                let options = gloo_events::EventListenerOptions::enable_prevent_default();
                let missed = missed.clone();
                let taken = move |event: &Event| {
                    event.prevent_default();
                    missed.set(is_open && kind == "drop");
                };
                web_sys::window()
                    .map(|window| gloo_events::EventListener::new_with_options(&window, kind, options, taken))
            };
            let listeners = ["dragover", "drop"].map(swallow);
            move || drop(listeners)
        });
    }
    let on_open = {
        let session = session.setter();
        Callback::from(move |opened: Rc<Session>| session.set(Some(opened)))
    };
    let on_home = {
        let session = session.setter();
        Callback::from(move |event: MouseEvent| {
            if leaving::may_leave() {
                session.set(None);
            } else {
                event.prevent_default();
            }
        })
    };
    let place = match (&*route, &*session) {
        (Route::Home, Some(session)) => session.name.clone(),
        (Route::Share { .. }, _) => "Shared result".into(),
        (Route::Run { .. }, _) => "Result".into(),
        (Route::Kept { .. }, _) => "Kept result".into(),
        _ => String::new(),
    };
    use_effect_with(place.clone(), |place| {
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            let title = if place.is_empty() { "Neurocyte".to_owned() } else { format!("{place} · Neurocyte") };
            document.set_title(&title);
        }
    });
    let page = match (*route).clone() {
        Route::Home => match &*session {
            Some(session) => {
                let key = format!("{:p}", Rc::as_ptr(session));
                if session.kept.is_some() {
                    html! { <KeptResult {key} session={Rc::clone(session)} /> }
                } else if session.streams.is_empty() {
                    html! { <StoredResult {key} session={Rc::clone(session)} /> }
                } else {
                    html! { <Workbench {key} session={Rc::clone(session)} /> }
                }
            }
            None => html! { <Start {on_open} /> },
        },
        Route::Run { recording, run } => {
            let known = memory::get(&recording);
            let is_open =
                session.as_ref().zip(known).is_some_and(|(open, known)| open.fingerprint == known.fingerprint);
            html! { <ResultPage key={format!("{run} {}", visit.borrow())} shown={Shown::Own { recording, run: run.clone() }} {is_open} /> }
        }
        Route::Kept { id } => html! { <KeptPage key={format!("{id} {}", visit.borrow())} id={id.clone()} /> },
        Route::Share { token } => {
            html! { <ResultPage key={format!("{} {}", token.reveal(), visit.borrow())} shown={Shown::Shared { token: token.clone() }} /> }
        }
    };
    html! {
        <>
            <header class="top">
                <a href="/#/" onclick={on_home} data-testid="home"><img src="/icon.svg" alt="" />{ "Neurocyte" }</a>
                <span class="place" data-testid="place">{ place }</span>
            </header>
            if *missed { <p class="notice small" role="status" data-testid="missed">{ "Another recording is open. Go to the start page, by the name at the top left, and drop these files there." }</p> }
            <main>{ page }</main>
        </>
    }
}
