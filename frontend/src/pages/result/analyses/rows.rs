//! A table of an analysis: its first rows, which lead to raster, traces and electrodes, and all as a file.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use wasm_core::table::{Column, Table, Values};
use yew::prelude::*;

use super::{RcEqual, Shown};
use crate::bridge::result::{Request, SHOWN_ROWS};
use crate::pages::result::ways::Links;
use crate::pages::result::{Computed, population};
use crate::ui::file_name::use_stem;
use crate::ui::unfolding::use_unfolding;
use crate::ui::{format, save};

/// Properties of [`Rows`].
#[derive(Properties, PartialEq)]
pub struct RowsProps {
    pub computed: Rc<Computed>,
    /// Id of the block.
    pub id: String,
    pub shown: RcEqual<Shown>,
    /// Place of the table among those of the analysis.
    pub at: usize,
    /// Its rows in all.
    pub n_rows: usize,
}

/// The first rows of a table, made once it is opened, and all of them as a file.
#[component(Rows)]
pub fn rows(props: &RowsProps) -> Html {
    let (is_open, ontoggle) = use_unfolding();
    let problem = use_state_eq(|| None::<String>);
    let (stem, links) = (use_stem(), use_context::<Links>());
    let Some(table) = props.shown.0.result.tables.get(props.at) else { return html! {} };
    let on_csv = {
        let (computed, problem) = (Rc::clone(&props.computed), problem.setter());
        let (block, table) = (props.id.clone(), table.id.clone());
        Callback::from(move |_: MouseEvent| {
            let (computed, problem, block, table) =
                (Rc::clone(&computed), problem.clone(), block.clone(), table.clone());
            let name = format!("{stem}-{block}-{table}.csv");
            spawn_local(async move {
                let saved = match computed.session.pool.ask(Request::Table { block, table }, Vec::new()).await {
                    Ok((_, attached)) => save::attached(&name, "text/csv", &attached),
                    Err(failure) => Err(format!("{name} could not be made: {}", failure.reason)),
                };
                problem.set(saved.err());
            });
        })
    };
    let (shown, n_rows) = (table.n_rows().min(SHOWN_ROWS), props.n_rows);
    let more = if shown < n_rows {
        format!("the first {shown} of {} rows; the file has all", format::count(n_rows as u64))
    } else {
        format::counted(n_rows as u64, "row")
    };
    let computed = &*props.computed;
    let leads = links.as_ref().and_then(|links| (0..shown).find_map(|at| way(table, at, computed, links)));
    let leads = leads.map(|way| computed.info.kind.worded(way.told));
    let rest = (shown < n_rows).then(|| {
        let (first, last) = (format::count(shown as u64 + 1), format::count(n_rows as u64));
        format!("Rows {first} to {last} are not shown here: “CSV”, above, saves all rows.")
    });
    let is_list = is_list(n_rows, table.columns.len(), leads.is_some());
    let row = |at: usize| row((&props.id, table), at, computed, links.as_ref());
    html! {
        <details class="table" {ontoggle} data-testid={format!("table-{}-{}", props.id, table.id)}>
            <summary>{ format!("{}: {more}", table.title) }</summary>
            if is_open {
                <button class="quiet" aria-label={format!("CSV: save {}", table.title)} onclick={on_csv} data-testid={format!("csv-{}-{}", props.id, table.id)}>{ "CSV" }</button>
                if let Some(problem) = &*problem { <p class="notice problem small" role="alert">{ problem }</p> }
                if let Some(leads) = leads { <p class="small soft">{ leads }</p> }
                if has_dashes(table, shown) { <p class="small soft" data-testid={format!("dashes-{}-{}", props.id, table.id)}>{ DASHES }</p> }
                <div class="table-box">
                    if is_list {
                        <table class="list" aria-label={table.title.clone()}>
                            <tbody>{ for table.columns.iter().map(|column| html! { <tr><th scope="row">{ column.heading() }</th><td>{ column.values.shown(0) }</td></tr> }) }</tbody>
                        </table>
                    } else {
                        <table aria-label={table.title.clone()}>
                            <thead><tr>{ for table.columns.iter().map(|column| html! { <th>{ column.heading() }</th> }) }</tr></thead>
                            <tbody>{ for (0..shown).map(row) }</tbody>
                        </table>
                    }
                </div>
                if let Some(rest) = rest { <p class="small soft" data-testid={format!("rest-{}-{}", props.id, table.id)}>{ rest }</p> }
            }
        </details>
    }
}

