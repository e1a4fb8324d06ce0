//! Keys of uploaded recordings: to a file, and from it.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::press;
use crate::services::drop::chosen_text;
use crate::services::keys;
use crate::ui::{format, save};

/// Properties of [`Keys`].
#[derive(Properties, PartialEq)]
pub struct KeysProps {
    /// Whether this browser has keys.
    pub has_any: bool,
    /// Told when there are more.
    pub on_added: Callback<()>,
}

/// Two buttons, and what the keys are.
#[component(Keys)]
pub fn keys_of_recordings(props: &KeysProps) -> Html {
    let said = use_state(|| None::<Result<String, String>>);
    let on_save = Callback::from(|_: MouseEvent| {
        save::bytes(keys::FILE, "application/json", keys::to_file().as_bytes());
    });
    let on_chosen = {
        let (said, on_added) = (said.setter(), props.on_added.clone());
        Callback::from(move |event: Event| {
            let field: HtmlInputElement = event.target_unchecked_into();
            let (said, on_added) = (said.clone(), on_added.clone());
            chosen_text(&field, move |name, text| {
                let taken = text.ok_or_else(|| "The browser cannot read it.".to_owned());
                match taken.and_then(|text| keys::take(&text)) {
                    Ok((n_recordings, n_results)) => {
                        let counted = |n: usize, thing: &str| format::counted(n as u64, thing);
                        let results = (n_results > 0).then(|| format!(" and {}", counted(n_results, "shared result")));
                        let results = results.unwrap_or_default();
                        said.set(Some(Ok(format!("{}{results} added.", counted(n_recordings, "recording")))));
                        on_added.emit(());
                    }
                    Err(reason) => said.set(Some(Err(format!("{name} was not opened. {reason}")))),
                }
            });
        })
    };
    html! {
        <details class="small" data-testid="keys">
            <summary>{ "Keys of uploaded recordings and shared results" }</summary>
            <p>{ "Everyone who has the key of an uploaded recording or a shared result can open, share and delete it. This browser keeps yours; a file takes them to another browser or computer. Keep that file as you would a password." }</p>
            <div class="row">
                if props.has_any { <button onclick={on_save} data-testid="save-keys">{ "Save keys to a file" }</button> }
                <button onclick={press("choose-keys")} data-testid="open-keys">{ "Open saved keys" }</button>
                <input id="choose-keys" class="hidden-input" type="file" accept=".json" tabindex="-1" aria-label="File of keys" onchange={on_chosen} data-testid="keys-input" />
            </div>
            { outcome(said.as_ref()) }
        </details>
    }
}

fn outcome(said: Option<&Result<String, String>>) -> Html {
    match said {
        None => html! {},
        Some(Ok(said)) => html! { <p role="status" data-testid="keys-added">{ said }</p> },
        Some(Err(reason)) => {
            html! { <p class="notice problem" role="alert" data-testid="keys-problem">{ reason }</p> }
        }
    }
}
