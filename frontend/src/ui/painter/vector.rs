//! A drawing as text of an SVG file: the same strokes that a canvas gets.

use std::cell::RefCell;
use std::fmt::Write;

use wasm_core::figure::escaped;

/// The style of the next strokes.
#[derive(Clone)]
struct Style {
    colour: String,
    alpha: f64,
    pen: f64,
    font_px: f64,
}

/// Strokes that were drawn so far.
pub struct Vector(RefCell<State>);

struct State {
    text: String,
    style: Style,
    /// Styles before each clip and each turn that has not ended.
    before: Vec<Style>,
    n_clips: usize,
}

/// The middle line of text lies so far above its base, in sizes of its font.
const MIDDLE: f64 = 0.345;

// Writing to a string does not fail.
impl Vector {
    pub fn new() -> Self {
        let style = Style { colour: "black".into(), alpha: 1.0, pen: 1.0, font_px: 11.0 };
        Self(RefCell::new(State { text: String::new(), style, before: Vec::new(), n_clips: 0 }))
    }

    pub fn css(&self, colour: &str) {
        colour.clone_into(&mut self.0.borrow_mut().style.colour);
    }

    pub fn alpha(&self, alpha: f64) {
        self.0.borrow_mut().style.alpha = alpha;
    }

    pub fn pen(&self, width: f64) {
        self.0.borrow_mut().style.pen = width;
    }

    pub fn font(&self, px: f64) {
        self.0.borrow_mut().style.font_px = px;
    }

    /// Lines through some points each, dashed or not.
    pub fn path(&self, lines: impl IntoIterator<Item = Vec<(f64, f64)>>, is_dashed: bool) {
        let mut places = String::new();
        for line in lines {
            for (at, (x, y)) in line.into_iter().enumerate() {
                let _ = write!(places, "{}{x:.2} {y:.2}", if at == 0 { 'M' } else { 'L' });
            }
        }
        if places.is_empty() {
            return;
        }
        let dash = if is_dashed { " stroke-dasharray=\"3 3\"" } else { "" };
        let mut state = self.0.borrow_mut();
        let stroke = state.stroke();
        let _ = writeln!(state.text, "<path d=\"{places}\" {stroke}{dash}/>");
    }

    pub fn rect(&self, (x, y): (f64, f64), (width, height): (f64, f64), is_filled: bool) {
        let mut state = self.0.borrow_mut();
        let style = if is_filled { state.fill() } else { state.stroke() };
        // SVG has no sizes below zero.
        let (x, y) = (x.min(x + width), y.min(y + height));
        let (width, height) = (width.abs(), height.abs());
        let _ = writeln!(
            state.text,
            "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" {style}/>"
        );
    }

    pub fn circle(&self, (x, y): (f64, f64), radius: f64, is_filled: bool) {
        let mut state = self.0.borrow_mut();
        let style = if is_filled { state.fill() } else { state.stroke() };
        let _ = writeln!(state.text, "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius:.2}\" {style}/>");
    }

    /// Text around its middle line; `align` is `left`, `center` or `right`.
    pub fn text(&self, text: &str, (x, y): (f64, f64), align: &str) {
        let anchor = match align {
            "left" => "start",
            "right" => "end",
            _ => "middle",
        };
        let mut state = self.0.borrow_mut();
        let (fill, font_px, text) = (state.fill(), state.style.font_px, escaped(text));
        let y = y + MIDDLE * font_px;
        let _ = writeln!(
            state.text,
            "<text x=\"{x:.2}\" y=\"{y:.2}\" font-size=\"{font_px}\" text-anchor=\"{anchor}\" {fill}>{text}</text>"
        );
    }

    /// A part of a picture at an address, its pixels as they are.
    pub fn picture(&self, address: &str, size: (f64, f64), part: (f64, f64, f64, f64), place: (f64, f64, f64, f64)) {
        let mut state = self.0.borrow_mut();
        let _ = writeln!(
            state.text,
            "<svg x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{:.2}\" viewBox=\"{} {} {} {}\" preserveAspectRatio=\"none\">\
             <image href=\"{}\" width=\"{}\" height=\"{}\" style=\"image-rendering:pixelated\"/></svg>",
            place.0,
            place.1,
            place.2,
            place.3,
            part.0,
            part.1,
            part.2,
            part.3,
            escaped(address),
            size.0,
            size.1
        );
    }

