//! A result of this browser, shared from its spikes: it goes up as a file, without its recording.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use wasm_core::pipeline::Pipeline;
use yew::prelude::*;

use super::form::WordsForm;
use super::links::Links;
use crate::pages::invitation::NeededInvitation;
use crate::pages::result::Computed;
use crate::pages::result::forms::{self, Form, Own, use_form};
use crate::pages::result::keep::{about, made};
use crate::pages::running::waiting;
use crate::services::cloud;
use crate::services::line::{Line, use_work};
use crate::services::results::{self, Draft, Sent};
use crate::services::shares::{DAYS, Owner, Words};
use crate::services::work::{Action, Step, Wish, Work};
use crate::ui::focus::use_passed_focus;
use crate::ui::format;
use crate::ui::progress::{Shown, bar};
use crate::ui::second_click::is_second;

/// Properties of [`ShareFile`].
#[derive(Properties, PartialEq)]
pub struct ShareFileProps {
    /// The result.
    pub computed: Rc<Computed>,
    /// The pipeline with the analyses that are chosen.
    pub pipeline: Rc<Pipeline>,
    /// Told when it is shared: then it is not lost with the page.
    pub on_kept: Callback<()>,
}

/// What the person did last, and what came of it.
#[derive(Clone, Default, PartialEq)]
struct Now {
    /// The sharing that is under way.
    work: Option<Rc<Line>>,
    problem: Option<String>,
}

/// What is shown of sharing, and what a person can do about it.
struct Sharing {
    form: Own,
    now: UseStateHandle<Now>,
    /// Results that were sent from this page, with their links.
    sent: UseStateHandle<Vec<Owner>>,
    on_share: Callback<Words>,
    on_cancel: Callback<()>,
}

/// Shares a result when it is told to; who leaves the page stops that.
#[hook]
fn use_sharing(props: &ShareFileProps) -> Sharing {
    let form = use_form(Form::Share);
    let close = form.dispatch.reform(|()| forms::Action::Close(Form::Share));
    let now = use_state(Now::default);
    let sent = use_state(Vec::<Owner>::new);
    let is_making = use_mut_ref(|| false);
    use_effect_with(now.work.clone(), |work| {
        let work = work.clone();
        move || {
            if let Some(line) = work {
                line.happens(Action::Wish(Wish::Leave));
            }
        }
    });
    let on_share = {
        let (now, sent) = (now.setter(), sent.clone());
        let (computed, pipeline) = (Rc::clone(&props.computed), Rc::clone(&props.pipeline));
        let (on_kept, close) = (props.on_kept.clone(), close.clone());
        Callback::from(move |words: Words| {
            // The button is there until the page is drawn again: a second click makes no second link.
            if is_making.replace(true) {
                return;
            }
            let is_making = Rc::clone(&is_making);
            let line = Rc::new(Line::begin());
            let (now, sent, on_kept, close) = (now.clone(), sent.clone(), on_kept.clone(), close.clone());
            let (computed, pipeline) = (Rc::clone(&computed), Rc::clone(&pipeline));
            now.set(Now { work: Some(Rc::clone(&line)), problem: None });
            spawn_local(async move {
                let shared = share(&computed, &pipeline, &words, &line).await;
                *is_making.borrow_mut() = false;
                match shared {
                    Ok(Some(owner)) => {
                        now.set(Now::default());
                        close.emit(());
                        sent.set((*sent).iter().cloned().chain([owner]).collect());
                        on_kept.emit(());
                    }
                    Ok(None) => {
                        now.set(Now::default());
                        close.emit(());
                    }
                    Err(problem) => now.set(Now { work: None, problem: Some(problem) }),
                }
            });
        })
    };
    let on_cancel = {
        let now = now.clone();
        Callback::from(move |()| {
            // Work under way ends by itself.
            if let Some(line) = &now.work {
                line.happens(Action::Wish(Wish::Stop));
            } else {
                now.set(Now::default());
                close.emit(());
            }
        })
    };
    Sharing { form, now, sent, on_share, on_cancel }
}