/// More columns than a screen has room for.
const MANY_COLUMNS: usize = 6;

/// Whether a table is shown as a list of names and values: a single row of many columns that leads nowhere.
const fn is_list(n_rows: usize, n_columns: usize, has_ways: bool) -> bool {
    n_rows == 1 && n_columns > MANY_COLUMNS && !has_ways
}

/// What is said of dashes.
const DASHES: &str = "– means that a number is not known, because there are too few spikes, bursts or electrodes. “How it is computed”, below the tables, tells what each number needs.";

/// Whether dashes are shown in the first rows and no column tells why.
fn has_dashes(table: &Table, n_rows: usize) -> bool {
    let is_dashed = |column: &Column| match &column.values {
        Values::Number(values) => values.iter().take(n_rows).any(Option::is_none),
        Values::Count(_) | Values::Text(_) => false,
    };
    table.column("absent").is_none() && table.columns.iter().any(is_dashed)
}

/// Where a row leads.
struct Way {
    /// Whether that is what is looked at.
    is_chosen: bool,
    /// What the row is: a moment of the recording, or an electrode.
    class: &'static str,
    title: &'static str,
    /// The same of all rows.
    told: &'static str,
    onclick: Callback<MouseEvent>,
}

/// To the moment that the row tells of, or else to its electrode.
fn way(table: &Table, at: usize, computed: &Computed, links: &Links) -> Option<Way> {
    let info = &computed.info;
    if let Some(moment) = links.names.moment(info, table, at) {
        let is_chosen = links.marked.as_ref() == Some(&moment);
        let onclick = links.on_go.reform(move |_: MouseEvent| {
            population::show();
            moment.clone()
        });
        // A result that was kept without its recording has no traces.
        let (title, told) = if computed.stream.is_some() {
            ("show in raster and traces", "A click on a row shows it in raster and traces.")
        } else {
            ("show in raster", "A click on a row shows it in the raster.")
        };
        return Some(Way { is_chosen, class: "moment", title, told, onclick });
    }
    let channel = links.names.channel(info, table, at)?;
    let onclick = links.on_choose.reform(move |_: MouseEvent| channel);
    let told = "A click on a row chooses its electrode.";
    let is_chosen = links.chosen == Some(channel);
    Some(Way { is_chosen, class: "electrode", title: "choose this electrode", told, onclick })
}

/// A row; one that leads somewhere has a button in its first cell.
fn row((block, table): (&str, &Table), at: usize, computed: &Computed, links: Option<&Links>) -> Html {
    let cell = |column: &Column| html! { <td>{ column.values.shown(at) }</td> };
    let Some((way, first)) = links.and_then(|links| way(table, at, computed, links)).zip(table.columns.first()) else {
        return html! { <tr key={at}>{ for table.columns.iter().map(cell) }</tr> };
    };
    let Way { is_chosen, class, title, onclick, .. } = way;
    let (text, title) = (first.values.shown(at), computed.info.kind.worded(title));
    let testid = format!("row-{block}-{}-{at}", table.id);
    html! {
        <tr key={at} {class} aria-selected={is_chosen.to_string()} {onclick}>
            <td><button class="quiet" aria-label={format!("{text}: {title}")} title={title.clone()} data-testid={testid}>{ &text }</button></td>
            { for table.columns.iter().skip(1).map(cell) }
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_wide_row_is_a_list() {
        assert!(is_list(1, 26, false) && !is_list(1, 6, false) && !is_list(2, 26, false));
        assert!(!is_list(1, 26, true), "a row that leads somewhere has its button");
    }

    #[test]
    fn dashes_are_explained_where_no_column_does() {
        let table = |values: [Option<f64>; 2]| Table::new("electrodes", "Electrodes").numbers(("cv", "CV", ""), values);
        assert!(!has_dashes(&table([Some(1.0), Some(0.0)]), 2));
        assert!(has_dashes(&table([Some(1.0), None]), 2));
        assert!(!has_dashes(&table([Some(1.0), None]), 1), "of the rows that are shown");
        let told = table([Some(1.0), None]).texts(("absent", "Absent"), ["", "one spike"].map(str::to_owned));
        assert!(!has_dashes(&told, 2));
    }
}
