//! Electrodes that are left out: found, or named by hand.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use wasm_core::analyses::{BadChannelMethod, ChannelLabel};
use wasm_core::quality::bad_ids;
use wasm_core::recording::StreamInfo;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::pages::names::called;
use crate::services::session::Session;

/// Properties of [`LeftOut`].
#[derive(Properties, PartialEq)]
pub struct LeftOutProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Stream of the recording.
    pub stream: usize,
    /// Ids of those that are left out.
    pub ids: Vec<String>,
    /// Takes another list.
    pub on_change: Callback<Vec<String>>,
}

/// The search for bad electrodes.
#[derive(Clone, PartialEq)]
enum Search {
    Idle,
    Looking,
    Found(Vec<ChannelLabel>),
    Problem(String),
}

/// The list, a search, and a field to add to it.
#[component(LeftOut)]
pub fn left_out(props: &LeftOutProps) -> Html {
    let search = use_state(|| Search::Idle);
    let method = use_state(|| BadChannelMethod::Mad);
    let info = &props.session.streams[props.stream];
    let on_find = finding(props, search.setter(), *method);
    let on_method = {
        let method = method.setter();
        Callback::from(move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            method.set(if select.selected_index() == 1 {
                BadChannelMethod::CoherencePsd
            } else {
                BadChannelMethod::Mad
            });
        })
    };
    let on_add = adding(props, search.setter());
    let chip = |id: &String| {
        let (ids, on_change, own) = (props.ids.clone(), props.on_change.clone(), id.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            on_change.emit(ids.iter().filter(|id| **id != own).cloned().collect());
        });
        let name = info.channel_ids.iter().position(|known| known == id).map_or(id.clone(), |at| called(info, at));
        html! { <button class="chip" {onclick} aria-label={format!("{name} ×: take it back in")}>{ &name }{ " ×" }</button> }
    };
    html! {
        <div class="left-out">
            if info.positions_um.is_some() {
                <label class="field"><span>{ "Find by" }</span>
                    <select onchange={on_method} data-testid="bad-channel-method">
                        <option selected={*method == BadChannelMethod::Mad}>{ "Noise (any array)" }</option>
                        <option selected={*method == BadChannelMethod::CoherencePsd}>{ "Neighbours (probes)" }</option>
                    </select>
                </label>
            }
            <div class="row">
                <button onclick={on_find} disabled={*search == Search::Looking} data-testid="find-bad-channels">{ "Find" }</button>
                <input class="grow" list="channel-ids" placeholder="or name one" aria-label="Leave out an electrode" onchange={on_add} data-testid="leave-out" />
                <datalist id="channel-ids">{ for info.channel_ids.iter().enumerate().map(|(at, id)| html! { <option value={id.clone()} label={called(info, at)} /> }) }</datalist>
            </div>
            { state_of(&search) }
            if !props.ids.is_empty() {
                <p class="small soft">{ "These electrodes are left out. Click one to take it back in." }</p>
                <div class="chips" data-testid="left-out">{ for props.ids.iter().map(chip) }</div>
            }
        </div>
    }
}

/// Looks for bad electrodes, which become the list.
fn finding(props: &LeftOutProps, search: UseStateSetter<Search>, method: BadChannelMethod) -> Callback<MouseEvent> {
    let (session, stream, on_change) = (Rc::clone(&props.session), props.stream, props.on_change.clone());
    Callback::from(move |_: MouseEvent| {
        search.set(Search::Looking);
        let (session, search, on_change) = (Rc::clone(&session), search.clone(), on_change.clone());
        spawn_local(async move {
            match session.bad_channels(stream, method).await {
                Ok(labels) => {
                    on_change.emit(bad_ids(&session.streams[stream], &labels));
                    search.set(Search::Found(labels));
                }
                Err(failure) => search.set(Search::Problem(failure.reason)),
            }
        });
    })
}

/// Adds the electrode that was typed to the list.
fn adding(props: &LeftOutProps, search: UseStateSetter<Search>) -> Callback<Event> {
    let (ids, on_change) = (props.ids.clone(), props.on_change.clone());
    let (session, stream) = (Rc::clone(&props.session), props.stream);
    Callback::from(move |event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        let typed = input.value().trim().to_owned();
        let Some(id) = meant(&session.streams[stream], &typed) else {
            search.set(Search::Problem(format!("There is no electrode “{typed}” here.")));
            return;
        };
        if !ids.contains(&id) {
            input.set_value("");
            search.set(Search::Idle);
            on_change.emit([ids.clone(), vec![id]].concat());
        }
    })
}

/// The id of the electrode of this id, or else of this name.
fn meant(info: &StreamInfo, typed: &str) -> Option<String> {
    let by_id = info.channel_ids.iter().position(|id| id == typed);
    let by_name = || (0..info.n_channels).find(|at| info.channel_label(*at) == typed);
    info.channel_ids.get(by_id.or_else(by_name)?).cloned()
}

fn state_of(search: &Search) -> Html {
    let text = match search {
        Search::Idle => return html! {},
        Search::Looking => "Looking at 20 excerpts…".to_owned(),
        Search::Found(labels) => {
            let named = [
                (ChannelLabel::Dead, "dead"),
                (ChannelLabel::Noise, "noisy"),
                (ChannelLabel::Out, "outside the tissue"),
                (ChannelLabel::Saturated, "saturated"),
            ];
            let count = |wanted: ChannelLabel| labels.iter().filter(|label| **label == wanted).count();
            let found = named.iter().map(|(label, what)| (count(*label), what)).filter(|(n, _)| *n > 0);
            let found: Vec<String> = found.map(|(n, what)| format!("{n} {what}")).collect();
            if found.is_empty() { "All electrodes look good".into() } else { format!("Found: {}", found.join(", ")) }
        }
        Search::Problem(reason) => return html! { <p class="small" role="alert">{ reason }</p> },
    };
    html! { <p class="effect" role="status" data-testid="bad-channels-found">{ text }</p> }
}
