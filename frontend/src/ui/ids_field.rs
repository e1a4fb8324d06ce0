//! A list of ids, typed with commas between them.

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Properties of [`IdsField`].
#[derive(Properties, PartialEq)]
pub struct IdsFieldProps {
    /// Name of the field on screen.
    pub label: AttrValue,
    /// Name of the field in tests.
    pub name: AttrValue,
    /// The ids that count.
    pub ids: Vec<String>,
    /// Takes another list.
    pub on_ids: Callback<Vec<String>>,
}

/// A field that takes the list when it is left, or at Enter.
#[component(IdsField)]
pub fn ids_field(props: &IdsFieldProps) -> Html {
    let onchange = props.on_ids.reform(|event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        listed(&input.value())
    });
    html! {
        <label class="field ids"><span>{ &props.label }</span>
            <input value={props.ids.join(", ")} {onchange} placeholder="A1, A2" data-testid={props.name.clone()} />
            <small class="soft">{ "Ids or names, with commas between them" }</small>
        </label>
    }
}

/// The ids of a text, each once.
fn listed(text: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for id in text.split([',', ';']).map(str::trim).filter(|id| !id.is_empty()) {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn ids_are_told_apart_by_commas() {
        assert_eq!(listed(" A1, B 2;A1,, "), ["A1", "B 2"]);
        assert!(listed(" ").is_empty());
    }
}
