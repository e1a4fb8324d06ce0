//! Light or dark, as the system has it now.

use gloo_events::EventListener;
use web_sys::MediaQueryList;
use yew::prelude::*;

/// What the style sheet asks too.
const DARK: &str = "(prefers-color-scheme: dark)";

fn query() -> Option<MediaQueryList> {
    web_sys::window()?.match_media(DARK).ok().flatten()
}

/// Whether the page is dark. Who asks is drawn again when that changes: a canvas keeps its colours
/// until somebody paints it again.
#[hook]
pub fn use_dark() -> bool {
    let is_dark = use_state_eq(|| query().is_some_and(|query| query.matches()));
    {
        let is_dark = is_dark.setter();
        use_effect_with((), move |()| {
            let listener = query().map(|query| {
                let changed = query.clone();
                EventListener::new(&query, "change", move |_| is_dark.set(changed.matches()))
            });
            move || drop(listener)
        });
    }
    *is_dark
}
