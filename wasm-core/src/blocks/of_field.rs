//! The parts that all analyses of field potentials share.

use super::{Control, Outcome, ParamSpec};
use crate::analyses::SpikeTrains;
use crate::field::FieldPotentials;
use crate::table::Table;

/// Why there are none.
const NOT_KEPT: &str = "no field potentials were kept with these spikes, and spikes alone do not tell them: on the \
                        workbench add the step “Field potentials” (field_potentials in a pipeline file) and analyse \
                        the recording again; spikes that were stored without a signal have none";

/// The field potentials, or why there are none.
pub fn kept(of: &SpikeTrains) -> Result<&FieldPotentials, Outcome> {
    let field = of.field().ok_or_else(|| Outcome::absent(NOT_KEPT))?;
    if field.channels().is_empty() {
        let reason = field.notes().join(" ");
        let reason = if reason.is_empty() { "the recording has no electrodes".into() } else { reason };
        return Err(Outcome::absent(reason.trim_end_matches('.').to_owned()));
    }
    Ok(field)
}

/// What was analysed: the electrodes and the rate, and what a person should know.
pub fn signal_table(of: &SpikeTrains, field: &FieldPotentials) -> Table {
    let kept: Vec<&str> = field.channels().iter().map(|channel| of.info().channel_label(*channel)).collect();
    let rate_hz = (field.rate_hz() * 100.0).round() / 100.0;
    let mut rows = vec![
        ("Electrodes kept", format!("{} of {}: {}", kept.len(), of.info().n_channels, kept.join(", "))),
        ("Rate", format!("{rate_hz} samples per second, right up to {:.0} Hz", field.highest_hz())),
    ];
    rows.extend(field.notes().iter().map(|note| ("Note", note.clone())));
    let (what, value): (Vec<&str>, Vec<String>) = rows.into_iter().unzip();
    Table::new("signal", "Field potentials that were kept")
        .texts(("what", "What"), what.into_iter().map(str::to_owned))
        .texts(("value", "Value"), value)
}

/// Samples of the field potentials in a time, at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range bounds it")]
pub fn samples(field: &FieldPotentials, seconds: f64) -> usize {
    ((seconds * field.rate_hz()).round() as usize).max(1)
}

/// Seconds from the start of the recording to a sample of a segment.
#[expect(clippy::cast_precision_loss, reason = "samples stay far below 2^53")]
pub fn time_s(of: &SpikeTrains, field: &FieldPotentials, (segment, sample): (usize, usize)) -> f64 {
    of.time_s(segment, 0) + sample as f64 / field.rate_hz()
}

/// Where the method of spectra comes from.
pub const WELCH: &str = "Welch 1967, doi:10.1109/TAU.1967.1161901";

/// The pieces of which spectra are made, in words; their length is in seconds.
pub fn pieces(window_s: &str) -> String {
    format!("half-overlapping pieces of {window_s} s, each less its mean and under a Hann window")
}

/// The length of the pieces of which spectra are made.
pub const fn window_s(default: f64, source: &'static str) -> ParamSpec {
    ParamSpec {
        name: "window_s",
        label: "Pieces of",
        control: Control::Number { unit: "s", min: 0.25, max: 20.0, step: 0.25, default },
        source,
        only_if: None,
    }
}
