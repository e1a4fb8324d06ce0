//! Start: one large drop zone, the results that this browser keeps, and its recordings.

mod kept;
mod keys;
mod plain_form;
mod recordings;
mod shared;

use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use wasm_core::formats::{PlainBinary, SUPPORT};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::pages::invitation::KeptInvitation;
use crate::routes::OPEN;
use crate::services::drop::{Dropped, DroppedFile, from_list, together};
use crate::services::early;
use crate::services::kept::opened;
use crate::services::pool::{Pool, WorkFailure};
use crate::services::session::Session;
use kept::KeptList;
use plain_form::{PlainForm, USUAL};
use recordings::Recordings;

/// The simulated culture: what a 60-electrode array gives in half a minute.
const SIMULATED_CHANNELS: usize = 64;
const SIMULATED_S: f64 = 30.0;

/// What the page says first; `www/index.html` says the same before the program is there.
const TITLE: &str = "See your recording. Find its spikes.";
const LEAD: &str = "Drop a microelectrode-array recording of any size: traces appear at once, in this browser. Nothing leaves your machine until you choose to upload.";
const DROP: &str = "Drop a file, several files, or a folder";
/// What a person gets, in the words of the field.
const GIVES: &str = "You get spikes, firing rates, bursts, network bursts, synchrony and connectivity, for a dish or for each well of a plate. Every number has its definition and its 95 % interval, or the reason why it is absent.";
/// A line of spikes.
const SPIKES: &str =
    "M2 26h22l4-4 5 8 4-26 6 36 5-17 4 3h24l3-3 4 5 5-18 5 27 4-12 4 1h18l3-4 4 6 5-22 5 30 4-12 3 2h10";

/// What is said where a recording was open before the page was loaded again.
const FORGOTTEN: &str = "The recording and its result are no longer open: reloading the page closes them. Open the file again, or a kept result below.";

/// What is said until the files of a drop are known.
const LOOKING: &str = "Looking through what was dropped…";

/// Properties of [`Start`].
#[derive(Properties, PartialEq)]
pub struct StartProps {
    /// Takes an opened recording.
    pub on_open: Callback<Rc<Session>>,
    /// Name of the recording that is open behind this page.
    #[prop_or_default]
    pub still_open: Option<AttrValue>,
    /// Whether a recording was open before the page was loaded again.
    #[prop_or_default]
    pub is_forgotten: bool,
}

/// State of the drop zone.
#[derive(Clone, PartialEq)]
enum State {
    Idle,
    Opening(String),
    Failed { failure: WorkFailure, files: Vec<DroppedFile> },
}

/// Why files did not open, and the files.
type Failed = (WorkFailure, Vec<DroppedFile>);

/// A recording that is to be opened.
enum Work {
    Drop(Dropped),
    Files(Vec<DroppedFile>, Option<PlainBinary>),
    Simulate,
}

impl Work {
    /// Opens it, or says why not, with the files for another try. What does not open by itself may
    /// be what those `before` lacked.
    async fn run(self, before: Option<Failed>) -> Result<Rc<Session>, Failed> {
        let (files, closed, described) = match self {
            Self::Simulate => {
                return Session::simulate(SIMULATED_CHANNELS, SIMULATED_S)
                    .await
                    .map_err(|failure| (failure, Vec::new()));
            }
            Self::Files(files, described) => (files, Vec::new(), described),
            Self::Drop(dropped) => {
                let (files, closed) = dropped.files().await;
                (files, closed, None)
            }
        };
        if files.is_empty() {
            let reason = match closed.first() {
                Some(path) => format!(
                    "{path}: the browser may not read it; check its permissions, or choose it with the buttons above"
                ),
                None => "there are no files in it".into(),
            };
            return Err((WorkFailure::new(reason), files));
        }
        if described.is_none()
            && let Some(kept) = opened(&files).await
        {
            return kept.map_err(|failure| (failure, files));
        }
        let before = before.filter(|_| described.is_none());
        let own = match Session::open(&files, &closed, described).await {
            Ok(session) => return Ok(session),
            Err(own) => own,
        };
        let Some((lacking, before)) = before else { return Err((own, files)) };
        let all = together(&before, files.clone());
        match Session::open(&all, &closed, None).await {
            Ok(session) => Ok(session),
            // The same is missing still: the new files are something else.
            Err(failure) if failure.reason == lacking.reason => Err((own, files)),
            Err(failure) => Err((failure, all)),
        }
    }
}

