//! Bursts or network bursts by other methods, counted when a person asks for it.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use wasm_core::run::{ByMethod, MethodsOf, methods_table};
use wasm_core::table::Table;
use yew::prelude::*;

use super::Computed;
use crate::bridge::result::{Reply, Request};
use crate::services::pool::WorkFailure;
use crate::ui::file_name::use_stem;
use crate::ui::save;

/// Properties of [`Methods`].
#[derive(Properties, PartialEq)]
pub struct MethodsProps {
    /// The result.
    pub computed: Rc<Computed>,
    /// Changes when the spikes change, for example with the threshold.
    pub spikes: usize,
    /// The number that the methods count.
    pub of: MethodsOf,
    /// Name in tests.
    pub name: &'static str,
}

/// Rows so far, and whether more are being counted.
#[derive(Clone, Default, PartialEq)]
struct Found {
    rows: Vec<ByMethod>,
    is_busy: bool,
    problem: Option<String>,
}

/// A button, and then a table.
#[component(Methods)]
pub fn methods(props: &MethodsProps) -> Html {
    let stem = use_stem();
    let found = use_state_eq(Found::default);
    // Whose turn it is: what was asked for earlier, or of other spikes, is of no use any more.
    let turn = use_memo((), |()| Cell::new(0_u32));
    {
        let (found, turn) = (found.setter(), Rc::clone(&turn));
        use_effect_with(props.spikes, move |_| {
            next(&turn);
            found.set(Found::default());
            move || {
                next(&turn);
            }
        });
    }
    let on_compare = {
        let (found, turn, computed, of) = (found.setter(), Rc::clone(&turn), Rc::clone(&props.computed), props.of);
        Callback::from(move |_: MouseEvent| {
            let (found, turn, computed) = (found.clone(), Rc::clone(&turn), Rc::clone(&computed));
            let own = next(&turn);
            spawn_local(async move { compare(&computed, of, (&turn, own), &found).await });
        })
    };
    let on_stop = {
        let (setter, now, turn) = (found.setter(), (*found).clone(), Rc::clone(&turn));
        Callback::from(move |_: MouseEvent| {
            next(&turn);
            setter.set(Found { is_busy: false, ..now.clone() });
        })
    };
    let (n_done, n_all) = (found.rows.len(), props.of.methods().len());
    let test = |what: &str| format!("{}-{what}", props.name);
    html! {
        <div class="methods" data-testid={test("methods")}>
            if found.is_busy {
                <div class="row small">
                    <span role="status">{ format!("{n_done} of {n_all} methods") }</span>
                    <button class="quiet" onclick={on_stop} data-testid={test("methods-stop")}>{ "Stop" }</button>
                </div>
            } else if n_done < n_all {
                <button onclick={on_compare} data-testid={test("compare")}>{ "Compare methods" }</button>
            }
            if let Some(problem) = &found.problem { <p class="notice problem" role="alert">{ problem }</p> }
            if n_done > 0 { { shown(props.of, &found.rows, (&test("methods-csv"), &stem)) } }
        </div>
    }
}

/// Begins the next turn.
fn next(turn: &Cell<u32>) -> u32 {
    turn.set(turn.get().wrapping_add(1));
    turn.get()
}

/// Asks for one method after the other, as long as it is its turn.
async fn compare(computed: &Computed, of: MethodsOf, (turn, own): (&Cell<u32>, u32), found: &UseStateSetter<Found>) {
    let mut rows = Vec::new();
    let mut problem = None;
    found.set(Found { is_busy: true, ..Found::default() });
    for method in of.methods() {
        let request = Request::ByMethod { kind: method.kind.to_owned() };
        let answer = computed.session.pool.ask(request, Vec::new()).await;
        if turn.get() != own {
            return;
        }
        match answer {
            Ok((Reply::ByMethod { found }, _)) => rows.push(*found),
            Ok(_) => problem = Some(WorkFailure::unexpected().reason),
            Err(failure) => problem = Some(failure.reason),
        }
        if problem.is_some() {
            break;
        }
        found.set(Found { rows: rows.clone(), is_busy: true, problem: None });
    }
    found.set(Found { rows, is_busy: false, problem });
}

/// The table, with what it means.
fn shown(of: MethodsOf, rows: &[ByMethod], (test, stem): (&str, &str)) -> Html {
    let table = methods_table(of, rows);
    let titles: Vec<String> = (0..rows.len()).map(|row| table.columns[0].values.exact(row)).collect();
    let on_csv = {
        let (name, text) = (format!("{stem}-{}.csv", table.id), table.to_csv());
        Callback::from(move |_: MouseEvent| save::bytes(&name, "text/csv", text.as_bytes()))
    };
    let chance = match of {
        MethodsOf::Bursts => {
            "Moving the electrodes against each other leaves their own bursts as they are, so bursts are not counted in shifted copies."
        }
        MethodsOf::NetworkBursts => {
            "In a shifted copy electrodes fire together by chance only. A method that finds as many network bursts there as in the recording says nothing about a network."
        }
    };
    html! {
        <>
            { grid(&table) }
            <button class="quiet" onclick={on_csv} data-testid={test.to_owned()}>{ "CSV" }</button>
            <p>{ chance }</p>
            <details><summary>{ "How each counts" }</summary>
                { for rows.iter().zip(titles).map(|(row, title)| html! { <p><b>{ format!("{title}: ") }</b>{ row.definition.clone() }</p> }) }
                <p>{ "Each can be added under Analyses, where its values can be changed." }</p>
            </details>
        </>
    }
}

/// All rows of a table.
fn grid(table: &Table) -> Html {
    html! {
        <div class="table-box">
            <table aria-label={table.title.clone()}>
                <thead><tr>{ for table.columns.iter().map(|column| html! { <th>{ column.heading() }</th> }) }</tr></thead>
                <tbody>{ for (0..table.n_rows()).map(|row| html! { <tr>{ for table.columns.iter().map(|column| html! { <td>{ column.values.shown(row) }</td> }) }</tr> }) }</tbody>
            </table>
        </div>
    }
}
