//! The button that takes a change back.

use yew::prelude::*;

/// The button; `does` tells those who do not see where it stands what it does. `name` is its name in tests.
pub fn undo(does: &str, name: &'static str, onclick: Callback<MouseEvent>) -> Html {
    html! { <button {onclick} aria-label={format!("Undo: {does}")} data-testid={name}>{ "Undo" }</button> }
}
