//! A button that asks before it does something that cannot be undone.

use yew::prelude::*;

/// Properties of [`Certain`].
#[derive(Properties, PartialEq)]
pub struct CertainProps {
    /// The words of the button.
    pub label: &'static str,
    /// The question after the first click.
    pub question: &'static str,
    /// Told of the second click.
    pub on_yes: Callback<()>,
    /// Name of the button in tests.
    pub name: &'static str,
}

/// The button.
#[component(Certain)]
pub fn certain(props: &CertainProps) -> Html {
    let asked = use_state_eq(|| false);
    let onclick = {
        let (asked, on_yes) = (asked.clone(), props.on_yes.clone());
        Callback::from(move |click: MouseEvent| {
            // The second click of a double click is not an answer to the question.
            if click.detail() > 1 {
                return;
            }
            if *asked {
                on_yes.emit(());
            } else {
                asked.set(true);
            }
        })
    };
    // Leaving the button takes the question back.
    let onblur = {
        let asked = asked.setter();
        Callback::from(move |_: FocusEvent| asked.set(false))
    };
    html! {
        <button class="quiet" {onclick} {onblur} data-testid={props.name}>{ if *asked { props.question } else { props.label } }</button>
    }
}
