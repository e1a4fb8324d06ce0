//! The threshold from a silent recording: a kept result that is compared with the one that is shown.

mod found;

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use wasm_core::run::{CalibrationCounts, FALSE_RATE_PER_MIN};
use web_sys::{Blob, HtmlInputElement};
use yew::prelude::*;

use super::Computed;
use super::forms::use_n_kept;
use super::panels::Panel;
use crate::bridge::result::{Reply, Request};
use crate::pages::kept_list::{KeptResults, use_kept_results};
use crate::services::drop::from_list;
use crate::services::kept::{self, ENDING, Entry, KeptFile};
use crate::services::pool::WorkFailure;
use crate::ui::format;
use crate::ui::number_field::NumberField;
use crate::ui::select::Select;
use found::Found;

/// The panel of the result page: spikes that files held have no threshold to be found.
pub const PANEL: Panel = Panel {
    shows: |context| context.computed.is_detected(),
    view: |context| {
        html! { <Calibrate computed={Rc::clone(&context.computed)} threshold={context.now.threshold} on_threshold={context.on_threshold.clone()} /> }
    },
};

/// Accepted rates per minute and electrode.
const RATES: (f64, f64) = (0.001, 1000.0);

/// Properties of [`Calibrate`].
#[derive(Properties, PartialEq)]
struct CalibrateProps {
    computed: Rc<Computed>,
    /// The threshold that is set, in multiples of the noise.
    threshold: f64,
    /// Takes another one.
    on_threshold: Callback<f64>,
}

/// A silent recording that somebody chose.
enum Chosen {
    Kept(Entry),
    File(String, Blob),
}

impl Chosen {
    fn name(&self) -> String {
        match self {
            Self::Kept(entry) => entry.name.clone(),
            Self::File(name, _) => name.clone(),
        }
    }

    fn kept_id(&self) -> Option<String> {
        match self {
            Self::Kept(entry) => Some(entry.id.clone()),
            Self::File(..) => None,
        }
    }
}

/// State of the comparison.
#[derive(Clone)]
enum State {
    Nothing,
    Counting(String),
    Failed(String),
    Counted(String, Rc<CalibrationCounts>),
}

/// A card that unfolds.
#[component(Calibrate)]
fn calibrate(props: &CalibrateProps) -> Html {
    let state = use_state(|| State::Nothing);
    let limit = use_state(|| FALSE_RATE_PER_MIN);
    let KeptResults { entries, problem, on_look } = use_entries();
    let entries = entries.unwrap_or_default();
    let ontoggle = on_look.reform(|_: Event| ());
    // The id of the kept result that is compared; none where a file is.
    let kept_id = use_state_eq(|| None::<String>);
    let on_chosen = {
        let (counting, kept_id) = (use_counting(&props.computed, state.setter()), kept_id.setter());
        Callback::from(move |chosen: Chosen| {
            kept_id.set(chosen.kept_id());
            counting.emit(chosen);
        })
    };
    let on_kept = {
        let (entries, on_chosen) = (entries.clone(), on_chosen.clone());
        Callback::from(move |at: usize| {
            // The first line only says what to do.
            if let Some(entry) = at.checked_sub(1).and_then(|at| entries.get(at)) {
                on_chosen.emit(Chosen::Kept(entry.clone()));
            }
        })
    };
    let on_file = {
        let on_chosen = on_chosen.clone();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let file = input.files().and_then(|list| from_list(&list).into_iter().next());
            // The same file may be chosen again.
            input.set_value("");
            if let Some(file) = file {
                on_chosen.emit(Chosen::File(file.path, file.file.into()));
            }
        })
    };
    let on_drop = Callback::from(move |event: DragEvent| {
        event.prevent_default();
        let list = event.data_transfer().and_then(|transfer| transfer.files());
        if let Some(file) = list.and_then(|list| from_list(&list).into_iter().next()) {
            on_chosen.emit(Chosen::File(file.path, file.file.into()));
        }
    });
    let on_over = Callback::from(|event: DragEvent| event.prevent_default());
    let on_limit = {
        let limit = limit.setter();
        Callback::from(move |value: f64| {
            let is_accepted = (RATES.0..=RATES.1).contains(&value);
            if is_accepted {
                limit.set(value);
            }
            is_accepted
        })
    };
    html! {
        <section class="panel" ondrop={on_drop} ondragover={on_over}>
        <details class="calibrate" {ontoggle} data-testid="calibrate">
            <summary>{ "Calibrate the threshold with a silent recording (TTX)" }</summary>
            <p>{ "A silent recording is one of the same array under TTX, or without cells. Every spike that is found in it is false. Analyse that recording with the values of this result, and keep the result. Then choose it here, or drop its file. The result is the lowest threshold from which on the silent recording has no more false spikes than you accept. The default is 1 false spike per minute and electrode. An electrode counts as active from 5 spikes per minute, so noise alone makes no electrode active." }</p>
            <div class="controls">
                <label class="field ids"><span>{ "Result of the silent recording" }</span><Select options={lines(&entries)} chosen={line_of(&entries, kept_id.as_deref())} on_choose={on_kept} name="calibrate-kept" /></label>
                <label class="field ids"><span>{ "Or a file of that result" }</span><input type="file" accept={ENDING} onchange={on_file} data-testid="calibrate-file" /></label>
                <NumberField label="Accepted false spikes" name="calibrate-limit" value={*limit} unit="per min and electrode" range={RATES} step={None::<f64>}
                    accepted={format!("{} to {} per min and electrode", RATES.0, RATES.1)} on_value={on_limit} />
            </div>
            if let Some(problem) = problem { <p class="notice problem small" role="alert">{ problem }</p> }
            { outcome(&state, *limit, props) }
        </details>
        </section>
    }
}

