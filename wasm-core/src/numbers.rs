//! Numbers as people read them.

use crate::decimals::{grouped, trimmed};

/// A whole number with its thousands in groups.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of spikes stay far below 2^53")]
pub fn count(value: u64) -> String {
    grouped(value as f64)
}

/// A number of things, in the singular where there is one.
#[must_use]
pub fn counted(value: u64, thing: &str) -> String {
    format!("{} {thing}{}", count(value), if value == 1 { "" } else { "s" })
}

/// A number with three significant digits, without useless zeros.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 6")]
pub fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".into();
    }
    let digits = (2.0 - libm::floor(libm::log10(value.abs()))).clamp(0.0, 6.0) as usize;
    trimmed(value, digits).replace('-', "−")
}

/// A length of time: `2 min 5 s`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    let whole = libm::round(seconds);
    let part = |value: f64, unit: &str| if value > 0.0 { format!(" {value:.0} {unit}") } else { String::new() };
    let (hours, minutes) = (libm::floor(whole / 3600.0), libm::floor(whole / 60.0));
    match seconds {
        s if s > 0.0 && s < 1e-3 => "less than 1 ms".into(),
        s if s < 1.0 => format!("{} ms", significant(s * 1000.0)),
        s if s < 120.0 => format!("{} s", significant(s)),
        s if s < 7200.0 => format!("{minutes:.0} min{}", part(whole - minutes * 60.0, "s")),
        _ => format!("{hours:.0} h{}", part(minutes - hours * 60.0, "min")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [0.0, 6.2698, 13.72, 0.000_123_4, 1234.5, -0.5].map(significant),
            ["0", "6.27", "13.7", "0.000123", "1234", "−0.5"]
        );
        assert_eq!(significant(-1e-9), "0", "no sign is left of what rounds to zero");
        assert_eq!(
            [1e-6, 0.25, 40.0, 120.0, 1082.0, 7200.0, 9000.0].map(duration),
            ["less than 1 ms", "250 ms", "40 s", "2 min", "18 min 2 s", "2 h", "2 h 30 min"]
        );
        assert_eq!((counted(1, "well"), counted(36_138, "spike")), ("1 well".into(), "36,138 spikes".into()));
    }
}