/// The start page.
#[component(Start)]
pub fn start(props: &StartProps) -> Html {
    let state = use_state(|| State::Idle);
    use_seen(matches!(*state, State::Failed { .. }));
    let over = use_state_eq(|| false);
    let attempt = use_attempts(state.setter(), props.on_open.clone());
    {
        let attempt = attempt.clone();
        use_effect_with((), move |()| {
            Pool::warm();
            if let Some(dropped) = early::dropped() {
                attempt.emit((LOOKING.to_owned(), Work::Drop(dropped)));
            }
        });
    }
    // What was written into the form stays there when it was wrong.
    let form = use_mut_ref(|| USUAL);
    let first = form.borrow().clone();
    let open = attempt.reform(move |(files, described): (Vec<DroppedFile>, Option<PlainBinary>)| {
        if let Some(described) = &described {
            form.borrow_mut().clone_from(described);
        }
        let what = files.first().map_or_else(String::new, |first| format!("Opening {}…", first.path));
        (what, Work::Files(files, described))
    });
    let on_simulate = attempt.reform(|_: MouseEvent| ("Making a simulated culture…".to_owned(), Work::Simulate));
    use_drops(over.setter(), attempt);
    let on_chosen = choosing(open.clone());
    html! {
        <div class="start">
            <div>
                <h1>{ TITLE }</h1>
                <p class="lead">{ LEAD }</p>
            </div>
            if let Some(name) = &props.still_open {
                <p class="notice row" data-testid="still-open">{ format!("{name} is still open.") }<a class="button" href={OPEN} data-testid="go-back">{ "Go back to it" }</a></p>
            }
            if props.is_forgotten { <p class="notice" role="status" data-testid="forgotten">{ FORGOTTEN }</p> }
            <div class={classes!("dropzone", (*over).then_some("over"))} data-testid="dropzone">
                <svg viewBox="0 0 160 44" aria-hidden="true"><path d={SPIKES} fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" /></svg>
                <p class="big">{ DROP }</p>
                { choices(&on_chosen, &on_simulate) }
                <ul class="formats">{ for SUPPORT.iter().map(|kind| html! { <li>{ kind.name }</li> }) }</ul>
                <details class="give" data-testid="what-to-give"><summary>{ "Which files each format needs" }</summary>
                    <dl class="facts-list">{ for SUPPORT.iter().map(|kind| html! { <><dt>{ kind.name }</dt><dd>{ kind.give }</dd></> }) }</dl>
                </details>
            </div>
            <p class="soft" data-testid="what-you-get">{ GIVES }</p>
            <KeptInvitation />
            { outcome(&state, &open, first) }
            <KeptList />
            <Recordings />
            <p class="small soft"><a href="#/regions" data-testid="to-regions">{ "A cloud of your own: regions of AWS and their costs" }</a></p>
            <p class="small soft" data-testid="version">{ concat!("Neurocyte ", env!("CARGO_PKG_VERSION"), ", under the MIT licence") }</p>
        </div>
    }
}

/// Takes drops anywhere on the page: beside the column they are meant for it too.
#[hook]
fn use_drops(over: UseStateSetter<bool>, attempt: Callback<(String, Work)>) {
    use_effect_with((), move |()| {
        let hover = |now: bool| {
            let over = over.clone();
            Callback::from(move |event: DragEvent| {
                event.prevent_default();
                over.set(now);
            })
        };
        let all = [("dragover", hover(true)), ("dragleave", hover(false)), ("drop", dropping(over.clone(), attempt))];
        let listeners = all.map(|(kind, taken)| {
            let heard = move |event: &Event| {
                if let Some(event) = event.dyn_ref::<DragEvent>() {
                    taken.emit(event.clone());
                }
            };
            let options = EventListenerOptions::enable_prevent_default();
            web_sys::window().map(|window| EventListener::new_with_options(&window, kind, options, heard))
        });
        move || drop(listeners)
    });
}

/// Opens what is dropped.
fn dropping(over: UseStateSetter<bool>, attempt: Callback<(String, Work)>) -> Callback<DragEvent> {
    Callback::from(move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        let dropped = event.data_transfer().map(|transfer| Dropped::take(&transfer));
        if let Some(dropped) = dropped.filter(|dropped| !dropped.is_nothing()) {
            attempt.emit((LOOKING.to_owned(), Work::Drop(dropped)));
        }
    })
}

/// Opens the files or the folder that a dialogue gives.
fn choosing(open: Callback<(Vec<DroppedFile>, Option<PlainBinary>)>) -> Callback<Event> {
    Callback::from(move |event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        let files = input.files().map(|list| from_list(&list)).unwrap_or_default();
        // A dialogue that was closed changes nothing; a folder may be empty.
        if !files.is_empty() || input.webkitdirectory() {
            open.emit((files, None));
        }
        // The same files may be chosen again.
        input.set_value("");
    })
}

/// What the core says, with a full stop where it ends without.
fn sentence(reason: &str) -> String {
    if reason.ends_with(['.', '?', '!']) { reason.to_owned() } else { format!("{reason}.") }
}

