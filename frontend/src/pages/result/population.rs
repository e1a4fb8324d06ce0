//! Raster and population rate over the same times, linked with what the analyses found.

mod bar;
mod saving;
mod tells;
mod values;

use std::rc::Rc;

use wasm_core::plate::{all_wells, titled};
use wasm_core::run::Summary;
use yew::prelude::*;

use super::Computed;
use super::linked::{Action, Linked};
use super::moments::{Moment, shades};
use super::panels::Panel;
use crate::pages::names::briefly;
use crate::plots::axes::LEFT;
use crate::plots::raster::{self, Facts, Look, ORDERS, Order, Rows, Sheet, Sight, Spikes};
use crate::ui::canvas::{Input, Plot, Size, use_draw};
use crate::ui::format::{count, counted, trimmed};
use crate::ui::in_view::go_to;
use bar::toolbar;
use saving::use_saving;
use tells::{of_rate, of_spikes, rates_csv};

/// The panel of the result page.
pub const PANEL: Panel = Panel {
    shows: |_| true,
    view: |context| {
        let traces = context.computed.stream.map(|_| (context.window.from_s, context.window.to_s()));
        html! {
            <Population computed={Rc::clone(&context.computed)} summary={Rc::clone(&context.now.summary)} spikes={Rc::clone(&context.spikes)}
                segment={context.window.segment} length_s={context.window.length_s} linked={context.linked.clone()} view={context.view} chosen={context.chosen} {traces}
                on_view={context.on_view.clone()} on_place={context.on_place.clone()} on_go={context.on_go.clone()} on_linked={context.on_linked.clone()} />
        }
    },
};

/// Id of the panel in the page.
pub const ID: &str = "population";
/// Bins of the population rate.
const RATE_BINS: usize = 400;

/// Brings raster and rate into view.
pub fn show() {
    go_to(&[&format!("#{ID}")]);
}

/// Properties of [`Population`].
#[derive(Properties, PartialEq)]
struct PopulationProps {
    computed: Rc<Computed>,
    /// The numbers at the threshold that is set.
    summary: Rc<Summary>,
    /// Spikes of the segment at that threshold.
    spikes: Rc<Spikes>,
    segment: usize,
    /// Length of the segment.
    length_s: f64,
    linked: Linked,
    /// Times shown; all where there is none.
    view: Option<(f64, f64)>,
    /// The chosen channel.
    chosen: Option<usize>,
    /// Times that the traces show, where there are traces.
    traces: Option<(f64, f64)>,
    on_view: Callback<Option<(f64, f64)>>,
    /// Takes a time to show traces of, and a channel to choose.
    on_place: Callback<(f64, Option<usize>)>,
    /// Takes a moment to go to.
    on_go: Callback<Moment>,
    on_linked: Callback<Action>,
}

/// The rows in their order, and which orders there are.
struct Sorted {
    order: Order,
    rows: Rc<Rows>,
    /// Why rows cannot be sorted by each of [`ORDERS`].
    missing: Vec<Option<String>>,
    is_plate: bool,
}

/// Sorts the rows whenever that by which they are sorted is another.
#[hook]
fn use_sorted(props: &PopulationProps) -> Rc<Sorted> {
    let Linked { order, found, .. } = &props.linked;
    let depends = (Rc::clone(&props.computed), Rc::clone(&props.summary), *order, found.latencies_ms.clone());
    use_memo(depends, |(computed, summary, order, latencies_ms)| {
        let rates_hz: Vec<Option<f64>> = summary.channels.iter().map(|channel| channel.rate_hz).collect();
        let latencies_ms = latencies_ms.as_ref().map(|known| known.as_slice()).map_err(String::as_str);
        let facts = Facts { info: &computed.info, rates_hz: &rates_hz, latencies_ms };
        let missing: Vec<Option<String>> = ORDERS.into_iter().map(|order| facts.missing(order)).collect();
        // An analysis may have gone since.
        let order = if facts.missing(*order).is_some() { Order::Recorded } else { *order };
        let is_plate = facts.missing(Order::Well).is_none();
        Sorted { order, rows: Rc::new(facts.rows(order)), missing, is_plate }
    })
}

