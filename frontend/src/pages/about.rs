//! What the files tell about a recording: date, operator, plate, treatments.

use wasm_core::recording::Fact;
use yew::prelude::*;

/// A table that unfolds; nothing where the files tell nothing.
pub fn about(facts: &[Fact]) -> Html {
    if facts.is_empty() {
        return html! {};
    }
    let fact = |Fact { name, value }: &Fact| html! { <><dt><bdi>{ name }</bdi></dt><dd><bdi>{ value }</bdi></dd></> };
    html! {
        <details class="about" data-testid="about">
            <summary>{ "About this recording" }</summary>
            <dl class="facts-list">{ for facts.iter().map(fact) }</dl>
        </details>
    }
}
