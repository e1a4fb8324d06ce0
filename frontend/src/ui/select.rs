//! A choice from a list.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Properties of [`Select`].
#[derive(Properties, PartialEq)]
pub struct SelectProps {
    /// The choices.
    pub options: Vec<AttrValue>,
    /// Place of the chosen one.
    pub chosen: usize,
    /// Takes another one.
    pub on_choose: Callback<usize>,
    /// Name in tests.
    pub name: AttrValue,
    /// Name for screen readers, where no label stands beside it.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// Options that cannot be chosen now.
    #[prop_or_default]
    pub refused: Vec<usize>,
    /// Whether it cannot be changed.
    #[prop_or_default]
    pub disabled: bool,
}

/// A choice that always shows what is chosen, also when that was changed elsewhere: once somebody has
/// used it, the browser no longer follows the mark of an option.
#[component(Select)]
pub fn select(props: &SelectProps) -> Html {
    let element = use_node_ref();
    {
        let (element, chosen) = (element.clone(), props.chosen);
        use_effect(move || {
            if let (Some(select), Ok(chosen)) = (element.cast::<HtmlSelectElement>(), i32::try_from(chosen)) {
                select.set_selected_index(chosen);
            }
        });
    }
    let onchange = props.on_choose.reform(|event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        usize::try_from(select.selected_index()).unwrap_or(0)
    });
    let option = |(at, text): (usize, &AttrValue)| html! { <option selected={at == props.chosen} disabled={props.refused.contains(&at)}>{ text }</option> };
    html! {
        <select ref={element} {onchange} disabled={props.disabled} aria-label={props.label.clone()} data-testid={props.name.clone()}>
            { for props.options.iter().enumerate().map(option) }
        </select>
    }
}

/// The numbers from 1.
pub fn numbered(n: usize) -> Vec<AttrValue> {
    (1..=n).map(|number| number.to_string().into()).collect()
}
