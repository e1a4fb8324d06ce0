//! Paints figures of the core on a canvas.

use std::rc::Rc;

use wasm_core::figure::{Figure, Ink, Surface, disc_of_well, draw};

use crate::ui::canvas::{Draw, Values};
use crate::ui::painter::{Painter, Tone, viridis};

/// Colours of curves: those of marks, of a second recording, of what matters, and of two further curves.
const SERIES: [Tone; 5] = [Tone::Accent, Tone::Second, Tone::Spike, Tone::Fourth, Tone::Fifth];

/// A canvas as the core draws on it.
struct OnCanvas<'a>(&'a Painter);

impl OnCanvas<'_> {
    fn ink(&self, ink: Ink) {
        match ink {
            Ink::Text => self.0.tone(Tone::Ink),
            Ink::Soft => self.0.tone(Tone::Soft),
            Ink::Grid => self.0.tone(Tone::Line),
            Ink::Mark => self.0.tone(Tone::Accent),
            Ink::Accent => self.0.tone(Tone::Spike),
            Ink::Series(number) => self.0.tone(SERIES[usize::from(number) % SERIES.len()]),
            Ink::Value(value) => self.0.css(&viridis(value)),
        }
    }
}

impl Surface for OnCanvas<'_> {
    fn line(&mut self, points: &[(f64, f64)], ink: Ink, width: f64) {
        self.ink(ink);
        self.0.pen(width);
        self.0.line(points.iter().copied());
    }

    fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), ink: Ink, opacity: f64) {
        self.ink(ink);
        self.0.alpha(opacity);
        self.0.rect(x, y, width, height);
        self.0.alpha(1.0);
    }

    fn disc(&mut self, (x, y): (f64, f64), radius: f64, ink: Ink) {
        self.ink(ink);
        self.0.disc(x, y, radius);
    }

    fn text(&mut self, text: &str, (x, y): (f64, f64), anchor: &'static str, ink: Ink) {
        self.ink(ink);
        let align = match anchor {
            "start" => "left",
            "end" => "right",
            _ => "center",
        };
        self.0.text(text, x, y, align);
    }
}

/// The values of a figure, for going through them by keys.
pub fn values(figure: &Rc<Figure>) -> Values {
    let figure = Rc::clone(figure);
    Values::new(figure.n_values(), move |at| figure.value_in_words(at).unwrap_or_default())
}

/// Pixels from a disc to the middle of the ring around it.
const RING_PX: f64 = 1.5;

/// Draws a figure over the whole canvas.
pub fn painted(figure: Rc<Figure>) -> Draw {
    Draw::new(move |painter: &Painter| draw(&figure, (painter.width, painter.height), &mut OnCanvas(painter)))
}

/// The figure of wells, painted with a ring around the disc of the well at this place.
pub fn painted_with_ring(figure: Rc<Figure>, at: Option<(f64, f64)>) -> Draw {
    Draw::new(move |painter: &Painter| {
        let size = (painter.width, painter.height);
        draw(&figure, size, &mut OnCanvas(painter));
        if let Some(place) = at.filter(|_| !painter.is_paper) {
            let ((x, y), radius) = disc_of_well(&figure, size, place);
            painter.tone(Tone::Spike);
            painter.pen(2.0);
            painter.ring(x, y, radius + RING_PX);
        }
    })
}
