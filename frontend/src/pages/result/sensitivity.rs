//! The numbers over the threshold: a small strip under each, counted while the worker has nothing else to do.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use wasm_core::figure::{Figure, svg};
use wasm_core::run::{AtThreshold, Change, HeadlineNumber, Sensitivity, thresholds_from};
use yew::prelude::*;

use super::Computed;
use super::analyses::FIGURE;
use crate::bridge::result::{Reply, Request};
use crate::plots::figure::{painted, values};
use crate::services::pool::{Pool, WorkFailure};
use crate::ui::canvas::{Plot, use_draw};
use crate::ui::save;

/// Time between two looks at the worker, and how often it is looked at: after that the next threshold stands behind
/// whatever it is asked.
const LOOK_MS: u32 = 50;
const MAX_LOOKS: usize = 60;

/// The middle of the thresholds that are compared: those around it come first.
const MIDDLE: f64 = 5.25;

/// What is known of the numbers over the threshold.
#[derive(Clone, Default, PartialEq)]
pub struct Swept {
    /// The numbers so far.
    pub sensitivity: Sensitivity,
    /// Whether nothing more comes.
    is_over: bool,
    problem: Option<String>,
}

/// Counts the numbers at every threshold, one after the other, until all are there, the page shows something else, or
/// a person stops it.
#[hook]
pub fn use_sensitivity(computed: &Rc<Computed>, floor: f64) -> (Swept, Callback<MouseEvent>) {
    let swept = use_state_eq(Swept::default);
    let address = Rc::as_ptr(computed) as usize;
    let stop = use_memo(address, |_| Cell::new(false));
    {
        let (swept, stop, computed) = (swept.setter(), Rc::clone(&stop), Rc::clone(computed));
        use_effect_with(address, move |_| {
            let leaving = Rc::clone(&stop);
            if computed.is_detected() {
                spawn_local(async move { sweep(&computed, floor, &stop, &swept).await });
            }
            move || leaving.set(true)
        });
    }
    let on_stop = Callback::from(move |_: MouseEvent| stop.set(true));
    ((*swept).clone(), on_stop)
}

/// The thresholds, those that the words are about first.
fn in_order(floor: f64) -> Vec<f64> {
    let mut thresholds = thresholds_from(floor);
    thresholds.sort_by(|one, other| (one - MIDDLE).abs().total_cmp(&(other - MIDDLE).abs()));
    thresholds
}

async fn sweep(computed: &Computed, floor: f64, stop: &Cell<bool>, swept: &UseStateSetter<Swept>) {
    let pool = &computed.session.pool;
    let mut found: Vec<AtThreshold> = Vec::new();
    let mut problem = None;
    for threshold in in_order(floor) {
        rest(pool, stop).await;
        if stop.get() {
            break;
        }
        match pool.ask(Request::Sensitivity { threshold }, Vec::new()).await {
            Ok((Reply::Sensitivity { at }, _)) => found.push(*at),
            Ok(_) => problem = Some(WorkFailure::unexpected().reason),
            Err(failure) => problem = Some(failure.reason),
        }
        if stop.get() || problem.is_some() {
            break;
        }
        swept.set(Swept { sensitivity: Sensitivity::new(found.clone()), is_over: false, problem: None });
    }
    swept.set(Swept { sensitivity: Sensitivity::new(found), is_over: true, problem });
}

/// Waits until the worker was idle twice in a row: what is drawn, and what a person does, comes first.
async fn rest(pool: &Pool, stop: &Cell<bool>) {
    let mut n_idle = 0;
    for _ in 0..MAX_LOOKS {
        TimeoutFuture::new(LOOK_MS).await;
        n_idle = if pool.is_analyst_idle() { n_idle + 1 } else { 0 };
        if n_idle == 2 || stop.get() {
            return;
        }
    }
}

/// Properties of [`Strip`].
#[derive(Properties, PartialEq)]
struct StripProps {
    figure: Figure,
    /// How much the number changes.
    word: Option<String>,
}

