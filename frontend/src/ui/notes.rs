//! What a person should know about how a recording was read.

use wasm_core::recording::WARNING;
use yew::prelude::*;

/// Notes that are shown at once; of more, the first two are, and the others unfold.
const MAX_SHOWN: usize = 3;
const SHOWN_OF_MORE: usize = 2;

/// Notes as they are shown: warnings, other notes, and those that unfold.
fn parts(notes: &[String]) -> (Vec<&String>, Vec<&String>, Vec<&String>) {
    let (warnings, mut shown): (Vec<&String>, Vec<&String>) = notes.iter().partition(|note| note.starts_with(WARNING));
    let folded = if shown.len() > MAX_SHOWN { shown.split_off(SHOWN_OF_MORE) } else { Vec::new() };
    (warnings, shown, folded)
}

/// A paragraph of this class for each note. Warnings come first, look like warnings, and are never folded.
pub fn notes(notes: &[String], class: &'static str) -> Html {
    let paragraph = |note: &String| html! { <p class={class}>{ note }</p> };
    let warning =
        |note: &String| html! { <p class={classes!(class, "problem")} role="alert" data-testid="warning">{ note }</p> };
    let (warnings, shown, folded) = parts(notes);
    html! {
        <>
            { for warnings.into_iter().map(warning) }
            { for shown.into_iter().map(paragraph) }
            if !folded.is_empty() {
                <details class="small" data-testid="more-notes">
                    <summary>{ format!("{} more notes", folded.len()) }</summary>
                    { for folded.into_iter().map(paragraph) }
                </details>
            }
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_come_first_and_are_not_folded() {
        let warned = format!("{WARNING}All rates are too low.");
        let all = ["a", "b", "c", "d", &warned].map(str::to_owned);
        let (warnings, shown, folded) = parts(&all);
        assert_eq!((warnings, shown, folded), (vec![&all[4]], vec![&all[0], &all[1]], vec![&all[2], &all[3]]));
        let (warnings, shown, folded) = parts(&all[2..]);
        assert_eq!((warnings.len(), shown.len(), folded.len()), (1, 2, 0));
    }
}
