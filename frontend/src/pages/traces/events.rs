//! Events that the files tell: how many, from where, going from one to the next.

use std::rc::Rc;

use wasm_core::api::limits;
use wasm_core::events::{Event, MAX_EVENTS, to_csv};
use wasm_core::recording::StreamInfo;
use yew::prelude::*;

use super::Window;
use crate::plots::traces::Mark;
use crate::services::session::Session;
use crate::ui::{format, save};

/// Sources that are named.
const MAX_NAMED: usize = 4;

/// Events that are drawn at once.
const MAX_MARKS: usize = 400;

/// Properties of [`EventsNotice`].
#[derive(Properties, PartialEq)]
pub struct EventsNoticeProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Stream of the recording.
    pub stream: usize,
    /// The window that is on screen.
    pub window: Window,
    /// Takes another window.
    pub on_window: Callback<Window>,
}

/// Nothing where there are none.
#[component(EventsNotice)]
pub fn events_notice(props: &EventsNoticeProps) -> Html {
    let events = &props.session.events;
    let mut sources: Vec<&str> = Vec::new();
    for event in events.iter() {
        if !sources.contains(&event.source.as_str()) {
            sources.push(&event.source);
        }
    }
    let mut named = sources.iter().take(MAX_NAMED).copied().collect::<Vec<_>>().join(", ");
    if sources.len() > MAX_NAMED {
        named += &format!(" and {} more", sources.len() - MAX_NAMED);
    }
    let info = &props.session.streams[props.stream];
    let at_event = use_state(|| None::<(usize, Window)>);
    let exists = |at: &usize| events[*at].segment < info.segments.len();
    let (before, after) = match &*at_event {
        // From the event that the window was moved to, wherever the ends of the segment let it be.
        Some((at, window)) if *window == props.window => {
            ((0..*at).rev().find(exists), (at + 1..events.len()).find(exists))
        }
        _ => {
            let middle = (props.window.segment, middle_s(info, &props.window));
            let place = events.partition_point(|event| (event.segment, event.time_s) <= middle);
            ((0..place).rev().find(exists), (place..events.len()).find(exists))
        }
    };
    let go = |to: Option<usize>| {
        let (at_event, session, stream) = (at_event.setter(), Rc::clone(&props.session), props.stream);
        let (window, on_window) = (props.window.clone(), props.on_window.clone());
        Callback::from(move |_: MouseEvent| {
            let Some((at, event)) = to.map(|at| (at, &session.events[at])) else { return };
            let info = &session.streams[stream];
            let there =
                if event.segment == window.segment { window.clone() } else { window.of_segment(info, event.segment) };
            let there = there.at(event.time_s - info.segments[event.segment].t_start_s);
            at_event.set(Some((at, there.clone())));
            on_window.emit(there);
        })
    };
    if events.is_empty() {
        return html! {};
    }
    let save = {
        let (events, name) = (Rc::clone(events), format!("{} events.csv", props.session.name));
        Callback::from(move |_: MouseEvent| save::bytes(&name, "text/csv", to_csv(&events).as_bytes()))
    };
    html! {
        <p class="notice small row" data-testid="events">
            { format!("{}, from {named}.", how_many(&props.session)) }
            <button disabled={before.is_none()} onclick={go(before)} data-testid="previous-event">{ "Previous" }</button>
            <button disabled={after.is_none()} onclick={go(after)} data-testid="next-event">{ "Next" }</button>
            <button onclick={save} data-testid="save-events">{ "Save CSV" }</button>
        </p>
    }
}

/// How many events there are; where a reader or an upload kept only the first, that is said.
fn how_many(session: &Session) -> String {
    let n_events = session.events.len();
    let kept = if session.is_uploaded() { limits::EVENTS } else { MAX_EVENTS };
    let counted = format::counted(n_events as u64, "event");
    if n_events < kept { format!("The files also hold {counted}") } else { format!("The first {counted} of the files") }
}

/// The middle of a window on the clock of the events.
fn middle_s(info: &StreamInfo, window: &Window) -> f64 {
    let t_start_s = info.segments.get(window.segment).map_or(0.0, |segment| segment.t_start_s);
    window.from_s + window.span_s / 2.0 + t_start_s
}

/// The events of the window, of very many some, evenly; and how many there are.
pub fn marks(session: &Session, stream: usize, window: &Window) -> (Vec<Mark>, usize) {
    let Window { segment, from_s, .. } = *window;
    let t_start_s = session.streams[stream].segments.get(segment).map_or(0.0, |segment| segment.t_start_s);
    let (from_s, to_s) = (from_s + t_start_s, window.to_s() + t_start_s);
    let shows =
        |event: &&Event| event.segment == segment && event.time_s + event.duration_s >= from_s && event.time_s <= to_s;
    let seen: Vec<&Event> = session.events.iter().filter(shows).collect();
    let mark = |event: &&Event| {
        let at = event.time_s - t_start_s;
        // A number says little without its line.
        let is_number = event.label.bytes().all(|byte| byte.is_ascii_digit());
        let text = if is_number { format!("{} {}", event.source, event.label) } else { event.label.clone() };
        (at, at + event.duration_s, text)
    };
    (seen.iter().step_by(seen.len().div_ceil(MAX_MARKS).max(1)).map(mark).collect(), seen.len())
}
