//! A run that ended without a result: the way on.

use yew::prelude::*;

/// Goes on with a run where it ended: what is done of it is not done, or paid, again.
pub fn go_on(is_asking: bool, problem: Option<&String>, onclick: Callback<MouseEvent>) -> Html {
    html! {
        <>
            <p class="soft small">{ "What is done of it is kept: only the rest is computed, and paid." }</p>
            <div class="row">
                <button {onclick} disabled={is_asking} data-testid="go-on">{ "Go on from where it ended" }</button>
            </div>
            if let Some(problem) = problem {
                <p class="notice problem" role="alert" data-testid="go-on-problem">{ problem }</p>
            }
        </>
    }
}
