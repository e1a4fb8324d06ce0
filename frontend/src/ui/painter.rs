//! Drawing in CSS pixels, with the page's own colours: on a canvas, or as text of an SVG file.

mod vector;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::picture::Picture;
use vector::Vector;

/// The surface that strokes end on.
enum Ground {
    Canvas(CanvasRenderingContext2d),
    Vector(Vector),
}

/// A drawing being made.
pub struct Painter {
    ground: Ground,
    /// Has the colours.
    canvas: HtmlCanvasElement,
    /// Width in CSS pixels.
    pub width: f64,
    /// Height in CSS pixels.
    pub height: f64,
    /// Whether it is a picture to keep: what somebody chose on the page is no part of it.
    pub is_paper: bool,
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
    /// The accent, of what is chosen.
    Accent,
    /// A second curve beside one of the accent.
    Second,
    /// Spikes and thresholds.
    Spike,
    /// A fourth curve.
    Fourth,
    /// A fifth curve.
    Fifth,
}

impl Tone {
    const fn token(self) -> &'static str {
        match self {
            Self::Ink => "--ink",
            Self::Soft => "--ink-soft",
            Self::Line => "--line",
            Self::Accent => "--accent",
            Self::Second => "--second",
            Self::Spike => "--spike",
            Self::Fourth => "--fourth",
            Self::Fifth => "--fifth",
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
        let painter = Self { ground: Ground::Canvas(context), canvas: canvas.clone(), width, height, is_paper: false };
        painter.font(11.0);
        Some(painter)
    }

    /// Draws a picture to keep.
    #[must_use]
    pub fn for_paper(self) -> Self {
        Self { is_paper: true, ..self }
    }

    /// Draws an SVG file of this size, with the colours that a canvas has.
    pub fn vector(canvas: &HtmlCanvasElement, (width, height): (f64, f64)) -> Self {
        Self { ground: Ground::Vector(Vector::new()), canvas: canvas.clone(), width, height, is_paper: true }
    }

    /// The SVG file, with what it shows; none of a canvas.
    pub fn file(&self, title: &str, sentence: &str) -> Option<String> {
        match &self.ground {
            Ground::Canvas(_) => None,
            Ground::Vector(vector) => Some(vector.file((self.width, self.height), title, sentence)),
        }
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
        match &self.ground {
            Ground::Canvas(context) => {
                context.set_fill_style_str(colour);
                context.set_stroke_style_str(colour);
            }
            Ground::Vector(vector) => vector.css(colour),
        }
    }

    /// Sets the opacity of what follows.
    pub fn alpha(&self, alpha: f64) {
        match &self.ground {
            Ground::Canvas(context) => context.set_global_alpha(alpha),
            Ground::Vector(vector) => vector.alpha(alpha),
        }
    }

    /// Sets the width of lines.
    pub fn pen(&self, width: f64) {
        match &self.ground {
            Ground::Canvas(context) => context.set_line_width(width),
            Ground::Vector(vector) => vector.pen(width),
        }
    }

    /// Sets the size of text.
    pub fn font(&self, px: f64) {
        match &self.ground {
            Ground::Canvas(context) => context.set_font(&format!("{px}px system-ui, sans-serif")),
            Ground::Vector(vector) => vector.font(px),
        }
    }

    /// A line through points; `NaN` breaks it.
    pub fn line(&self, points: impl IntoIterator<Item = (f64, f64)>) {
        match &self.ground {
            Ground::Canvas(context) => {
                context.begin_path();
                let mut down = false;
                for (x, y) in points {
                    if !y.is_finite() {
                        down = false;
                    } else if down {
                        context.line_to(x, y);
                    } else {
                        context.move_to(x, y);
                        down = true;
                    }
                }
                context.stroke();
            }
            Ground::Vector(vector) => {
                let points: Vec<(f64, f64)> = points.into_iter().collect();
                vector.path(points.split(|(_, y)| !y.is_finite()).map(<[(f64, f64)]>::to_vec), false);
            }
        }
    }

    /// Separate lines in one stroke.
    pub fn segments(&self, segments: impl IntoIterator<Item = (f64, f64, f64, f64)>) {
        match &self.ground {
            Ground::Canvas(context) => {
                context.begin_path();
                for (x0, y0, x1, y1) in segments {
                    context.move_to(x0, y0);
                    context.line_to(x1, y1);
                }
                context.stroke();
            }
            Ground::Vector(vector) => {
                vector.path(segments.into_iter().map(|(x0, y0, x1, y1)| vec![(x0, y0), (x1, y1)]), false);
            }
        }
    }

