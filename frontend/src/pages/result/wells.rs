//! The table of wells: each is a culture of its own.

use std::collections::BTreeMap;
use std::rc::Rc;

use wasm_core::run::{Culture, Summary, definitions, wells_csv};
use yew::prelude::*;

use super::headline::is_short;
use super::panels::Panel;
use super::plate::{OnPlate, use_plate};
use crate::plots::map::place_of_well;
use crate::ui::file_name::use_stem;
use crate::ui::format::fixed;
use crate::ui::save;

/// The panel of the result page.
pub const PANEL: Panel = Panel {
    shows: |context| !context.now.summary.wells.is_empty(),
    view: |context| html! { <Wells summary={Rc::clone(&context.now.summary)} /> },
};

/// Properties of [`Wells`].
#[derive(Properties, PartialEq)]
struct WellsProps {
    /// The numbers.
    pub summary: Rc<Summary>,
}

/// A number of a well, with as many digits as are shown.
struct Column {
    /// Field of the number's definition, and its name among those that are absent.
    id: &'static str,
    value: fn(&Culture) -> Option<f64>,
    digits: usize,
}

const RATE: Column = Column { id: "mean_rate_hz", value: |well| well.mean_rate_hz, digits: 2 };
const BURSTS: Column = Column { id: "bursts_per_min", value: |well| well.bursts_per_min, digits: 1 };
#[expect(clippy::cast_precision_loss, reason = "a count for people")]
const BURST_COUNT: Column = Column { id: "n_bursts", value: |well| Some(well.n_bursts as f64), digits: 0 };
const REST: [Column; 4] = [
    Column { id: "network_bursts_per_min", value: |well| well.network_bursts_per_min, digits: 1 },
    Column { id: "network_bursts_per_min_shifted", value: |well| well.network_bursts_per_min_shifted, digits: 2 },
    Column { id: "network_burst_participants", value: |well| well.network_burst_participants, digits: 1 },
    Column { id: "synchrony_sttc", value: |well| well.synchrony_sttc, digits: 2 },
];

/// All wells of a plate, in its order.
#[component(Wells)]
fn wells(props: &WellsProps) -> Html {
    let summary = &props.summary;
    let bursts = if is_short(summary.headline.duration_s) { BURST_COUNT } else { BURSTS };
    let columns: Vec<Column> = [RATE, bursts].into_iter().chain(REST).collect();
    let (stem, on_plate) = (use_stem(), use_plate());
    let on_csv = {
        let summary = Rc::clone(summary);
        Callback::from(move |_: MouseEvent| {
            save::bytes(&format!("{stem}-wells.csv"), "text/csv", wells_csv(&summary).as_bytes());
        })
    };
    let wells = in_plate_order(&summary.wells);
    let row = |well: &&Culture| row(well, &columns, on_plate.as_ref());
    html! {
        <section class="panel">
            <div class="row spread"><h3>{ "Wells" }</h3><button class="quiet" aria-label="CSV: save the table of wells" onclick={on_csv} data-testid="wells-csv">{ "CSV" }</button></div>
            <p class="small soft">{ "Rates and bursts are means over the active electrodes of a well; network bursts and synchrony are looked for within each well. A click on a row shows its well in the figures." }</p>
            <div class="table-box" data-testid="wells-table">
                <table aria-label="Wells"><thead><tr>
                    <th>{ "Well" }</th><th>{ "Electrodes" }</th><th>{ "Active" }</th>
                    { for titles(&columns).into_iter().map(|title| html! { <th>{ title }</th> }) }
                </tr></thead>
                <tbody>{ for wells.iter().map(row) }</tbody></table>
            </div>
            { for reasons(&wells, &columns).into_iter().map(|reason| html! { <p class="small soft">{ reason }</p> }) }
        </section>
    }
}

/// A row; of a well with electrodes it has figures show that well.
fn row(well: &Culture, columns: &[Column], on_plate: Option<&OnPlate>) -> Html {
    let own = name(well);
    let numbers = html! {
        <>
            <td>{ well.n_electrodes }</td><td>{ well.active_electrodes }</td>
            { for columns.iter().map(|column| html! { <td>{ text(well, column) }</td> }) }
        </>
    };
    let Some(plate) = on_plate.filter(|_| well.n_electrodes > 0 && !own.is_empty()) else {
        return html! { <tr><td>{ own }</td>{ numbers }</tr> };
    };
    let is_shown = plate.shown == own;
    let testid = format!("well-row-{own}");
    let label = format!("{own}: show this well in the figures");
    let onclick = {
        let own = own.clone();
        plate.on_well.reform(move |_: MouseEvent| own.clone())
    };
    html! {
        <tr aria-selected={is_shown.to_string()} {onclick}>
            <td><button class="quiet" aria-label={label} data-testid={testid}>{ own }</button></td>{ numbers }
        </tr>
    }
}

