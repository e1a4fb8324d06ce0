//! The pipeline as a stack of cards, made from the registry.

use std::rc::Rc;

use serde_json::Value;
use wasm_core::blocks::{BLOCKS, BlockSpec, Control, ParamSpec};
use wasm_core::pipeline::Pipeline;
use yew::prelude::*;

use super::detections;
use super::left_out::LeftOut;
use super::noise::Noise;
use super::pipeline_file::PipelineFile;
use super::presets::Presets;
use super::source::{Origin, Source};
use super::state::Edit;
use super::unsearched::{why_not, why_unsearched};
use crate::services::session::Session;
use crate::ui::second_click::is_second;
use crate::ui::{format, param};

/// Properties of [`Cards`].
#[derive(Properties, PartialEq)]
pub struct CardsProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Stream of the recording.
    pub stream: usize,
    /// The pipeline.
    pub pipeline: Rc<Pipeline>,
    /// Noise, as far as known.
    pub noise: Noise,
    /// Spikes in view, and the milliseconds that the view took.
    pub in_view: Option<(usize, f64)>,
    /// Channels in view.
    pub n_in_view: usize,
    /// Whether the pipeline is being run, and must stay as it is.
    pub is_busy: bool,
    /// Where the values come from.
    pub source: Rc<Source>,
    /// Takes a change of the pipeline.
    pub on_edit: Callback<Edit>,
    /// Takes all values of something.
    pub on_take: Callback<(Origin, Pipeline)>,
    /// Goes back to the values before.
    pub on_undo: Callback<()>,
}

/// The block that matters most: its card stands above those of the steps before it.
const FIRST: &str = "detect_peaks";

/// One card per block; none for a stream that is not searched.
#[component(Cards)]
pub fn cards(props: &CardsProps) -> Html {
    let info = &props.session.streams[props.stream];
    if why_unsearched(info).is_some() {
        return html! {};
    }
    let problem = why_not(info, &props.pipeline);
    let (on_take, on_undo, source) = (props.on_take.clone(), props.on_undo.clone(), Rc::clone(&props.source));
    let on_file = on_take.reform(|(name, pipeline): (String, Pipeline)| (Origin::File(name), pipeline));
    let (first, others): (Vec<&BlockSpec>, Vec<&BlockSpec>) =
        BLOCKS.into_iter().filter(|spec| !spec.is_analysis()).partition(|spec| spec.kind == FIRST);
    html! {
        <fieldset class="cards" disabled={props.is_busy} data-testid="cards">
            if props.is_busy { <p class="notice small">{ "These values are in use. You can change them again when the analysis has ended." }</p> }
            if let Some(problem) = problem {
                <p class="notice problem small" role="alert" data-testid="pipeline-problem">{ problem }</p>
            }
            <Presets info={info.clone()} pipeline={Rc::clone(&props.pipeline)} {source} {on_take} {on_undo} />
            <PipelineFile info={info.clone()} {on_file} />
            { for first.into_iter().map(|spec| card(props, spec)) }
            { detections::cards(&props.pipeline, &props.on_edit) }
            { for others.into_iter().map(|spec| card(props, spec)) }
        </fieldset>
    }
}

fn card(props: &CardsProps, spec: &'static BlockSpec) -> Html {
    let change = |make: fn(&mut Pipeline, &str)| {
        let on_edit = props.on_edit.clone();
        Callback::from(move |event: MouseEvent| {
            // A step that was added has its button to remove it where the one to add it was.
            if !is_second(&event) {
                on_edit.emit(Box::new(move |pipeline: &mut Pipeline| make(pipeline, spec.kind)));
            }
        })
    };
    if spec.optional && props.pipeline.block(spec.kind).is_none() {
        let told = format!("{}-purpose", spec.kind);
        return html! {
            <section class="panel card absent" key={spec.kind} data-testid={format!("card-{}", spec.kind)}>
                <div class="row spread"><h3>{ spec.title }</h3><button class="quiet" aria-label={format!("Add {}", spec.title)} aria-describedby={told.clone()} onclick={change(Pipeline::add)} data-testid={format!("add-{}", spec.kind)}>{ "Add" }</button></div>
                <p class="small soft" id={told}>{ spec.purpose }</p>
            </section>
        };
    }
    let value_of = |other: &str| props.pipeline.value(spec.kind, other);
    let shown = |param: &&ParamSpec| param.applies(&value_of);
    html! {
        <section class="panel card" key={spec.kind} data-testid={format!("card-{}", spec.kind)}>
            <div class="row spread">
                <h3>{ spec.title }</h3>
                if spec.optional { <button class="quiet" aria-label={format!("Remove {}", spec.title)} onclick={change(Pipeline::remove)} data-testid={format!("remove-{}", spec.kind)}>{ "Remove" }</button> }
            </div>
            { for spec.params.iter().copied().filter(shown).map(|param| control(props, spec, param)) }
            if let Some(effect) = effect(props, spec.kind) { <p class="effect">{ effect }</p> }
            <details><summary>{ "Why these values" }<span class="unseen">{ format!(" of {}", spec.title) }</span></summary>
                <p>{ spec.purpose }</p>
                { for spec.params.iter().copied().filter(shown).map(|param| html! { <p><b>{ format!("{}: ", param.label) }</b>{ param.source }</p> }) }
            </details>
        </section>
    }
}

