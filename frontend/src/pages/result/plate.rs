//! The plate: each number of all wells, and the well that figures of one culture show. It is chosen once, here, for
//! the whole page.

mod over_wells;

use std::rc::Rc;

use wasm_core::plate::{Plate, Well, wells_table};
use wasm_core::recording::StreamKind;
use wasm_core::run::Summary;
use yew::prelude::*;

use super::choice::busiest;
use super::linked::Action;
use super::panels::Panel;
use super::ways::{Seen, Ways};
use crate::ui::select::Select;
pub use over_wells::FoldedOverWells;
use over_wells::OverWells;

/// The panel of the result page.
pub const PANEL: Panel = Panel {
    shows: |context| !context.now.summary.wells.is_empty(),
    view: |context| html! { <PlatePanel summary={Rc::clone(&context.now.summary)} kind={context.computed.info.kind} /> },
};

/// The plate of a result, and the well that is shown.
#[derive(Clone, PartialEq)]
pub struct OnPlate {
    /// All wells.
    pub plate: Rc<Plate>,
    /// The well that somebody chose, if it is there.
    pub chosen: Option<String>,
    /// The well that figures show: that one, or the most active one.
    pub shown: String,
    /// Takes another one.
    pub on_well: Callback<String>,
}

/// The plate that the page shows; none where there are no wells.
pub type ShownPlate = Option<OnPlate>;

/// The plate of the result that is shown.
#[hook]
pub fn use_plate() -> ShownPlate {
    use_context::<ShownPlate>().flatten()
}

/// The plate of a summary. With another well its busiest electrode is chosen, so that all of the page follows.
#[hook]
pub fn use_wells(summary: &Rc<Summary>, seen: &Seen, ways: &Ways) -> ShownPlate {
    let plate = use_memo(Rc::clone(summary), |summary| Plate::new(summary).map(Rc::new));
    let on_well = {
        let depends = (Rc::clone(summary), ways.on_choose.clone(), ways.on_linked.clone());
        use_callback(depends, |well: String, (summary, on_choose, on_linked)| {
            // An empty well has nothing to show.
            if let Some(channel) = busiest(summary, Some(&well)) {
                on_choose.emit(channel);
                on_linked.emit(Action::Well(well));
            }
        })
    };
    let plate = (*plate).clone()?;
    let chosen = seen.linked.well.clone().filter(|name| plate.well(name).is_some_and(|well| well.n_electrodes > 0));
    let shown = chosen.clone().or_else(|| plate.most_active().map(|well| well.name.clone()))?;
    Some(OnPlate { plate, chosen, shown, on_well })
}

/// Properties of [`PlatePanel`].
#[derive(Properties, PartialEq)]
struct PlatePanelProps {
    /// The numbers.
    summary: Rc<Summary>,
    kind: StreamKind,
}

/// The well that is shown, and the numbers of the summary over the plate.
#[component(PlatePanel)]
fn plate_panel(props: &PlatePanelProps) -> Html {
    let on_plate = use_plate();
    let Some(OnPlate { plate, shown, on_well, .. }) = on_plate else { return html! {} };
    let option = |well: &Well| {
        let name = if well.name.is_empty() { "without a name" } else { well.name.as_str() };
        match (well.n_electrodes, well.is_left_out) {
            (0, _) => AttrValue::from(format!("{name} (empty)")),
            (_, true) => format!("{name} (left out)").into(),
            _ => format!("{name} ({} of {} active)", well.active_electrodes, well.n_electrodes).into(),
        }
    };
    let options: Vec<AttrValue> = plate.wells.iter().map(option).collect();
    let is_empty = |well: &Well| well.n_electrodes == 0 || well.name.is_empty();
    let refused: Vec<usize> =
        plate.wells.iter().enumerate().filter(|(_, well)| is_empty(well)).map(|(at, _)| at).collect();
    let chosen = plate.wells.iter().position(|well| well.name == shown).unwrap_or(0);
    let on_choose = Callback::from(move |at: usize| {
        if let Some(well) = plate.wells.get(at) {
            on_well.emit(well.name.clone());
        }
    });
    html! {
        <section class="panel" data-testid="plate">
            <div class="row spread">
                <h3>{ "Plate" }</h3>
                <label>{ "Well " }<Select {options} {chosen} {refused} {on_choose} name="well" /></label>
            </div>
            <p class="small soft">{ "Figures that can show one culture only show this well; a click on a well of the picture, or an arrow key, chooses it too. Tables have all wells." }</p>
            <OverWells id="wells" table={wells_table(&props.summary, props.kind)} />
        </section>
    }
}
