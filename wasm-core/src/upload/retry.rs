//! When a request is tried again.

/// Tries of a request, the first one included.
pub const TRIES: u32 = 6;
/// Longest pause before a request is repeated.
const LONGEST_PAUSE_MS: u32 = 30_000;

/// Milliseconds before the next try: a second, then twice as long each time.
#[must_use]
pub fn pause_ms(tries: u32) -> u32 {
    1000_u32.saturating_mul(1 << tries.saturating_sub(1).min(10)).min(LONGEST_PAUSE_MS)
}

/// The tries of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    tries: u32,
    due_ms: f64,
}

impl Default for Retry {
    fn default() -> Self {
        Self { tries: 0, due_ms: f64::NEG_INFINITY }
    }
}

impl Retry {
    /// Whether its time has come.
    #[must_use]
    pub fn is_due(self, now_ms: f64) -> bool {
        now_ms >= self.due_ms
    }

    /// When its time comes, or came.
    #[must_use]
    pub const fn due_ms(self) -> f64 {
        self.due_ms
    }

    /// Takes that it failed; tells whether it is tried again.
    pub fn failed(&mut self, now_ms: f64) -> bool {
        self.tries += 1;
        self.due_ms = now_ms + f64::from(pause_ms(self.tries));
        self.tries < TRIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_half_a_minute() {
        assert_eq!([1, 2, 3, 5, 6, 99].map(pause_ms), [1000, 2000, 4000, 16_000, 30_000, 30_000]);
    }

    #[test]
    fn tries_end() {
        let mut retry = Retry::default();
        assert!(retry.is_due(0.0));
        let again: Vec<bool> = (0..TRIES).map(|_| retry.failed(0.0)).collect();
        assert_eq!(again, [true, true, true, true, true, false]);
        assert!(!retry.is_due(29_999.0) && retry.is_due(30_000.0));
    }
}