    /// A dashed horizontal line.
    pub fn dashed(&self, x0: f64, x1: f64, y: f64) {
        match &self.ground {
            Ground::Canvas(context) => {
                let dash = js_sys::Array::of2(&JsValue::from(3), &JsValue::from(3));
                drop(context.set_line_dash(&dash));
                self.segments([(x0, y, x1, y)]);
                drop(context.set_line_dash(&js_sys::Array::new()));
            }
            Ground::Vector(vector) => vector.path([vec![(x0, y), (x1, y)]], true),
        }
    }

    /// A filled rectangle.
    pub fn rect(&self, x: f64, y: f64, width: f64, height: f64) {
        match &self.ground {
            Ground::Canvas(context) => context.fill_rect(x, y, width, height),
            Ground::Vector(vector) => vector.rect((x, y), (width, height), true),
        }
    }

    /// The outline of a rectangle.
    pub fn frame(&self, x: f64, y: f64, width: f64, height: f64) {
        match &self.ground {
            Ground::Canvas(context) => context.stroke_rect(x, y, width, height),
            Ground::Vector(vector) => vector.rect((x, y), (width, height), false),
        }
    }

    /// A filled disc.
    pub fn disc(&self, x: f64, y: f64, radius: f64) {
        match &self.ground {
            Ground::Canvas(context) => {
                context.begin_path();
                drop(context.arc(x, y, radius, 0.0, std::f64::consts::TAU));
                context.fill();
            }
            Ground::Vector(vector) => vector.circle((x, y), radius, true),
        }
    }

    /// The outline of a disc.
    pub fn ring(&self, x: f64, y: f64, radius: f64) {
        match &self.ground {
            Ground::Canvas(context) => {
                context.begin_path();
                drop(context.arc(x, y, radius, 0.0, std::f64::consts::TAU));
                context.stroke();
            }
            Ground::Vector(vector) => vector.circle((x, y), radius, false),
        }
    }

    /// Text whose middle line is at `y`; `align` is `left`, `center` or `right`.
    pub fn text(&self, text: &str, x: f64, y: f64, align: &str) {
        match &self.ground {
            Ground::Canvas(context) => {
                context.set_text_align(align);
                context.set_text_baseline("middle");
                drop(context.fill_text(text, x, y));
            }
            Ground::Vector(vector) => vector.text(text, (x, y), align),
        }
    }

    /// Text from bottom to top, around its middle.
    pub fn upright(&self, text: &str, x: f64, y: f64) {
        match &self.ground {
            Ground::Canvas(context) => {
                context.save();
                drop(context.translate(x, y));
                drop(context.rotate(-std::f64::consts::FRAC_PI_2));
                self.text(text, 0.0, 0.0, "center");
                context.restore();
            }
            Ground::Vector(vector) => {
                vector.turn(x, y);
                vector.text(text, (0.0, 0.0), "center");
                vector.end();
            }
        }
    }

    /// A part of a picture, its pixels as they are: the part's corner and size in the picture, and where
    /// it comes to lie.
    pub fn picture(&self, picture: &Picture, part: (f64, f64, f64, f64), place: (f64, f64, f64, f64)) {
        let canvas = picture.canvas();
        match &self.ground {
            Ground::Canvas(context) => {
                context.set_image_smoothing_enabled(false);
                drop(context.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                    canvas, part.0, part.1, part.2, part.3, place.0, place.1, place.2, place.3,
                ));
            }
            Ground::Vector(vector) => {
                // A picture that is too large for the browser to write is left out.
                if let Ok(address) = canvas.to_data_url() {
                    let size = (f64::from(canvas.width()), f64::from(canvas.height()));
                    vector.picture(&address, size, part, place);
                }
            }
        }
    }

    /// What follows shows only inside this rectangle, until [`Self::unclip`].
    pub fn clip(&self, x: f64, y: f64, width: f64, height: f64) {
        match &self.ground {
            Ground::Canvas(context) => {
                context.save();
                context.begin_path();
                context.rect(x, y, width, height);
                context.clip();
            }
            Ground::Vector(vector) => vector.clip((x, y), (width, height)),
        }
    }

    /// Ends [`Self::clip`].
    pub fn unclip(&self) {
        match &self.ground {
            Ground::Canvas(context) => context.restore(),
            Ground::Vector(vector) => vector.end(),
        }
    }
}

/// The colour of a value from 0 to 1 as CSS.
pub fn viridis(value: f64) -> String {
    let [red, green, blue] = wasm_core::figure::viridis(value);
    format!("rgb({red:.0} {green:.0} {blue:.0})")
}
