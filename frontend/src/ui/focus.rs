//! Keys and their focus: who works without a mouse goes on from where they were when a control is gone, and closes
//! what opened with Escape.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Gives the focus to the first element that a selector names, and gives that element.
pub fn take(selector: &str) -> Option<HtmlElement> {
    let document = web_sys::window()?.document()?;
    let element = document.query_selector(selector).ok()??.dyn_into::<HtmlElement>().ok()?;
    element.focus().unwrap_or_default();
    Some(element)
}

/// Gives the focus to the first element that a selector names, unless another one has it.
pub fn take_if_lost(selector: &str) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    if document.active_element().is_none_or(|element| element.tag_name().eq_ignore_ascii_case("body")) {
        take(selector);
    }
}

/// Gives the focus to the field that a selector names when its form opens.
#[hook]
pub fn use_focus_on_opening(is_open: bool, selector: &'static str) {
    use_effect_with(is_open, move |is_open| {
        if *is_open {
            take(selector);
        }
    });
}

/// What a form does with keys: Escape closes it.
pub fn on_escape(close: Callback<()>) -> Callback<KeyboardEvent> {
    Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            close.emit(());
        }
    })
}

/// Gives the focus to the element that a selector names when a control goes with what `changes`.
#[hook]
pub fn use_passed_focus<D: PartialEq + 'static>(changes: D, selector: &'static str) {
    // A page that opens has a heading, which takes the focus.
    let is_first = use_mut_ref(|| true);
    use_effect_with(changes, move |_| {
        if !is_first.replace(false) {
            take_if_lost(selector);
        }
    });
}
