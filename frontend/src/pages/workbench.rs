//! Workbench: an opened recording, nothing sent yet.

mod cards;
mod channels;
mod facts;
mod left_out;
mod noise;
mod offers;
mod side;
mod spectrum;
mod task;

use std::rc::Rc;

use wasm_core::engine::Engine;
use wasm_core::pipeline::Pipeline;
use yew::prelude::*;

use crate::pages::result::{Computed, ResultView, StoredResult};
use crate::pages::traces::{TraceView, Window};
use crate::services::leaving;
use crate::services::session::Session;
use cards::Cards;
use facts::Facts;
use noise::use_noise;
use offers::{Doing, Offers};
use side::Side;
use spectrum::SpectrumPanel;

/// Properties of [`Workbench`].
#[derive(Properties, PartialEq)]
pub struct WorkbenchProps {
    /// The recording.
    pub session: Rc<Session>,
}

/// What takes the place of the traces.
enum Screen {
    Traces,
    /// A result that was computed here.
    Computed(Rc<Computed>),
    /// The spikes that the files hold.
    Stored,
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
    let noise = use_noise(Rc::clone(&session), *stream, Rc::clone(&pipeline));
    let doing = use_state_eq(|| Doing::Nothing);
    // Nothing of an analysis in this browser is kept anywhere else.
    leaving::use_asking(*doing == Doing::Here);
    let screen = use_state(|| Screen::Traces);

    let on_stream = {
        let (session, stream, window, chosen) =
            (Rc::clone(&session), stream.setter(), window.setter(), chosen.setter());
        let pipeline = pipeline.clone();
        Callback::from(move |index: usize| {
            let info = &session.streams[index];
            stream.set(index);
            // What was set by hand stays where it still works.
            if Engine::new(info, &pipeline).is_err() {
                pipeline.set(Rc::new(Pipeline::fitted_to(info.sampling_frequency_hz)));
            }
            chosen.set(None);
            window.set(Window::first(info));
        })
    };
    // The same callback as long as it does the same: lists of thousands of channels hold it.
    let on_choose = use_callback(((*window).clone(), *chosen, *stream), {
        let (session, chosen, on_window) = (Rc::clone(&session), chosen.setter(), window.setter());
        move |channel: usize, (window, before, stream)| {
            chosen.set((*before != Some(channel)).then_some(channel));
            on_window.set(window.showing(channel, session.streams[*stream].n_channels));
        }
    });
    let on_window = {
        let window = window.setter();
        Callback::from(move |next| window.set(next))
    };
    let back = {
        let (doing, screen) = (doing.setter(), screen.setter());
        Callback::from(move |_: MouseEvent| {
            doing.set(Doing::Nothing);
            screen.set(Screen::Traces);
        })
    };
    match &*screen {
        Screen::Computed(computed) => {
            return html! { <ResultView computed={Rc::clone(computed)}><button onclick={back} data-testid="back">{ "Back to the traces" }</button></ResultView> };
        }
        Screen::Stored => {
            return html! { <StoredResult {session}><button onclick={back} data-testid="back-to-traces">{ "Back to the traces" }</button></StoredResult> };
        }
        Screen::Traces => {}
    }
    let shown = window.channels(session.streams[*stream].n_channels);
    let on_stored = {
        let screen = screen.setter();
        Callback::from(move |_: MouseEvent| screen.set(Screen::Stored))
    };
    html! {
        <div class="bench" data-testid="workbench">
            <Facts session={Rc::clone(&session)} stream={*stream} window={(*window).clone()} is_busy={*doing != Doing::Nothing} {on_stream} on_window={on_window.clone()} {on_stored} />
            <Side session={Rc::clone(&session)} stream={*stream} noise_uv={noise.levels_uv.clone()} chosen={*chosen} shown={shown.clone()} {on_choose} />
            <div class="middle">
                <TraceView session={Rc::clone(&session)} stream={*stream} pipeline={Rc::clone(&pipeline)} noise_uv={noise.levels_uv.clone()}
                    window={(*window).clone()} chosen={*chosen} activity={noise.activity.clone()} {on_window}
                    on_choose={ let chosen = chosen.setter(); Callback::from(move |channel| chosen.set(Some(channel))) }
                    on_spikes={ let in_view = in_view.setter(); Callback::from(move |found| in_view.set(found)) } />
                <SpectrumPanel session={Rc::clone(&session)} stream={*stream} pipeline={Rc::clone(&pipeline)} channel={chosen.unwrap_or(shown.start)} window={(*window).clone()} />
            </div>
            <Cards session={Rc::clone(&session)} stream={*stream} pipeline={Rc::clone(&pipeline)} noise={(*noise).clone()} in_view={*in_view} is_busy={*doing != Doing::Nothing}
                on_change={ let pipeline = pipeline.setter(); Callback::from(move |next| pipeline.set(Rc::new(next))) } />
            <Offers key={*stream} {session} stream={*stream} pipeline={Rc::clone(&pipeline)} doing={*doing}
                on_doing={ let doing = doing.setter(); Callback::from(move |next| doing.set(next)) }
                on_done={ let screen = screen.setter(); Callback::from(move |done| screen.set(Screen::Computed(done))) } />
        </div>
    }
}