    /// What follows is turned by a quarter to the left about a point, until [`Self::end`].
    pub fn turn(&self, x: f64, y: f64) {
        self.0.borrow_mut().begin(&format!("<g transform=\"translate({x:.2} {y:.2}) rotate(-90)\">"));
    }

    /// What follows shows only inside this rectangle, until [`Self::end`].
    pub fn clip(&self, (x, y): (f64, f64), (width, height): (f64, f64)) {
        let mut state = self.0.borrow_mut();
        state.n_clips += 1;
        let id = state.n_clips;
        let (width, height) = (width.max(0.0), height.max(0.0));
        state.begin(&format!(
            "<clipPath id=\"clip{id}\"><rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\"/></clipPath>\
             <g clip-path=\"url(#clip{id})\">"
        ));
    }

    /// Ends a clip or a turn; what was set within it counts no more.
    pub fn end(&self) {
        let mut state = self.0.borrow_mut();
        if let Some(style) = state.before.pop() {
            state.style = style;
            state.text.push_str("</g>\n");
        }
    }

    /// The whole file.
    pub fn file(&self, (width, height): (f64, f64), title: &str, sentence: &str) -> String {
        let state = self.0.borrow();
        let open = "</g>".repeat(state.before.len());
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"system-ui, sans-serif\" font-size=\"11\">\n\
             <title>{}</title>\n<desc>{}</desc>\n{}{open}</svg>\n",
            escaped(title),
            escaped(sentence),
            state.text
        )
    }
}

impl State {
    fn begin(&mut self, tag: &str) {
        self.before.push(self.style.clone());
        self.text.push_str(tag);
        self.text.push('\n');
    }

    fn opacity(&self) -> String {
        if self.style.alpha < 1.0 { format!(" opacity=\"{}\"", self.style.alpha) } else { String::new() }
    }

    fn stroke(&self) -> String {
        let Style { colour, pen, .. } = &self.style;
        format!("fill=\"none\" stroke=\"{}\" stroke-width=\"{pen}\"{}", escaped(colour), self.opacity())
    }

    fn fill(&self) -> String {
        format!("fill=\"{}\"{}", escaped(&self.style.colour), self.opacity())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_become_elements_and_what_a_clip_sets_ends_with_it() {
        let drawn = Vector::new();
        drawn.css("#112233");
        drawn.clip((0.0, 0.0), (10.0, 20.0));
        drawn.css("#ff0000");
        drawn.alpha(0.5);
        drawn.path([vec![(1.0, 2.0), (3.0, 4.0)], Vec::new(), vec![(5.0, 6.0), (7.0, 8.0)]], true);
        drawn.end();
        drawn.rect((9.0, 9.0), (-2.0, 3.0), true);
        drawn.circle((1.0, 1.0), 2.0, false);
        drawn.turn(8.0, 50.0);
        drawn.text("a < b & c", (0.0, 0.0), "center");
        drawn.end();
        drawn.path([Vec::new()], false);
        drawn.picture("data:image/png;base64,AA", (4.0, 2.0), (0.0, 0.0, 2.0, 2.0), (5.0, 0.0, 20.0, 20.0));
        let file = drawn.file((100.0, 50.0), "Title & more", "One sentence.");
        assert!(
            file.contains("d=\"M1.00 2.00L3.00 4.00M5.00 6.00L7.00 8.00\" fill=\"none\" stroke=\"#ff0000\""),
            "{file}"
        );
        assert!(file.contains("opacity=\"0.5\" stroke-dasharray=\"3 3\"/>\n</g>"), "{file}");
        assert!(
            file.contains("<rect x=\"7.00\" y=\"9.00\" width=\"2.00\" height=\"3.00\" fill=\"#112233\"/>"),
            "{file}"
        );
        assert!(file.contains("text-anchor=\"middle\" fill=\"#112233\">a &lt; b &amp; c</text>"), "{file}");
        assert!(file.contains("<title>Title &amp; more</title>") && file.contains("viewBox=\"0 0 2 2\""), "{file}");
        assert_eq!((file.matches("<g").count(), file.matches("</g>").count()), (2, 2));
        assert_eq!(file.matches("<path").count(), 1, "nothing is no path: {file}");
    }
}
