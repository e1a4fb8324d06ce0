//! The way from a run to the workbench: its values, to be changed and run again, without uploading again.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::Computed;
use crate::routes::{OPEN, go};
use crate::services::session::Session;
use crate::services::uploaded;

/// Properties of [`Again`].
#[derive(Properties, PartialEq)]
pub struct AgainProps {
    /// The recording.
    pub recording: String,
    /// The run of the recording.
    pub run: String,
    /// The run's result, where it has one.
    #[prop_or_default]
    pub computed: Option<Rc<Computed>>,
    /// The recording on the workbench, where its files are open.
    pub open: Option<Rc<Session>>,
    /// Takes the recording as it was uploaded.
    pub on_open: Callback<Rc<Session>>,
}

/// State of the button.
#[derive(Clone, PartialEq)]
enum State {
    Idle,
    Opening,
    Failed(String),
}

/// A button, and what went wrong.
#[component(Again)]
pub fn again(props: &AgainProps) -> Html {
    let state = use_state_eq(|| State::Idle);
    // Who goes elsewhere meanwhile stays there.
    let here = use_memo((), |()| Cell::new(true));
    {
        let here = Rc::clone(&here);
        use_effect_with((), move |()| move || here.set(false));
    }
    let on_again = {
        let AgainProps { recording, run, computed, open, on_open } = props;
        let (recording, run, on_open, state) = (recording.clone(), run.clone(), on_open.clone(), state.setter());
        let (computed, open) = (computed.clone(), open.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some((open, computed)) = open.as_ref().zip(computed.as_ref())
                && let Some(stream) = open.streams.iter().position(|stream| *stream == computed.info)
            {
                open.keep_tuned(stream, &Rc::new(computed.summary.pipeline.clone()));
                go(OPEN);
                return;
            }
            state.set(State::Opening);
            let pipeline = computed.as_ref().map(|computed| computed.summary.pipeline.clone());
            let (recording, run, on_open, state) = (recording.clone(), run.clone(), on_open.clone(), state.clone());
            let here = Rc::clone(&here);
            spawn_local(async move {
                match uploaded::open(&recording, &run, pipeline).await {
                    _ if !here.get() => {}
                    Ok(session) => on_open.emit(session),
                    Err(error) => state.set(State::Failed(error.message)),
                }
            });
        })
    };
    let is_opening = *state == State::Opening;
    html! {
        <>
            <button onclick={on_again} disabled={is_opening} aria-describedby="change-values-told" data-testid="change-values">
                { if is_opening { "Opening the recording…" } else { "Run again with other settings" } }
            </button>
            <span class="small soft" id="change-values-told" data-testid="change-values-told">{ "Opens what was uploaded, with the values of this run." }</span>
            if let State::Failed(reason) = &*state { <p class="notice problem" role="alert" data-testid="again-problem">{ reason }</p> }
        </>
    }
}
