//! The control of a block's parameter, made from what the block says of it.

use serde_json::Value;
use wasm_core::blocks::{Control, ParamSpec, number};
use yew::prelude::*;

use super::ids_field::IdsField;
use super::number_field::NumberField;
use super::select::Select;

/// A field for a number, a choice, or a list of channels by their ids. `name` is its name in tests;
/// `on_value` takes a value and answers whether it is accepted.
pub fn control(
    param: &'static ParamSpec,
    name: String,
    value: &Value,
    on_value: impl Fn(Value) -> bool + 'static,
) -> Html {
    match &param.control {
        Control::Number { unit, min, max, step, .. } => {
            let on_value = Callback::from(move |value: f64| on_value(number(value)));
            html! {
                <NumberField key={param.name} label={param.label} {name} value={value.as_f64().unwrap_or_default()} unit={*unit}
                    range={(*min, *max)} step={(*step < 1.0).then_some(*step)} accepted={param.accepted()} {on_value} />
            }
        }
        Control::Choice(options) => {
            let on_choose = Callback::from(move |at: usize| {
                if let Some((name, _)) = options.get(at) {
                    on_value(Value::from(*name));
                }
            });
            let labels: Vec<AttrValue> = options.iter().map(|(_, label)| AttrValue::from(*label)).collect();
            let chosen = options.iter().position(|(name, _)| value.as_str() == Some(*name)).unwrap_or(0);
            html! {
                <label class="field"><span>{ param.label }</span>
                    <Select options={labels} {chosen} {on_choose} {name} />
                </label>
            }
        }
        Control::Channels => {
            let ids: Vec<String> =
                value.as_array().into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned)).collect();
            let on_ids = Callback::from(move |ids: Vec<String>| {
                on_value(Value::from(ids));
            });
            html! { <IdsField key={param.name} label={param.label} {name} {ids} {on_ids} /> }
        }
    }
}
