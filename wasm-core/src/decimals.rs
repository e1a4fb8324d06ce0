//! Numbers with so many digits behind the point; one that rounds to zero has no sign.

/// A number with `digits` digits behind the point.
///
/// ```
/// use wasm_core::decimals::fixed;
///
/// assert_eq!([-0.004, -0.006].map(|value| fixed(value, 2)), ["0.00", "-0.01"]);
/// ```
#[must_use]
pub fn fixed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let of_zero = text.strip_prefix('-').filter(|rest| rest.chars().all(|letter| matches!(letter, '0' | '.')));
    of_zero.map_or_else(|| text.clone(), str::to_owned)
}

/// A number with at most `digits` digits behind the point, without useless zeros.
#[must_use]
pub fn trimmed(value: f64, digits: usize) -> String {
    let text = fixed(value, digits);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rounds_to_zero_has_no_sign() {
        assert_eq!(
            [-0.004, -0.0, 0.0, -0.006, -10.0].map(|value| fixed(value, 2)),
            ["0.00", "0.00", "0.00", "-0.01", "-10.00"]
        );
        assert_eq!(
            (fixed(-0.4, 0), fixed(-0.6, 0), fixed(f64::NEG_INFINITY, 1)),
            ("0".into(), "-1".into(), "-inf".into())
        );
        assert_eq!([-0.0004, -2.50, 100.0].map(|value| trimmed(value, 3)), ["0", "-2.5", "100"]);
        assert_eq!((trimmed(100.0, 0), trimmed(-1e-9, 6)), ("100".into(), "0".into()));
    }
}
