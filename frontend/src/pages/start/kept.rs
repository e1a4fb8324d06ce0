//! Results that this browser keeps.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::pages::kept_list::{KeptResults, use_kept_results};
use crate::services::kept::{self, Entry};
use crate::ui::certain::Certain;
use crate::ui::{format, save};

/// Why the list is empty.
const NONE: &str = "This browser keeps no result yet. To keep one, press “Keep in this browser” on a result.";

/// The list, or why it is empty; nothing until it is known.
#[component(KeptList)]
pub fn kept_list() -> Html {
    let KeptResults { entries, problem: unlisted, on_look } = use_kept_results();
    let problem = use_state(|| None::<String>);
    {
        let on_look = on_look.clone();
        use_effect_with((), move |()| on_look.emit(()));
    }
    let on_delete = |entry: &Entry| {
        let (id, on_look, problem) = (entry.id.clone(), on_look.clone(), problem.setter());
        Callback::from(move |()| {
            let (id, on_look, problem) = (id.clone(), on_look.clone(), problem.clone());
            spawn_local(async move {
                match kept::delete(&id).await {
                    Ok(()) => on_look.emit(()),
                    Err(error) => problem.set(Some(format!("It was not deleted: {error}."))),
                }
            });
        })
    };
    let on_download = |entry: &Entry| {
        let (entry, problem) = (entry.clone(), problem.setter());
        Callback::from(move |_: MouseEvent| {
            let (entry, problem) = (entry.clone(), problem.clone());
            spawn_local(async move {
                let name = kept::file_name(&entry.name);
                match kept::file(&entry.id).await {
                    Ok(Some(file)) => save::blob(&name, &file),
                    Ok(None) => problem.set(Some(format!("{name} was deleted in another tab."))),
                    Err(error) => problem.set(Some(format!("{name} was not saved: {error}."))),
                }
            });
        })
    };
    let item = |entry: &Entry| {
        let (date, duration) = (format::date(entry.created_ms), format::duration(entry.duration_s));
        let size = format::bytes(entry.size_bytes);
        html! {
            <li key={entry.id.clone()} data-testid="kept-item">
                <div class="what">
                    <h3>{ &entry.name }</h3>
                    <p class="small soft">{ format!("{date}, {duration}, {}, {size}", entry.stream) }</p>
                    if !entry.note.is_empty() { <p class="small">{ &entry.note }</p> }
                </div>
                <a class="button" href={format!("#/kept/{}", entry.id)} aria-label={format!("Open {}", entry.name)} data-testid="open-kept">{ "Open" }</a>
                <button onclick={on_download(entry)} aria-label={format!("Download {}", entry.name)} data-testid="download-kept">{ "Download" }</button>
                <Certain label="Delete" question="Really delete it from this browser?" on_yes={on_delete(entry)} name="delete-kept" />
            </li>
        }
    };
    html! {
        <>
            if let Some(problem) = unlisted.as_ref().or((*problem).as_ref()) { <p class="notice problem small" role="alert" data-testid="kept-list-problem">{ problem }</p> }
            if let Some(all) = &entries {
                <section>
                    <h2>{ "Kept results" }</h2>
                    <p class="small soft" data-testid="kept-told">{ if all.is_empty() { NONE.to_owned() } else { told(all) } }</p>
                    if !all.is_empty() { <ul class="recordings">{ for all.iter().map(item) }</ul> }
                </section>
            }
        </>
    }
}

/// Where they are kept, and how much room they take.
fn told(all: &[Entry]) -> String {
    let size = format::bytes(kept::size_bytes(all));
    format!(
        "Only this browser keeps them ({size} in all). A browser may delete what it keeps: download the results that you need."
    )
}
