//! Work under way: what is done, how much of it, how long it will take.

use yew::prelude::*;

use super::format;

/// Shares and seconds below which an estimate would be a guess.
const MIN_SHARE: f64 = 0.02;
const MIN_S: f64 = 0.5;

/// Work as it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// Name of the step under way.
    pub what: String,
    /// Share of it that is done, where that is known.
    pub share: Option<f64>,
    /// More about it.
    pub detail: String,
    /// Whether it can wait and go on later, not only stop.
    pub can_pause: bool,
}

/// The bar.
pub fn bar(shown: &Shown) -> Html {
    let value = shown.share.map(|share| share.to_string());
    html! {
        <div class="work" role="status" data-testid="progress">
            <div class="row spread"><b>{ &shown.what }</b><span class="soft small">{ &shown.detail }</span></div>
            <progress max="1" {value} aria-label={shown.what.clone()} />
        </div>
    }
}

/// Time left after `seconds` in which `share` of the work was done.
pub fn left(seconds: f64, share: f64) -> String {
    if share < MIN_SHARE || seconds < MIN_S {
        "estimating…".into()
    } else {
        format!("{} left", format::estimated(seconds * (1.0 - share) / share))
    }
}
