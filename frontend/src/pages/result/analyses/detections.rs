//! Several detections on the result page: what each found, and which of them an analysis takes.

use std::rc::Rc;

use wasm_core::pipeline::{Detector, Pipeline};
use yew::prelude::*;

use super::super::arranged::Action;
use super::{AnalysesProps, CardProps, Known, Results};
use crate::ui::select::Select;

/// A card for each detection with the number of its spikes; none where there is one detection.
pub fn tables(props: &AnalysesProps, known: &Known) -> Html {
    let detectors = props.pipeline.detectors();
    if detectors.len() < 2 {
        return html! {};
    }
    let card = |(at, of): (usize, &Detector<'_>)| {
        let id = &of.block.id;
        let shown = known.blocks.iter().find(|(known, ..)| known == id).map(|(_, shown, _)| shown.clone());
        let said = if at == 0 {
            "The headline, the raster, the waveforms and the files have the spikes of this detection."
        } else {
            "Analyses that take the spikes of this detection start from these."
        };
        html! {
            <article class="panel analysis" key={id.clone()} id={format!("analysis-{id}")} data-testid={format!("analysis-{id}")}>
                <h3>{ format!("Detection “{id}”") }</h3>
                <p class="soft">{ said }</p>
                if let Some(shown) = shown { <Results computed={Rc::clone(&props.computed)} id={id.clone()} {shown} /> }
            </article>
        }
    };
    html! { <>{ for detectors.iter().enumerate().map(card) }</> }
}

/// The choice of the detection whose spikes an analysis takes; none where there is one.
pub fn spikes_of(props: &CardProps) -> Html {
    let pipeline = &props.pipeline.0;
    let detectors = pipeline.detectors();
    if detectors.len() < 2 {
        return html! {};
    }
    let ids: Vec<String> = detectors.iter().map(|of| of.block.id.clone()).collect();
    let chosen = detectors.iter().position(|of| of.has(&props.block.input)).unwrap_or(0);
    let options: Vec<AttrValue> = ids.iter().map(|id| AttrValue::from(id.clone())).collect();
    let on_choose = {
        let (on_arrange, analysis) = (props.on_arrange.clone(), props.block.id.clone());
        Callback::from(move |at: usize| {
            if let Some(id) = ids.get(at).cloned() {
                let analysis = analysis.clone();
                let edit = move |pipeline: &mut Pipeline| pipeline.take_spikes_of(&analysis, &id);
                on_arrange.emit(Action::edit(Box::new(edit)));
            }
        })
    };
    html! {
        <label class="field"><span>{ "Spikes of the detection" }</span>
            <Select {options} {chosen} {on_choose} name={format!("spikes-of-{}", props.block.id)} />
        </label>
    }
}
