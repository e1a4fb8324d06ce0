//! The result on screen: headline, raster, map, the chosen channel, traces, tables.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use wasm_core::engine::FLOOR;
use wasm_core::pipeline::Pipeline;
use wasm_core::run::Summary;
use yew::prelude::*;

use super::arranged::{Action, Arranged};
use super::computed::{Unpacked, unpack};
use super::downloads::Downloads;
use super::forms::Forms;
use super::keep::Keep;
use super::panels::{Context, PANELS};
use super::plate::{ShownPlate, use_wells};
use super::share::ShareFile;
use super::shared;
use super::ways::{Links, use_seen, use_setting, use_ways};
use super::{Computed, analyses, population, traces};
use crate::bridge::result::Request;
use crate::pages::about::about;
use crate::plots::raster::Spikes;
use crate::services::address::Place;
use crate::services::session::left_out_first;
use crate::ui::file_name::Stem;
use crate::ui::format;
use crate::ui::heading::Heading;
use crate::ui::notes::notes;
use crate::ui::skip::Skip;

/// Properties of [`ResultView`].
#[derive(Properties, PartialEq)]
pub struct ResultViewProps {
    /// The result.
    pub computed: Rc<Computed>,
    /// Whether the address bar holds the view.
    #[prop_or_default]
    pub has_address: bool,
    /// Whether it came from what this browser keeps.
    #[prop_or_default]
    pub is_kept: bool,
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
    let run_threshold = computed.summary.pipeline.threshold();
    let now = use_state(|| Now {
        threshold: run_threshold,
        summary: Rc::clone(&computed.summary),
        spikes: Rc::clone(&computed.spikes),
    });
    let begin = use_memo((), |()| props.has_address.then(Place::now).flatten());
    let seen = use_seen(computed, &begin);
    let problem = use_state(|| None::<String>);
    let on_problem = use_setting(&problem);
    let set_threshold = use_threshold(Rc::clone(computed), now.clone(), problem.setter());
    let (floor, ceiling) = (f64::from(FLOOR).min(run_threshold), MAX_THRESHOLD.max(run_threshold));
    {
        let (begin, set_threshold, computed) = (begin.clone(), set_threshold.clone(), Rc::clone(computed));
        use_effect_with((), move |()| {
            let wanted = (*begin).as_ref().map_or(run_threshold, |place| place.threshold.clamp(floor, ceiling));
            // The worker keeps the threshold that was set when it was left.
            let is_again = computed.was_shown.replace(true) && computed.is_detected();
            if is_again || (wanted - run_threshold).abs() > 0.01 {
                set_threshold.emit(wanted);
            }
        });
    }
    use_address(props.has_address, seen.place(now.threshold));
    let ways = use_ways(computed, &seen);
    let (pipeline, arranged, on_arrange) = use_arranged(computed, &now.summary);
    let links = ways.links(&seen);
    let wells = use_wells(&now.summary, &seen, &ways);
    let forms = use_reducer_eq(Forms::default);
    let keep = html! { <Keep computed={Rc::clone(computed)} pipeline={Rc::clone(&pipeline)} is_kept={props.is_kept} on_kept={props.on_kept.clone()} /> };
    let share = computed.is_local().then(|| {
        html! { <ShareFile computed={Rc::clone(computed)} pipeline={Rc::clone(&pipeline)} on_kept={props.on_kept.clone()} /> }
    });
    let context = Context {
        computed: Rc::clone(computed),
        now: (*now).clone(),
        thresholds: (floor, ceiling),
        on_threshold: set_threshold,
        spikes: now.spikes.get(seen.window.segment).cloned().unwrap_or_default(),
        chosen: *seen.chosen,
        on_choose: ways.on_choose,
        view: *seen.view,
        on_view: ways.on_view,
        window: (*seen.window).clone(),
        on_window: ways.on_window,
        on_place: ways.on_place,
        linked: (*seen.linked).clone(),
        on_linked: ways.on_linked,
        on_go: ways.on_go,
        names: ways.names,
        on_segment: ways.on_segment,
        pipeline,
        arranged,
        on_arrange,
    };
    html! {
        <ContextProvider<Stem> context={Stem::new(&computed.summary.recording.name)}>
        <ContextProvider<Links> context={links}>
        <ContextProvider<ShownPlate> context={wells}>
        <ContextProvider<UseReducerHandle<Forms>> context={forms}>
        <div class="result" data-testid="result">
            <header>
                { title(computed, &now.summary) }
                { skips(computed) }
                <div class="actions"><Downloads computed={Rc::clone(computed)} summary={Rc::clone(&now.summary)} {on_problem} />{ keep }{ share.unwrap_or_default() }{ props.children.clone() }</div>
            </header>
            if let Some(problem) = &*problem { <p class="notice problem" role="alert" data-testid="result-problem">{ problem }</p> }
            // What is not shown of a drop stands here, first.
            { notes(&left_out_first(&now.summary.recording.notes), "notice small") }
            { about(&now.summary.recording.facts) }
            { for PANELS.iter().filter(|panel| (panel.shows)(&context)).map(|panel| (panel.view)(&context)) }
        </div>
        </ContextProvider<UseReducerHandle<Forms>>>
        </ContextProvider<ShownPlate>>
        </ContextProvider<Links>>
        </ContextProvider<Stem>>
    }
}

