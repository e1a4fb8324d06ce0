//! A number with its unit: what is typed stays as it is typed, what is not accepted says so.

use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Properties of [`NumberField`].
#[derive(Properties, PartialEq)]
pub struct NumberFieldProps {
    /// Name of the field on screen.
    pub label: AttrValue,
    /// Name of the field in tests.
    pub name: AttrValue,
    /// The number that counts.
    pub value: f64,
    /// Behind the number.
    pub unit: AttrValue,
    /// Smallest and largest number.
    pub range: (f64, f64),
    /// Step of the arrows; none for any number.
    pub step: Option<f64>,
    /// The accepted values, in words.
    pub accepted: AttrValue,
    /// Takes a number that was typed, and answers whether it is accepted.
    pub on_value: Callback<f64, bool>,
}

/// A field that others may draw again while somebody types into it.
#[component(NumberField)]
pub fn number_field(props: &NumberFieldProps) -> Html {
    // What was typed last, as long as it is not simply the value.
    let typed = use_state_eq(|| None::<String>);
    let refused = use_state_eq(|| false);
    // The value when the field got the focus, and the one that this field went back to.
    let at_focus = use_mut_ref(|| None::<f64>);
    let gone_back = use_mut_ref(|| None::<f64>);
    {
        let (typed, refused, gone_back) = (typed.clone(), refused.setter(), Rc::clone(&gone_back));
        use_effect_with(props.value.to_bits(), move |bits| {
            let value = f64::from_bits(*bits);
            if gone_back.take() == Some(value) {
                return;
            }
            // Somebody else changed it.
            if typed.as_ref().is_some_and(|text| text.parse() != Ok(value)) {
                typed.set(None);
                refused.set(false);
            }
        });
    }
    let oninput = {
        let (typed, refused, on_value) = (typed.setter(), refused.setter(), props.on_value.clone());
        let (at_focus, value) = (Rc::clone(&at_focus), props.value);
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            typed.set(Some(input.value()));
            let number = input.value_as_number();
            let is_accepted = on_value.emit(number);
            if let Some(before) = way_back(is_accepted, value, *at_focus.borrow()) {
                gone_back.replace(Some(before));
                on_value.emit(before);
                // What stands in the field is refused still.
                on_value.emit(number);
            }
            refused.set(!is_accepted);
        })
    };
    let onfocus = {
        let value = props.value;
        Callback::from(move |_: FocusEvent| {
            at_focus.replace(Some(value));
        })
    };
    let onblur = {
        let (typed, refused) = (typed.clone(), refused.clone());
        Callback::from(move |_: FocusEvent| {
            if !*refused {
                typed.set(None);
            }
        })
    };
    // The page scrolls under the wheel; the number must not go with it.
    let onwheel = Callback::from(|event: WheelEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        input.blur().unwrap_or_default();
    });
    let shown = typed.as_ref().cloned().unwrap_or_else(|| props.value.to_string());
    let (min, max) = props.range;
    let (told, accepted) = (format!("{}-refused", props.name), format!("{}-accepted", props.name));
    let aria_describedby = if *refused { told.clone() } else { accepted.clone() };
    html! {
        <div class="number-field">
            <label class="field"><span>{ &props.label }</span><span class="with-unit">
                <input type="number" min={min.to_string()} max={max.to_string()} step={props.step.map_or("any".to_owned(), |step| step.to_string())}
                    value={shown} {oninput} {onfocus} {onblur} {onwheel} aria-invalid={refused.to_string()} aria-describedby={aria_describedby} data-testid={props.name.clone()} />
                <span class="unit">{ &props.unit }</span>
            </span></label>
            if *refused {
                <p class="small refused" role="alert" id={told.clone()} data-testid={told.clone()}>{ refusal(&props.accepted, props.value, &props.unit) }</p>
            } else {
                // Seen while the field has the focus; read aloud with it.
                <p class="accepted small" id={accepted.clone()} data-testid={accepted.clone()}>{ format!("Accepts {}", props.accepted) }</p>
            }
        </div>
    }
}

/// The value that counts again where what is typed becomes something that is not accepted: that of the time when the
/// field got the focus. The beginning of a number, as the 2 of 2.5, is nothing that a person chose.
fn way_back(is_accepted: bool, value: f64, at_focus: Option<f64>) -> Option<f64> {
    at_focus.filter(|before| !is_accepted && *before != value)
}

/// What is said of a number that is not accepted: what is, and what counts meanwhile.
fn refusal(accepted: &str, value: f64, unit: &str) -> String {
    let value = format!("{value} {unit}");
    format!("Not accepted. Enter {accepted}. Until then {} is used.", value.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{refusal, way_back};

    #[test]
    fn the_beginning_of_a_refused_number_does_not_count() {
        // 5 stood in a field of whole numbers; 2 counts while it is typed, and not after it became 2.5.
        assert_eq!(way_back(true, 5.0, Some(5.0)), None);
        assert_eq!(way_back(false, 2.0, Some(5.0)), Some(5.0));
        assert_eq!(way_back(false, 5.0, Some(5.0)), None, "it counts already");
        assert_eq!(way_back(false, 2.0, None), None, "nobody has begun");
    }

    #[test]
    fn a_refused_number_says_what_is_accepted_and_what_counts() {
        let said = refusal("2 to 30 x noise", 5.0, "x noise");
        assert_eq!(said, "Not accepted. Enter 2 to 30 x noise. Until then 5 x noise is used.");
        assert!(refusal("a whole number from 1 to 9", 3.0, "").ends_with("Until then 3 is used."));
    }
}
