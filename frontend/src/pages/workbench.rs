//! Workbench: an opened recording, nothing sent yet.

mod arriving;
mod asking;
mod cards;
mod channels;
mod completing;
mod events;
mod left_out;
mod noise;
mod offers;
mod parts;
mod spectrum;
mod task;
mod viewer;
mod window;

use std::rc::Rc;

use wasm_core::engine::Engine;
use wasm_core::pipeline::Pipeline;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::pages::result::{Computed, ResultView, StoredResult};
use crate::plots::map;
use crate::services::leaving;
use crate::services::session::Session;
use crate::ui::canvas::{Input, Plot, Size, use_draw};
use crate::ui::format;
use crate::ui::notes::notes;
use cards::Cards;
use channels::Channels;
use events::EventsNotice;
use noise::use_noise;
use offers::{Doing, Offers};
use spectrum::SpectrumPanel;
pub use viewer::{STRIP_BINS, TraceView};
pub use window::Window;

/// Properties of [`Workbench`].
#[derive(Properties, PartialEq)]
pub struct WorkbenchProps {
    /// The recording.
    pub session: Rc<Session>,
}

/// The workbench.
#[component(Workbench)]
pub fn workbench(props: &WorkbenchProps) -> Html {
    let session = Rc::clone(&props.session);
    let stream = use_state(|| 0_usize);
    let pipeline = use_state(|| Rc::new(Pipeline::fitted_to(session.streams[0].sampling_frequency_hz)));
    let chosen = use_state(|| None::<usize>);
    let in_view = use_state(|| None::<(usize, f64)>);
    let window = use_state(|| Window::first(&session.streams[0]));
    let info = &session.streams[*stream];
    let noise = use_noise(Rc::clone(&session), *stream, Rc::clone(&pipeline));

    let on_stream = {
        let (session, stream, window, chosen) =
            (Rc::clone(&session), stream.setter(), window.setter(), chosen.setter());
        let pipeline = pipeline.clone();
        Callback::from(move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            let index = usize::try_from(select.selected_index()).unwrap_or(0);
            stream.set(index);
            // What was set by hand stays where it still works.
            let info = &session.streams[index];
            if Engine::new(info, &pipeline).is_err() {
                pipeline.set(Rc::new(Pipeline::fitted_to(info.sampling_frequency_hz)));
            }
            chosen.set(None);
            window.set(Window::first(&session.streams[index]));
        })
    };
    // Thousands of channels are listed and drawn; a control that moves must not wait for them.
    let on_choose = use_callback(((*window).clone(), *chosen, *stream), {
        let (session, chosen, on_window) = (Rc::clone(&session), chosen.setter(), window.setter());
        move |channel: usize, (window, before, stream)| {
            chosen.set((*before != Some(channel)).then_some(channel));
            on_window.set(window.showing(channel, session.streams[*stream].n_channels));
        }
    });
    let positions = use_memo(*stream, |stream| map::positions(&session.streams[*stream]));
    let on_map = {
        let (positions, on_choose, chosen) = (Rc::clone(&positions), on_choose.clone(), *chosen);
        Callback::from(move |(input, size): (Input, Size)| {
            if let Some(channel) = map::chosen_by(&positions, size, chosen, &input) {
                on_choose.emit(channel);
            }
        })
    };
    let shown = window.channels(info.n_channels);
    let shown_first = shown.start;
    let values = use_memo((*stream, noise.levels_uv.clone()), |(stream, noise)| match noise {
        Some(noise) => noise.iter().map(|noise| Some(f64::from(*noise))).collect(),
        None => vec![None; session.streams[*stream].n_channels],
    });
    let map_csv = {
        let (session, stream, values) = (Rc::clone(&session), *stream, Rc::clone(&values));
        Callback::from(move |()| map::csv(&session.streams[stream], "noise_uv", values.iter().copied()))
    };
    let drawn_map = use_draw((positions, values, *chosen, shown), |(positions, values, chosen, shown)| {
        map::draw(Rc::clone(positions), Rc::clone(values), "µV", *chosen, shown.clone().collect())
    });
    let doing = use_state_eq(|| Doing::Nothing);
    let computed = use_state(|| None::<Rc<Computed>>);
    // Nothing of an analysis in this browser is kept anywhere else.
    leaving::use_asking(*doing == Doing::Here);
    let stored_shown = use_state(|| false);
    let show_stored = |shown: bool| {
        let stored_shown = stored_shown.setter();
        Callback::from(move |_: MouseEvent| stored_shown.set(shown))
    };
    if let Some(shown) = &*computed {
        let (doing, computed) = (doing.setter(), computed.setter());
        let back = Callback::from(move |_: MouseEvent| {
            doing.set(Doing::Nothing);
            computed.set(None);
        });
        return html! {
            <ResultView computed={Rc::clone(shown)}><button onclick={back} data-testid="back">{ "Back to the traces" }</button></ResultView>
        };
    }
    let is_busy = *doing != Doing::Nothing;
    if *stored_shown {
        return html! {
            <StoredResult {session}><button onclick={show_stored(false)} data-testid="back-to-traces">{ "Back to the traces" }</button></StoredResult>
        };
    }
    let title = if info.positions_um.is_some() { "Noise map" } else { "Noise by channel" };
    html! {
        <div class="bench" data-testid="workbench">
            <div class="facts">
                <h1 data-testid="recording-name">{ &session.name }</h1>
                if session.streams.len() > 1 {
                    <select onchange={on_stream} disabled={is_busy} aria-label="Stream" data-testid="stream">
                        { for session.streams.iter().enumerate().map(|(at, info)| html! { <option selected={at == *stream}>{ format!("{} ({}, {})", info.name, format::counted(info.n_channels as u64, "channel"), format::hertz(info.sampling_frequency_hz)) }</option> }) }
                    </select>
                }
                <span class="soft" data-testid="facts">{ facts(info, &session.format) }</span>
                { notes(&session.notes, "notice small") }
                if Pipeline::is_too_slow_for_spikes(info.sampling_frequency_hz) {
                    <p class="notice small" data-testid="too-slow">{ format!("At {} there are no spikes to be told from slower signals: traces are shown without a filter, and what an analysis counts are crossings of a threshold.", format::hertz(info.sampling_frequency_hz)) }</p>
                }
                <EventsNotice session={Rc::clone(&session)} stream={*stream} window={(*window).clone()}
                    on_window={ let window = window.setter(); Callback::from(move |next| window.set(next)) } />
                if let Some((stored, n_spikes)) = &session.stored {
                    <p class="notice small row" data-testid="stored-spikes">
                        { format!("The files also hold {} on {}, found by {}.", format::counted(*n_spikes as u64, "spike"), format::counted(stored.info.n_channels as u64, "channel"), stored.found_by) }
                        <button onclick={show_stored(true)} disabled={is_busy} data-testid="show-stored">{ "Show them" }</button>
                    </p>
                }
            </div>
            <div class="side">
                <div class="panel">
                    <Plot title={title} name="electrode-map" height="h-map" zooms={false} on_input={on_map} csv={map_csv}
                        draw={drawn_map} />
                </div>
                <Channels session={Rc::clone(&session)} stream={*stream} noise_uv={noise.levels_uv.clone()} chosen={*chosen} {on_choose} />
            </div>
            <div class="middle">
                <TraceView session={Rc::clone(&session)} stream={*stream} pipeline={Rc::clone(&pipeline)} noise_uv={noise.levels_uv.clone()}
                    window={(*window).clone()} chosen={*chosen} activity={noise.activity.clone()}
                    on_window={ let window = window.setter(); Callback::from(move |next| window.set(next)) }
                    on_choose={ let chosen = chosen.setter(); Callback::from(move |channel| chosen.set(Some(channel))) }
                    on_spikes={ let in_view = in_view.setter(); Callback::from(move |found| in_view.set(found)) } />
                <SpectrumPanel session={Rc::clone(&session)} stream={*stream} pipeline={Rc::clone(&pipeline)} channel={chosen.unwrap_or(shown_first)} window={(*window).clone()} />
            </div>
            <Cards session={Rc::clone(&session)} stream={*stream} pipeline={Rc::clone(&pipeline)} noise={(*noise).clone()} in_view={*in_view}
                on_change={ let pipeline = pipeline.setter(); Callback::from(move |next| pipeline.set(Rc::new(next))) } />
            <Offers key={*stream} {session} stream={*stream} pipeline={Rc::clone(&pipeline)} doing={*doing}
                on_doing={ let doing = doing.setter(); Callback::from(move |next| doing.set(next)) }
                on_done={ let computed = computed.setter(); Callback::from(move |done| computed.set(Some(done))) } />
        </div>
    }
}

fn facts(info: &wasm_core::recording::StreamInfo, format: &str) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
    let size = format::bytes(info.size_bytes() as f64);
    let segments = match info.segments.len() {
        1 => String::new(),
        n => format!(" in {n} segments"),
    };
    format!(
        "{} · {} · {}{segments} · {size} · {} · {}",
        format::counted(info.n_channels as u64, "channel"),
        format::hertz(info.sampling_frequency_hz),
        format::duration(info.duration_s()),
        info.sample_type.name(),
        format.replace('_', " "),
    )
}
