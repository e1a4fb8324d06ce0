//! The traces behind the spikes.

use std::rc::Rc;

use wasm_core::run::Summary;
use yew::prelude::*;

use super::panels::{Context, Panel};
use super::{Computed, population};
use crate::pages::traces::{TraceView, Window};
use crate::plots::raster::{Spikes, population_rate};
use crate::services::analysis::Searched;
use crate::ui::in_view::go_to;

/// The panel of the result page; stored spikes alone have no traces.
pub const PANEL: Panel = Panel { shows: |context| context.computed.is_detected(), view };

/// Id of the panel in the page.
pub const ID: &str = "result-traces";
/// Bins of the activity along the recording.
const STRIP_BINS: usize = 600;

/// Brings the traces into view.
pub fn show() {
    go_to(&[&format!("#{ID}")]);
}

fn view(context: &Context) -> Html {
    let Some(stream) = context.computed.stream else { return absent() };
    html! {
        <Traces computed={Rc::clone(&context.computed)} {stream} summary={Rc::clone(&context.now.summary)} spikes={Rc::clone(&context.spikes)} window={context.window.clone()}
            chosen={context.chosen} on_window={context.on_window.clone()} on_choose={context.on_choose.clone()} />
    }
}

/// Says that a result was kept without its recording.
fn absent() -> Html {
    html! {
        <section class="panel" data-testid="no-traces">
            <h3>{ "Traces" }</h3>
            <p class="soft">{ "There are no traces: the result was kept, not the recording. To see traces, open the recording's files on the start page." }</p>
        </section>
    }
}

/// Properties of [`Traces`].
#[derive(Properties, PartialEq)]
struct TracesProps {
    computed: Rc<Computed>,
    stream: usize,
    summary: Rc<Summary>,
    spikes: Rc<Spikes>,
    window: Window,
    chosen: Option<usize>,
    on_window: Callback<Window>,
    on_choose: Callback<usize>,
}

#[component(Traces)]
fn traces(props: &TracesProps) -> Html {
    let (segment, length_s) = (props.window.segment, props.window.length_s);
    let activity =
        use_memo((Rc::as_ptr(&props.spikes), length_s.to_bits()), |_| activity(&props.spikes, segment, length_s));
    let channels = &props.summary.channels;
    let noise = Rc::new(channels.iter().map(|channel| channel.noise_uv.unwrap_or_default()).collect::<Vec<f32>>());
    // Traces show the spikes of the threshold that is set.
    let pipeline = Rc::new(props.summary.pipeline.clone());
    let on_raster = Callback::from(|_: MouseEvent| population::show());
    html! {
        <div class="panels" id={ID} tabindex="-1">
        <div class="row"><button class="quiet" onclick={on_raster} data-testid="to-raster">{ "Back to the raster" }</button></div>
        <TraceView session={Rc::clone(&props.computed.session)} stream={props.stream} {pipeline} noise_uv={Some(noise)} window={props.window.clone()} chosen={props.chosen} {activity}
            on_window={props.on_window.clone()} on_choose={props.on_choose.clone()} />
        </div>
    }
}

/// Population rate along the recording: all of it was searched.
#[expect(clippy::cast_precision_loss, reason = "bins")]
fn activity(spikes: &Spikes, segment: usize, length_s: f64) -> Vec<Searched> {
    let edge_s = |bin: usize| bin as f64 / STRIP_BINS as f64 * length_s;
    let rates = population_rate(spikes, 0.0, length_s, STRIP_BINS).into_iter().enumerate();
    let searched = |(bin, rate_hz)| Searched { segment, from_s: edge_s(bin), to_s: edge_s(bin + 1), rate_hz };
    rates.map(searched).collect()
}
