//! Which region of AWS, and what it costs: a table for a workload, and what is proposed.

mod controls;
mod distance;
mod list;
mod told;

use std::collections::BTreeMap;
use std::rc::Rc;

use wasm_core::cost::Workload;
use wasm_core::regions::{Sort, areas, choose, find, known, rows, sort, to_table};
use yew::prelude::*;

use crate::ui::save;
use controls::Controls;
use distance::Distance;
use told::{bill, compliance, sources};

/// The page.
#[component(RegionsPage)]
pub fn regions_page() -> Html {
    let workload = use_state(Workload::default);
    let area = use_state(|| 0_usize);
    let by = use_state(|| Sort::Cost);
    let latency_ms = use_state(|| Rc::new(BTreeMap::<String, f64>::new()));
    // The controls let no other workload through.
    let mut all = rows(&workload, &latency_ms).unwrap_or_default();
    let within = area.checked_sub(1).and_then(|at| areas().get(at).copied());
    let choice = choose(&all, within);
    sort(&mut all, *by);
    all.retain(|row| within.is_none_or(|area| row.region.area == area));
    let on_csv = {
        let csv = to_table(&all).to_csv();
        Callback::from(move |_: MouseEvent| save::bytes("regions.csv", "text/csv", csv.as_bytes()))
    };
    let on_workload = {
        let workload = workload.setter();
        Callback::from(move |next: Workload| workload.set(next))
    };
    let on_area = {
        let area = area.setter();
        Callback::from(move |next: usize| area.set(next))
    };
    let on_sort = {
        let by = by.setter();
        Callback::from(move |next: Sort| by.set(next))
    };
    let on_latency = {
        let (latency_ms, by) = (latency_ms.setter(), by.setter());
        Callback::from(move |found: Rc<BTreeMap<String, f64>>| {
            // Who sorts otherwise while the others are asked keeps that.
            if found.len() == 1 {
                by.set(Sort::Latency);
            }
            latency_ms.set(found);
        })
    };
    let chosen = choice.as_ref().and_then(|choice| find(choice.code));
    html! {
        <div class="regions">
            <header>
                <h1>{ "Which region of AWS, and what it costs" }</h1>
                <p class="lead">{ "For people who set up a cloud of their own. Everything here is computed in this page, from a table of list prices; nothing is asked of the network unless you measure the latency." }</p>
            </header>
            <Controls workload={*workload} {on_workload} area={*area} {on_area} />
            <p class="notice" role="status" data-testid="proposed">
                { choice.as_ref().map_or_else(|| "No region of this part of the world has prices that are known here.".to_owned(), |choice| choice.why.clone()) }
            </p>
            <section class="panel">
                <div class="row spread">
                    <h2>{ "Regions" }</h2>
                    <button class="quiet" onclick={on_csv} data-testid="regions-csv">{ "CSV" }</button>
                </div>
                <Distance {on_latency} />
                { list::list(&all, *by, &on_sort, chosen.map(|region| region.code.as_str())) }
                <p class="small soft">{ format!("AWS list prices in US dollars of {}, without tax; free allowances are not subtracted, so a small lab pays for little more than storage. ≈: small prices (calls, logs) are those of us-east-1. –: not known.", known().checked) }</p>
            </section>
            if let Some(region) = chosen { { bill(&workload, region) } }
            { compliance() }
            { sources() }
        </div>
    }
}
