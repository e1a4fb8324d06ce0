//! The frame: header, routes, and the recording that is open.

mod route;

use std::rc::Rc;

use yew::prelude::*;

use crate::pages::regions::RegionsPage;
use crate::pages::result::{Computed, KeptPage, KeptResult, ResultPage, Shown, StoredResult};
use crate::pages::start::Start;
use crate::pages::workbench::{Part, Workbench};
use crate::services::session::Session;
use crate::services::{early, leaving, memory};
use route::Route;
pub use route::{OPEN, OPEN_RESULT, OPEN_SPIKES};

/// A result that was computed in this browser, from the recording that is open.
#[derive(Clone)]
struct Own {
    computed: Rc<Computed>,
    is_kept: bool,
}

/// Goes to an address of this page.
pub fn go(hash: &str) {
    if let Some(window) = web_sys::window() {
        drop(window.location().set_hash(hash));
    }
}

/// Shows the page in the place of what `www/index.html` shows until now.
pub fn start() {
    early::end();
    yew::Renderer::<App>::new().render();
}

/// The page.
#[component(App)]
pub fn app() -> Html {
    let route = use_state(Route::now);
    // Addresses that were gone to: a link to another view of what is shown begins anew with it.
    let visit = use_mut_ref(|| 0_u32);
    let session = use_state(|| None::<Rc<Session>>);
    let own = use_state(|| None::<Own>);
    // A result that was not kept is lost with the page, and with the recording that is open.
    leaving::use_asking(own.as_ref().is_some_and(|own| !own.is_kept));
    {
        let (route, visit) = (route.setter(), Rc::clone(&visit));
        use_effect_with((), move |()| {
            let gone = move |_: &Event| {
                let next = Route::now();
                // An address that was gone to cannot be held; but it can be gone back.
                if !matches!(next, Route::Open(_)) && !leaving::may_end_work() {
                    go(OPEN);
                    return;
                }
                *visit.borrow_mut() += 1;
                route.set(next);
            };
            let listener = web_sys::window().map(|window| gloo_events::EventListener::new(&window, "hashchange", gone));
            move || drop(listener)
        });
    }
    // A file that is dropped beside the place for it must not replace the page.
    let missed = use_state_eq(|| false);
    {
        let missed = missed.setter();
        let is_open = session.is_some() && *route != Route::Home;
        use_effect_with(is_open, move |is_open| {
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
        let (session, own, route) = (session.setter(), own.setter(), route.setter());
        Callback::from(move |opened: Rc<Session>| {
            // Who keeps a result that another recording would take the place of goes back to it.
            if leaving::may_leave() {
                opened.prepare_results();
                session.set(Some(opened));
                own.set(None);
            }
            go(OPEN);
            route.set(Route::now());
        })
    };
    let on_home = {
        let (session, own) = (session.setter(), own.setter());
        Callback::from(move |event: MouseEvent| {
            if leaving::may_leave() {
                session.set(None);
                own.set(None);
            } else {
                event.prevent_default();
            }
        })
    };
    let place = match (&*route, &*session) {
        (Route::Open(_), Some(session)) => session.name.clone(),
        (Route::Share { .. }, _) => "Shared result".into(),
        (Route::Run { .. }, _) => "Result".into(),
        (Route::Kept { .. }, _) => "Kept result".into(),
        (Route::Regions, _) => "Regions and costs".into(),
        _ => String::new(),
    };
    use_effect_with(place.clone(), |place| {
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            let title = if place.is_empty() { "Neurocyte".to_owned() } else { format!("{place} · Neurocyte") };
            document.set_title(&title);
        }
    });
    let page = match (*route).clone() {
        Route::Open(part) => match &*session {
            Some(session) => opened(session, part, &own),
            None => html! { <Start {on_open} /> },
        },
        Route::Home => {
            let still_open = session.as_ref().map(|session| AttrValue::from(session.name.clone()));
            html! { <Start {on_open} {still_open} /> }
        }
        Route::Run { recording, run } => {
            let known = memory::get(&recording);
            let is_same = |open: &Rc<Session>| known.is_some_and(|known| open.fingerprint == known.fingerprint);
            let open = (*session).clone().filter(is_same);
            html! { <ResultPage key={format!("{run} {}", visit.borrow())} shown={Shown::Own { recording, run: run.clone() }} {open} {on_open} /> }
        }
        Route::Kept { id } => html! { <KeptPage key={format!("{id} {}", visit.borrow())} id={id.clone()} /> },
        Route::Regions => html! { <RegionsPage /> },
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

/// The recording that is open, or the result that it is.
fn opened(session: &Rc<Session>, part: Part, own: &UseStateHandle<Option<Own>>) -> Html {
    let key = format!("{:p}", Rc::as_ptr(session));
    if session.kept.is_some() {
        return html! { <KeptResult {key} session={Rc::clone(session)} /> };
    }
    if session.streams.is_empty() {
        return html! { <StoredResult {key} session={Rc::clone(session)} /> };
    }
    let on_found = {
        let own = own.setter();
        Callback::from(move |found: Option<Rc<Computed>>| {
            own.set(found.map(|computed| Own { computed, is_kept: false }));
        })
    };
    let on_kept = {
        let own = own.clone();
        Callback::from(move |()| own.set(own.as_ref().map(|own| Own { is_kept: true, ..own.clone() })))
    };
    let found = own.as_ref().map(|own| Rc::clone(&own.computed));
    html! { <Workbench {key} session={Rc::clone(session)} {part} {found} {on_found} {on_kept} /> }
}
