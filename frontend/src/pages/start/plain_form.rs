//! The form that describes a plain binary file.

use wasm_core::formats::PlainBinary;
use wasm_core::sample::SampleType;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::ui::format;

/// Properties of [`PlainForm`].
#[derive(Properties, PartialEq)]
pub struct PlainFormProps {
    /// Name of the file.
    pub name: String,
    /// Size of the file.
    pub size_bytes: f64,
    /// The first values of the form.
    pub first: PlainBinary,
    /// Takes the description.
    pub on_described: Callback<PlainBinary>,
}

const TYPES: &[SampleType] = &[
    SampleType::Int16,
    SampleType::Uint16,
    SampleType::Int32,
    SampleType::Uint32,
    SampleType::Int64,
    SampleType::Uint64,
    SampleType::Float32,
    SampleType::Float64,
    SampleType::Int8,
    SampleType::Uint8,
];

/// What most files of this kind hold.
pub const USUAL: PlainBinary = PlainBinary {
    sampling_frequency_hz: 20_000.0,
    n_channels: 64,
    sample_type: SampleType::Int16,
    gain_to_uv: 1.0,
    offset_to_uv: 0.0,
    positions_um: None,
    file_offset_bytes: 0,
};

/// What cannot be, and what would be accepted.
fn wrong(described: &PlainBinary) -> Option<&'static str> {
    if !(described.sampling_frequency_hz > 0.0 && described.sampling_frequency_hz.is_finite()) {
        return Some("The sampling rate must be a number above 0 Hz.");
    }
    if described.n_channels == 0 {
        return Some("There must be at least one channel.");
    }
    (!described.gain_to_uv.is_finite()).then_some("The gain must be a number, such as 0.195 µV/step.")
}

/// How long the recording would be, and what speaks against the description: samples of so many bytes, in frames of so
/// many.
fn told(samples_bytes: f64, row_bytes: f64, seconds: f64) -> String {
    let left_over = samples_bytes % row_bytes;
    let cut = if left_over > 0.0 {
        let bytes = if left_over == 1.0 { "1 byte is".to_owned() } else { format!("{left_over:.0} bytes are") };
        format!(" The file does not end with a whole frame (one sample of each channel): {bytes} left over.")
    } else {
        String::new()
    };
    let length = format::duration(seconds);
    format!("The recording is then {length} long.{cut} Check the number of channels: a wrong one gives wrong traces.")
}

/// Asks for what the file does not tell; says how long the recording would be.
#[component(PlainForm)]
pub fn plain_form(props: &PlainFormProps) -> Html {
    let described = use_state(|| props.first.clone());
    let number = |label: &'static str,
                  unit: &'static str,
                  id: &'static str,
                  value: f64,
                  set: fn(&mut PlainBinary, f64)| {
        let (described, setter) = ((*described).clone(), described.setter());
        let onchange = Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let mut next = described.clone();
            set(&mut next, input.value_as_number());
            setter.set(next);
        });
        html! {
            <label class="field"><span>{ label }</span><span class="with-unit">
                <input type="number" step="any" value={value.to_string()} {onchange} data-testid={id} /><span class="unit">{ unit }</span>
            </span></label>
        }
    };
    let on_type = {
        let (described, setter) = ((*described).clone(), described.setter());
        Callback::from(move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            if let Some(sample_type) = SampleType::parse(&select.value()) {
                setter.set(PlainBinary { sample_type, ..described.clone() });
            }
        })
    };
    let onclick = {
        let (described, on_described) = ((*described).clone(), props.on_described.clone());
        Callback::from(move |_: MouseEvent| on_described.emit(described.clone()))
    };
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let (row_bytes, header_bytes) =
        ((described.n_channels * described.sample_type.size_bytes()) as f64, described.file_offset_bytes as f64);
    let samples_bytes = props.size_bytes - header_bytes;
    let seconds = samples_bytes / row_bytes / described.sampling_frequency_hz;
    let wrong = wrong(&described)
        .or_else(|| (samples_bytes < row_bytes).then_some("The file is too short for one sample of each channel."));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "saturating; the range is checked on opening"
    )]
    let form = html! {
        <div class="plain-form">
            <p>{ format!("If {} holds samples and nothing else (plain binary), describe it:", props.name) }</p>
            { number("Sampling rate", "Hz", "plain-rate", described.sampling_frequency_hz, |d, v| d.sampling_frequency_hz = v) }
            { number("Channels", "", "plain-channels", described.n_channels as f64, |d, v| d.n_channels = v as usize) }
            <label class="field"><span>{ "Sample type" }</span>
                <select onchange={on_type} data-testid="plain-type">{ for TYPES.iter().map(|kind| html! { <option selected={*kind == described.sample_type}>{ kind.name() }</option> }) }</select>
            </label>
            { number("Gain", "µV/step", "plain-gain", described.gain_to_uv, |d, v| d.gain_to_uv = v) }
            { number("Header", "bytes", "plain-offset", described.file_offset_bytes as f64, |d, v| d.file_offset_bytes = v as u64) }
            <p class="small soft" data-testid="plain-length">{ wrong.map_or_else(|| told(samples_bytes, row_bytes, seconds), str::to_owned) }</p>
            <button class="main" {onclick} disabled={wrong.is_some()} data-testid="plain-open">{ "Open" }</button>
        </div>
    };
    form
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn a_size_of_no_whole_frames_is_told() {
        // 64 channels of 16 bits: frames of 128 bytes.
        let whole = told(12_800.0, 128.0, 5.0);
        assert!(whole.starts_with("The recording is then 5") && whole.ends_with("gives wrong traces."), "{whole}");
        assert!(!whole.contains("left over"), "{whole}");
        assert!(told(12_806.0, 128.0, 5.0).contains(": 6 bytes are left over."));
        assert!(told(12_801.0, 128.0, 5.0).contains(": 1 byte is left over."));
    }
}
