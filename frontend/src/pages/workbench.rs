//! Workbench: an opened recording, nothing sent yet.

mod activity;
mod begin;
mod cards;
mod channels;
mod detections;
mod facts;
mod left_out;
mod noise;
mod offers;
mod pipeline_file;
mod presets;
mod sending;
mod side;
mod spectrum;
mod task;
mod unsearched;

use std::rc::Rc;

use wasm_core::engine::check;
use wasm_core::pipeline::Pipeline;
use yew::prelude::*;

use crate::pages::result::{Computed, ResultView, StoredResult};
use crate::pages::traces::{TraceView, Window};
use crate::routes::{OPEN, OPEN_RESULT, OPEN_SPIKES, Part, go};
use crate::services::leaving;
use crate::services::session::Session;
use activity::{Analysed, use_activity};
use begin::Begin;
use cards::Cards;
use facts::Facts;
use noise::use_noise;
use offers::{Doing, Offers};
use side::Side;
use spectrum::SpectrumPanel;
use unsearched::why_unsearched;

/// Properties of [`Workbench`].
#[derive(Properties, PartialEq)]
pub struct WorkbenchProps {
    /// The recording.
    pub session: Rc<Session>,
    /// What of it the address names.
    pub part: Part,
    /// The result that was computed here last.
    pub found: Option<Rc<Computed>>,
    /// Takes another one, or none.
    pub on_found: Callback<Option<Rc<Computed>>>,
    /// Told when the result is kept.
    pub on_kept: Callback<()>,
}

impl Part {
    /// What is shown where the address names this: only what there is, and nothing else while work is under
    /// way, whose progress stands below the traces. A worker keeps one result: as long as there is a computed
    /// one, the spikes of the files do not take its place.
    fn shown(self, is_idle: bool, has_result: bool, has_spikes: bool) -> Self {
        match self {
            Self::Result if is_idle && has_result => self,
            Self::Spikes if is_idle && has_spikes && !has_result => self,
            _ => Self::Traces,
        }
    }
}

/// The workbench.
#[component(Workbench)]
pub fn workbench(props: &WorkbenchProps) -> Html {
    let session = Rc::clone(&props.session);
    let begin = use_memo((), |()| Begin::of(&session));
    let stream = use_state(|| begin.stream);
    let pipeline = use_state(|| Rc::clone(&begin.pipeline));
    let is_earlier = use_state_eq(|| begin.is_earlier);
    let chosen = use_state(|| None::<usize>);
    let in_view = use_state(|| None::<(usize, f64)>);
    let info = &session.streams[*stream];
    let window = use_state(|| Window::first(info));
    let is_searched = why_unsearched(info).is_none();
    let noise = use_noise(Rc::clone(&session), *stream, Rc::clone(&pipeline), is_searched);
    let analysed = use_state(|| None::<Analysed>);
    let activity = use_activity(Rc::clone(&noise.activity), (*analysed).clone(), *stream, Rc::clone(&pipeline));
    let doing = use_state_eq(|| Doing::Nothing);
    // Nothing of an analysis in this browser is kept anywhere else.
    leaving::use_working(*doing == Doing::Here);
    use_effect_with((*stream, Rc::clone(&pipeline)), {
        let session = Rc::clone(&session);
        move |(stream, pipeline)| session.keep_tuned(*stream, pipeline)
    });

    let on_stream = streams(&session, &stream, &pipeline, &chosen, &window);
    // The same callback as long as it does the same: lists of thousands of channels hold it.
    let on_choose = use_callback(((*window).clone(), *chosen, *stream), {
        let (session, chosen, on_window) = (Rc::clone(&session), chosen.setter(), window.setter());
        move |channel: usize, (window, before, stream)| {
            chosen.set((*before != Some(channel)).then_some(channel));
            on_window.set(window.showing(channel, session.streams[*stream].n_channels));
        }
    });
    let on_window = window.setter().to_callback();
    let on_pipeline = {
        let (pipeline, is_earlier) = (pipeline.setter(), is_earlier.setter());
        Callback::from(move |next: Pipeline| {
            is_earlier.set(false);
            pipeline.set(Rc::new(next));
        })
    };
    if let Some(instead) = instead_of_traces(props, *doing) {
        return instead;
    }
    let shown = window.channels(info.n_channels);
    let on_stored = {
        let on_found = props.on_found.clone();
        Callback::from(move |_: MouseEvent| {
            if leaving::may_leave() {
                on_found.emit(None);
                go(OPEN_SPIKES);
            }
        })
    };
    let on_done = {
        let (doing, on_found) = (doing.setter(), props.on_found.clone());
        Callback::from(move |done: Rc<Computed>| {
            on_found.emit(Some(done));
            doing.set(Doing::Nothing);
            go(OPEN_RESULT);
        })
    };
    let is_busy = *doing != Doing::Nothing;
    html! {
        <div class={classes!("bench", (!is_searched).then_some("plain"))} data-testid="workbench">
            <Facts session={Rc::clone(&session)} stream={*stream} window={(*window).clone()} {is_busy} {on_stream} on_window={on_window.clone()} {on_stored} />
            <Side session={Rc::clone(&session)} stream={*stream} noise_uv={noise.levels_uv.clone()} {is_searched} chosen={*chosen} shown={shown.clone()} {on_choose} />
            <div class="middle">
                <TraceView session={Rc::clone(&session)} stream={*stream} pipeline={Rc::clone(&pipeline)} noise_uv={noise.levels_uv.clone()}
                    window={(*window).clone()} chosen={*chosen} {activity} {is_searched} {on_window}
                    on_choose={ let chosen = chosen.setter(); Callback::from(move |channel| chosen.set(Some(channel))) }
                    on_spikes={in_view.setter().to_callback()} />
                if is_searched { <SpectrumPanel session={Rc::clone(&session)} stream={*stream} pipeline={Rc::clone(&pipeline)} channel={chosen.unwrap_or(shown.start)} window={(*window).clone()} /> }
            </div>
            <Cards session={Rc::clone(&session)} stream={*stream} pipeline={Rc::clone(&pipeline)} noise={(*noise).clone()} in_view={*in_view} n_in_view={shown.len()} {is_busy} is_earlier={*is_earlier} on_change={on_pipeline} />
            <Offers key={*stream} {session} stream={*stream} pipeline={Rc::clone(&pipeline)} doing={*doing}
                on_doing={doing.setter().to_callback()} on_analysed={ let analysed = analysed.setter(); Callback::from(move |found| analysed.set(Some(found))) }
                {on_done} />
        </div>
    }
}

