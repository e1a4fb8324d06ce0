//! Whose values are set, the way back, and the values of other programs: what would change, in words, before it
//! does.

use std::rc::Rc;

use wasm_core::pipeline::Pipeline;
use wasm_core::presets::{PRESETS, Preset, differences, for_stream};
use wasm_core::recording::StreamInfo;
use yew::prelude::*;

use super::source::{Origin, Source};
use crate::ui::select::Select;
use crate::ui::undo::undo;

/// Properties of [`Presets`].
#[derive(Properties, PartialEq)]
pub struct PresetsProps {
    /// The stream that the pipeline is for.
    pub info: StreamInfo,
    /// The pipeline as it is.
    pub pipeline: Rc<Pipeline>,
    /// Where its values come from.
    pub source: Rc<Source>,
    /// Takes all values of something.
    pub on_take: Callback<(Origin, Pipeline)>,
    /// Goes back to the values before.
    pub on_undo: Callback<()>,
}

/// Where the values come from, a choice of programs, and what the chosen one changes.
#[component(Presets)]
pub fn presets(props: &PresetsProps) -> Html {
    let looked_at = use_state_eq(|| 0_usize);
    let options: Vec<AttrValue> = std::iter::once("Values of a program…".into())
        .chain(PRESETS.iter().map(|preset| AttrValue::from(preset.title)))
        .collect();
    let on_choose = {
        let looked_at = looked_at.setter();
        Callback::from(move |at: usize| looked_at.set(at))
    };
    let preset: Option<&'static Preset> = looked_at.checked_sub(1).and_then(|at| PRESETS.get(at));
    html! {
        <section class="panel card" data-testid="presets">
            { source(props) }
            <Select {options} chosen={*looked_at} {on_choose} name="preset" label="Values of another program" />
            if let Some(preset) = preset { { told(props, preset, &looked_at.setter()) } }
        </section>
    }
}

/// Whose values are set and how many were changed since, with both ways back.
fn source(props: &PresetsProps) -> Html {
    let PresetsProps { info, pipeline, source, on_take, on_undo } = props;
    let defaults = Pipeline::for_stream(info);
    let is_default = differences(&defaults, pipeline).is_empty();
    let on_defaults = on_take.reform(move |_: MouseEvent| (Origin::Defaults, defaults.clone()));
    let on_undo = on_undo.reform(|_: MouseEvent| ());
    let name = if source.origin == Origin::Earlier { "earlier-values" } else { "values-of" };
    html! {
        <>
            <p class="small" role="status" data-testid={name}>{ source.words(pipeline) }</p>
            <div class="row">
                if source.before().is_some() { { undo("set the values from before", "undo-values", on_undo) } }
                <button onclick={on_defaults} disabled={is_default} data-testid="take-defaults">{ "Default values" }</button>
            </div>
        </>
    }
}

/// What a preset is, what it changes, and the way to take it.
fn told(props: &PresetsProps, preset: &'static Preset, looked_at: &UseStateSetter<usize>) -> Html {
    let next = for_stream(preset, &props.info);
    let changes = differences(&props.pipeline, &next);
    let on_take = {
        let (on_take, looked_at) = (props.on_take.clone(), looked_at.clone());
        Callback::from(move |_: MouseEvent| {
            on_take.emit((Origin::preset(preset), next.clone()));
            looked_at.set(0);
        })
    };
    html! {
        <>
            <p class="small soft">{ preset.purpose }</p>
            if changes.is_empty() {
                <p class="small" data-testid="preset-same">{ "These values are set already." }</p>
            } else {
                <ul class="small" data-testid="preset-changes">{ for changes.into_iter().map(|change| html! { <li>{ change }</li> }) }</ul>
                <div class="row"><button onclick={on_take} data-testid="take-preset">{ "Take these values" }</button></div>
            }
            <details><summary>{ "What was checked, and what was not" }</summary>
                <p><b>{ "Source: " }</b>{ preset.source }</p>
                <p><b>{ "Checked: " }</b>{ preset.verified }</p>
                <p><b>{ "Not checked: " }</b>{ preset.unverified }</p>
                <p><b>{ "Why your numbers can still differ from the program's: " }</b>{ preset.otherwise }</p>
            </details>
        </>
    }
}
