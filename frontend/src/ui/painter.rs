//! Drawing on a canvas in CSS pixels, with the page's own colours.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::picture::Picture;

/// A canvas being drawn.
pub struct Painter {
    context: CanvasRenderingContext2d,
    canvas: HtmlCanvasElement,
    /// Width in CSS pixels.
    pub width: f64,
    /// Height in CSS pixels.
    pub height: f64,
}

/// The page's colours that drawings use, by the name of their token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Traces and text.
    Ink,
    /// Secondary text.
    Soft,
    /// Hairlines.
    Line,
    /// What is chosen.
    Accent,
    /// Spikes and thresholds.
    Spike,
}

impl Tone {
    const fn token(self) -> &'static str {
        match self {
            Self::Ink => "--ink",
            Self::Soft => "--ink-soft",
            Self::Line => "--line",
            Self::Accent => "--accent",
            Self::Spike => "--spike",
        }
    }
}

/// A colour of the page as CSS, by the name of its token.
pub fn colour_of(canvas: &HtmlCanvasElement, token: &str) -> String {
    let style = web_sys::window().and_then(|window| window.get_computed_style(canvas).ok()?);
    style.and_then(|style| style.get_property_value(token).ok()).unwrap_or_default().trim().to_owned()
}

impl Painter {
    /// Clears a canvas and fits it to its size on screen.
    pub fn new(canvas: &HtmlCanvasElement) -> Option<Self> {
        let ratio = web_sys::window()?.device_pixel_ratio().clamp(1.0, 3.0);
        Self::sized(canvas, (f64::from(canvas.client_width()), f64::from(canvas.client_height())), ratio)
    }

    /// Clears a canvas and gives it a size in CSS pixels, each of so many of its own.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]
    pub fn sized(canvas: &HtmlCanvasElement, (width, height): (f64, f64), ratio: f64) -> Option<Self> {
        canvas.set_width((width * ratio) as u32);
        canvas.set_height((height * ratio) as u32);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        context.scale(ratio, ratio).ok()?;
        let painter = Self { context, canvas: canvas.clone(), width, height };
        painter.font(11.0);
        Some(painter)
    }

    /// A colour of the page as CSS.
    pub fn colour(&self, tone: Tone) -> String {
        colour_of(&self.canvas, tone.token())
    }

    /// Sets the colour of lines and areas.
    pub fn tone(&self, tone: Tone) {
        self.css(&self.colour(tone));
    }

    /// Sets the colour of lines and areas as CSS.
    pub fn css(&self, colour: &str) {
        self.context.set_fill_style_str(colour);
        self.context.set_stroke_style_str(colour);
    }

    /// Sets the opacity of what follows.
    pub fn alpha(&self, alpha: f64) {
        self.context.set_global_alpha(alpha);
    }

    /// Sets the width of lines.
    pub fn pen(&self, width: f64) {
        self.context.set_line_width(width);
    }

    /// Sets the size of text.
    pub fn font(&self, px: f64) {
        self.context.set_font(&format!("{px}px system-ui, sans-serif"));
    }

    /// A line through points; `NaN` breaks it.
    pub fn line(&self, points: impl IntoIterator<Item = (f64, f64)>) {
        self.context.begin_path();
        let mut down = false;
        for (x, y) in points {
            if !y.is_finite() {
                down = false;
            } else if down {
                self.context.line_to(x, y);
            } else {
                self.context.move_to(x, y);
                down = true;
            }
        }
        self.context.stroke();
    }

    /// Separate lines in one stroke.
    pub fn segments(&self, segments: impl IntoIterator<Item = (f64, f64, f64, f64)>) {
        self.context.begin_path();
        for (x0, y0, x1, y1) in segments {
            self.context.move_to(x0, y0);
            self.context.line_to(x1, y1);
        }
        self.context.stroke();
    }

    /// A dashed horizontal line.
    pub fn dashed(&self, x0: f64, x1: f64, y: f64) {
        let dash = js_sys::Array::of2(&JsValue::from(3), &JsValue::from(3));
        drop(self.context.set_line_dash(&dash));
        self.segments([(x0, y, x1, y)]);
        drop(self.context.set_line_dash(&js_sys::Array::new()));
    }

    /// A filled rectangle.
    pub fn rect(&self, x: f64, y: f64, width: f64, height: f64) {
        self.context.fill_rect(x, y, width, height);
    }

    /// The outline of a rectangle.
    pub fn frame(&self, x: f64, y: f64, width: f64, height: f64) {
        self.context.stroke_rect(x, y, width, height);
    }

    /// A filled disc.
    pub fn disc(&self, x: f64, y: f64, radius: f64) {
        self.context.begin_path();
        drop(self.context.arc(x, y, radius, 0.0, std::f64::consts::TAU));
        self.context.fill();
    }

    /// The outline of a disc.
    pub fn ring(&self, x: f64, y: f64, radius: f64) {
        self.context.begin_path();
        drop(self.context.arc(x, y, radius, 0.0, std::f64::consts::TAU));
        self.context.stroke();
    }

    /// Text whose middle line is at `y`; `align` is `left`, `center` or `right`.
    pub fn text(&self, text: &str, x: f64, y: f64, align: &str) {
        self.context.set_text_align(align);
        self.context.set_text_baseline("middle");
        drop(self.context.fill_text(text, x, y));
    }

    /// Text from bottom to top, around its middle.
    pub fn upright(&self, text: &str, x: f64, y: f64) {
        self.context.save();
        drop(self.context.translate(x, y));
        drop(self.context.rotate(-std::f64::consts::FRAC_PI_2));
        self.text(text, 0.0, 0.0, "center");
        self.context.restore();
    }

    /// A part of a picture, its pixels as they are: the part's corner and size in the picture, and where
    /// it comes to lie.
    pub fn picture(&self, picture: &Picture, part: (f64, f64, f64, f64), place: (f64, f64, f64, f64)) {
        self.context.set_image_smoothing_enabled(false);
        drop(self.context.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            picture.canvas(),
            part.0,
            part.1,
            part.2,
            part.3,
            place.0,
            place.1,
            place.2,
            place.3,
        ));
    }

    /// What follows shows only inside this rectangle, until [`Self::unclip`].
    pub fn clip(&self, x: f64, y: f64, width: f64, height: f64) {
        self.context.save();
        self.context.begin_path();
        self.context.rect(x, y, width, height);
        self.context.clip();
    }

    /// Ends [`Self::clip`].
    pub fn unclip(&self) {
        self.context.restore();
    }
}

/// The colour of a value from 0 to 1 as CSS.
pub fn viridis(value: f64) -> String {
    let [red, green, blue] = wasm_core::figure::viridis(value);
    format!("rgb({red:.0} {green:.0} {blue:.0})")
}
