//! The table of wells: each is a culture of its own.

use std::rc::Rc;

use wasm_core::csv;
use wasm_core::run::{Culture, Summary};
use yew::prelude::*;

use crate::ui::save;

/// Properties of [`Wells`].
#[derive(Properties, PartialEq)]
pub struct WellsProps {
    /// The numbers.
    pub summary: Rc<Summary>,
}

const TITLES: [&str; 7] =
    ["Well", "Electrodes", "Active", "Rate (Hz)", "Bursts (per min)", "Network bursts (per min)", "Synchrony (STTC)"];

/// A number that is not known; an empty cell in the file.
const UNKNOWN: &str = "–";

fn cells(well: &Culture) -> [String; 7] {
    let number = |value: Option<f64>, digits| value.map_or(UNKNOWN.into(), |value| format!("{value:.digits$}"));
    let fires = (well.active_electrodes > 0).then_some(());
    [
        well.well.clone().unwrap_or_default(),
        well.n_electrodes.to_string(),
        well.active_electrodes.to_string(),
        number(fires.map(|()| well.mean_rate_hz), 2),
        number(fires.map(|()| well.bursts_per_min), 1),
        number(well.network_bursts_per_min, 1),
        number(well.synchrony_sttc, 2),
    ]
}

/// All wells of a plate; nothing where there are none.
#[component(Wells)]
pub fn wells(props: &WellsProps) -> Html {
    if props.summary.wells.is_empty() {
        return html! {};
    }
    let on_csv = {
        let summary = Rc::clone(&props.summary);
        Callback::from(move |_: MouseEvent| {
            let mut csv = TITLES.join(",") + "\n";
            for well in &summary.wells {
                let known = cells(well).map(|cell| if cell == UNKNOWN { String::new() } else { csv::cell(&cell) });
                csv += &(known.join(",") + "\n");
            }
            save::bytes("neurocyte-wells.csv", "text/csv", csv.as_bytes());
        })
    };
    html! {
        <section class="panel">
            <div class="row spread"><h3>{ "Wells" }</h3><button class="quiet" onclick={on_csv} data-testid="wells-csv">{ "CSV" }</button></div>
            <p class="small soft">{ "Rates and bursts are means over the active electrodes of a well; network bursts and synchrony are looked for within each well." }</p>
            <div class="table-box" data-testid="wells-table">
                <table><thead><tr>{ for TITLES.iter().map(|title| html! { <th>{ *title }</th> }) }</tr></thead>
                <tbody>{ for props.summary.wells.iter().map(|well| html! { <tr>{ for cells(well).into_iter().map(|cell| html! { <td>{ cell }</td> }) }</tr> }) }</tbody></table>
            </div>
        </section>
    }
}
