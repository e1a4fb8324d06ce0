//! What a person looks at on the result page, and the ways from one part of it to another.

use std::rc::Rc;

use yew::prelude::*;

use super::Computed;
use super::choice::{beginning, busiest, well_of};
use super::linked::{Action, Linked};
use super::moments::{Moment, Names};
use crate::pages::traces::Window;
use crate::services::address::Place;

/// The part of the result that a person looks at.
pub struct Seen {
    /// The chosen channel.
    pub chosen: UseStateHandle<Option<usize>>,
    /// The window of the traces.
    pub window: UseStateHandle<Window>,
    /// Times that the raster shows; all where there is none.
    pub view: UseStateHandle<Option<(f64, f64)>>,
    /// What raster and tables have in common beside these.
    pub linked: UseReducerHandle<Linked>,
}

impl Seen {
    /// As an address has it.
    pub fn place(&self, threshold: f64) -> Place {
        Place {
            segment: self.window.segment,
            traces_s: (self.window.from_s, self.window.span_s),
            raster_s: *self.view,
            channel: *self.chosen,
            threshold,
            well: self.linked.well.clone(),
        }
    }
}

/// Begins where the address says, else with the channel that fires most, of a plate in the well that is shown.
#[hook]
pub fn use_seen(computed: &Rc<Computed>, begin: &Rc<Option<Place>>) -> Seen {
    let (info, begin) = (&computed.info, (**begin).as_ref());
    let first = use_memo((), |()| beginning(info, &computed.summary, begin));
    let chosen = use_state(|| first.0);
    let window = use_state(|| match begin {
        Some(place) => Window::at_place(info, place),
        None => chosen.iter().fold(Window::first(info), |first, chosen| first.showing(*chosen, info.n_channels)),
    });
    let view = use_state(|| begin.and_then(|place| place.raster_s).and_then(|times| inside(times, window.length_s)));
    let linked = use_reducer_eq(|| Linked { well: first.1.clone(), ..Linked::default() });
    Seen { chosen, window, view, linked }
}

/// What leads from one part of the page to another. None of it changes while somebody drags the raster.
pub struct Ways {
    /// Channels by what tables call them.
    pub names: Rc<Names>,
    /// Takes a chosen channel.
    pub on_choose: Callback<usize>,
    /// Takes a time to show traces of, and a channel to choose.
    pub on_place: Callback<(f64, Option<usize>)>,
    /// Takes other times of the raster.
    pub on_view: Callback<Option<(f64, f64)>>,
    /// Takes another window of the traces.
    pub on_window: Callback<Window>,
    /// Takes another segment.
    pub on_segment: Callback<usize>,
    /// Takes a moment to go to.
    pub on_go: Callback<Moment>,
    /// Takes a change of what raster and tables have in common.
    pub on_linked: Callback<Action>,
}

/// The ways from where a person is.
#[hook]
pub fn use_ways(computed: &Rc<Computed>, seen: &Seen) -> Ways {
    let Seen { chosen, window, view, linked } = seen;
    let from = ((**window).clone(), Rc::clone(computed));
    let on_choose = {
        let (chosen, window, linked) = (chosen.setter(), window.setter(), linked.dispatcher());
        use_callback(from.clone(), move |channel: usize, (now, computed)| {
            chosen.set(Some(channel));
            follow(&linked, well_of(&computed.info, channel));
            window.set(now.showing(channel, computed.info.n_channels));
        })
    };
    let on_place = {
        let (chosen, window, linked) = (chosen.setter(), window.setter(), linked.dispatcher());
        use_callback(from.clone(), move |(time_s, channel): (f64, Option<usize>), (now, computed)| {
            let next = now.at(time_s);
            match channel {
                Some(channel) => {
                    chosen.set(Some(channel));
                    follow(&linked, well_of(&computed.info, channel));
                    window.set(next.showing(channel, computed.info.n_channels));
                }
                None => window.set(next),
            }
        })
    };
    let on_segment = {
        let (window, view, linked) = (window.setter(), view.setter(), linked.dispatcher());
        use_callback(from.clone(), move |segment: usize, (now, computed)| {
            view.set(None);
            linked.dispatch(Action::Leave);
            window.set(now.of_segment(&computed.info, segment));
        })
    };
    let on_go = {
        let from = (from, **chosen);
        let (chosen, window, view, linked) = (chosen.setter(), window.setter(), view.setter(), linked.dispatcher());
        use_callback(from, move |moment: Moment, ((now, computed), before)| {
            let next = moment.window(now, &computed.info);
            view.set(Some(moment.view(next.length_s)));
            window.set(next);
            // A network burst of a well leads to an electrode of that well, unless one is chosen already.
            let named = moment.well.clone().filter(|well| !well.is_empty());
            let well = named.or_else(|| well_of(&computed.info, moment.channel?));
            let is_there = before.is_some_and(|channel| well_of(&computed.info, channel) == well);
            let of_well = well.as_deref().filter(|_| !is_there).and_then(|well| busiest(&computed.summary, Some(well)));
            if let Some(channel) = moment.channel.or(of_well) {
                chosen.set(Some(channel));
            }
            follow(&linked, well);
            linked.dispatch(Action::Mark(moment));
        })
    };
    let dispatcher = linked.dispatcher();
    let on_linked = use_callback((), move |action: Action, ()| dispatcher.dispatch(action));
    let on_view = use_setting(view);
    let on_window = use_setting(window);
    let names = use_memo(Rc::clone(computed), |computed| Names::new(&computed.info));
    Ways { names, on_choose, on_place, on_view, on_window, on_segment, on_go, on_linked }
}

/// Figures follow to a well of a plate.
fn follow(linked: &UseReducerDispatcher<Linked>, well: Option<String>) {
    if let Some(well) = well {
        linked.dispatch(Action::Well(well));
    }
}

/// Where rows of tables lead, for all tables of the page.
#[derive(Clone, PartialEq)]
pub struct Links {
    /// Channels by what tables call them.
    pub names: Rc<Names>,
    /// The chosen channel.
    pub chosen: Option<usize>,
    /// The moment that somebody looks at.
    pub marked: Option<Moment>,
    /// Takes a moment to go to.
    pub on_go: Callback<Moment>,
    /// Takes a chosen channel.
    pub on_choose: Callback<usize>,
}

impl Ways {
    /// The links of the tables.
    pub fn links(&self, seen: &Seen) -> Links {
        Links {
            names: Rc::clone(&self.names),
            chosen: *seen.chosen,
            marked: seen.linked.marked.clone(),
            on_go: self.on_go.clone(),
            on_choose: self.on_choose.clone(),
        }
    }
}

/// Sets a state to what it takes.
#[hook]
pub fn use_setting<T: 'static>(state: &UseStateHandle<T>) -> Callback<T> {
    let setter = state.setter();
    use_callback((), move |next: T, ()| setter.set(next))
}

/// Times of an address that lie in the segment, if they are a stretch of it.
fn inside((from, to): (f64, f64), length_s: f64) -> Option<(f64, f64)> {
    let (from, to) = (from.clamp(0.0, length_s), to.clamp(0.0, length_s));
    (to - from > 1e-3).then_some((from, to))
}
