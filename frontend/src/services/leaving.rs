//! A question before the page is left, while leaving would lose something.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::BeforeUnloadEvent;

/// Asks as long as it is kept.
pub struct Asking {
    _listener: Option<EventListener>,
}

/// Lets the browser ask before the tab is closed or goes to another page.
pub fn ask() -> Asking {
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
    Asking { _listener: web_sys::window().map(listen) }
}
