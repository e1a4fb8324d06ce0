//! The owner's share links of a run: make, copy, revoke.

mod file;
mod form;
mod links;

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::forms::{self, Form, Own, use_form};
use crate::services::memory;
use crate::services::shares::{DAYS, Owner, Words};
use crate::ui::focus::use_passed_focus;
use crate::ui::second_click::is_second;
pub use file::ShareFile;
use form::WordsForm;
use links::Links;

/// Properties of [`Share`].
#[derive(Properties, PartialEq)]
pub struct ShareProps {
    /// The recording.
    pub recording: String,
    /// The run of the recording.
    pub run: String,
}

/// What the owner did last, and what came of it.
#[derive(Clone, Default, PartialEq)]
struct Now {
    is_busy: bool,
    problem: Option<String>,
}

/// A button, the form behind it, and the links once they are made.
#[component(Share)]
pub fn share(props: &ShareProps) -> Html {
    let known = memory::get(&props.recording);
    let owner = known.as_ref().map(|known| Owner::Run {
        recording: props.recording.clone(),
        run: props.run.clone(),
        key: known.owner_key.clone(),
    });
    let now = use_state(Now::default);
    let Own { is_open, dispatch } = use_form(Form::Share);
    use_passed_focus(is_open, "#to-share");
    let is_making = use_mut_ref(|| false);
    let links = use_state(|| owner.as_ref().map(Owner::links).unwrap_or_default());
    let (Some(known), Some(owner)) = (known, owner) else { return html! {} };
    let on_changed = {
        let (owner, links) = (owner.clone(), links.setter());
        Callback::from(move |()| links.set(owner.links()))
    };
    let on_share = {
        let (owner, now, on_changed, dispatch) = (owner.clone(), now.setter(), on_changed.clone(), dispatch.clone());
        Callback::from(move |words: Words| {
            // The button is there until the page is drawn again: a second click makes no second link.
            if is_making.replace(true) {
                return;
            }
            let (owner, now, on_changed, dispatch) = (owner.clone(), now.clone(), on_changed.clone(), dispatch.clone());
            let is_making = Rc::clone(&is_making);
            now.set(Now { is_busy: true, problem: None });
            spawn_local(async move {
                let problem = owner.share(&words).await.err().map(|error| error.message);
                *is_making.borrow_mut() = false;
                if problem.is_none() {
                    dispatch.emit(forms::Action::Close(Form::Share));
                }
                now.set(Now { is_busy: false, problem });
                on_changed.emit(());
            });
        })
    };
    let on_toggle = {
        let (now, dispatch) = (now.clone(), dispatch.clone());
        Callback::from(move |event: MouseEvent| {
            if is_second(&event) {
                return;
            }
            // What is under way goes on, whether its form is seen or not.
            if !now.is_busy {
                now.set(Now::default());
            }
            dispatch.emit(forms::Action::Toggle(Form::Share));
        })
    };
    let on_cancel = {
        let now = now.setter();
        Callback::from(move |()| {
            now.set(Now::default());
            dispatch.emit(forms::Action::Close(Form::Share));
        })
    };
    let tells = format!(
        "Everyone who has the link sees the result, its traces, this title and this note, for {DAYS} days or until you revoke it."
    );
    html! {
        <>
            <button class="main" id="to-share" onclick={on_toggle} aria-expanded={is_open.to_string()} data-testid="share">{ "Share" }</button>
            if is_open { <WordsForm title={known.name.clone()} {tells} is_busy={now.is_busy} {on_share} {on_cancel} /> }
            if let Some(problem) = &now.problem { <p class="notice problem" role="alert" data-testid="share-problem">{ problem }</p> }
            <Links {owner} links={(*links).clone()} has_view={true} {on_changed} />
        </>
    }
}
