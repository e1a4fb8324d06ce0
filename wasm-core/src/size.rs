//! Sizes in bytes as people write and read them.

/// Bytes with a decimal prefix, such as `12.3 GB`.
#[must_use]
pub fn in_words(bytes: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut value = bytes;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 || value >= 100.0 {
        format!("{value:.0} {}", units[unit])
    } else {
        format!("{value:.1} {}", units[unit])
    }
}

/// A whole number of bytes with a decimal prefix.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "for people")]
pub fn of(bytes: u64) -> String {
    in_words(bytes as f64)
}

/// A size as a person writes it, such as `100GB`, `1.5 TB` or `64000`; none where the text is no size.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be within the type")]
pub fn from_words(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || letter == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "tb" => 1e12,
        _ => return None,
    };
    let bytes = number.parse::<f64>().ok()? * factor;
    (0.0..1e18).contains(&bytes).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_and_read() {
        assert_eq!(in_words(12_288_000_000.0), "12.3 GB");
        assert_eq!(of(999), "999 B");
        assert_eq!(of(100_000_000_000), "100 GB");
        assert_eq!(from_words("100GB"), Some(100_000_000_000));
        assert_eq!(from_words(" 1.5 tb "), Some(1_500_000_000_000));
        assert_eq!(from_words("64000"), Some(64_000));
        for wrong in ["", "GB", "-1GB", "1 GiB", "1e30", "9999999TB9", "a lot"] {
            assert_eq!(from_words(wrong), None, "{wrong}");
        }
    }
}
