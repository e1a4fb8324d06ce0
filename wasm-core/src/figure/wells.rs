//! How wells are drawn: a disc for each where it lies on the plate, or their names along an axis.

use super::draw::{Frame, Ink, Surface};
use crate::recording::plate_order;
use crate::table::three_digits;

/// Distance of two wells from which on there is room for digits.
const DIGITS_PX: f64 = 40.0;

/// Width of a letter, about.
const LETTER_PX: f64 = 7.0;

/// How the discs of wells are drawn that lie so many pixels apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Discs {
    /// Whether there is room for digits below them.
    has_digits: bool,
    /// In pixels.
    pub(super) radius: f64,
    /// Pixels from the middle of a well up to the centre of its disc.
    pub(super) above: f64,
}

impl Discs {
    /// Those of wells at this place and the next along x.
    pub(super) fn at(x: f64, frame: &Frame<'_>) -> Self {
        Self::of((frame.x(x + 0.5) - frame.x(x - 0.5)).abs())
    }

    fn of(pitch: f64) -> Self {
        let has_digits = pitch >= DIGITS_PX;
        let (radius, above) = if has_digits { (0.27, 0.12) } else { (0.38, 0.0) };
        Self { has_digits, radius: (radius * pitch).max(1.5), above: above * pitch }
    }
}

/// Letters in front of a name, and the rest.
fn parts(name: &str) -> (String, String) {
    let (_, letters, ..) = plate_order(name);
    let rest = name.strip_prefix(letters.as_str()).unwrap_or_default().to_owned();
    (letters, rest)
}

/// Wells of a plate: names, places in the plate, values.
#[derive(Clone, Copy)]
pub(super) struct Wells<'a> {
    pub(super) names: &'a [String],
    pub(super) places: &'a [(f64, f64)],
    pub(super) values: &'a [Option<f64>],
}

/// A disc for each well: its colour and its digits are its value. Letters and numbers of a plate stand at its edges,
/// other names at their wells.
pub(super) fn wells(
    Wells { names, places, values }: Wells<'_>,
    (low, high): (f64, f64),
    frame: &Frame<'_>,
    surface: &mut dyn Surface,
) {
    let pitch = places.first().map_or(0.0, |(x, _)| (frame.x(x + 0.5) - frame.x(x - 0.5)).abs());
    let Discs { has_digits, radius, above } = Discs::of(pitch);
    // Whether letters tell rows and numbers columns.
    let all: Vec<(String, String)> = names.iter().map(|name| parts(name)).collect();
    let is_plate = all.iter().zip(places).all(|((letters, number), place)| {
        let mut others = all.iter().zip(places);
        let fits = |(other, at): (&(String, String), &(f64, f64))| {
            (other.0 == *letters) == same(at.1, place.1) && (other.1 == *number) == same(at.0, place.0)
        };
        !letters.is_empty() && !number.is_empty() && others.all(fits)
    });
    for (at, ((name, (x, y)), value)) in names.iter().zip(places).zip(values).enumerate() {
        let (px, py) = (frame.x(*x), frame.y(*y));
        let ink = value.map_or(Ink::Grid, |value| Ink::Value((value - low) / (high - low)));
        surface.disc((px, py - above), radius, ink);
        if has_digits {
            let digits = value.map_or_else(|| "–".to_owned(), three_digits);
            surface.text(&digits, (px, py + 0.34 * pitch), "middle", Ink::Text);
        }
        if !is_plate {
            surface.text(name, (px, py - 0.45 * pitch), "middle", Ink::Soft);
            continue;
        }
        // Each letter and each number once.
        let Some((letters, number)) = all.get(at) else { continue };
        if places.iter().take(at).all(|before| !same(before.1, *y)) {
            surface.text(letters, (frame.left - 6.0, py), "end", Ink::Soft);
        }
        if places.iter().take(at).all(|before| !same(before.0, *x)) {
            surface.text(number, (px, frame.top - 8.0), "middle", Ink::Soft);
        }
    }
}

/// Whether two columns, or two rows, are one.
fn same(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.5
}

/// Names below the steps along x, as many as there is room for.
pub(super) fn names(names: &[String], frame: &Frame<'_>, surface: &mut dyn Surface) {
    let mut free_from = f64::NEG_INFINITY;
    let mut middle = 0.5;
    for name in names {
        let x = frame.x(middle);
        middle += 1.0;
        let half = name.chars().map(|_| LETTER_PX / 2.0).sum::<f64>();
        if x - half >= free_from {
            surface.text(name, (x, frame.bottom + 10.0), "middle", Ink::Soft);
            free_from = x + half + LETTER_PX / 2.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_around_a_disc_stays_clear_of_the_digits_below() {
        // Digits lie 0.34 pitches below the middle of the well; half their height is 5 px.
        for pitch in [DIGITS_PX, 60.0, 100.0] {
            let discs = Discs::of(pitch);
            assert!(discs.has_digits && discs.radius - discs.above + 2.5 <= 0.34 * pitch - 5.0, "{pitch}");
        }
        assert!(!Discs::of(DIGITS_PX - 1.0).has_digits);
    }
}
