//! The workload, and where data must stay.

use wasm_core::cost::Workload;
use wasm_core::regions::areas;
use yew::prelude::*;

use crate::ui::format;
use crate::ui::number_field::NumberField;
use crate::ui::select::Select;

/// Properties of [`Controls`].
#[derive(Properties, PartialEq)]
pub struct ControlsProps {
    /// What counts.
    pub workload: Workload,
    /// Takes another one.
    pub on_workload: Callback<Workload>,
    /// Where data must stay: 0 is anywhere, then the parts of the world.
    pub area: usize,
    /// Takes another one.
    pub on_area: Callback<usize>,
}

/// A number of the workload.
struct Field {
    label: &'static str,
    name: &'static str,
    unit: &'static str,
    range: (f64, f64),
    get: fn(&Workload) -> f64,
    set: fn(&mut Workload, f64),
}

#[expect(clippy::cast_precision_loss, reason = "at most some thousands")]
const FIELDS: [Field; 6] = [
    Field {
        label: "Recordings",
        name: "workload-recordings",
        unit: "a month",
        range: (0.0, 100_000.0),
        get: |of| of.recordings_per_month,
        set: |of, value| of.recordings_per_month = value,
    },
    Field {
        label: "Channels",
        name: "workload-channels",
        unit: "each",
        range: (1.0, 4096.0),
        get: |of| of.channels as f64,
        set: |of, value| of.channels = whole(value),
    },
    Field {
        label: "Length",
        name: "workload-seconds",
        unit: "s",
        range: (1.0, 604_800.0),
        get: |of| of.seconds,
        set: |of, value| of.seconds = value,
    },
    Field {
        label: "Frames per second",
        name: "workload-rate",
        unit: "Hz",
        range: (100.0, 50_000.0),
        get: |of| of.rate_hz,
        set: |of, value| of.rate_hz = value,
    },
    Field {
        label: "Kept for",
        name: "workload-months",
        unit: "months",
        range: (0.0, 1200.0),
        get: |of| of.months_kept,
        set: |of, value| of.months_kept = value,
    },
    Field {
        label: "People who open a result",
        name: "workload-viewers",
        unit: "each",
        range: (0.0, 1000.0),
        get: |of| of.viewers,
        set: |of, value| of.viewers = value,
    },
];

/// A number of channels; none, which is refused, for what is no whole number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and checked")]
fn whole(value: f64) -> usize {
    if value.fract() == 0.0 && (1.0..=1e6).contains(&value) { value as usize } else { 0 }
}

/// A field for each number, and the size that they come to.
#[component(Controls)]
pub fn controls(props: &ControlsProps) -> Html {
    let field = |field: &Field| {
        let (workload, on_workload, set) = (props.workload, props.on_workload.clone(), field.set);
        let on_value = Callback::from(move |value: f64| {
            let mut next = workload;
            set(&mut next, value);
            let is_accepted = next.check().is_ok();
            if is_accepted {
                on_workload.emit(next);
            }
            is_accepted
        });
        let accepted = format!("{} to {}, of recordings of at most 2 TiB", field.range.0, field.range.1);
        html! {
            <NumberField label={field.label} name={field.name} value={(field.get)(&props.workload)} unit={field.unit} range={field.range} step={None::<f64>} {accepted} {on_value} />
        }
    };
    let mut places: Vec<AttrValue> = vec!["anywhere".into()];
    places.extend(areas().into_iter().map(AttrValue::from));
    #[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
    let size = format::bytes(props.workload.stream().size_bytes() as f64);
    html! {
        <section class="panel" aria-label="Workload">
            <h2>{ "What you do in a month" }</h2>
            <div class="workload">
                { for FIELDS.iter().map(field) }
                <label class="field"><span>{ "Data stay in" }</span>
                    <Select options={places} chosen={props.area} on_choose={props.on_area.clone()} name="area" />
                </label>
            </div>
            <p class="small soft" data-testid="workload-size">{ format!("{size} each, of 16-bit samples; about 43 % of that when packed.") }</p>
        </section>
    }
}