/// Ways past the many controls of a result. The heading has the focus when the page opens: the tab key stops at these
/// first.
fn skips(computed: &Computed) -> Html {
    html! {
        <>
            <Skip to={population::ID} label="Skip to the raster" />
            <Skip to={analyses::ID} label="Skip to the analyses" />
            if computed.stream.is_some() { <Skip to={traces::ID} label="Skip to the traces" /> }
        </>
    }
}

/// The pipeline at the threshold that is set with the analyses that were chosen, how they were arranged, and what
/// changes them.
#[hook]
fn use_arranged(
    computed: &Rc<Computed>,
    summary: &Rc<Summary>,
) -> (Rc<Pipeline>, UseReducerHandle<Arranged>, Callback<Action>) {
    let arranged = use_reducer(|| {
        let own = &computed.summary.pipeline;
        Arranged::new(Rc::new(own.with_analyses_of(computed.chosen.as_deref().unwrap_or(own))))
    });
    let pipeline = use_memo((Rc::clone(&arranged.pipeline), Rc::as_ptr(summary)), |(analyses, _)| {
        summary.pipeline.with_analyses_of(analyses)
    });
    let dispatcher = arranged.dispatcher();
    let on_arrange = use_callback((), move |action: Action, ()| dispatcher.dispatch(action));
    (pipeline, arranged, on_arrange)
}

/// What was analysed; of a shared result, what the sender says of it.
fn title(computed: &Computed, summary: &Summary) -> Html {
    if let Some(about) = &computed.shared {
        return shared::head(about, computed, summary);
    }
    let n_channels = format::counted(computed.info.n_channels as u64, "channel");
    let duration = format::duration(summary.headline.duration_s);
    let n_spikes = format::counted(summary.headline.n_spikes, "spike");
    html! {
        <div>
            <Heading text={summary.recording.name.clone()} name="result-name" />
            <p class="soft"><bdi>{ &summary.recording.stream }</bdi>{ format!(" · {n_channels} · {duration} · {n_spikes}") }</p>
        </div>
    }
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
                match computed.session.pool.ask(Request::Threshold { threshold }, Vec::new()).await {
                    Ok((reply, attached)) => {
                        let unpacked = unpack(&computed.info, reply, &attached);
                        if let Some(Unpacked { summary, spikes, .. }) = unpacked {
                            now.set(Now { threshold, summary, spikes });
                            problem.set(None);
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
        let place = place.clone();
        let timer = has_address.then(|| Timeout::new(ADDRESS_MS, move || place.show()));
        move || drop(timer)
    });
}
