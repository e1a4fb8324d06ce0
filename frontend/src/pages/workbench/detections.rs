//! The detections behind the first, which come with a pipeline file: a card for each.

use wasm_core::blocks::ParamSpec;
use wasm_core::pipeline::{Block, Detector, Pipeline};
use yew::prelude::*;

use super::state::Edit;
use crate::ui::param;

/// A card for each of them, with the values of what drops its coincident events.
pub fn cards(pipeline: &Pipeline, on_edit: &Callback<Edit>) -> Html {
    let card = |of: &Detector<'_>| {
        let id = of.block.id.clone();
        let on_remove = {
            let id = id.clone();
            on_edit.reform(move |_: MouseEvent| -> Edit {
                let id = id.clone();
                Box::new(move |pipeline: &mut Pipeline| pipeline.remove_detector(&id))
            })
        };
        let blocks = [Some(of.block), of.coincident].into_iter().flatten();
        html! {
            <section class="panel card" key={id.clone()} data-testid={format!("card-{id}")}>
                <div class="row spread">
                    <h3>{ format!("Detection “{id}”") }</h3>
                    <button class="quiet" onclick={on_remove} aria-label={format!("Remove the detection {id}")} data-testid={format!("remove-{id}")}>{ "Remove" }</button>
                </div>
                { for blocks.flat_map(|block| controls(block, on_edit)) }
                <p class="small soft">{ "The spikes of this detection go to the analyses that use it. The traces show the spikes of the first detection." }</p>
            </section>
        }
    };
    let detectors = pipeline.detectors();
    html! { <>{ for detectors.iter().skip(1).map(card) }</> }
}

/// The controls of a block.
fn controls(block: &Block, on_edit: &Callback<Edit>) -> Vec<Html> {
    let Some(spec) = block.spec() else { return Vec::new() };
    let values = block.values();
    let value_of = |name: &str| spec.param(name).map(|param| values.json(param));
    let field = |param: &'static ParamSpec| {
        let (on_edit, id) = (on_edit.clone(), block.id.clone());
        param::control(param, format!("{}-{}", block.id, param.name), &values.json(param), move |value| {
            let is_accepted = param.accepts(&value);
            if is_accepted {
                let id = id.clone();
                on_edit.emit(Box::new(move |pipeline: &mut Pipeline| pipeline.set_by_id(&id, param.name, value)));
            }
            is_accepted
        })
    };
    spec.params.iter().copied().filter(|param| param.applies(&value_of)).map(field).collect()
}
