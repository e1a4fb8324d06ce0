//! A question before the page is left, while leaving would lose something.

use std::cell::Cell;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::BeforeUnloadEvent;
use yew::prelude::*;

thread_local! {
    /// How many on this page would lose something.
    static LOSING: Cell<u32> = const { Cell::new(0) };
}

/// Asks as long as it is kept.
struct Asking {
    _listener: Option<EventListener>,
}

impl Asking {
    /// Lets the browser ask before the tab is closed or goes to another page.
    fn begin() -> Self {
        let listen = |window: web_sys::Window| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, "beforeunload", options, |event| {
                event.prevent_default();
                // Older browsers ask only where a text is given, and show their own.
                if let Some(event) = event.dyn_ref::<BeforeUnloadEvent>() {
                    event.set_return_value("leave");
                }
            })
        };
        LOSING.set(LOSING.get() + 1);
        Self { _listener: web_sys::window().map(listen) }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        LOSING.set(LOSING.get() - 1);
    }
}

/// Has leaving asked about for as long as it `loses` something.
#[hook]
pub fn use_asking(loses: bool) {
    use_effect_with(loses, |loses| {
        let asking = loses.then(Asking::begin);
        move || drop(asking)
    });
}

/// Whether a link of this page may be followed: asks where that would lose something.
pub fn may_leave() -> bool {
    let question = "What was analysed in this browser is not kept anywhere else. Leave it?";
    LOSING.get() == 0 || web_sys::window().is_none_or(|window| window.confirm_with_message(question).unwrap_or(true))
}
