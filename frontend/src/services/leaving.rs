//! A question before the page is left, while leaving would lose something.

use std::cell::Cell;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::BeforeUnloadEvent;
use yew::prelude::*;

thread_local! {
    /// How many on this page would lose something.
    static LOSING: Cell<u32> = const { Cell::new(0) };
    /// How many on this page are work that ends when another part of this page is shown.
    static WORKING: Cell<u32> = const { Cell::new(0) };
}

/// Asks as long as it is kept.
struct Asking {
    is_work: bool,
    _listener: Option<EventListener>,
}

impl Asking {
    /// Lets the browser ask before the tab is closed or goes to another page.
    fn begin(is_work: bool) -> Self {
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
        WORKING.set(WORKING.get() + u32::from(is_work));
        Self { is_work, _listener: web_sys::window().map(listen) }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        LOSING.set(LOSING.get() - 1);
        WORKING.set(WORKING.get() - u32::from(self.is_work));
    }
}

/// Has leaving asked about for as long as it `loses` something.
#[hook]
pub fn use_asking(loses: bool) {
    use_effect_with(loses, |loses| {
        let asking = loses.then(|| Asking::begin(false));
        move || drop(asking)
    });
}

/// Asks before the page is left while work is under way, which also ends when another part of this page is shown.
#[hook]
pub fn use_working(works: bool) {
    use_effect_with(works, |works| {
        let asking = works.then(|| Asking::begin(true));
        move || drop(asking)
    });
}

/// Whether what is open may be left: asks where that would end work or lose something else.
pub fn may_leave() -> bool {
    may_end_work()
        && (LOSING.get() == WORKING.get()
            || says_yes("What was analysed in this browser is not kept anywhere else. Leave it?"))
}

/// Whether another part of this page may be shown: asks where that would end work under way.
pub fn may_end_work() -> bool {
    WORKING.get() == 0 || says_yes("An analysis in this browser is under way, and ends when it is left. Leave it?")
}

fn says_yes(question: &str) -> bool {
    web_sys::window().is_none_or(|window| window.confirm_with_message(question).unwrap_or(true))
}
