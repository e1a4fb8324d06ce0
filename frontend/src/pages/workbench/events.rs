//! Events that the files tell: how many, from where, going from one to the next.

use std::rc::Rc;

use wasm_core::events::{Event, to_csv};
use yew::prelude::*;

use super::Window;
use crate::services::save;
use crate::services::session::Session;
use crate::ui::format;

/// Sources that are named.
const MAX_NAMED: usize = 4;

/// Properties of [`EventsNotice`].
#[derive(Properties, PartialEq)]
pub struct EventsNoticeProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Its stream.
    pub stream: usize,
    /// What is on screen.
    pub window: Window,
    /// Takes another window.
    pub on_window: Callback<Window>,
}

/// Nothing where there are none.
#[component(EventsNotice)]
pub fn events_notice(props: &EventsNoticeProps) -> Html {
    let events = &props.session.events;
    if events.is_empty() {
        return html! {};
    }
    let mut sources: Vec<&str> = Vec::new();
    for event in events.iter() {
        if !sources.contains(&event.source.as_str()) {
            sources.push(&event.source);
        }
    }
    let mut named = sources.iter().take(MAX_NAMED).copied().collect::<Vec<_>>().join(", ");
    if sources.len() > MAX_NAMED {
        named += " and others";
    }
    let go = |to: Option<&Event>| {
        let place = to.map(|event| (event.segment, event.time_s));
        let (session, stream) = (Rc::clone(&props.session), props.stream);
        let (window, on_window) = (props.window.clone(), props.on_window.clone());
        Callback::from(move |_: MouseEvent| {
            let Some((segment, time_s)) = place else { return };
            let info = &session.streams[stream];
            let t_start_s = info.segments.get(segment).map_or(0.0, |segment| segment.t_start_s);
            let there = if segment == window.segment { window.clone() } else { window.of_segment(info, segment) };
            on_window.emit(there.at(time_s - t_start_s));
        })
    };
    let segment = props.session.streams[props.stream].segments.get(props.window.segment);
    let middle_s = props.window.from_s + props.window.span_s / 2.0 + segment.map_or(0.0, |segment| segment.t_start_s);
    // What lies within a hundredth of the window of its middle is where the person already is.
    let near_s = props.window.span_s / 100.0;
    let key = |event: &Event| (event.segment, event.time_s);
    let before = events.iter().rev().find(|event| key(event) < (props.window.segment, middle_s - near_s));
    let after = events.iter().find(|event| key(event) > (props.window.segment, middle_s + near_s));
    let save = {
        let (events, name) = (Rc::clone(events), format!("{} events.csv", props.session.name));
        Callback::from(move |_: MouseEvent| save::bytes(&name, "text/csv", to_csv(&events).as_bytes()))
    };
    html! {
        <p class="notice small row" data-testid="events">
            { format!("The files also hold {}, from {named}.", format::counted(events.len() as u64, "event")) }
            <button disabled={before.is_none()} onclick={go(before)} data-testid="previous-event">{ "Previous" }</button>
            <button disabled={after.is_none()} onclick={go(after)} data-testid="next-event">{ "Next" }</button>
            <button onclick={save} data-testid="save-events">{ "Save CSV" }</button>
        </p>
    }
}