/// Brings a message into view that is below what is seen, as on a phone.
#[hook]
fn use_seen(is_failed: bool) {
    use_effect_with(is_failed, |is_failed| {
        let window = web_sys::window().filter(|_| *is_failed);
        let Some((window, message)) =
            window.and_then(|window| Some((window.clone(), window.document()?.get_element_by_id("problem")?)))
        else {
            return;
        };
        let height = window.inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(f64::INFINITY);
        if message.get_bounding_client_rect().bottom() > height {
            message.scroll_into_view_with_bool(false);
        }
    });
}

/// Opens what it is given, and says meanwhile what that is.
#[hook]
fn use_attempts(state: UseStateSetter<State>, on_open: Callback<Rc<Session>>) -> Callback<(String, Work)> {
    // Who drops a second recording before the first is open wants the second; who leaves, none.
    let newest = use_mut_ref(|| 0_u32);
    {
        let newest = Rc::clone(&newest);
        use_effect_with((), move |()| move || *newest.borrow_mut() += 1);
    }
    // Files that lack another, which may be dropped next.
    let incomplete = use_mut_ref(|| None::<Failed>);
    Callback::from(move |(what, work): (String, Work)| {
        *newest.borrow_mut() += 1;
        let (own, newest) = (*newest.borrow(), Rc::clone(&newest));
        state.set(State::Opening(what));
        let (state, on_open, incomplete) = (state.clone(), on_open.clone(), Rc::clone(&incomplete));
        spawn_local(async move {
            let before = incomplete.borrow().clone();
            let opened = work.run(before).await;
            if *newest.borrow() != own {
                return;
            }
            match opened {
                Ok(session) => on_open.emit(session),
                Err((failure, files)) => {
                    // What else is wrong with other files does not make those forgotten.
                    if failure.remedy.add {
                        incomplete.replace(Some((failure.clone(), files.clone())));
                    }
                    state.set(State::Failed { failure, files });
                }
            }
        });
    })
}

/// Opens the dialogue of a file input.
fn press(id: &'static str) -> Callback<MouseEvent> {
    Callback::from(move |_: MouseEvent| {
        let document = web_sys::window().and_then(|window| window.document());
        let input = document.and_then(|document| document.get_element_by_id(id));
        if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) {
            input.click();
        }
    })
}

fn choices(on_chosen: &Callback<Event>, on_simulate: &Callback<MouseEvent>) -> Html {
    html! {
        <div class="row">
            <button class="main" onclick={press("choose-files")} data-testid="choose-files">{ "Choose files" }</button>
            <button onclick={press("choose-folder")} data-testid="choose-folder">{ "Choose a folder" }</button>
            <button onclick={on_simulate} data-testid="simulate">{ "Try a simulated culture" }</button>
            <input id="choose-files" class="hidden-input" type="file" multiple=true tabindex="-1" aria-label="Files" onchange={on_chosen} data-testid="file-input" />
            <input id="choose-folder" class="hidden-input" type="file" multiple=true tabindex="-1" aria-label="Folder" webkitdirectory=true onchange={on_chosen} data-testid="folder-input" />
        </div>
    }
}

fn outcome(state: &State, open: &Callback<(Vec<DroppedFile>, Option<PlainBinary>)>, first: PlainBinary) -> Html {
    match state {
        State::Idle => html! {},
        State::Opening(what) => {
            html! { <div class="notice" role="status" data-testid="opening"><p>{ what }</p><progress /></div> }
        }
        State::Failed { failure, files } => {
            let (again, files_of_form) = (open.clone(), files.clone());
            let on_described = Callback::from(move |described| again.emit((files_of_form.clone(), Some(described))));
            let data = files.first().map(|file| file.path.clone()).unwrap_or_default();
            let size_bytes = files.first().map_or(0.0, |file| file.file.size());
            html! {
                <div class="notice problem" role="alert" id="problem" data-testid="problem">
                    <p>{ format!("This did not open: {}", sentence(&failure.reason)) }</p>
                    if failure.remedy.add {
                        <div class="row">
                            <button onclick={press("choose-files")} data-testid="add-files">{ "Add the missing file" }</button>
                            <span class="small">{ "or drop it here. The files that you gave before stay." }</span>
                        </div>
                    }
                    if failure.remedy.describe {
                        <PlainForm name={data} {size_bytes} {first} {on_described} />
                    }
                </div>
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_the_same_before_its_program_is_there() {
        let page = include_str!("../../../www/index.html");
        for text in [TITLE, LEAD, DROP, SPIKES] {
            assert!(page.contains(text), "www/index.html lacks {text:?}");
        }
    }
}
