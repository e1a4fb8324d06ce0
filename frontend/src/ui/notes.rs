//! What a person should know about how a recording was read.

use yew::prelude::*;

/// Notes that are shown at once; of more, the first two are, and the others unfold.
const MAX_SHOWN: usize = 3;
const SHOWN_OF_MORE: usize = 2;

/// A paragraph of this class for each note.
pub fn notes(notes: &[String], class: &'static str) -> Html {
    let paragraph = |note: &String| html! { <p class={class}>{ note }</p> };
    let n_shown = if notes.len() > MAX_SHOWN { SHOWN_OF_MORE } else { notes.len() };
    let (shown, folded) = notes.split_at(n_shown);
    html! {
        <>
            { for shown.iter().map(paragraph) }
            if !folded.is_empty() {
                <details class="small" data-testid="more-notes">
                    <summary>{ format!("{} more notes", folded.len()) }</summary>
                    { for folded.iter().map(paragraph) }
                </details>
            }
        </>
    }
}
