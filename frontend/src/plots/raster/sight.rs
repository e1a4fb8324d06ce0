//! Which times and rows a raster shows, and what a person's input makes of them.

use crate::plots::axes::{BOTTOM, LEFT, RIGHT};
use crate::ui::canvas::{Input, Size};

/// Shortest time that is shown.
const MIN_S: f64 = 0.01;
/// Fewest rows that are shown.
const MIN_ROWS: f64 = 4.0;

/// Times and rows in sight, of those that there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    /// Start and end in seconds.
    pub times: (f64, f64),
    /// From the top; the row number `n` lies from `n` to `n + 1`.
    pub rows: (f64, f64),
    /// Length of the segment.
    pub length_s: f64,
    /// Rows in all.
    pub n_rows: usize,
}

/// A stretch of so much, kept between 0 and a whole.
fn kept(from: f64, span: f64, least: f64, whole: f64) -> (f64, f64) {
    let span = span.clamp(least.min(whole), whole);
    let from = from.clamp(0.0, whole - span);
    (from, from + span)
}

impl Sight {
    /// What is asked for, inside what there is; all where nothing is.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "rows")]
    pub fn new(times: Option<(f64, f64)>, rows: Option<(f64, f64)>, length_s: f64, n_rows: usize) -> Self {
        let (length_s, n) = (length_s.max(0.0), n_rows as f64);
        let of = |asked: Option<(f64, f64)>, least: f64, whole: f64| match asked {
            Some((from, to)) => kept(from, to - from, least, whole),
            None => (0.0, whole),
        };
        Self { times: of(times, MIN_S, length_s), rows: of(rows, MIN_ROWS, n), length_s, n_rows }
    }

    /// The times, where they are not all.
    #[must_use]
    pub fn view(&self) -> Option<(f64, f64)> {
        (self.times != (0.0, self.length_s)).then_some(self.times)
    }

    /// The rows, where they are not all.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "rows")]
    pub fn some_rows(&self) -> Option<(f64, f64)> {
        (self.rows != (0.0, self.n_rows as f64)).then_some(self.rows)
    }

    /// Length in seconds.
    #[must_use]
    pub fn span_s(&self) -> f64 {
        self.times.1 - self.times.0
    }

    /// The time at a share of the width.
    #[must_use]
    pub fn time_at(&self, x: f64, width: f64) -> f64 {
        self.times.0 + along(x, width) * self.span_s()
    }

    /// The row at a share of the height; none below the rows.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows")]
    pub fn row_at(&self, y: f64, height: f64) -> Option<usize> {
        let share = y * height / (height - BOTTOM).max(1.0);
        let row = self.rows.0 + share * (self.rows.1 - self.rows.0);
        ((0.0..1.0).contains(&share) && row >= 0.0).then_some(row as usize).filter(|row| *row < self.n_rows)
    }

    /// Rows so many times larger about a share of their height.
    #[must_use]
    pub fn with_rows_zoomed(&self, factor: f64, y: f64) -> Self {
        let shown = self.rows.1 - self.rows.0;
        let now = Self::new(None, Some((0.0, shown / factor)), self.length_s, self.n_rows).rows.1;
        self.with_rows(self.rows.0 + (shown - now) * y.clamp(0.0, 1.0), now)
    }

    fn with_rows(&self, from: f64, shown: f64) -> Self {
        Self::new(Some(self.times), Some((from, from + shown)), self.length_s, self.n_rows)
    }

    fn with_times(&self, from: f64, span: f64) -> Self {
        Self::new(Some((from, from + span)), Some(self.rows), self.length_s, self.n_rows)
    }

    /// After what a person did on a plot of this size.
    #[must_use]
    pub fn after(&self, input: &Input, (width, height): Size) -> Self {
        let (from, span, shown) = (self.times.0, self.span_s(), self.rows.1 - self.rows.0);
        let rows_by = |share: f64| self.with_rows(self.rows.0 + share * shown, shown);
        let room = (height - BOTTOM).max(1.0);
        match input {
            Input::Click { .. } => *self,
            Input::Zoom { factor, x } => {
                let now = Self::new(Some((0.0, span / factor)), None, self.length_s, self.n_rows).times.1;
                self.with_times(from + (span - now) * along(*x, width), now)
            }
            Input::Rows { factor, y } => self.with_rows_zoomed(*factor, y * height / room),
            Input::Pan { dx, dy } => {
                let moved = self.with_times(from - dx * width / (width - LEFT - RIGHT).max(1.0) * span, span);
                moved.with_rows(self.rows.0 - dy * height / room * shown, shown)
            }
            Input::Key(key) => match key.as_str() {
                "ArrowLeft" => self.with_times(from - 0.2 * span, span),
                "ArrowRight" => self.with_times(from + 0.2 * span, span),
                "ArrowUp" => rows_by(-0.2),
                "ArrowDown" => rows_by(0.2),
                "PageUp" => rows_by(-1.0),
                "PageDown" => rows_by(1.0),
                "-" => self.with_times(from - span / 2.0, span * 2.0),
                "+" | "=" => self.with_times(from + span / 4.0, span / 2.0),
                "Home" | "End" => Self::new(None, Some(self.rows), self.length_s, self.n_rows),
                _ => *self,
            },
        }
    }
}

