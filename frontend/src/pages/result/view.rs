//! The result on screen: headline, raster, map, the chosen channel, traces, tables.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use wasm_core::engine::FLOOR;
use wasm_core::pipeline::Settings;
use wasm_core::run::Summary;
use yew::prelude::*;

use super::keep::Keep;
use super::panels::{Context, PANELS};
use super::{Computed, unpack};
use crate::bridge::{ExportFormat, Request, bytes};
use crate::pages::about::about;
use crate::pages::traces::Window;
use crate::plots::raster::Spikes;
use crate::services::address::Place;
use crate::services::session::left_out_first;
use crate::ui::notes::notes;
use crate::ui::{format, save};

/// Properties of [`ResultView`].
#[derive(Properties, PartialEq)]
pub struct ResultViewProps {
    /// The result.
    pub computed: Rc<Computed>,
    /// Whether the address bar holds the view.
    #[prop_or_default]
    pub has_address: bool,
    /// Told when the result is kept.
    #[prop_or_default]
    pub on_kept: Callback<()>,
    /// Actions at the top right.
    #[prop_or_default]
    pub children: Html,
}

/// Milliseconds of rest after which the address bar follows the view.
const ADDRESS_MS: u32 = 300;

/// Upper end of the threshold's slider in multiples of the noise, unless the run's is above it.
const MAX_THRESHOLD: f64 = 15.0;

/// Spikes and numbers at the threshold that is set now.
#[derive(Clone, PartialEq)]
pub struct Now {
    /// In units of the noise.
    pub threshold: f64,
    /// The numbers.
    pub summary: Rc<Summary>,
    /// Spikes of each segment.
    pub spikes: Rc<Vec<Rc<Spikes>>>,
}

/// A result.
#[component(ResultView)]
pub fn result_view(props: &ResultViewProps) -> Html {
    let computed = &props.computed;
    let info = &computed.info;
    let run_threshold = Settings::new(&computed.summary.pipeline, info.sampling_frequency_hz)
        .map_or(5.0, |settings| f64::from(settings.detect_threshold));
    use_top();
    let now = use_state(|| Now {
        threshold: run_threshold,
        summary: Rc::clone(&computed.summary),
        spikes: Rc::clone(&computed.spikes),
    });
    let begin = use_memo((), |()| props.has_address.then(Place::now).flatten());
    let chosen = use_state(|| {
        let named = begin.and_then(|place| place.channel).filter(|channel| *channel < info.n_channels);
        named.or_else(|| busiest(&computed.summary))
    });
    let window = use_state(|| match *begin {
        Some(place) => Window::at_place(info, &place),
        None => chosen.iter().fold(Window::first(info), |first, chosen| first.showing(*chosen, info.n_channels)),
    });
    let view = use_state(|| begin.and_then(|place| place.raster_s).and_then(|times| inside(times, window.length_s)));
    let problem = use_state(|| None::<String>);
    let set_threshold = use_threshold(Rc::clone(computed), now.clone(), problem.setter());
    let (floor, ceiling) = (f64::from(FLOOR).min(run_threshold), MAX_THRESHOLD.max(run_threshold));
    {
        let (begin, set_threshold) = (begin.clone(), set_threshold.clone());
        use_effect_with((), move |()| {
            if let Some(place) = begin.filter(|place| (place.threshold - run_threshold).abs() > 0.01) {
                set_threshold.emit(place.threshold.clamp(floor, ceiling));
            }
        });
    }
    use_address(
        props.has_address,
        Place {
            segment: window.segment,
            traces_s: (window.from_s, window.span_s),
            raster_s: *view,
            channel: *chosen,
            threshold: now.threshold,
        },
    );
    let on_choose = {
        let (chosen, window, n) = (chosen.setter(), window.clone(), info.n_channels);
        Callback::from(move |channel: usize| {
            chosen.set(Some(channel));
            window.set(window.showing(channel, n));
        })
    };
    let on_time = {
        let window = window.clone();
        Callback::from(move |time_s: f64| window.set(window.at(time_s)))
    };
    let on_segment = {
        let (window, view, info) = (window.clone(), view.setter(), info.clone());
        Callback::from(move |segment: usize| {
            view.set(None);
            window.set(window.of_segment(&info, segment));
        })
    };
    // The analyses that were chosen go with whatever threshold is set.
    let analyses = use_state(|| match &computed.chosen {
        Some(chosen) => Rc::clone(chosen),
        None => Rc::new(computed.summary.pipeline.with_analyses()),
    });
    let pipeline = use_memo((Rc::clone(&analyses), Rc::as_ptr(&now.summary)), |_| {
        now.summary.pipeline.with_analyses_of(&analyses)
    });
    let keep = html! { <Keep computed={Rc::clone(computed)} pipeline={Rc::clone(&pipeline)} on_kept={props.on_kept.clone()} /> };
    let context = Context {
        computed: Rc::clone(computed),
        now: (*now).clone(),
        thresholds: (floor, ceiling),
        on_threshold: set_threshold,
        spikes: now.spikes.get(window.segment).cloned().unwrap_or_default(),
        chosen: *chosen,
        on_choose,
        view: *view,
        on_view: setting(&view),
        window: (*window).clone(),
        on_window: setting(&window),
        on_time,
        on_segment,
        pipeline,
        on_pipeline: setting(&analyses).reform(Rc::new),
    };
    html! {
        <div class="result" data-testid="result">
            <header>
                { title(computed, &now.summary) }
                <div class="actions"><div class="row">{ downloads(computed, &now.summary, &problem.setter()) }</div>{ keep }{ props.children.clone() }</div>
            </header>
            if let Some(problem) = &*problem { <p class="notice problem" role="alert" data-testid="result-problem">{ problem }</p> }
            // What is not shown of a drop stands here, first.
            { notes(&left_out_first(&now.summary.recording.notes), "notice small") }
            { about(&now.summary.recording.facts) }
            { for PANELS.iter().filter(|panel| (panel.shows)(&context)).map(|panel| (panel.view)(&context)) }
        </div>
    }
}

