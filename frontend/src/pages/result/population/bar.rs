//! The bar above the raster: order and zoom of its rows, and steps from one network burst to the next.

use yew::prelude::*;

use super::{PopulationProps, Sorted};
use crate::pages::result::linked::Action;
use crate::pages::result::moments::{beside, from_where};
use crate::pages::result::traces;
use crate::plots::raster::{ORDERS, Order, Sight};
use crate::ui::format::{count, counted};
use crate::ui::in_view::go_to;
use crate::ui::select::Select;

/// How much higher a click makes rows.
const STEP: f64 = 2.0;

/// All of it.
pub fn toolbar(props: &PopulationProps, sorted: &Sorted, sight: Sight) -> Html {
    let option = |(order, missing): (Order, &Option<String>)| match missing {
        Some(reason) => AttrValue::from(format!("{} ({reason})", order.name())),
        None => AttrValue::from(order.name()),
    };
    let options: Vec<AttrValue> = ORDERS.into_iter().zip(&sorted.missing).map(option).collect();
    let refused: Vec<usize> = (0..ORDERS.len()).filter(|at| sorted.missing[*at].is_some()).collect();
    let chosen = ORDERS.iter().position(|order| *order == sorted.order).unwrap_or(0);
    let on_order = props.on_linked.reform(|at: usize| Action::Sort(ORDERS.get(at).copied().unwrap_or_default()));
    let zoomed = |factor: f64| {
        let rows = sight.with_rows_zoomed(factor, 0.5).some_rows();
        props.on_linked.reform(move |_: MouseEvent| Action::Show(rows))
    };
    let on_all_rows = props.on_linked.reform(|_: MouseEvent| Action::Show(None));
    html! {
        <div class="toolbar" role="toolbar" aria-label="Raster">
            <label>{ "Rows" }<Select {options} {chosen} {refused} on_choose={on_order} name="raster-order" /></label>
            <div class="segmented">
                <button title="Lower rows" aria-label="Lower rows" disabled={sight.some_rows().is_none()} onclick={zoomed(1.0 / STEP)} data-testid="rows-out">{ "−" }</button>
                <button title="Higher rows" aria-label="Higher rows" onclick={zoomed(STEP)} data-testid="rows-in">{ "+" }</button>
                <button disabled={sight.some_rows().is_none()} onclick={on_all_rows} data-testid="rows-all">{ "All rows" }</button>
            </div>
            { steps(props, sight) }
            { ways(props) }
        </div>
    }
}

/// Buttons that go to the traces of the moment that somebody looks at, and to its row in a table that is open, or else
/// to the analyses.
fn ways(props: &PopulationProps) -> Html {
    if props.linked.marked.is_none() {
        return html! {};
    }
    let on_traces = Callback::from(|_: MouseEvent| traces::show());
    let on_tables =
        Callback::from(|_: MouseEvent| go_to(&[".analysis tr.moment[aria-selected=true] button", ".analyses"]));
    html! {
        <div class="segmented">
            if props.traces.is_some() { <button onclick={on_traces} data-testid="to-traces">{ "Its traces" }</button> }
            <button onclick={on_tables} data-testid="to-tables">{ "To the analyses" }</button>
        </div>
    }
}

/// Buttons that go from one network burst to the next.
fn steps(props: &PopulationProps, sight: Sight) -> Html {
    let bursts = &props.linked.found.bursts;
    if bursts.is_empty() {
        return html! {};
    }
    let marked = props.linked.marked.as_ref();
    let step = |is_after: bool| beside(bursts, marked, (props.segment, from_where(sight.view(), is_after)), is_after);
    let go = |to: Option<usize>| {
        let burst = to.and_then(|at| bursts.get(at)).cloned();
        let on_go = props.on_go.clone();
        Callback::from(move |_: MouseEvent| burst.iter().for_each(|burst| on_go.emit(burst.clone())))
    };
    let at = marked.and_then(|marked| bursts.iter().position(|burst| burst == marked));
    let n = bursts.len() as u64;
    // Of a plate each well has its own.
    let well = marked.and_then(|marked| marked.well.as_ref()).map_or_else(String::new, |well| format!(", in {well}"));
    let said = match at {
        Some(at) => format!("Network burst {} of {}{well}", count(at as u64 + 1), count(n)),
        None => counted(n, "network burst"),
    };
    let (before, after) = (step(false), step(true));
    // They keep the focus where there is no further one.
    html! {
        <>
            <div class="segmented">
                <button aria-label="Previous network burst" title="Previous network burst" aria-disabled={before.is_none().to_string()} onclick={go(before)} data-testid="burst-before">{ "◀" }</button>
                <button aria-label="Next network burst" title="Next network burst" aria-disabled={after.is_none().to_string()} onclick={go(after)} data-testid="burst-after">{ "▶" }</button>
            </div>
            <span class="small soft" role="status" data-testid="burst-at">{ said }</span>
        </>
    }
}
