//! The digits of numbers: so many behind the point, where one that rounds to zero has no sign, and thousands in groups.

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

/// A number with its thousands in groups: `6,000`.
pub(crate) fn grouped(number: f64) -> String {
    let text = number.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((text.as_str(), ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("−", digits));
    let mut shown = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    if !fraction.is_empty() {
        shown.push('.');
        shown.push_str(fraction);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_in_groups() {
        let shown = [0.0, 300.0, 6000.0, -1_234_567.5, 0.05].map(grouped);
        assert_eq!(shown, ["0", "300", "6,000", "−1,234,567.5", "0.05"]);
    }

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
