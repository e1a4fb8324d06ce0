//! The way to a part of the page that lies out of sight.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Brings the first element that is there into view, and gives it the focus if it can take it; `selectors` name
/// elements, the most wanted first.
pub fn go_to(selectors: &[&str]) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let found = selectors.iter().find_map(|selector| document.query_selector(selector).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.scroll_into_view();
        element.focus().unwrap_or_default();
    }
}
