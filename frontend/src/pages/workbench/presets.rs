//! The values of other programs: what would change, in words, before it does.

use std::rc::Rc;

use wasm_core::pipeline::Pipeline;
use wasm_core::presets::{PRESETS, Preset, differences, for_stream};
use wasm_core::recording::StreamInfo;
use yew::prelude::*;

use crate::ui::select::Select;

/// Properties of [`Presets`].
#[derive(Properties, PartialEq)]
pub struct PresetsProps {
    /// The stream that the pipeline is for.
    pub info: StreamInfo,
    /// The pipeline as it is.
    pub pipeline: Rc<Pipeline>,
    /// Takes the pipeline of a preset.
    pub on_change: Callback<Pipeline>,
}

/// A choice of programs, and what the chosen one changes.
#[component(Presets)]
pub fn presets(props: &PresetsProps) -> Html {
    let looked_at = use_state_eq(|| 0_usize);
    let options: Vec<AttrValue> = std::iter::once("Use values of another program…".into())
        .chain(PRESETS.iter().map(|preset| AttrValue::from(preset.title)))
        .collect();
    let on_choose = {
        let looked_at = looked_at.setter();
        Callback::from(move |at: usize| looked_at.set(at))
    };
    let preset: Option<&'static Preset> = looked_at.checked_sub(1).and_then(|at| PRESETS.get(at));
    html! {
        <section class="panel card" data-testid="presets">
            <Select {options} chosen={*looked_at} {on_choose} name="preset" label="Values of another program" />
            if let Some(preset) = preset { { told(props, preset, &looked_at.setter()) } }
        </section>
    }
}

/// What a preset is, what it changes, and the way to take it.
fn told(props: &PresetsProps, preset: &'static Preset, looked_at: &UseStateSetter<usize>) -> Html {
    let next = for_stream(preset, &props.info);
    let changes = differences(&props.pipeline, &next);
    let on_take = {
        let (on_change, looked_at) = (props.on_change.clone(), looked_at.clone());
        Callback::from(move |_: MouseEvent| {
            on_change.emit(next.clone());
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
                <p><b>{ "Verified: " }</b>{ preset.verified }</p>
                <p><b>{ "Not verified: " }</b>{ preset.unverified }</p>
                <p><b>{ "Why numbers still differ: " }</b>{ preset.otherwise }</p>
            </details>
        </>
    }
}
