//! Numbers as people read them, always with a unit.

pub use wasm_core::decimals::{fixed, trimmed};
pub use wasm_core::numbers::{count, counted, duration, significant};
pub use wasm_core::size::in_words as bytes;

/// A day, from milliseconds since 1970, with its month as a word: `24 Nov 2026`.
pub fn date(ms: f64) -> String {
    local(ms, &DAY)
}

/// A minute, with its day: `24 Nov 2026, 16:05`.
pub fn moment(ms: f64) -> String {
    local(ms, &[&DAY[..], &[("hour", "2-digit"), ("minute", "2-digit")]].concat())
}

/// The parts of a day, and how each is written.
const DAY: [(&str, &str); 3] = [("day", "numeric"), ("month", "short"), ("year", "numeric")];

fn local(ms: f64, parts: &[(&str, &str)]) -> String {
    let options = js_sys::Object::new();
    for (part, form) in parts {
        // A part that cannot be set is left to the browser.
        js_sys::Reflect::set(&options, &(*part).into(), &(*form).into()).unwrap_or_default();
    }
    js_sys::Date::new(&ms.into()).to_locale_date_string("en-GB", &options).into()
}

/// A length of time that is only estimated: to the second, and from 100 s on to the minute.
pub fn estimated(seconds: f64) -> String {
    match seconds.round() {
        s if s <= 1.0 => "a second".into(),
        s if s < 100.0 => format!("{s:.0} s"),
        s => duration((s / 60.0).round() * 60.0),
    }
}

/// Dollars; small amounts in cents.
pub fn dollars(value: f64) -> String {
    match value {
        v if v <= 0.0 => "free".into(),
        v if v < 0.0001 => "less than 0.01 ¢".into(),
        v if v < 0.01 => format!("{:.2} ¢", v * 100.0),
        v => format!("${v:.2}"),
    }
}

/// A frequency.
pub fn hertz(value: f64) -> String {
    if value >= 1000.0 { format!("{} kHz", trimmed(value / 1000.0, 3)) } else { format!("{} Hz", trimmed(value, 2)) }
}

/// A step of 1, 2 or 5 times a power of ten that cuts `span` into about `n` parts.
pub fn nice_step(span: f64, n: f64) -> f64 {
    let raw = (span / n).max(1e-12);
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|step| step * power >= raw).unwrap_or(10.0);
    step * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(bytes(12_288_000_000.0), "12.3 GB");
        for (seconds, words) in [
            (0.0, "a second"),
            (0.865, "a second"),
            (1.5, "2 s"),
            (99.4, "99 s"),
            (100.0, "2 min"),
            (1082.0, "18 min"),
            (9010.0, "2 h 30 min"),
        ] {
            assert_eq!(estimated(seconds), words);
        }
        assert_eq!(dollars(0.0042), "0.42 ¢");
        assert_eq!(hertz(20_000.0), "20 kHz");
        assert!((nice_step(1.0, 8.0) - 0.2).abs() < 1e-12);
    }
}
