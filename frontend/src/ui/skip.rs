//! A link that leads past what stands before the part that a person wants; seen while it has the focus.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Properties of [`Skip`].
#[derive(Properties, PartialEq)]
pub struct SkipProps {
    /// Id of the part, which takes the focus.
    pub to: &'static str,
    /// Whether the first button of the part takes it instead, where one can.
    #[prop_or_default]
    pub is_of_button: bool,
    /// The words of the link.
    pub label: &'static str,
}

/// The link. It is a button, because the address after `#` is that of the page.
#[component(Skip)]
pub fn skip(props: &SkipProps) -> Html {
    let SkipProps { to, is_of_button, .. } = *props;
    let onclick = Callback::from(move |_: MouseEvent| {
        let document = web_sys::window().and_then(|window| window.document());
        let part = document.and_then(|document| document.get_element_by_id(to));
        let button = part.as_ref().filter(|_| is_of_button);
        let button = button.and_then(|part| part.query_selector("button:not([disabled])").ok().flatten());
        let part = button.or(part);
        if let Some(part) = part.and_then(|part| part.dyn_into::<HtmlElement>().ok()) {
            part.focus().unwrap_or_default();
            if !is_of_button {
                // The focus alone brings the middle of what is higher than the window into view.
                part.scroll_into_view();
            }
        }
    });
    html! { <button class="skip" {onclick} data-testid={format!("skip-to-{to}")}>{ props.label }</button> }
}
