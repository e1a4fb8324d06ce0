//! What the sender says of a result before there is a link: a title and a note.

use wasm_core::api::limits;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::services::shares::Words;
use crate::ui::focus::{on_escape, use_focus_on_opening};

/// Properties of [`WordsForm`].
#[derive(Properties, PartialEq)]
pub struct WordsFormProps {
    /// The first title.
    pub title: AttrValue,
    /// What goes where, and who will see it.
    pub tells: AttrValue,
    /// Whether a link is being made.
    pub is_busy: bool,
    /// Takes what was written.
    pub on_share: Callback<Words>,
    /// Told when the person thinks otherwise.
    pub on_cancel: Callback<()>,
    /// What is shown of the work.
    #[prop_or_default]
    pub children: Html,
}

/// The form.
#[component(WordsForm)]
pub fn words_form(props: &WordsFormProps) -> Html {
    let words = use_state(|| Words { title: props.title.to_string(), note: String::new() });
    let on_title = {
        let words = words.clone();
        Callback::from(move |event: InputEvent| {
            let title = event.target_unchecked_into::<HtmlInputElement>().value();
            words.set(Words { title, ..(*words).clone() });
        })
    };
    let on_note = {
        let words = words.clone();
        Callback::from(move |event: InputEvent| {
            let note = event.target_unchecked_into::<HtmlTextAreaElement>().value();
            words.set(Words { note, ..(*words).clone() });
        })
    };
    let on_share = {
        let (words, on_share) = (words.clone(), props.on_share.clone());
        Callback::from(move |_: MouseEvent| on_share.emit((*words).clone()))
    };
    let on_enter = {
        let (words, on_share) = (words.clone(), props.on_share.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" {
                on_share.emit((*words).clone());
            }
        })
    };
    let onkeydown = if props.is_busy { Callback::noop() } else { on_escape(props.on_cancel.clone()) };
    use_focus_on_opening(true, "[data-testid=share-title]");
    let on_cancel = props.on_cancel.reform(|_: MouseEvent| ());
    html! {
        // No form: an invitation, which may be asked for within it, is one.
        <div class="keep notice" {onkeydown} data-testid="share-form">
            <label>{ "Title" }<input value={words.title.clone()} oninput={on_title} onkeydown={on_enter} maxlength={limits::SHARE_TITLE_CHARS.to_string()} disabled={props.is_busy} data-testid="share-title" /></label>
            <label>{ "Note for everyone who opens the link (optional)" }<textarea value={words.note.clone()} oninput={on_note} maxlength={limits::SHARE_NOTE_CHARS.to_string()} rows="3" disabled={props.is_busy} data-testid="share-note" /></label>
            <p class="small soft">{ &props.tells }</p>
            { props.children.clone() }
            <div class="row">
                <button class="main" onclick={on_share} disabled={props.is_busy} data-testid="share-now">{ "Make the link" }</button>
                <button class="quiet" onclick={on_cancel} data-testid="share-cancel">{ if props.is_busy { "Stop" } else { "Cancel" } }</button>
            </div>
        </div>
    }
}
