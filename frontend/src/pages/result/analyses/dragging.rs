//! A card that is dragged by its handle onto another one takes its place.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_core::pipeline::Pipeline;
use web_sys::Element;
use yew::prelude::*;

use super::super::arranged::{Action, place_of};

/// What the list of cards does while one is dragged.
pub struct Dragging {
    /// Id of the analysis whose place would be taken.
    pub target: Option<String>,
    /// A drag begins.
    pub on_start: Callback<DragEvent>,
    /// Something is dragged over the list.
    pub on_over: Callback<DragEvent>,
    /// Something is dropped on the list.
    pub on_drop: Callback<DragEvent>,
    /// A drag has ended, wherever that was.
    pub on_end: Callback<DragEvent>,
}

/// The cards of a pipeline.
#[hook]
pub fn use_dragging(pipeline: &Rc<Pipeline>, on_arrange: &Callback<Action>) -> Dragging {
    let dragged = use_mut_ref(|| None::<String>);
    let target = use_state_eq(|| None::<String>);
    let on_start = {
        let dragged = Rc::clone(&dragged);
        Callback::from(move |event: DragEvent| {
            // Words that were selected are dragged too.
            let id = card_of(&event, ".handle");
            if let Some((id, transfer)) = id.as_ref().zip(event.data_transfer()) {
                // Without data Firefox begins no drag.
                transfer.set_data("text/plain", id).unwrap_or_default();
            }
            *dragged.borrow_mut() = id;
        })
    };
    let on_over = {
        let (dragged, pipeline, target) = (Rc::clone(&dragged), Rc::clone(pipeline), target.setter());
        Callback::from(move |event: DragEvent| {
            let landing = landing(&dragged, &pipeline, &event);
            if landing.is_some() {
                event.prevent_default();
            }
            target.set(landing.map(|landing| landing.on));
        })
    };
    let on_drop = {
        let (dragged, pipeline, target) = (Rc::clone(&dragged), Rc::clone(pipeline), target.setter());
        let on_arrange = on_arrange.clone();
        Callback::from(move |event: DragEvent| {
            if let Some(Landing { id, place, .. }) = landing(&dragged, &pipeline, &event) {
                event.prevent_default();
                on_arrange.emit(Action::place(&id, place));
            }
            *dragged.borrow_mut() = None;
            target.set(None);
        })
    };
    let on_end = {
        let target = target.setter();
        Callback::from(move |_: DragEvent| {
            *dragged.borrow_mut() = None;
            target.set(None);
        })
    };
    Dragging { target: (*target).clone(), on_start, on_over, on_drop, on_end }
}

/// Where an analysis would come.
struct Landing {
    id: String,
    /// Id of the analysis that is there now.
    on: String,
    /// Its place.
    place: usize,
}

/// Where the analysis that is dragged would come; none where it cannot.
fn landing(dragged: &RefCell<Option<String>>, pipeline: &Pipeline, event: &DragEvent) -> Option<Landing> {
    let id = dragged.borrow().clone()?;
    let on = card_of(event, ".analysis")?;
    let place = place_of(pipeline, &on)?;
    pipeline.can_move_analysis(&id, place).then_some(Landing { id, on, place })
}

/// Id of the analysis in whose card an event happens, within what a selector names.
fn card_of(event: &DragEvent, within: &str) -> Option<String> {
    let part = event.target_dyn_into::<Element>()?.closest(within).ok()??;
    let card = part.closest(".analysis").ok()??;
    card.id().strip_prefix("analysis-").map(str::to_owned)
}
