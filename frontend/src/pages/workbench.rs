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
mod source;
mod spectrum;
mod state;
mod task;
mod unsearched;

use std::rc::Rc;

use wasm_core::pipeline::Pipeline;
use yew::prelude::*;

use crate::pages::result::{Computed, ResultView, StoredResult};
use crate::pages::traces::{TraceView, Window};
use crate::routes::{OPEN, OPEN_RESULT, OPEN_SPIKES, Part, go};
use crate::services::leaving;
use crate::services::session::Session;
use activity::use_activity;
use begin::Begin;
use cards::Cards;
use facts::Facts;
use noise::use_noise;
use offers::{Doing, Offers};
use side::Side;
use source::Origin;
use spectrum::SpectrumPanel;
use state::{Action, Edit, State};
use unsearched::why_unsearched;

/// Id of the traces.
const TRACES: &str = "traces";

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
    let state = use_reducer(|| {
        let begin = Begin::of(&session);
        let window = Window::first(&session.streams[begin.stream]);
        State::new(begin, window)
    });
    let (stream, pipeline) = (state.stream, Rc::clone(&state.pipeline));
    let act = state.dispatcher().to_callback();
    let info = &session.streams[stream];
    let is_searched = why_unsearched(info).is_none();
    use_noise(Rc::clone(&session), stream, Rc::clone(&pipeline), is_searched, act.reform(Action::noise));
    let sampled = Rc::clone(&state.noise.activity);
    let activity = use_activity(sampled, state.analysed.clone(), stream, Rc::clone(&pipeline));
    // Nothing of an analysis in this browser is kept anywhere else.
    leaving::use_working(state.doing == Doing::Here);
    use_effect_with((stream, Rc::clone(&pipeline)), {
        let session = Rc::clone(&session);
        move |(stream, pipeline)| session.keep_tuned(*stream, pipeline)
    });
    // The same callback as long as it does the same: lists of thousands of channels hold it.
    let on_choose =
        use_callback((Rc::clone(&session), stream, act.clone()), |channel: usize, (session, stream, act)| {
            act.emit(Action::choose(channel, session.streams[*stream].n_channels));
        });
    if let Some(instead) = instead_of_traces(props, state.doing) {
        return instead;
    }
    let on_stream = {
        let session = Rc::clone(&session);
        act.reform(move |index: usize| Action::stream(index, &session.streams[index]))
    };
    let on_window = act.reform(Action::window);
    let on_edit = act.reform(move |edit: Edit| Action::edit(stream, edit));
    let on_take = act.reform(move |(origin, pipeline): (Origin, Pipeline)| Action::take(stream, origin, pipeline));
    let on_undo = act.reform(move |()| Action::undo(stream));
    let shown = state.window.channels(info.n_channels);
    let on_stored = {
        let (act, on_found) = (act.clone(), props.on_found.clone());
        Callback::from(move |_: MouseEvent| {
            if leaving::may_leave() {
                on_found.emit(None);
                act.emit(Action::work(Doing::Nothing));
                go(OPEN_SPIKES);
            }
        })
    };
    let on_done = {
        let (act, on_found) = (act.clone(), props.on_found.clone());
        Callback::from(move |done: Rc<Computed>| {
            on_found.emit(Some(done));
            act.emit(Action::work(Doing::Nothing));
            go(OPEN_RESULT);
        })
    };
    let is_busy = state.doing.is_under_way();
    let (window, noise_uv, chosen) = (&state.window, &state.noise.levels_uv, state.chosen);
    html! {
        <div class={classes!("bench", (!is_searched).then_some("plain"))} data-testid="workbench">
            <Facts session={Rc::clone(&session)} {stream} window={window.clone()} {is_busy} {on_stream} on_window={on_window.clone()} {on_stored} />
            <Side session={Rc::clone(&session)} {stream} noise_uv={noise_uv.clone()} problem={state.noise.problem.clone()} {is_searched} {chosen} shown={shown.clone()} {on_choose} />
            <div class="middle" id={TRACES} tabindex="-1">
                <TraceView session={Rc::clone(&session)} {stream} pipeline={Rc::clone(&pipeline)} noise_uv={noise_uv.clone()} window={window.clone()} {chosen} {activity} {is_searched} {on_window}
                    on_choose={act.reform(Action::point)} on_spikes={act.reform(Action::in_view)} />
                if is_searched { <SpectrumPanel session={Rc::clone(&session)} {stream} pipeline={Rc::clone(&pipeline)} channel={chosen.unwrap_or(shown.start)} window={window.clone()} /> }
            </div>
            <Cards session={Rc::clone(&session)} {stream} pipeline={Rc::clone(&pipeline)} noise={state.noise.clone()} in_view={state.in_view} n_in_view={shown.len()} {is_busy} source={Rc::clone(&state.source)} {on_edit} {on_take} {on_undo} />
            <Offers key={stream} {session} {stream} {pipeline} doing={state.doing} on_doing={act.reform(Action::work)} on_analysed={act.reform(Action::analysed)} {on_done} />
        </div>
    }
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
