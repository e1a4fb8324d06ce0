//! What a silent recording says of the threshold: a sentence, what speaks against it, and both curves.

use std::rc::Rc;

use wasm_core::figure::svg;
use wasm_core::run::CalibrationCounts;
use yew::prelude::*;

use super::super::analyses::FIGURE;
use crate::plots::figure::{painted, values};
use crate::ui::canvas::{Plot, use_draw};

/// Properties of [`Found`].
#[derive(Properties, PartialEq)]
pub struct FoundProps {
    /// The silent recording.
    pub name: String,
    /// Counts in both recordings.
    pub counts: Rc<CalibrationCounts>,
    /// False spikes per minute and electrode that are accepted.
    pub limit: f64,
    /// The threshold that is set, in multiples of the noise.
    pub threshold: f64,
    /// Takes another one.
    pub on_threshold: Callback<f64>,
}

/// The threshold, what speaks against it, and both curves.
#[component(Found)]
pub fn found(props: &FoundProps) -> Html {
    let counts = &props.counts;
    let calibration = counts.at_rate(props.limit);
    let figure = Rc::new(calibration.figure());
    let draw = use_draw((*figure).clone(), |figure| painted(Rc::new(figure.clone())));
    let csv = {
        let counts = Rc::clone(counts);
        Callback::from(move |()| counts.table().to_csv())
    };
    let (title, sentence, values) = (figure.title.clone(), figure.sentence.clone(), values(&figure));
    let on_svg = Callback::from(move |()| svg(&figure, FIGURE, None));
    let use_it = calibration.threshold().map(|threshold| {
        let on_threshold = props.on_threshold.clone();
        let onclick = Callback::from(move |_: MouseEvent| on_threshold.emit(threshold));
        let is_set = (threshold - props.threshold).abs() < 0.01;
        let label = if is_set { "This threshold is set" } else { "Use this threshold" };
        html! { <button class="main" {onclick} disabled={is_set} data-testid="calibrate-use">{ label }</button> }
    });
    html! {
        <div class="found" data-testid="calibrate-found">
            <p role="status" data-testid="calibrate-sentence">{ format!("Compared with {}. {}", props.name, calibration.sentence()) }</p>
            { for calibration.warnings().into_iter().map(|told| html! { <p class="notice problem small" data-testid="calibrate-warning"><b>{ "Warning: " }</b>{ told }</p> }) }
            if let Some(button) = use_it { <div class="row">{ button }</div> }
            <Plot {title} {sentence} {values} name="calibration" height="h-map" {draw} svg={on_svg} {csv} />
            if let Some(missing) = calibration.missing() { <p class="small" data-testid="calibrate-missing">{ missing }</p> }
            <p class="small soft">{ "The level line is the rate that you accept, the upright line the threshold. A curve ends where its recording has no spikes, because the axis has no zero." }</p>
            <p class="small soft" data-testid="calibrate-noise">{ calibration.noise_words() }</p>
        </div>
    }
}
