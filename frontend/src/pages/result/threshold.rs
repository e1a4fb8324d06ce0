//! The threshold, which moves without a new run, and the segment that is shown.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::panels::{Context, Panel};
use crate::ui::format;
use crate::ui::select::{Select, numbered};

/// The panel of the result page.
pub const PANEL: Panel = Panel { shows: |_| true, view };

fn view(context: &Context) -> Html {
    let n_segments = context.computed.info.segments.len();
    html! {
        <>
            if context.computed.is_detected() { { slider(context) } }
            if n_segments > 1 {
                <label class="row">{ "Segment" }<Select options={numbered(n_segments)} chosen={context.window.segment} on_choose={context.on_segment.clone()} name="result-segment" /></label>
            }
        </>
    }
}

fn slider(context: &Context) -> Html {
    let (now, (floor, ceiling)) = (&context.now, context.thresholds);
    let oninput = context
        .on_threshold
        .reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value_as_number());
    let n_spikes = format::counted(now.summary.headline.n_spikes, "spike");
    html! {
        <div class="panel threshold">
            <label for="threshold">{ "Threshold" }</label>
            <input id="threshold" type="range" min={floor.to_string()} max={ceiling.to_string()} step="0.1" value={now.threshold.to_string()} aria-valuetext={format!("{:.1} x noise", now.threshold)} {oninput} data-testid="threshold" />
            <span data-testid="threshold-value">{ format!("{:.1} x noise · {n_spikes}", now.threshold) }</span>
        </div>
    }
}
