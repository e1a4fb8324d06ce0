//! How fast the line is, told by what goes through it.

/// Milliseconds of sending before it is told: the first connections take longer to get going.
const MIN_BUSY_MS: f64 = 300.0;
/// Milliseconds of sending after which what was before counts half: lines change.
const HALF_MS: f64 = 20_000.0;

/// Counts bytes that arrived, and the time in which any were under way.
#[derive(Clone, Debug, Default)]
pub struct LineRate {
    n_under_way: usize,
    /// When it was looked at last.
    seen_ms: f64,
    busy_ms: f64,
    bytes: f64,
}

impl LineRate {
    /// A transfer begins.
    pub fn begin(&mut self, now_ms: f64) {
        self.pass(now_ms);
        self.n_under_way += 1;
    }

    /// A transfer ends; its bytes where they arrived. A failed one tells nothing of the line's speed, nor
    /// does the time since something arrived last.
    #[expect(clippy::cast_precision_loss, reason = "bytes of a chunk")]
    pub fn end(&mut self, arrived_bytes: Option<u64>, now_ms: f64) {
        if let Some(bytes) = arrived_bytes {
            self.pass(now_ms);
            self.bytes += bytes as f64;
        }
        self.seen_ms = now_ms;
        self.n_under_way = self.n_under_way.saturating_sub(1);
        if self.busy_ms > HALF_MS {
            self.busy_ms /= 2.0;
            self.bytes /= 2.0;
        }
    }

    /// Bytes per second; none before enough has arrived.
    #[must_use]
    pub fn bytes_per_s(&self) -> Option<f64> {
        (self.busy_ms > MIN_BUSY_MS && self.bytes > 0.0).then(|| self.bytes / self.busy_ms * 1000.0)
    }

    fn pass(&mut self, now_ms: f64) {
        if self.n_under_way > 0 {
            self.busy_ms += (now_ms - self.seen_ms).max(0.0);
        }
        self.seen_ms = now_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_without_a_transfer_does_not_count() {
        let mut line = LineRate::default();
        for start_ms in [0.0, 10_000.0, 20_000.0] {
            line.begin(start_ms);
            line.end(Some(2_000_000), start_ms + 200.0);
        }
        assert_eq!(line.bytes_per_s(), Some(1e7));
    }

    #[test]
    fn transfers_side_by_side_share_the_line() {
        let mut line = LineRate::default();
        line.begin(0.0);
        line.begin(0.0);
        line.end(Some(3_000_000), 1000.0);
        line.end(Some(3_000_000), 1000.0);
        assert_eq!(line.bytes_per_s(), Some(6e6));
    }

    #[test]
    fn what_failed_tells_nothing() {
        let mut line = LineRate::default();
        assert_eq!(line.bytes_per_s(), None);
        line.begin(0.0);
        line.end(None, 60_000.0);
        line.begin(60_000.0);
        line.end(Some(5_000_000), 61_000.0);
        assert_eq!(line.bytes_per_s(), Some(5e6));
    }

    #[test]
    fn a_line_that_changed_is_told_soon() {
        let mut line = LineRate::default();
        let mut now_ms = 0.0;
        for (bytes, n) in [(10_000_000, 100), (1_000_000, 100)] {
            for _ in 0..n {
                line.begin(now_ms);
                now_ms += 1000.0;
                line.end(Some(bytes), now_ms);
            }
        }
        assert!(line.bytes_per_s().is_some_and(|rate| rate < 1.2e6), "{line:?}");
    }
}