/// Sets a state to what it takes.
fn setting<T: 'static>(state: &UseStateHandle<T>) -> Callback<T> {
    let setter = state.setter();
    Callback::from(move |next| setter.set(next))
}

/// Begins at its top: it takes the place of a page that may have been scrolled.
#[hook]
fn use_top() {
    use_effect_with((), |()| {
        if let Some(window) = web_sys::window() {
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
    });
}

/// What was analysed, and until when it is shared.
fn title(computed: &Computed, summary: &Summary) -> Html {
    let n_channels = format::counted(computed.info.n_channels as u64, "channel");
    let duration = format::duration(summary.headline.duration_s);
    let n_spikes = format::counted(summary.headline.n_spikes, "spike");
    html! {
        <div>
            <h1>{ &summary.recording.name }</h1>
            <p class="soft">{ format!("{} · {n_channels} · {duration} · {n_spikes}", summary.recording.stream) }</p>
            if let Some(expires) = computed.expires_at_s { <p class="small soft" data-testid="expires">{ expiry(expires) }</p> }
        </div>
    }
}

/// Times of an address that lie in the segment, if they are a stretch of it.
fn inside((from, to): (f64, f64), length_s: f64) -> Option<(f64, f64)> {
    let (from, to) = (from.clamp(0.0, length_s), to.clamp(0.0, length_s));
    (to - from > 1e-3).then_some((from, to))
}

/// The channel that fires most: what a person would look at first.
fn busiest(summary: &Summary) -> Option<usize> {
    (0..summary.channels.len()).max_by_key(|at| summary.channels[*at].n_spikes)
}

/// Moves the threshold: one request at a time, the newest wish last.
#[hook]
fn use_threshold(
    computed: Rc<Computed>,
    now: UseStateHandle<Now>,
    problem: UseStateSetter<Option<String>>,
) -> Callback<f64> {
    let wanted = use_memo((), |()| Cell::new(None::<f64>));
    let busy = use_memo((), |()| Cell::new(false));
    Callback::from(move |threshold: f64| {
        // The steps of the slider, and what the methods will say.
        wanted.set(Some((threshold * 10.0).round() / 10.0));
        if busy.replace(true) {
            return;
        }
        let (computed, now, wanted, busy) = (Rc::clone(&computed), now.setter(), Rc::clone(&wanted), Rc::clone(&busy));
        let problem = problem.clone();
        spawn_local(async move {
            while let Some(threshold) = wanted.take() {
                match computed.session.pool.call(0, Request::Threshold { threshold }, Vec::new()).await {
                    Ok((reply, attached)) => {
                        if let Some((summary, spikes, _, _)) = unpack(&computed.info, reply, &attached) {
                            now.set(Now { threshold, summary, spikes });
                        }
                    }
                    Err(failure) => problem.set(Some(failure.reason)),
                }
            }
            busy.set(false);
        });
    })
}

/// The address bar follows once nothing moves.
#[hook]
fn use_address(has_address: bool, place: Place) {
    use_effect_with(place, move |place| {
        let place = *place;
        let timer = has_address.then(|| Timeout::new(ADDRESS_MS, move || place.show()));
        move || drop(timer)
    });
}

fn expiry(expires_at_s: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a date")]
    let date = format::date(expires_at_s as f64 * 1000.0);
    format!("Shared with whoever has this link, until {date}.")
}

fn downloads(computed: &Rc<Computed>, summary: &Rc<Summary>, problem: &UseStateSetter<Option<String>>) -> Html {
    let export = |format: ExportFormat, name: &'static str, media_type: &'static str| {
        let (computed, problem) = (Rc::clone(computed), problem.clone());
        Callback::from(move |_: MouseEvent| {
            let (computed, problem) = (Rc::clone(&computed), problem.clone());
            spawn_local(async move {
                let answer = computed.session.pool.call(0, Request::Export { format }, Vec::new()).await;
                match answer.map(|(_, attached)| attached) {
                    Ok(attached) => attached.iter().for_each(|file| save::bytes(name, media_type, &bytes(file))),
                    Err(failure) => problem.set(Some(format!("{name} could not be made: {}", failure.reason))),
                }
            });
        })
    };
    let on_summary = {
        let summary = Rc::clone(summary);
        Callback::from(move |_: MouseEvent| {
            save::bytes(
                "summary.json",
                "application/json",
                serde_json::to_string_pretty(&*summary).unwrap_or_default().as_bytes(),
            );
        })
    };
    html! {
        <>
            <button onclick={export(ExportFormat::Report, "report.html", "text/html")} data-testid="download-report">{ "report.html" }</button>
            <button onclick={export(ExportFormat::Parquet, "spikes.parquet", "application/vnd.apache.parquet")} data-testid="download-parquet">{ "spikes.parquet" }</button>
            <button onclick={export(ExportFormat::Csv, "spikes.csv", "text/csv")} data-testid="download-csv">{ "spikes.csv" }</button>
            <button onclick={export(ExportFormat::Nwb, "spikes.nwb", "application/x-hdf5")} data-testid="download-nwb">{ "spikes.nwb" }</button>
            <button onclick={export(ExportFormat::Phy, "phy.zip", "application/zip")} data-testid="download-phy">{ "phy.zip" }</button>
            <button onclick={on_summary} data-testid="download-summary">{ "summary.json" }</button>
        </>
    }
}