/// A button, the form behind it, and the links once they are made. Nothing where no cloud stands behind
/// the page.
#[component(ShareFile)]
pub fn share_file(props: &ShareFileProps) -> Html {
    let is_there = use_state_eq(|| false);
    {
        let is_there = is_there.setter();
        use_effect_with((), move |()| {
            spawn_local(async move { is_there.set(cloud::is_there().await == Some(true)) });
        });
    }
    let Sharing { form: Own { is_open, dispatch }, now, sent, on_share, on_cancel } = use_sharing(props);
    use_passed_focus(is_open, "#to-share");
    let looked = use_state(|| 0_u32);
    let on_changed = {
        let looked = looked.clone();
        Callback::from(move |()| looked.set(*looked + 1))
    };
    let on_toggle = {
        let now = now.clone();
        Callback::from(move |event: MouseEvent| {
            if is_second(&event) {
                return;
            }
            // What is under way goes on, whether its form is seen or not.
            if now.work.is_none() {
                now.set(Now::default());
            }
            dispatch.emit(forms::Action::Toggle(Form::Share));
        })
    };
    // A refusal for want of an invitation is over.
    let on_invited = {
        let now = now.clone();
        Callback::from(move |()| now.set(Now { problem: None, ..(*now).clone() }))
    };
    if !*is_there {
        return html! {};
    }
    let tells = format!(
        "Spikes, waveforms, numbers and analyses go to the cloud; the recording stays here, so there are no traces. Everyone who has the link sees them, this title and this note, for {DAYS} days or until you revoke it."
    );
    let is_busy = now.work.is_some();
    let links = |owner: &Owner| {
        html! { <Links owner={owner.clone()} links={owner.links()} has_view={false} on_changed={on_changed.clone()} /> }
    };
    html! {
        <>
            <button id="to-share" onclick={on_toggle} aria-expanded={is_open.to_string()} data-testid="share-file">{ "Share by a link" }</button>
            if is_open {
                <WordsForm title={props.computed.summary.recording.name.clone()} {tells} {is_busy} {on_share} {on_cancel}>
                    <>
                        <NeededInvitation on_used={on_invited} />
                        if let Some(line) = &now.work { <UnderWay line={Rc::clone(line)} /> }
                    </>
                </WordsForm>
            }
            if let Some(problem) = &now.problem { <p class="notice problem" role="alert" data-testid="share-problem">{ problem }</p> }
            { for sent.iter().map(links) }
        </>
    }
}

/// Properties of [`UnderWay`].
#[derive(Properties, PartialEq)]
struct UnderWayProps {
    line: Rc<Line>,
}

/// Progress of sharing.
#[component(UnderWay)]
fn under_way(props: &UnderWayProps) -> Html {
    let work = use_work(&props.line);
    bar(&shown(&work))
}

/// Makes the file, sends it and makes a link; `None` when the person stopped it.
async fn share(
    computed: &Computed,
    pipeline: &Pipeline,
    words: &Words,
    line: &Rc<Line>,
) -> Result<Option<Owner>, String> {
    // What a person wrote for themselves stays here.
    let about = about(computed, pipeline, "");
    let (name, created_ms) = (about.name.clone(), about.created_ms);
    let (file, crc32c) =
        made(computed, about).await.map_err(|failure| format!("It was not shared: {}", failure.reason))?;
    if line.wish().is_end() {
        return Ok(None);
    }
    let size_bytes = f64::from(js_sys::Uint8Array::new(&file).length());
    let title = if words.title.trim().is_empty() { name.clone() } else { words.title.clone() };
    let about = Sent {
        name,
        title,
        note: words.note.clone(),
        duration_s: computed.info.duration_s(),
        size_bytes,
        created_ms,
        ..Sent::default()
    };
    let sent = results::send(Draft { about, file, crc32c }, line).await;
    let Some(sent) = sent.map_err(|error| error.message)? else { return Ok(None) };
    line.happens(Action::Begin(Step::Concluding));
    let owner = Owner::File { result: sent.result_id.clone(), key: sent.owner_key.clone() };
    let linked = line.retried(|| owner.share(words)).await;
    if let Err(error) = linked {
        // Sent again, it would be there twice; where deleting fails, the start page lists it.
        drop(results::delete(&sent).await);
        return if line.wish().is_end() { Ok(None) } else { Err(error.message) };
    }
    Ok(Some(owner))
}

/// Progress of the work, as it is shown.
fn shown(work: &Work) -> Shown {
    let size_bytes = match work.step() {
        Step::Sending(size_bytes) => *size_bytes,
        Step::Concluding => return Shown { what: "Making the link".into(), ..Shown::default() },
        _ => return Shown { what: "Making the file".into(), ..Shown::default() },
    };
    let sent_bytes = work.under_way().bytes.min(size_bytes);
    Shown {
        what: waiting(work.line().signal()).unwrap_or("Sending").into(),
        share: Some(work.share()),
        detail: format!("{} of {} sent", format::bytes(sent_bytes), format::bytes(size_bytes)),
        can_pause: false,
    }
}
