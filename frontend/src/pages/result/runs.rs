//! All runs of a recording, each with what differs from the one that is shown.

use wasm_bindgen_futures::spawn_local;
use wasm_core::api::{ListedRun, RunList, RunStatus};
use wasm_core::presets::differences;
use yew::prelude::*;

use crate::services::{memory, runs};
use crate::ui::format;

/// Properties of [`Runs`].
#[derive(Properties, PartialEq)]
pub struct RunsProps {
    /// The recording.
    pub recording: String,
    /// The run that the others are compared with.
    pub run: String,
    /// Whether that run is on screen; else it is the latest, and the list is asked for when it is opened.
    #[prop_or(true)]
    pub is_here: bool,
}

/// State of the list of runs.
#[derive(Clone, PartialEq)]
enum State {
    Asking,
    Failed(String),
    There(RunList),
}

/// A list that opens; nothing where this browser has no key of the recording.
#[component(Runs)]
pub fn all_runs(props: &RunsProps) -> Html {
    let state = use_state(|| State::Asking);
    let ask = {
        let (recording, state) = (props.recording.clone(), state.setter());
        move || {
            let Some(key) = memory::get(&recording).map(|known| known.owner_key) else { return };
            let (recording, state) = (recording.clone(), state.clone());
            spawn_local(async move {
                state.set(match runs::of_recording(&recording, &key).await {
                    Ok(list) => State::There(list),
                    Err(error) => State::Failed(error.message),
                });
            });
        }
    };
    {
        let ask = ask.clone();
        use_effect_with((props.recording.clone(), props.run.clone(), props.is_here), move |(_, _, is_here)| {
            if *is_here {
                ask();
            }
        });
    }
    let on_ask = {
        let ask = ask.clone();
        Callback::from(move |_: MouseEvent| ask())
    };
    let ontoggle = {
        let is_known = *state != State::Asking;
        Callback::from(move |_: Event| {
            if !is_known {
                ask();
            }
        })
    };
    if memory::get(&props.recording).is_none() {
        return html! {};
    }
    let heading = match &*state {
        State::There(list) if list.n_runs == 1 => "The only run of this recording".to_owned(),
        State::There(list) => format!("All {} of this recording", format::counted(list.n_runs, "run")),
        State::Asking | State::Failed(_) => "All runs of this recording".to_owned(),
    };
    html! {
        <details class="runs small" {ontoggle} data-testid="runs">
            <summary data-testid="runs-summary">{ heading }</summary>
            { shown(&state, props) }
            <button class="quiet" onclick={on_ask} data-testid="runs-again">{ "Look again" }</button>
        </details>
    }
}

fn shown(state: &State, props: &RunsProps) -> Html {
    let list = match state {
        State::Asking => return html! { <p class="soft" role="status">{ "Fetching the list…" }</p> },
        State::Failed(reason) => return html! { <p class="notice problem" role="alert">{ reason }</p> },
        State::There(list) => list,
    };
    let n_shown = list.runs.len() as u64;
    html! {
        <>
            if n_shown < list.n_runs { <p class="small soft">{ format!("The newest {n_shown} of {}.", format::count(list.n_runs)) }</p> }
            <ul class="recordings">{ for rows(list, &props.run).into_iter().map(|row| item(&row, props)) }</ul>
        </>
    }
}

/// A run as it is listed.
#[derive(Debug, PartialEq)]
struct Row {
    run_id: String,
    started_at_s: Option<f64>,
    status: String,
    /// Whether it is the one on screen.
    is_shown: bool,
    /// What changes from the one on screen to it; none where that one is not listed.
    differences: Option<Vec<String>>,
}

fn rows(list: &RunList, shown: &str) -> Vec<Row> {
    let of_shown = list.runs.iter().find(|run| run.run_id == shown).map(|run| &run.pipeline);
    let row = |run: &ListedRun| Row {
        run_id: run.run_id.clone(),
        started_at_s: run.started_at_s,
        status: status(&run.status),
        is_shown: run.run_id == shown,
        differences: of_shown.map(|of_shown| differences(of_shown, &run.pipeline)),
    };
    list.runs.iter().map(row).collect()
}

fn status(status: &RunStatus) -> String {
    match status {
        RunStatus::Planning { .. } => "measuring the noise".into(),
        RunStatus::Analysing { done, total } if done < total => format!("analysing, {done} of {total} parts"),
        RunStatus::Analysing { .. } => "putting the result together".into(),
        RunStatus::Done => "done".into(),
        RunStatus::Failed { reason } => format!("without a result: {reason}"),
    }
}

fn item(row: &Row, props: &RunsProps) -> Html {
    let RunsProps { recording, is_here, .. } = props;
    let date = row.started_at_s.map_or_else(|| "Time not known".to_owned(), |seconds| format::moment(seconds * 1000.0));
    html! {
        <li key={row.run_id.clone()} data-testid="run-item">
            <div class="what">
                <p><b>{ &date }</b>{ format!(", {}", row.status) }</p>
                { compared(row, *is_here) }
            </div>
            if !(row.is_shown && *is_here) {
                <a class="button" href={format!("#/recordings/{recording}/runs/{}", row.run_id)} aria-label={format!("Open the run of {date}")} data-testid="open-run">{ "Open" }</a>
            }
        </li>
    }
}

/// How it differs from the run on screen, or from the latest.
fn compared(row: &Row, is_here: bool) -> Html {
    let (own, other) = if is_here { ("Shown here", "the run shown here") } else { ("The latest", "the latest run") };
    match &row.differences {
        _ if row.is_shown => html! { <p class="small soft">{ own }</p> },
        None => html! {},
        Some(told) if told.is_empty() => html! { <p class="small soft">{ format!("The same values as {other}") }</p> },
        Some(told) => html! {
            <>
                <p class="small soft">{ format!("Compared with {other}:") }</p>
                <ul class="small differences" data-testid="run-differences">{ for told.iter().map(|change| html! { <li>{ change }</li> }) }</ul>
            </>
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::pipeline::Pipeline;

    #[test]
    fn each_run_tells_what_differs_from_the_one_shown() {
        let mut higher = Pipeline::default();
        higher.set("detect_peaks", "detect_threshold", 7.into());
        let run = |id: &str, pipeline: &Pipeline, status: RunStatus| ListedRun {
            run_id: id.into(),
            started_at_s: Some(1.8e9),
            status,
            pipeline: pipeline.clone(),
        };
        let runs = vec![
            run("c", &higher, RunStatus::Analysing { done: 1, total: 4 }),
            run("b", &Pipeline::default(), RunStatus::Failed { reason: "You stopped this run.".into() }),
            run("a", &Pipeline::default(), RunStatus::Done),
        ];
        let list = RunList { n_runs: 3, runs };
        let found = rows(&list, "a");
        assert_eq!(found[0].differences, Some(vec!["Detection, threshold: 5 x noise becomes 7 x noise".to_owned()]));
        assert_eq!(found[0].status, "analysing, 1 of 4 parts");
        assert_eq!((found[1].differences.as_deref(), found[1].is_shown), (Some(&[][..]), false));
        assert!(found[1].status.ends_with("You stopped this run."));
        assert!(found[2].is_shown && found[2].status == "done");
        // One that is not among the newest is compared with nothing.
        assert!(rows(&list, "x").iter().all(|row| row.differences.is_none() && !row.is_shown));
    }
}