fn name(well: &Culture) -> String {
    well.well.clone().unwrap_or_default()
}

/// By rows of the plate; wells whose names are not a plate's stay as they come.
fn in_plate_order(wells: &[Culture]) -> Vec<&Culture> {
    let mut order: Vec<&Culture> = wells.iter().collect();
    let place = |well: &Culture| place_of_well(well.well.as_deref()?);
    if wells.iter().all(|well| place(well).is_some()) {
        order.sort_by_key(|well| place(well).map(|[column, row]| (row, column)));
    }
    order
}

fn text(well: &Culture, column: &Column) -> String {
    (column.value)(well).map_or_else(|| "–".into(), |value| fixed(value, column.digits))
}

/// Names with units, from the definitions.
fn titles(columns: &[Column]) -> Vec<String> {
    let definitions = definitions();
    let title = |column: &Column| {
        let known = definitions.iter().find(|known| known.id == column.id)?;
        Some(if known.unit.is_empty() { known.name.to_owned() } else { format!("{} ({})", known.name, known.unit) })
    };
    columns.iter().map(|column| title(column).unwrap_or_default()).collect()
}

/// Why numbers are absent, in which columns and wells.
fn reasons(wells: &[&Culture], columns: &[Column]) -> Vec<String> {
    let definitions = definitions();
    let name_of = |id: &str| definitions.iter().find(|known| known.id == id).map_or("", |known| known.name);
    let mut found: BTreeMap<(&str, Vec<&str>), Vec<String>> = BTreeMap::new();
    for well in wells {
        let mut of_well: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for column in columns {
            if let Some(reason) = well.absent.get(column.id) {
                of_well.entry(reason).or_default().push(name_of(column.id));
            }
        }
        for (reason, columns) in of_well {
            found.entry((reason, columns)).or_default().push(name(well));
        }
    }
    // A count is never absent.
    let n_all = columns.iter().filter(|column| column.id != BURST_COUNT.id).count();
    let line = |((reason, columns), wells): ((&str, Vec<&str>), Vec<String>)| {
        let columns = if columns.len() == n_all { "–".to_owned() } else { columns.join(", ") };
        format!("{columns}: {reason} ({})", wells.join(", "))
    };
    found.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::run::Intervals;

    fn well(name: &str, absent: &[(&str, &str)]) -> Culture {
        Culture {
            well: Some(name.into()),
            n_electrodes: 4,
            active_electrodes: 0,
            mean_rate_hz: None,
            n_bursts: 0,
            bursts_per_min: None,
            n_network_bursts: None,
            network_bursts_per_min: None,
            network_bursts_per_min_shifted: None,
            network_bursts_per_min_near: None,
            network_burst_participants: None,
            network_burst_participation: None,
            network_burst_duration_s: None,
            synchrony_sttc: None,
            absent: absent.iter().map(|(name, reason)| ((*name).to_owned(), (*reason).to_owned())).collect(),
            intervals: Intervals::default(),
        }
    }

    #[test]
    fn wells_come_in_the_plates_order_and_reasons_once() {
        let absent = [("mean_rate_hz", "no active electrodes"), ("synchrony_sttc", "no active electrodes")];
        let wells = [well("B1", &absent), well("A12", &absent), well("A2", &[])];
        let order = in_plate_order(&wells);
        assert_eq!(order.iter().map(|well| name(well)).collect::<Vec<_>>(), ["A2", "A12", "B1"]);
        let [second, third, fourth, fifth] = REST;
        assert_eq!(
            reasons(&order, &[RATE, second, third, fourth, fifth]),
            ["Firing rate, Synchrony (STTC): no active electrodes (A12, B1)"]
        );
        assert_eq!(text(&wells[0], &RATE), "–");
        // Where all are absent, the dash itself is explained.
        let all: Vec<(&str, &str)> =
            [RATE, BURSTS].iter().chain(&REST).map(|column| (column.id, "no active electrodes")).collect();
        let silent = well("C3", &all);
        for bursts in [BURSTS, BURST_COUNT] {
            let columns: Vec<Column> = [RATE, bursts].into_iter().chain(REST).collect();
            assert_eq!(reasons(&[&silent], &columns), ["–: no active electrodes (C3)"]);
        }
    }
}