#[component(Population)]
fn population(props: &PopulationProps) -> Html {
    let info = &props.computed.info;
    let sorted = use_sorted(props);
    let sight = Sight::new(props.view, props.linked.rows, props.length_s, info.n_channels);
    let (from, to) = sight.times;
    // There may be a million spikes: they are looked at again only when they, or the times, are others.
    let times = (Rc::clone(&props.spikes), from.to_bits(), to.to_bits());
    let rates = use_memo(times, |(spikes, ..)| raster::population_rate(spikes, from, to, RATE_BINS));
    let labels = use_memo(Rc::as_ptr(&props.computed), |_| {
        (0..info.n_channels).map(|channel| briefly(info, channel).to_owned()).collect::<Vec<String>>()
    });
    let shaded = (Rc::clone(&props.linked.found.bursts), props.segment, Rc::clone(&sorted.rows), sorted.is_plate);
    let shades = use_memo(shaded, |(bursts, segment, rows, is_plate)| shades(bursts, *segment, rows, *is_plate));
    let marked = props.linked.marked.as_ref().filter(|marked| marked.segment == props.segment);
    let look = Look {
        sight,
        rows: Rc::clone(&sorted.rows),
        axis: info.kind.worded(sorted.order.axis()),
        labels,
        chosen: props.chosen,
        shades: Rc::clone(&shades),
        marked: marked.map(|marked| marked.shade(&sorted.rows)),
    };
    let sheet = use_mut_ref(|| None::<Sheet>);
    let dots = use_draw((Rc::clone(&props.spikes), look), |(spikes, look)| {
        raster::draw(Rc::clone(spikes), look.clone(), sheet)
    });
    // What the traces show, where that is in sight.
    let shown = props.traces.filter(|traces| traces.1 > from && traces.0 < to);
    let shown = shown.map(|traces| (traces.0.clamp(from, to), traces.1.clamp(from, to)));
    let area = use_draw((Rc::clone(&rates), sight, shades, shown), |(rates, sight, shades, shown)| {
        raster::rate(Rc::clone(rates), *sight, Rc::clone(shades), *shown)
    });
    let (saving, on_csv) = use_saving(props, sight);
    let on_all = props.on_view.reform(|_: MouseEvent| None);
    let n_shown = props.spikes.within(from, to).len();
    let n_shown = format!("{} of {} in all", count(n_shown as u64), counted(props.summary.headline.n_spikes, "spike"));
    let title = titled(&format!("Spikes, {}", info.kind.worded(sorted.order.axis())), all_wells(info));
    let stretch = format!("from {} to {} s", trimmed(from, 3), trimmed(to, 3));
    let sentence = info
        .kind
        .worded(&format!("Each spike {stretch} as a mark at its time, in the row of its electrode; {n_shown}."));
    let most_hz = rates.iter().copied().fold(0.0, f64::max);
    let of_all = info.kind.worded(&format!(
        "Spikes per second of all electrodes together {stretch}, at most {} Hz.",
        trimmed(most_hz, 1)
    ));
    html! {
        <div class="panel" id={ID} tabindex="-1">
            { toolbar(props, &sorted, sight) }
            <Plot {title} {sentence} values={values::of_spikes(props, sight)} {on_csv} name="raster" height="h-raster" rows_px={LEFT} on_input={input(props, sight, Some(&sorted.rows))} tells={of_spikes(props, sight, &sorted)} draw={dots}>
                <span class="small soft" data-testid="raster-count">{ n_shown }</span>
                if sight.view().is_some() { <button class="quiet" onclick={on_all} data-testid="raster-all">{ "Whole recording" }</button> }
                { saving.beside() }
            </Plot>
            { saving.below() }
            <Plot title={titled("Population rate", all_wells(info))} sentence={of_all} values={values::of_rate(sight, &rates)} name="population-rate" height="h-rate" on_input={input(props, sight, None)} tells={of_rate(sight, &rates)} csv={rates_csv(sight, &rates)} draw={area} />
        </div>
    }
}

/// A click chooses time and, with rows, the channel; all else moves what is in sight.
fn input(props: &PopulationProps, sight: Sight, rows: Option<&Rc<Rows>>) -> Callback<(Input, Size)> {
    let (on_view, on_place) = (props.on_view.clone(), props.on_place.clone());
    let (on_linked, rows) = (props.on_linked.clone(), rows.cloned());
    Callback::from(move |(input, size): (Input, Size)| {
        if let Input::Click { x, y } = input {
            let row = sight.row_at(y, size.1);
            let channel = rows.as_ref().zip(row).and_then(|(rows, row)| rows.channel(row));
            on_place.emit((sight.time_at(x, size.0), channel));
            return;
        }
        let next = sight.after(&input, size);
        if next.times != sight.times {
            on_view.emit(next.view());
        }
        if rows.is_some() && next.rows != sight.rows {
            on_linked.emit(Action::Show(next.some_rows()));
        }
    })
}
