//! A number of a table of wells: the plate in colours, and a point for each well.

use std::rc::Rc;

use wasm_core::figure::{Figure, px_at, svg};
use wasm_core::plate::{OfWell, OverWells as OverWellsNumbers, leading, numbered};
use wasm_core::table::Table;
use yew::prelude::*;

use super::{OnPlate, use_plate};
use crate::pages::result::analyses::FIGURE;
use crate::plots::figure::{painted_with_ring, values};
use crate::plots::map;
use crate::ui::canvas::{Input, Plot, Size, Teller, use_draw};
use crate::ui::select::Select;
use crate::ui::unfolding::use_unfolding;

/// Properties of [`OverWells`].
#[derive(Properties, PartialEq)]
pub struct OverWellsProps {
    /// What names in tests and of files begin with.
    pub id: AttrValue,
    /// A table of wells.
    pub table: Table,
}

/// A picture of the plate that is made once somebody opens it.
#[component(FoldedOverWells)]
pub fn folded_over_wells(props: &OverWellsProps) -> Html {
    let (is_open, ontoggle) = use_unfolding();
    let on_plate = use_plate();
    if on_plate.is_none() || numbered(&props.table).is_empty() {
        return html! {};
    }
    html! {
        <details class="table" {ontoggle} data-testid={format!("over-wells-{}", props.id)}>
            <summary>{ "Over the plate: each number of all wells" }</summary>
            if is_open { <OverWells id={props.id.clone()} table={props.table.clone()} /> }
        </details>
    }
}

/// A number that is chosen from the columns of a table, over the plate.
#[component(OverWells)]
pub fn over_wells(props: &OverWellsProps) -> Html {
    let on_plate = use_plate();
    let picked = use_state_eq(|| None::<usize>);
    let columns = numbered(&props.table);
    let column = (*picked).filter(|column| columns.contains(column)).or_else(|| leading(&props.table));
    let plate = on_plate.as_ref().map(|on_plate| Rc::clone(&on_plate.plate));
    let over = use_memo((plate, props.table.clone(), column), |(plate, table, column)| {
        plate.as_ref().zip(*column).and_then(|(plate, column)| plate.over_wells(table, column))
    });
    let (Some(OnPlate { shown, on_well, .. }), Some(over)) = (on_plate, (*over).clone()) else { return html! {} };
    let options: Vec<AttrValue> =
        columns.iter().filter_map(|at| props.table.columns.get(*at)).map(|column| column.heading().into()).collect();
    let chosen = columns.iter().position(|at| Some(*at) == column).unwrap_or(0);
    let on_choose = {
        let picked = picked.setter();
        Callback::from(move |at: usize| picked.set(columns.get(at).copied()))
    };
    let [heat_map, by_well] = over.figures().map(Rc::new);
    let wells = Rc::new(over.wells.clone());
    let tells = {
        let (figure, wells, over) = (Rc::clone(&heat_map), Rc::clone(&wells), over.clone());
        Teller::from(move |(place, size): ((f64, f64), Size)| {
            Some(told(&over, wells.get(nearest(&figure, &wells, place, size)?)?))
        })
    };
    let ringed = wells.iter().find(|well| well.well == shown);
    let (ring, said) = (ringed.map(|well| well.place), ringed.map(|well| AttrValue::from(told(&over, well))));
    let on_input = {
        let (figure, wells, shown) = (Rc::clone(&heat_map), Rc::clone(&wells), shown.clone());
        Callback::from(move |(input, size): (Input, Size)| {
            if let Some(well) = next(&figure, &wells, &shown, &input, size).and_then(|at| wells.get(at)) {
                on_well.emit(well.well.clone());
            }
        })
    };
    html! {
        <>
            <label>{ "Number " }<Select {options} {chosen} {on_choose} name={format!("{}-number", props.id)} /></label>
            <div class="two">
                <OverPlate id={props.id.clone()} figure={heat_map} {ring} {said} {on_input} {tells} />
                <OverPlate id={props.id.clone()} figure={by_well} />
            </div>
        </>
    }
}

/// Properties of [`OverPlate`].
#[derive(Properties, PartialEq)]
struct OverPlateProps {
    id: AttrValue,
    figure: Rc<Figure>,
    /// Column and row with a ring.
    #[prop_or_default]
    ring: Option<(f64, f64)>,
    /// The ringed well and its number, in words.
    #[prop_or_default]
    said: Option<AttrValue>,
    #[prop_or_default]
    on_input: Option<Callback<(Input, Size)>>,
    #[prop_or_default]
    tells: Option<Teller>,
}