fn control(props: &CardsProps, spec: &'static BlockSpec, param: &'static ParamSpec) -> Html {
    let value = props.pipeline.value(spec.kind, param.name).unwrap_or_default();
    let change = {
        let on_edit = props.on_edit.clone();
        move |value: Value| {
            let is_accepted = param.accepts(&value);
            if is_accepted {
                on_edit.emit(Box::new(move |pipeline: &mut Pipeline| pipeline.set(spec.kind, param.name, value)));
            }
            is_accepted
        }
    };
    let id = format!("{}-{}", spec.kind, param.name);
    if spec.kind == "bad_channels" && param.control == Control::Channels {
        let ids: Vec<String> =
            value.as_array().into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned)).collect();
        // What was looked for in another stream is not of this one.
        let key = format!("{id}-{}", props.stream);
        return html! { <LeftOut {key} session={Rc::clone(&props.session)} stream={props.stream} {ids} on_change={Callback::from(move |ids: Vec<String>| { change(Value::from(ids)); })} /> };
    }
    param::control(param, id, &value, change)
}

/// What a block does to this recording, in numbers.
fn effect(props: &CardsProps, kind: &str) -> Option<String> {
    let noise = &props.noise;
    match kind {
        "noise_levels" => {
            if let Some(problem) = &noise.problem {
                return Some(format!("Not measured: {problem}"));
            }
            let levels = noise.levels_uv.as_ref()?;
            let of = if noise.done < noise.total {
                format!(", measured at {} of {} places so far", noise.done, noise.total)
            } else {
                String::new()
            };
            Some(format!("{}{of}", median_in_words(levels)))
        }
        "detect_peaks" => {
            let (spikes, ms) = props.in_view?;
            let n_channels = props.session.streams[props.stream].n_channels;
            Some(in_view_in_words(spikes, ms, (props.n_in_view, n_channels)))
        }
        _ => None,
    }
}

/// The spikes in view, of so many of all channels, and the milliseconds that it took to find them.
fn in_view_in_words(n_spikes: usize, ms: f64, (n_shown, n_channels): (usize, usize)) -> String {
    let counted = |n: usize, thing: &str| format::counted(n as u64, thing);
    let spikes = counted(n_spikes, "spike");
    format!("{spikes} in the traces shown: {n_shown} of {} (found in {ms:.0} ms)", counted(n_channels, "channel"))
}

/// The median noise of the electrodes that have some, and how many have none.
fn median_in_words(levels_uv: &[f32]) -> String {
    let mut sorted: Vec<f32> = levels_uv.iter().copied().filter(|level| *level > 0.0).collect();
    sorted.sort_by(f32::total_cmp);
    let n_silent = levels_uv.len() - sorted.len();
    match (sorted.get(sorted.len() / 2), n_silent) {
        (None, 0) => "There are no electrodes".to_owned(),
        (None, n) => format!("No noise: one value throughout on {}", format::counted(n as u64, "electrode")),
        (Some(median), 0) => format!("Median {median:.1} µV"),
        (Some(median), n) => format!("Median {median:.1} µV; {} silent", format::counted(n as u64, "electrode")),
    }
}

#[cfg(test)]
mod tests {
    use super::{in_view_in_words, median_in_words};

    #[test]
    fn one_is_no_plural() {
        assert_eq!(
            in_view_in_words(3, 4.2, (16, 60)),
            "3 spikes in the traces shown: 16 of 60 channels (found in 4 ms)"
        );
        assert_eq!(in_view_in_words(1, 0.9, (1, 1)), "1 spike in the traces shown: 1 of 1 channel (found in 1 ms)");
    }

    #[test]
    fn noise_that_nobody_has_is_no_number() {
        assert_eq!(median_in_words(&[4.0, 0.0, 6.0, 5.0]), "Median 5.0 µV; 1 electrode silent");
        assert_eq!(median_in_words(&[4.0]), "Median 4.0 µV");
        assert_eq!(median_in_words(&[0.0]), "No noise: one value throughout on 1 electrode");
        assert_eq!(median_in_words(&[]), "There are no electrodes");
    }
}