/// The strip of a number; nothing where it is absent at all thresholds.
pub fn strip(of: &Sensitivity, number: &HeadlineNumber, present: &AtThreshold) -> Html {
    let is_known = |at: &AtThreshold| (number.value)(&at.headline).is_some();
    if !is_known(present) && !of.at().iter().any(is_known) {
        return html! {};
    }
    html! { <Strip figure={of.figure(number, present)} word={of.change(number).map(Change::words)} /> }
}

#[component(Strip)]
fn strip_of_a_number(props: &StripProps) -> Html {
    let figure = Rc::new(props.figure.clone());
    let draw = use_draw(props.figure.clone(), |figure| painted(Rc::new(figure.clone())));
    let (title, name, sentence) = (figure.title.clone(), figure.id.clone(), figure.sentence.clone());
    let word = props.word.clone().unwrap_or_default();
    let values = values(&figure);
    let csv = {
        let figure = Rc::clone(&figure);
        Callback::from(move |()| figure.to_csv())
    };
    html! {
        <>
            <Plot {title} sentence={sentence.clone()} name={name.clone()} height="h-rate" {draw} {values} {csv} svg={Callback::from(move |()| svg(&figure, FIGURE, None))}>
                <span class="small word" data-testid={format!("{name}-word")}>{ word }</span>
            </Plot>
            <p class="unseen" data-testid={format!("{name}-sentence")}>{ sentence }</p>
        </>
    }
}

/// How far it is, what the strips show, and all numbers as a file; the reason where there are no strips.
pub fn status(swept: &Swept, (floor, has_threshold): (f64, bool), on_stop: Callback<MouseEvent>, stem: &str) -> Html {
    if !has_threshold {
        return html! {
            <p class="small soft" data-testid="sensitivity-absent">{ "The file holds spikes that were found at one threshold. How the numbers depend on the threshold can be told from a signal only. To count by other methods, open “Definition” under bursts or network bursts." }</p>
        };
    }
    let (n_done, n_all) = (swept.sensitivity.at().len(), thresholds_from(floor).len());
    if !swept.is_over {
        return html! {
            <div class="row small soft" data-testid="sensitivity-progress">
                <span>{ format!("Counting at each threshold: {n_done} of {n_all}") }</span>
                <button class="quiet" onclick={on_stop} data-testid="sensitivity-stop">{ "Stop" }</button>
            </div>
        };
    }
    let on_csv = {
        let (table, name) = (swept.sensitivity.table(), format!("{stem}-sensitivity.csv"));
        Callback::from(move |_: MouseEvent| {
            save::bytes(&name, "text/csv", table.to_csv().as_bytes());
        })
    };
    html! {
        <div class="small soft" data-testid="sensitivity">
            if let Some(problem) = &swept.problem { <p class="notice problem" role="alert">{ format!("The numbers over the threshold could not be counted: {problem}") }</p> }
            <div class="row spread">
                <span>{ "Each strip shows its number at thresholds from 4 to 8 x noise. The line is the threshold that is set. Where a strip is flat, the number does not depend on the threshold." }</span>
                <button class="quiet" onclick={on_csv} disabled={n_done == 0} data-testid="sensitivity-csv" aria-label="CSV of all strips: save the numbers over the threshold">{ "CSV of all strips" }</button>
            </div>
            if n_done < n_all && swept.problem.is_none() { <p>{ format!("Stopped: {n_done} of {n_all} thresholds were counted.") }</p> }
            <details><summary>{ "How a change is judged" }</summary><p>{ Change::rule() }</p></details>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_that_are_compared_come_first() {
        let mut first = in_order(4.0)[..4].to_vec();
        first.sort_by(f64::total_cmp);
        assert_eq!(first, [4.5, 5.0, 5.5, 6.0]);
        assert_eq!(in_order(4.0).len(), 9);
    }
}