/// One of the two figures, with what it says.
#[component(OverPlate)]
fn over_plate(props: &OverPlateProps) -> Html {
    let figure = &props.figure;
    let draw = use_draw((Rc::clone(figure), props.ring), |(figure, ring)| painted_with_ring(Rc::clone(figure), *ring));
    let on_csv = {
        let figure = Rc::clone(figure);
        Callback::from(move |()| figure.to_csv())
    };
    let on_svg = {
        let figure = Rc::clone(figure);
        Callback::from(move |()| svg(&figure, FIGURE, None))
    };
    // Where arrows choose a well, what it has is told with it.
    let values = props.on_input.is_none().then(|| values(figure));
    let name = format!("{}-{}", props.id, figure.id);
    html! {
        <div>
            <Plot title={figure.title.clone()} sentence={figure.sentence.clone()} {values} said={props.said.clone()} {name} height="h-plate" zooms={false} on_input={props.on_input.clone()} tells={props.tells.clone()} {draw} svg={on_svg} csv={on_csv} />
            <p class="small soft">{ &figure.sentence }</p>
        </div>
    }
}

/// A well and its number.
fn told(over: &OverWellsNumbers, well: &OfWell) -> String {
    match &well.value {
        Ok(value) => format!("{}: {}", well.well, over.with_unit(*value)),
        Err(reason) => format!("{}: no number, {reason}", well.well),
    }
}

/// The well nearest to a place given in shares of a canvas of this size; none where there are no wells.
fn nearest(figure: &Figure, wells: &[OfWell], (x, y): (f64, f64), size: Size) -> Option<usize> {
    let distance = |at: &usize| {
        let (px, py) = px_at(figure, size, wells[*at].place);
        (px - x * size.0).hypot(py - y * size.1)
    };
    (0..wells.len()).min_by(|one, other| distance(one).total_cmp(&distance(other)))
}

/// The well that somebody goes to from the one that is shown: by a click, or beside it by an arrow key.
fn next(figure: &Figure, wells: &[OfWell], shown: &str, input: &Input, size: Size) -> Option<usize> {
    if let Input::Click { x, y } = input {
        return nearest(figure, wells, (*x, *y), size);
    }
    let places: Vec<[f64; 2]> = wells.iter().map(|well| [well.place.0, well.place.1]).collect();
    map::chosen_by(&places, size, wells.iter().position(|well| well.well == shown), input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over() -> OverWellsNumbers {
        let well = |(well, place): (&str, (f64, f64))| OfWell { well: well.into(), place, value: Ok(1.0) };
        let wells = [("A1", (0.0, 0.0)), ("A2", (1.0, 0.0)), ("B1", (0.0, 1.0))].map(well).to_vec();
        OverWellsNumbers { name: "rate_hz".into(), title: "Rate".into(), unit: "Hz".into(), wells }
    }

    #[test]
    fn a_well_is_told_with_its_number_or_why_it_has_none() {
        let over = over();
        assert!(told(&over, &over.wells[0]).starts_with("A1: 1"), "{}", told(&over, &over.wells[0]));
        let lacking = OfWell { value: Err("it is empty".into()), ..over.wells[1].clone() };
        assert_eq!(told(&over, &lacking), "A2: no number, it is empty");
    }

    #[test]
    fn clicks_and_arrows_go_from_well_to_well() {
        let over = over();
        let (figure, size) = (over.heat_map(), (400.0, 300.0));
        let go = |from: &str, input: &Input| {
            next(&figure, &over.wells, from, input, size).map(|at| over.wells[at].well.clone())
        };
        for well in &over.wells {
            let (x, y) = px_at(&figure, size, well.place);
            let click = Input::Click { x: (x + 3.0) / size.0, y: (y - 3.0) / size.1 };
            assert_eq!(go("A1", &click).as_deref(), Some(well.well.as_str()));
        }
        let key = |key: &str| Input::Key(key.into());
        assert_eq!(go("A1", &key("ArrowRight")).as_deref(), Some("A2"));
        assert_eq!(go("A1", &key("ArrowDown")).as_deref(), Some("B1"));
        assert_eq!(go("A1", &key("ArrowUp")), None);
    }
}
