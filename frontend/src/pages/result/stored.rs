//! Spikes that the opened files hold, as a result.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{Computed, ResultView};
use crate::services::pool::WorkFailure;
use crate::services::session::Session;

/// Properties of [`StoredResult`].
#[derive(Properties, PartialEq)]
pub struct StoredResultProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Actions at the top right.
    #[prop_or_default]
    pub children: Html,
}

/// Raster, rates and all else that needs no signal.
#[component(StoredResult)]
pub fn stored_result(props: &StoredResultProps) -> Html {
    let state = use_state(|| None::<Result<Rc<Computed>, String>>);
    {
        let (session, state) = (Rc::clone(&props.session), state.setter());
        use_effect_with((), move |()| {
            spawn_local(async move {
                state.set(Some(match session.stored_result().await {
                    Ok((reply, attached)) => Computed::stored(&session, reply, &attached)
                        .map(Rc::new)
                        .ok_or_else(|| WorkFailure::unexpected().reason),
                    Err(failure) => Err(failure.reason),
                }));
            });
        });
    }
    match &*state {
        None => {
            html! { <div class="result" role="status"><p class="soft">{ "Reading the spikes…" }</p><div class="skeleton" /></div> }
        }
        Some(Err(reason)) => html! { <div class="empty"><p class="notice problem" role="alert">{ reason }</p></div> },
        Some(Ok(computed)) => {
            html! { <ResultView computed={Rc::clone(computed)}>{ props.children.clone() }</ResultView> }
        }
    }
}
