//! What the frame hears of the browser, and tells it: the address, files that missed their place, the title.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::routes::{HOME, OPEN, Route, go, go_instead};
use crate::services::leaving;

/// Whether the page was loaded at the address of a recording that is open: none is yet, so the address becomes that of
/// the start page.
pub fn forget_open() -> bool {
    let is_forgotten = matches!(Route::now(), Route::Open(_));
    if is_forgotten {
        go_instead(HOME);
    }
    is_forgotten
}

/// Where the address bar points, and how often it was gone to: a link to another view of what is shown begins
/// again with it.
#[hook]
pub fn use_route() -> (UseStateHandle<Route>, u32) {
    let route = use_state(Route::now);
    let visit = use_mut_ref(|| 0_u32);
    let n_visits = *visit.borrow();
    {
        let route = route.setter();
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
            let listener = web_sys::window().map(|window| EventListener::new(&window, "hashchange", gone));
            move || drop(listener)
        });
    }
    (route, n_visits)
}

/// Whether a file was dropped beside the place for it, which must not replace the page, while a recording
/// `is_open`.
#[hook]
pub fn use_missed(is_open: bool) -> bool {
    let missed = use_state_eq(|| false);
    {
        let missed = missed.setter();
        use_effect_with(is_open, move |is_open| {
            let is_open = *is_open;
            missed.set(false);
            let swallow = |kind: &'static str| {
                let options = EventListenerOptions::enable_prevent_default();
                let missed = missed.clone();
                let taken = move |event: &Event| {
                    // Some parts of a page take files themselves, and what lies on it can be dragged too.
                    let is_taken = event.default_prevented();
                    event.prevent_default();
                    missed.set(is_open && kind == "drop" && !is_taken && has_files(event));
                };
                web_sys::window().map(|window| EventListener::new_with_options(&window, kind, options, taken))
            };
            let listeners = ["dragover", "drop"].map(swallow);
            move || drop(listeners)
        });
    }
    *missed
}

/// Whether files are dropped.
fn has_files(event: &Event) -> bool {
    let files = event.dyn_ref::<DragEvent>().and_then(|event| event.data_transfer()?.files());
    files.is_some_and(|files| files.length() > 0)
}

/// Has the tab say what is shown.
#[hook]
pub fn use_title(place: &str) {
    use_effect_with(place.to_owned(), |place| {
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            let title = if place.is_empty() { "Neurocyte".to_owned() } else { format!("{place} · Neurocyte") };
            document.set_title(&title);
        }
    });
}
