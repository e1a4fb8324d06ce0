//! The result as files.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use wasm_core::run::Summary;
use yew::prelude::*;

use super::Computed;
use crate::bridge::result::{ExportFormat, Request};
use crate::ui::file_name::use_stem;
use crate::ui::save;

/// Properties of [`Downloads`].
#[derive(Properties, PartialEq)]
pub struct DownloadsProps {
    /// The result.
    pub computed: Rc<Computed>,
    /// The numbers at the threshold that is set.
    pub summary: Rc<Summary>,
    /// Takes why a file could not be made.
    pub on_problem: Callback<Option<String>>,
}

/// Files that a worker makes: which, how its name ends, and what it is.
const FILES: [(ExportFormat, &str, &str, &str); 5] = [
    (ExportFormat::Report, "report.html", "text/html", "download-report"),
    (ExportFormat::Parquet, "spikes.parquet", "application/vnd.apache.parquet", "download-parquet"),
    (ExportFormat::Csv, "spikes.csv", "text/csv", "download-csv"),
    (ExportFormat::Nwb, "spikes.nwb", "application/x-hdf5", "download-nwb"),
    (ExportFormat::Phy, "phy.zip", "application/zip", "download-phy"),
];

/// A menu with a button for each file. Their names begin with the recording's.
#[component(Downloads)]
pub fn downloads(props: &DownloadsProps) -> Html {
    let stem = use_stem();
    let button = |(format, name, media_type, testid): (ExportFormat, &'static str, &'static str, &'static str)| {
        let (computed, on_problem, file) =
            (Rc::clone(&props.computed), props.on_problem.clone(), format!("{stem}-{name}"));
        let onclick = Callback::from(move |_: MouseEvent| {
            let (computed, on_problem, file) = (Rc::clone(&computed), on_problem.clone(), file.clone());
            spawn_local(async move {
                let answer = computed.session.pool.ask(Request::Export { format }, Vec::new()).await;
                let saved = match answer {
                    Ok((_, attached)) => save::attached(&file, media_type, &attached),
                    Err(failure) => Err(format!("{file} could not be made: {}", failure.reason)),
                };
                if let Err(problem) = saved {
                    on_problem.emit(Some(problem));
                }
            });
        });
        html! { <button {onclick} data-testid={testid}>{ name }</button> }
    };
    let on_summary = {
        let (summary, file) = (Rc::clone(&props.summary), format!("{stem}-summary.json"));
        Callback::from(move |_: MouseEvent| {
            let text = serde_json::to_string_pretty(&*summary).unwrap_or_default();
            save::bytes(&file, "application/json", text.as_bytes());
        })
    };
    html! {
        <details class="menu" data-testid="downloads">
            <summary class="button">{ "Download" }</summary>
            <div class="row">
                { for FILES.into_iter().map(button) }
                <button onclick={on_summary} data-testid="download-summary">{ "summary.json" }</button>
            </div>
        </details>
    }
}
