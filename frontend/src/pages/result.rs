//! Result: five numbers first, then everything linked.

mod again;
mod analyses;
mod arranged;
mod calibrate;
mod charts;
mod choice;
mod computed;
mod details;
mod downloads;
mod followed;
mod forms;
mod go_on;
mod headline;
mod keep;
mod kept;
mod linked;
mod loading;
mod methods;
mod moments;
mod panels;
mod plate;
mod population;
mod runs;
mod sensitivity;
mod share;
mod shared;
mod stored;
mod table;
mod threshold;
mod traces;
mod view;
mod ways;
mod wells;

use std::rc::Rc;

use wasm_core::secret::Secret;
use yew::prelude::*;

use crate::pages::running;
use crate::services::session::Session;
use crate::ui::progress::bar;
use again::Again;
pub use computed::Computed;
use followed::{Ask, Phase};
use go_on::go_on;
pub use kept::{KeptPage, KeptResult};
use loading::{own_run, use_followed};
pub use runs::Runs;
use share::Share;
pub use stored::StoredResult;
pub use view::ResultView;

/// Whose result is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A run of this browser's recording.
    Own {
        /// The recording.
        recording: String,
        /// The run.
        run: String,
    },
    /// One that somebody shared.
    Shared {
        /// The share.
        token: Secret,
    },
}

/// Properties of [`ResultPage`].
#[derive(Properties, PartialEq)]
pub struct ResultPageProps {
    /// The result.
    pub shown: Shown,
    /// The recording of the result, where that is open on the workbench.
    #[prop_or_default]
    pub open: Option<Rc<Session>>,
    /// Takes its recording as it was uploaded.
    #[prop_or_default]
    pub on_open: Callback<Rc<Session>>,
}

/// A result that lies in the cloud.
#[component(ResultPage)]
pub fn result_page(props: &ResultPageProps) -> Html {
    let (followed, on_ask) = use_followed(&props.shown);
    let again = |computed: Option<Rc<Computed>>| match &props.shown {
        Shown::Own { recording, run } => {
            html! { <Again recording={recording.clone()} run={run.clone()} {computed} open={props.open.clone()} on_open={props.on_open.clone()} /> }
        }
        Shown::Shared { .. } => html! {},
    };
    let runs = match &props.shown {
        Shown::Own { recording, run } => html! { <Runs recording={recording.clone()} run={run.clone()} /> },
        Shown::Shared { .. } => html! {},
    };
    // A run whose recording this browser does not have the key of cannot be run again here.
    let is_owner = own_run(&props.shown).is_some();
    match followed.phase() {
        Phase::Loading => html! {
            <div class="result" role="status" data-testid="loading">
                <p class="soft">{ "Fetching the result…" }</p>
                <div class="headline">{ for (0..5).map(|_| html! { <div class="skeleton" /> }) }</div>
                <div class="skeleton" />
            </div>
        },
        Phase::Running(following) => html! {
            <div class="result" data-testid="running">
                { bar(&running::shown(following)) }
                <p class="soft">{ "This page may be closed: the analysis goes on, and the start page keeps its address." }</p>
                <div class="row"><button onclick={on_ask.reform(|_: MouseEvent| Ask::Stop)} data-testid="stop">{ "Stop" }</button>{ again(None) }</div>
                { runs }
            </div>
        },
        Phase::Gone(message) => html! {
            <div class="empty" data-testid="gone">
                <h1>{ "This result is not here" }</h1>
                <p class="soft">{ message }</p>
                if is_owner { <div class="row">{ again(None) }</div>{ runs } } else { <p class="soft">{ "If somebody sent you the link, ask them for a new one." }</p> }
                <a class="button" href="/#/">{ "Open a recording of your own" }</a>
            </div>
        },
        Phase::Failed(message) => html! {
            <div class="empty" data-testid="failed">
                <h1>{ "The result could not be fetched" }</h1>
                <p class="soft" role="alert">{ message }</p>
                if is_owner { <div class="row">{ again(None) }</div>{ runs } }
                <a class="button" href="/#/">{ "Back to the start" }</a>
            </div>
        },
        Phase::Ended(message) => html! {
            <div class="empty" data-testid="ended">
                <h1>{ "There is no result yet" }</h1>
                <p class="soft" role="alert">{ message }</p>
                if is_owner {
                    { go_on(followed.asked().is_some(), followed.problem(), on_ask.reform(|_: MouseEvent| Ask::GoOn)) }
                    <div class="row">{ again(None) }</div>
                    { runs }
                }
                <a class="button" href="/#/">{ "Back to the start" }</a>
            </div>
        },
        Phase::There(computed) => html! {
            <ResultView computed={Rc::clone(computed)} has_address={true}>
                if let Shown::Own { recording, run } = &props.shown {
                    { again(Some(Rc::clone(computed))) }
                    <Share recording={recording.clone()} run={run.clone()} />
                    { runs }
                }
            </ResultView>
        },
    }
}
