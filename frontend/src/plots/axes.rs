//! Axes with units.

use crate::ui::format::{nice_step, trimmed};
use crate::ui::painter::{Painter, Tone};

/// Room for labels left of a plot.
pub const LEFT: f64 = 56.0;
/// Room right of a plot.
pub const RIGHT: f64 = 8.0;
/// Room for the scale bar right of traces. The overview below them keeps as much free, so that both
/// have the same times below each other.
pub const TRACES_RIGHT: f64 = 60.0;
/// Room for labels below a plot.
pub const BOTTOM: f64 = 22.0;
/// Room for half a number and the title behind it.
const TITLE_PX: f64 = 72.0;
/// Width of a letter, about.
const LETTER_PX: f64 = 5.5;
/// Room for a label on a time axis.
const TICK_PX: f64 = 70.0;
/// Plots lower than this have room for fewer labels.
const LOW_PX: f64 = 60.0;
/// More ticks than an axis ever has: steps too small for the numbers end there.
const MAX_TICKS: u16 = 64;

/// A time axis below a plot that spans `x0..x1` in pixels and `from..to` in seconds.
pub fn time(p: &Painter, x0: f64, x1: f64, from_s: f64, to_s: f64) {
    let span = (to_s - from_s).max(1e-9);
    let step = nice_step(span, ((x1 - x0) / TICK_PX).max(2.0));
    let (unit, scale, digits) = if span < 1.0 { ("ms", 1000.0, 2) } else { ("s", 1.0, 3) };
    let y = p.height - BOTTOM;
    p.tone(Tone::Line);
    p.pen(1.0);
    p.segments([(x0, y + 0.5, x1, y + 0.5)]);
    let first = (from_s / step).ceil();
    let ticks = (0..MAX_TICKS).map(|at| (first + f64::from(at)) * step);
    for tick in ticks.take_while(|tick| *tick <= to_s + 1e-9) {
        let x = x0 + (tick - from_s) / span * (x1 - x0);
        p.tone(Tone::Line);
        p.segments([(x, y, x, y + 4.0)]);
        p.tone(Tone::Soft);
        // The title stands at the end.
        if x > x0 - 1.0 && x < x1 - TITLE_PX {
            p.text(&trimmed(tick * scale, digits), x, y + 13.0, "center");
        }
    }
    p.text(&title("Time", unit), x1, y + 13.0, "right");
}

/// What an axis says: a quantity and its unit, if it has one.
pub fn title(quantity: &str, unit: &str) -> String {
    if unit.is_empty() { quantity.to_owned() } else { format!("{quantity} ({unit})") }
}

/// Pixels from the end of an axis that its title and half a number take, about.
#[expect(clippy::cast_precision_loss, reason = "letters of a title")]
pub fn room_of(title: &str) -> f64 {
    title.chars().count() as f64 * LETTER_PX + TICK_PX / 4.0
}

/// A value axis left of a plot that reaches to `x1` and spans `y0..y1` in pixels from top to bottom.
#[expect(clippy::cast_precision_loss, reason = "letters of a title")]
pub fn value(p: &Painter, x1: f64, (y0, y1): (f64, f64), max: f64, (quantity, unit): (&str, &str)) {
    let nice = nice_step(max.max(1e-9), if y1 - y0 < LOW_PX { 2.0 } else { 3.0 });
    // A label besides zero.
    let step = if nice > max { nice / 2.0 } else { nice };
    let mut tick = 0.0;
    // Where nothing was found there is a zero, and no scale.
    let max = if max > 0.0 { max } else { 0.0 };
    while tick <= max * 1.0001 {
        let y = y1 - tick / max.max(1e-9) * (y1 - y0);
        p.tone(Tone::Line);
        p.segments([(LEFT, y, x1, y)]);
        p.tone(Tone::Soft);
        let label = if max < 1e4 || tick == 0.0 { trimmed(tick, 2) } else { format!("{}k", trimmed(tick / 1000.0, 2)) };
        p.text(&label, LEFT - 6.0, y.max(y0 + 5.0), "right");
        tick += step;
    }
    let title = title(quantity, unit);
    if title.chars().count() as f64 * LETTER_PX <= y1 - y0 {
        p.upright(&title, 8.0, f64::midpoint(y0, y1));
    } else {
        // The plot itself says the quantity.
        p.text(unit, 2.0, y0 + 5.0, "left");
    }
}

/// A frame around the times `from..to`, in pixels, of a plot that ends at `bottom`.
pub fn frame(p: &Painter, (from, to): (f64, f64), bottom: f64) {
    let width = (to - from).max(3.0);
    p.tone(Tone::Spike);
    p.alpha(0.16);
    p.rect(from, 0.0, width, bottom);
    p.alpha(1.0);
    p.pen(1.5);
    p.frame(from, 0.5, width, bottom - 1.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_names_quantity_and_unit_and_has_its_room() {
        assert_eq!((title("Time", "s"), title("Intervals", "")), ("Time (s)".into(), "Intervals".into()));
        assert!(room_of("Time (ms)") <= TITLE_PX && room_of("Amplitude (µV)") > room_of("Time (s)"));
    }
}
