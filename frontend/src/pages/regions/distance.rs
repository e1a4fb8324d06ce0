//! How far each region is from this browser, measured when somebody asks for it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use wasm_core::regions::known;
use yew::prelude::*;

use crate::services::latency;

/// Properties of [`Distance`].
#[derive(Properties, PartialEq)]
pub struct DistanceProps {
    /// Takes milliseconds by the codes of regions, each time that one has answered.
    pub on_latency: Callback<Rc<BTreeMap<String, f64>>>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Idle,
    /// So many were asked.
    Measuring(usize),
    /// So many have answered.
    Done(usize),
}

/// A button, and how far it is.
#[component(Distance)]
pub fn distance(props: &DistanceProps) -> Html {
    let state = use_state(|| State::Idle);
    // What is being measured; taken away to stop it.
    let wanted = use_mut_ref(|| Rc::new(Cell::new(false)));
    {
        let wanted = Rc::clone(&wanted);
        use_effect_with((), move |()| move || wanted.borrow().set(false));
    }
    let on_measure = {
        let (state, wanted, on_latency) = (state.setter(), Rc::clone(&wanted), props.on_latency.clone());
        Callback::from(move |_: MouseEvent| {
            let own = Rc::new(Cell::new(true));
            wanted.replace(Rc::clone(&own)).set(false);
            state.set(State::Measuring(0));
            let (state, on_latency) = (state.clone(), on_latency.clone());
            spawn_local(async move {
                let (found, n_asked) = (RefCell::new(BTreeMap::new()), Cell::new(0));
                latency::measure(
                    || own.get(),
                    |region, answer| {
                        n_asked.set(n_asked.get() + 1);
                        state.set(State::Measuring(n_asked.get()));
                        if let Some(ms) = answer {
                            found.borrow_mut().insert(region.code.clone(), ms);
                            on_latency.emit(Rc::new(found.borrow().clone()));
                        }
                    },
                )
                .await;
                if own.get() {
                    state.set(State::Done(found.borrow().len()));
                }
            });
        })
    };
    let on_stop = {
        let (state, wanted) = (state.setter(), Rc::clone(&wanted));
        Callback::from(move |_: MouseEvent| {
            wanted.borrow().set(false);
            state.set(State::Idle);
        })
    };
    let n_regions = known().regions.len();
    let told = match *state {
        State::Idle => html! {
            <p class="small soft">{ "Asks one address of AWS in each region, five times; AWS sees this browser's address, and nothing else is sent." }</p>
        },
        State::Measuring(n_asked) => html! {
            <p class="small" role="status" data-testid="measuring">{ format!("{n_asked} of {n_regions} regions asked…") }<progress max={n_regions.to_string()} value={n_asked.to_string()} aria-label="Regions asked" /></p>
        },
        State::Done(0) => html! {
            <p class="small" role="alert" data-testid="latency-problem">{ "No region answered: this browser is offline, or the server of this page, or your network, does not allow it. On the command line " }<code>{ "neurocyte regions --ping" }</code>{ " measures without a browser." }</p>
        },
        State::Done(n_answered) => html! {
            <p class="small soft" role="status" data-testid="latency-done">{ format!("{n_answered} of {n_regions} answered. The time of a small request there and back, the quickest of four.") }</p>
        },
    };
    html! {
        <div class="row">
            if matches!(*state, State::Measuring(_)) {
                <button onclick={on_stop} data-testid="stop-measuring">{ "Stop" }</button>
            } else {
                <button onclick={on_measure} data-testid="measure-latency">{ "Measure latency from here" }</button>
            }
            { told }
        </div>
    }
}