/// Changes to another stream. What was set by hand stays where it still works.
fn streams(
    session: &Rc<Session>,
    stream: &UseStateHandle<usize>,
    pipeline: &UseStateHandle<Rc<Pipeline>>,
    chosen: &UseStateHandle<Option<usize>>,
    window: &UseStateHandle<Window>,
) -> Callback<usize> {
    let (session, stream, pipeline) = (Rc::clone(session), stream.setter(), pipeline.clone());
    let (window, chosen) = (window.setter(), chosen.setter());
    Callback::from(move |index: usize| {
        let info = &session.streams[index];
        stream.set(index);
        if check(info, &pipeline).is_err() {
            pipeline.set(Rc::new(Pipeline::for_stream(info)));
        }
        chosen.set(None);
        window.set(Window::first(info));
    })
}

/// A result, with the way back to the traces.
fn instead_of_traces(props: &WorkbenchProps, doing: Doing) -> Option<Html> {
    let WorkbenchProps { session, found, on_kept, .. } = props;
    let back = Callback::from(|_: MouseEvent| go(OPEN));
    match props.part.shown(doing == Doing::Nothing, found.is_some(), session.stored.is_some()) {
        Part::Result => found.as_ref().map(|computed| {
            let key = format!("{:p}", Rc::as_ptr(computed));
            html! {
                <ResultView {key} computed={Rc::clone(computed)} has_address={true} {on_kept}><button onclick={back} data-testid="back">{ "Back to the traces" }</button></ResultView>
            }
        }),
        Part::Spikes => Some(html! {
            <StoredResult session={Rc::clone(session)}><button onclick={back} data-testid="back-to-traces">{ "Back to the traces" }</button></StoredResult>
        }),
        Part::Traces => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Part;

    #[test]
    fn an_address_shows_what_there_is() {
        use Part::{Result, Spikes, Traces};
        for (part, is_idle, has_result, has_spikes, shown) in [
            (Traces, true, true, true, Traces),
            (Result, true, true, true, Result),
            (Result, false, true, true, Traces),
            (Result, true, false, true, Traces),
            (Spikes, true, false, true, Spikes),
            (Spikes, true, false, false, Traces),
            (Spikes, true, true, true, Traces),
            (Spikes, false, false, true, Traces),
        ] {
            assert_eq!(part.shown(is_idle, has_result, has_spikes), shown, "{part:?}");
        }
    }
}
