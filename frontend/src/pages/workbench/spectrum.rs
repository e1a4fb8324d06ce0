//! The power spectrum of a channel: what hums, and what the filter leaves.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use wasm_core::pipeline::Pipeline;
use yew::prelude::*;

use crate::bridge::floats;
use crate::bridge::signal::{Reply, Request};
use crate::pages::names::called;
use crate::pages::traces::Window;
use crate::plots::spectrum::{self, Spectra};
use crate::services::pool::WorkFailure;
use crate::services::session::Session;
use crate::ui::canvas::{Plot, Values};
use crate::ui::format;

/// Milliseconds before a spectrum is computed: panning and tuning come first.
const SETTLE_MS: u32 = 400;

/// Properties of [`SpectrumPanel`].
#[derive(Properties, PartialEq)]
pub struct SpectrumPanelProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Stream of the recording.
    pub stream: usize,
    /// The pipeline.
    pub pipeline: Rc<Pipeline>,
    /// Whose spectrum.
    pub channel: usize,
    /// Where the signal is taken from.
    pub window: Window,
}

/// State of the spectrum on screen.
#[derive(Clone, PartialEq)]
enum Seen {
    Nothing,
    Spectra { spectra: Rc<Spectra>, duration_s: f64, name: String },
    Problem(String),
}

/// Opens on demand: a spectrum costs as much as ten seconds of traces.
#[component(SpectrumPanel)]
pub fn spectrum_panel(props: &SpectrumPanelProps) -> Html {
    let open = use_state(|| false);
    let seen = use_state(|| Seen::Nothing);
    {
        let (session, stream, pipeline, channel) =
            (Rc::clone(&props.session), props.stream, Rc::clone(&props.pipeline), props.channel);
        let (segment, around) = (props.window.segment, props.window.frames().0);
        let seen = seen.setter();
        use_effect_with((*open, stream, Rc::clone(&pipeline), channel, segment, around), move |(open, ..)| {
            let wanted = Rc::new(());
            let still_wanted = Rc::downgrade(&wanted);
            if *open {
                spawn_local(async move {
                    TimeoutFuture::new(SETTLE_MS).await;
                    if still_wanted.strong_count() == 0 {
                        return;
                    }
                    let worker = session.pool.len().saturating_sub(1);
                    let name = called(&session.streams[stream], channel);
                    let request = Request::Spectrum { stream, pipeline: (*pipeline).clone(), segment, around, channel };
                    let answer = session.pool.call(worker, request, Vec::new()).await;
                    if still_wanted.strong_count() == 0 {
                        return;
                    }
                    seen.set(match answer {
                        Ok((Reply::Spectrum { duration_s }, attached)) => {
                            let part = |at: usize| attached.get(at).map(floats).unwrap_or_default();
                            let spectra = Spectra { frequencies_hz: part(0), raw: part(1), filtered: part(2) };
                            Seen::Spectra { spectra: Rc::new(spectra), duration_s, name }
                        }
                        Ok(_) => Seen::Problem(WorkFailure::unexpected().reason),
                        Err(failure) => Seen::Problem(failure.reason),
                    });
                });
            }
            // Another one takes its place.
            move || drop(wanted)
        });
    }
    let on_toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    html! {
        <section class="panel" data-testid="spectrum-panel">
            <div class="row spread">
                <h3>{ "Power spectrum" }</h3>
                <button class="quiet" aria-expanded={open.to_string()} onclick={on_toggle} data-testid="spectrum-toggle">{ if *open { "Hide" } else { "Show" } }</button>
            </div>
            if *open { { shown(&seen) } }
        </section>
    }
}

fn shown(seen: &Seen) -> Html {
    match seen {
        Seen::Nothing => html! { <p class="small soft" role="status">{ "Computing…" }</p> },
        Seen::Problem(reason) => {
            html! { <p class="small" role="alert">{ format!("There is no spectrum: {reason}") }</p> }
        }
        Seen::Spectra { spectra, duration_s, name } => {
            let csv = {
                let spectra = Rc::clone(spectra);
                Callback::from(move |()| spectra.to_csv())
            };
            let values = {
                let spectra = Rc::clone(spectra);
                Values::new(spectra.frequencies_hz.len(), move |at| spectra.in_words(at).unwrap_or_default())
            };
            let sentence =
                "Power of the raw and of the filtered signal in µV²/Hz at each frequency in Hz, on logarithmic axes.";
            html! {
                <Plot title={format!("Power spectrum of channel {name}")} {sentence} {values} name="spectrum" height="h-small" {csv} draw={spectrum::draw(Rc::clone(spectra))}>
                    <span class="small soft">{ format!("raw (grey) and filtered (in colour), from {}", format::duration(*duration_s)) }</span>
                </Plot>
            }
        }
    }
}
