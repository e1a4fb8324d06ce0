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
    /// The work that is priced.
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
    place: Place,
}

/// Where the workload has a number.
enum Place {
    Number(fn(&mut Workload) -> &mut f64),
    Count(fn(&mut Workload) -> &mut usize),
}

impl Field {
    const fn new(
        (label, name, unit): (&'static str, &'static str, &'static str),
        range: (f64, f64),
        place: Place,
    ) -> Self {
        Self { label, name, unit, range, place }
    }
}

static FIELDS: [Field; 6] = [
    Field::new(
        ("Recordings", "workload-recordings", "a month"),
        (0.0, 100_000.0),
        Place::Number(|of| &mut of.recordings_per_month),
    ),
    Field::new(("Channels", "workload-channels", "each"), (1.0, 4096.0), Place::Count(|of| &mut of.channels)),
    Field::new(("Length", "workload-seconds", "s"), (1.0, 604_800.0), Place::Number(|of| &mut of.seconds)),
    Field::new(("Frames per second", "workload-rate", "Hz"), (100.0, 50_000.0), Place::Number(|of| &mut of.rate_hz)),
    Field::new(("Kept for", "workload-months", "months"), (0.0, 1200.0), Place::Number(|of| &mut of.months_kept)),
    Field::new(
        ("People who open a result", "workload-viewers", "each"),
        (0.0, 1000.0),
        Place::Number(|of| &mut of.viewers),
    ),
];

impl Place {
    #[expect(clippy::cast_precision_loss, reason = "at most some thousands")]
    fn get(&self, mut of: Workload) -> f64 {
        match self {
            Self::Number(place) => *place(&mut of),
            Self::Count(place) => *place(&mut of) as f64,
        }
    }

    fn set(&self, of: &mut Workload, value: f64) {
        match self {
            Self::Number(place) => *place(of) = value,
            Self::Count(place) => *place(of) = whole(value),
        }
    }
}

/// A number of channels; none, which is refused, for what is no whole number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and checked")]
fn whole(value: f64) -> usize {
    if value.fract() == 0.0 && (1.0..=1e6).contains(&value) { value as usize } else { 0 }
}

/// A field for each number, and the size that they come to.
#[component(Controls)]
pub fn controls(props: &ControlsProps) -> Html {
    let field = |field: &'static Field| {
        let (workload, on_workload) = (props.workload, props.on_workload.clone());
        let on_value = Callback::from(move |value: f64| {
            let mut next = workload;
            field.place.set(&mut next, value);
            let is_accepted = next.check().is_ok();
            if is_accepted {
                on_workload.emit(next);
            }
            is_accepted
        });
        let accepted = format!("{} to {}, of recordings of at most 2 TiB", field.range.0, field.range.1);
        html! {
            <NumberField label={field.label} name={field.name} value={field.place.get(props.workload)} unit={field.unit} range={field.range} step={None::<f64>} {accepted} {on_value} />
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
