//! A length of time in a sentence.

/// A length of time with digits enough for it: `12 ms`, `900 ms`, `30.5 s`.
#[must_use]
pub fn told_length(seconds: f64) -> String {
    let ms = seconds * 1000.0;
    match seconds {
        s if s > 0.0 && s < 0.01 => format!("{ms:.3} ms"),
        s if s > 0.0 && s < 1.0 => format!("{ms:.0} ms"),
        s => format!("{s:.1} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lengths_are_milliseconds() {
        let told = [0.0, 0.000_05, 0.012, 0.0124, 0.9, 1.0, 10.0, 30.46].map(told_length);
        assert_eq!(told, ["0.0 s", "0.050 ms", "12 ms", "12 ms", "900 ms", "1.0 s", "10.0 s", "30.5 s"]);
    }
}