/// The share of the marks at a share of the whole width, which has labels at its sides.
fn along(x: f64, width: f64) -> f64 {
    ((x * width - LEFT) / (width - LEFT - RIGHT).max(1.0)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plot on which a second is ten pixels, and a row one.
    const SIZE: Size = (LEFT + 1000.0 + RIGHT, 100.0 + BOTTOM);

    fn whole() -> Sight {
        Sight::new(None, None, 100.0, 100)
    }

    #[test]
    fn places_lead_to_times_and_rows() {
        let sight = Sight::new(Some((50.0, 60.0)), Some((20.0, 40.0)), 100.0, 100);
        let (x, y) = ((LEFT + 500.0) / SIZE.0, 50.0 / SIZE.1);
        assert!((sight.time_at(x, SIZE.0) - 55.0).abs() < 1e-9);
        assert_eq!(sight.row_at(y + 1e-9, SIZE.1), Some(30));
        assert_eq!((sight.row_at(0.0, SIZE.1), sight.row_at(1.0, SIZE.1)), (Some(20), None));
        assert_eq!(whole().row_at(99.9 / SIZE.1, SIZE.1), Some(99));
    }

    #[test]
    fn whatever_a_person_does_stays_inside() {
        let keys = ["ArrowLeft", "ArrowDown", "PageDown", "+", "+", "ArrowRight", "-", "PageUp", "End", "x"];
        let mut inputs: Vec<Input> = keys.map(|key| Input::Key(key.into())).to_vec();
        inputs.extend([
            Input::Zoom { factor: 1e9, x: 1.0 },
            Input::Rows { factor: 1e9, y: 1.0 },
            Input::Pan { dx: -9.0, dy: 9.0 },
            Input::Pan { dx: 9.0, dy: -9.0 },
            Input::Rows { factor: 1e-9, y: 0.5 },
            Input::Zoom { factor: 1e-9, x: 0.5 },
        ]);
        for (length_s, n_rows, n) in [(100.0, 100, 100.0), (0.0, 0, 0.0), (0.001, 1, 1.0)] {
            let mut sight = Sight::new(None, None, length_s, n_rows);
            for input in &inputs {
                sight = sight.after(input, SIZE);
                assert!(sight.times.0 >= 0.0 && sight.times.1 <= length_s + 1e-9, "{input:?} gives {sight:?}");
                assert!(sight.rows.0 >= 0.0 && sight.rows.1 <= n + 1e-9, "{input:?} gives {sight:?}");
            }
            assert_eq!((sight.view(), sight.some_rows()), (None, None), "and shows all in the end");
        }
    }

    #[test]
    fn a_zoom_keeps_what_lies_under_the_pointer() {
        let (x, y) = ((LEFT + 250.0) / SIZE.0, 75.0 / SIZE.1);
        let zoomed = whole().after(&Input::Zoom { factor: 2.0, x }, SIZE).after(&Input::Rows { factor: 4.0, y }, SIZE);
        assert!((zoomed.time_at(x, SIZE.0) - 25.0).abs() < 1e-9, "{zoomed:?}");
        assert!((zoomed.rows.0 - 56.25).abs() < 1e-9 && (zoomed.rows.1 - 81.25).abs() < 1e-9, "{zoomed:?}");
        // A drag takes along what it took hold of.
        let dragged = zoomed.after(&Input::Pan { dx: -10.0 / SIZE.0, dy: 8.0 / SIZE.1 }, SIZE);
        assert!((dragged.times.0 - zoomed.times.0 - 0.5).abs() < 1e-9);
        assert!((dragged.rows.0 - 54.25).abs() < 1e-9);
    }
}
