//! Keeps a result: in this browser, or as a file.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use wasm_core::kept::About;
use wasm_core::pipeline::Pipeline;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::Computed;
use super::forms::{self, Form, Own, use_form};
use crate::bridge::result::{Reply, Request};
use crate::services::kept::{self, Entry};
use crate::services::pool::WorkFailure;
use crate::ui::focus::{on_escape, use_focus_on_opening, use_passed_focus};
use crate::ui::second_click::is_second;
use crate::ui::{format, save};

/// Characters of a note at most.
const NOTE_CHARS: &str = "1000";

/// Properties of [`Keep`].
#[derive(Properties, PartialEq)]
pub struct KeepProps {
    /// The result.
    pub computed: Rc<Computed>,
    /// The pipeline with the analyses that are chosen.
    pub pipeline: Rc<Pipeline>,
    /// Whether it came from what this browser keeps.
    pub is_kept: bool,
    /// Told when it is kept, wherever.
    pub on_kept: Callback<()>,
}

/// Where a result is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Browser,
    File,
}

/// What the person did last, and what came of it.
#[derive(Clone, Default, PartialEq)]
struct Now {
    is_busy: bool,
    /// Where it was kept, if it was.
    kept: Option<(Place, Entry)>,
    problem: Option<String>,
}

/// A button, the form behind it, and what came of it.
#[component(Keep)]
pub fn keep(props: &KeepProps) -> Html {
    let now = use_state(Now::default);
    let Own { is_open, dispatch } = use_form(Form::Keep);
    use_passed_focus(is_open, "#to-keep");
    let kept_before = props.computed.session.kept.as_ref();
    let is_making = use_mut_ref(|| false);
    let is_unchanged = props.is_kept && kept_before.is_some_and(|kept| kept.head.about.pipeline == *props.pipeline);
    let note = use_state(|| kept_before.map(|kept| kept.head.about.note.clone()).unwrap_or_default());
    let on_toggle = {
        let (now, dispatch) = (now.clone(), dispatch.clone());
        Callback::from(move |()| {
            // What is under way goes on, whether its form is seen or not.
            if !now.is_busy {
                now.set(Now::default());
            }
            dispatch.emit(forms::Action::Toggle(Form::Keep));
        })
    };
    let on_button = {
        let on_toggle = on_toggle.clone();
        Callback::from(move |event: MouseEvent| {
            if !is_second(&event) {
                on_toggle.emit(());
            }
        })
    };
    let begin = {
        let (now, note, on_kept) = (now.setter(), note.clone(), props.on_kept.clone());
        let (computed, pipeline) = (Rc::clone(&props.computed), Rc::clone(&props.pipeline));
        Callback::from(move |place: Place| {
            // The buttons are there until the page is drawn again: a second click keeps nothing twice.
            if is_making.replace(true) {
                return;
            }
            let is_making = Rc::clone(&is_making);
            now.set(Now { is_busy: true, ..Now::default() });
            let about = about(&computed, &pipeline, note.trim());
            let (now, computed, on_kept) = (now.clone(), Rc::clone(&computed), on_kept.clone());
            let dispatch = dispatch.clone();
            spawn_local(async move {
                let kept = put(&computed, about, place).await;
                *is_making.borrow_mut() = false;
                match kept {
                    Ok(entry) => {
                        now.set(Now { kept: Some((place, entry)), ..Now::default() });
                        dispatch.emit(match place {
                            Place::Browser => forms::Action::Kept,
                            Place::File => forms::Action::Close(Form::Keep),
                        });
                        on_kept.emit(());
                    }
                    Err(problem) => now.set(Now { problem: Some(problem), ..Now::default() }),
                }
            });
        })
    };
    let oninput = {
        let note = note.setter();
        Callback::from(move |event: InputEvent| note.set(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let on_keep = begin.reform(|event: SubmitEvent| {
        event.prevent_default();
        Place::Browser
    });
    let on_file = begin.reform(|_: MouseEvent| Place::File);
    let onkeydown = if now.is_busy { Callback::noop() } else { on_escape(on_toggle.clone()) };
    let on_cancel = on_toggle.reform(|_: MouseEvent| ());
    use_focus_on_opening(is_open, "[data-testid=keep-note]");
    html! {
        <>
            if is_unchanged && now.kept.is_none() && !is_open {
                <span class="small soft" data-testid="kept-here">{ "Kept in this browser" }</span>
            } else {
                <button id="to-keep" onclick={on_button} aria-expanded={is_open.to_string()} data-testid="keep">{ "Keep in this browser" }</button>
            }
            if is_open {
                <form class="keep notice" onsubmit={on_keep} {onkeydown} data-testid="keep-form">
                    <label>{ "Note for yourself (optional)" }<input value={(*note).clone()} {oninput} maxlength={NOTE_CHARS} disabled={now.is_busy} data-testid="keep-note" /></label>
                    <p class="small soft">{ "Spikes, waveforms, numbers and analyses are kept; the recording is not, so there are no traces later. A browser may delete what it keeps. To be safe, or to use another computer, save the result as a file." }</p>
                    if now.is_busy { <progress aria-label="Keeping the result" /> }
                    <div class="row">
                        <button class="main" disabled={now.is_busy} data-testid="keep-now">{ "Keep" }</button>
                        <button type="button" onclick={on_file} disabled={now.is_busy} data-testid="keep-file">{ "Save as a file" }</button>
                        <button type="button" class="quiet" onclick={on_cancel} disabled={now.is_busy} data-testid="keep-cancel">{ "Cancel" }</button>
                    </div>
                </form>
            }
            if let Some(problem) = &now.problem { <p class="notice problem" role="alert" data-testid="keep-problem">{ problem }</p> }
            { for now.kept.iter().map(said) }
        </>
    }
}

/// What is kept with the result.
pub fn about(computed: &Computed, pipeline: &Pipeline, note: &str) -> About {
    About {
        name: computed.summary.recording.name.clone(),
        note: note.to_owned(),
        created_ms: js_sys::Date::now(),
        pipeline: pipeline.clone(),
        events: computed.session.events.to_vec(),
        receipt: computed.receipt.clone(),
    }
}

/// The file of a result, as the worker that holds it makes it, and its CRC-32C.
pub async fn made(computed: &Computed, about: About) -> Result<(JsValue, u32), WorkFailure> {
    let request = Request::Keep { about: Box::new(about) };
    let (reply, attached) = computed.session.pool.ask(request, Vec::new()).await?;
    let file = attached.into_iter().next().ok_or_else(WorkFailure::unexpected)?;
    match reply {
        Reply::Kept { crc32c } => Ok((file, crc32c)),
        _ => Err(WorkFailure::unexpected()),
    }
}

/// Makes the file and puts it where it is kept; or why not, and what to do.
async fn put(computed: &Computed, about: About, place: Place) -> Result<Entry, String> {
    let mut entry = Entry::new(&about, &computed.info, 0.0);
    let made = made(computed, about).await;
    let (file, _) = made.map_err(|failure| format!("It was not kept: {}", failure.reason))?;
    let file = save::made_of("application/octet-stream", &file);
    let file = file.ok_or("It was not kept: there is no memory for it. Close other tabs and try again.")?;
    entry.size_bytes = file.size();
    match place {
        Place::File => save::blob(&kept::file_name(&entry.name), &file),
        Place::Browser => kept::keep(&entry, &file).await.map_err(|error| {
            format!(
                "It was not kept: {error}. The result is still here ({}): save it as a file, or delete kept results on the start page in another tab and try again.",
                format::bytes(entry.size_bytes)
            )
        })?,
    }
    Ok(entry)
}

/// The line that says where a result was kept.
fn said((place, entry): &(Place, Entry)) -> Html {
    let size = format::bytes(entry.size_bytes);
    match place {
        Place::Browser => html! {
            <p class="keep small" role="status" data-testid="kept">
                { format!("Kept in this browser ({size}); the start page lists it. ") }
                <a href={format!("/#/kept/{}", entry.id)} data-testid="see-kept">{ "Open the kept result" }</a>
            </p>
        },
        Place::File => html! {
            <p class="keep small" role="status" data-testid="kept">{ format!("Saved as {} ({size}). To open it again, drop it on the start page.", kept::file_name(&entry.name)) }</p>
        },
    }
}