/// The kept results as lines of a list; the first says what to do.
fn lines(entries: &[Entry]) -> Vec<AttrValue> {
    let first = if entries.is_empty() { "This browser keeps no result yet" } else { "Choose one" };
    let line = |entry: &Entry| {
        let note = if entry.note.is_empty() { String::new() } else { format!(", {}", entry.note) };
        AttrValue::from(format!("{}, {}{note}", entry.name, format::date(entry.created_ms)))
    };
    std::iter::once(AttrValue::from(first)).chain(entries.iter().map(line)).collect()
}

/// The line of the kept result of this id; the first where there is none.
fn line_of(entries: &[Entry], id: Option<&str>) -> usize {
    id.and_then(|id| entries.iter().position(|entry| entry.id == id)).map_or(0, |at| at + 1)
}

/// The results that this browser keeps. They are looked for again when the result on screen was kept.
#[hook]
fn use_entries() -> KeptResults {
    let results = use_kept_results();
    let (on_look, n_kept) = (results.on_look.clone(), use_n_kept());
    use_effect_with(n_kept, move |n_kept| {
        if *n_kept > 0 {
            on_look.emit(());
        }
    });
    results
}

/// Has a silent recording compared; of two that were chosen one after the other, the second counts.
#[hook]
fn use_counting(computed: &Rc<Computed>, state: UseStateSetter<State>) -> Callback<Chosen> {
    let newest = use_memo((), |()| Cell::new(0_u32));
    let computed = Rc::clone(computed);
    Callback::from(move |chosen: Chosen| {
        let own = newest.get().wrapping_add(1);
        newest.set(own);
        let name = chosen.name();
        state.set(State::Counting(name.clone()));
        let (state, computed, newest) = (state.clone(), Rc::clone(&computed), Rc::clone(&newest));
        spawn_local(async move {
            let counted = counted(&computed, chosen).await;
            if newest.get() == own {
                state.set(match counted {
                    Ok(counts) => State::Counted(name, Rc::new(counts)),
                    Err(reason) => State::Failed(format!("{name} cannot be compared: {reason}.")),
                });
            }
        });
    })
}

/// What the worker that holds the result counts in both.
async fn counted(computed: &Computed, chosen: Chosen) -> Result<CalibrationCounts, String> {
    let file = match chosen {
        Chosen::File(_, file) => file,
        Chosen::Kept(entry) => match kept::file(&entry.id).await {
            Ok(Some(file)) => file,
            Ok(None) => return Err("it was deleted in another tab".into()),
            Err(error) => return Err(error.to_string()),
        },
    };
    let file = KeptFile::open(file).await.map_err(|error| error.to_string())?;
    let buffer = file.buffer().await.map_err(|failure| failure.reason)?;
    match computed.session.pool.ask(Request::Calibrate, vec![buffer]).await {
        Ok((Reply::Calibrated { counts }, _)) => Ok(*counts),
        Ok(_) => Err(WorkFailure::unexpected().reason),
        Err(failure) => Err(failure.reason),
    }
}

fn outcome(state: &State, limit: f64, props: &CalibrateProps) -> Html {
    match state {
        State::Nothing => html! {},
        State::Counting(name) => html! {
            <div role="status" data-testid="calibrate-counting"><p class="small">{ format!("Comparing with {name}…") }</p><progress /></div>
        },
        State::Failed(reason) => {
            html! { <p class="notice problem" role="alert" data-testid="calibrate-problem">{ reason }</p> }
        }
        State::Counted(name, counts) => html! {
            <Found name={name.clone()} counts={Rc::clone(counts)} {limit} threshold={props.threshold} on_threshold={props.on_threshold.clone()} />
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_says_what_to_do() {
        let told: Vec<String> = lines(&[]).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["This browser keeps no result yet"]);
    }

    fn entry(id: &str) -> Entry {
        let (name, stream, note) = ("silent.raw".to_owned(), "Electrodes".to_owned(), String::new());
        Entry { id: id.to_owned(), name, stream, note, duration_s: 60.0, created_ms: 0.0, size_bytes: 1e6 }
    }

    #[test]
    fn what_is_chosen_stays_chosen_while_it_is_kept() {
        let entries = ["a", "b"].map(entry);
        assert_eq!(line_of(&entries, None), 0);
        assert_eq!((line_of(&entries, Some("a")), line_of(&entries, Some("b"))), (1, 2));
        // One that was kept later stands above the others; one that was deleted is chosen no more.
        assert_eq!(line_of(&["c", "a"].map(entry), Some("a")), 2);
        assert_eq!(line_of(&entries, Some("c")), 0);
    }
}
