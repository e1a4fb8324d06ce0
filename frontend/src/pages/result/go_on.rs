//! A run that ended without a result: the way on.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::services::memory;
use crate::services::runs::Run;

/// Properties of [`GoOn`].
#[derive(Properties, PartialEq)]
pub struct GoOnProps {
    /// The run.
    pub run: Run,
    /// Told once it is under way again.
    pub on_going: Callback<()>,
}

/// Goes on with a run where it ended: what is done of it is not done, or paid, again.
#[component(GoOn)]
pub fn go_on(props: &GoOnProps) -> Html {
    let problem = use_state(|| None::<String>);
    let asking = use_state(|| false);
    let onclick = {
        let (run, on_going) = (props.run.clone(), props.on_going.clone());
        let (problem, asking) = (problem.setter(), asking.setter());
        Callback::from(move |_: MouseEvent| {
            let (run, on_going) = (run.clone(), on_going.clone());
            let (problem, asking) = (problem.clone(), asking.clone());
            asking.set(true);
            problem.set(None);
            spawn_local(async move {
                match run.redrive().await {
                    Ok(()) => {
                        // The start page leads to it again, also after it was stopped.
                        memory::resumed(&run.recording, &run.id);
                        on_going.emit(());
                    }
                    Err(error) => {
                        problem.set(Some(error.message));
                        asking.set(false);
                    }
                }
            });
        })
    };
    html! {
        <>
            <p class="soft small">{ "What is done of it is kept: only the rest is computed, and paid." }</p>
            <div class="row">
                <button {onclick} disabled={*asking} data-testid="go-on">{ "Go on from where it ended" }</button>
            </div>
            if let Some(problem) = &*problem {
                <p class="notice problem" role="alert" data-testid="go-on-problem">{ problem }</p>
            }
        </>
    }
}
