//! The heading of what opened. It takes the focus, so that keys go on from there, and a screen reader says what is
//! shown now. It takes the place of a page that may have been scrolled, so the top is shown.

use web_sys::HtmlElement;
use yew::prelude::*;

/// Properties of [`Heading`].
#[derive(Properties, PartialEq)]
pub struct HeadingProps {
    /// The text.
    pub text: AttrValue,
    /// Its name in tests.
    pub name: AttrValue,
}

/// The first heading of a page. Names come from files: whatever they hold turns nothing beside them.
#[component(Heading)]
pub fn heading(props: &HeadingProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(heading) = node.cast::<HtmlElement>() {
                heading.focus().unwrap_or_default();
            }
            if let Some(window) = web_sys::window() {
                window.scroll_to_with_x_and_y(0.0, 0.0);
            }
        });
    }
    html! { <h1 ref={node} tabindex="-1" data-testid={props.name.clone()}><bdi>{ &props.text }</bdi></h1> }
}
