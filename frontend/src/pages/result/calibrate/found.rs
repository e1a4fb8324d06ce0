//! What a silent recording says of the threshold: a sentence, what speaks against it, and both curves.

use std::rc::Rc;

use wasm_core::figure::svg;
use wasm_core::run::CalibrationCounts;
use yew::prelude::*;

use super::super::analyses::FIGURE;
use crate::plots::figure::painted;
use crate::ui::canvas::{Plot, use_draw};
use crate::ui::file_name::use_stem;
use crate::ui::save;

/// Properties of [`Found`].
#[derive(Properties, PartialEq)]
pub struct FoundProps {
    /// The silent recording.
    pub name: String,
    /// What was counted.
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
    let stem = use_stem();
    let counts = &props.counts;
    let calibration = counts.at_rate(props.limit);
    let figure = Rc::new(calibration.figure());
    let draw = use_draw((*figure).clone(), |figure| painted(Rc::new(figure.clone())));
    let csv = {
        let counts = Rc::clone(counts);
        Callback::from(move |()| counts.table().to_csv())
    };
    let title = figure.title.clone();
    let on_svg = Callback::from(move |()| svg(&figure, FIGURE, None));
    let on_table = {
        let (csv, name) = (csv, format!("{stem}-calibration.csv"));
        Callback::from(move |_: MouseEvent| save::bytes(&name, "text/csv", csv.emit(()).as_bytes()))
    };
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
            { for calibration.warnings().into_iter().map(|told| html! { <p class="notice problem small" data-testid="calibrate-warning">{ told }</p> }) }
            <div class="row">
                { use_it.unwrap_or_default() }
                <button class="quiet" onclick={on_table} aria-label="Rates over the threshold: save the table" data-testid="calibrate-csv">{ "CSV of the rates" }</button>
            </div>
            <Plot {title} name="calibration" height="h-map" {draw} svg={on_svg} />
            <p class="small soft">{ "The curve with dots is the silent recording, the other one the active recording. The level line is the rate that you accept, the upright one the threshold." }</p>
            <p class="small soft" data-testid="calibrate-noise">{ calibration.noise_words() }</p>
        </div>
    }
}
