//! Pictures of one colour that are made once and then drawn wherever they are needed.

use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// A picture that is drawn off screen.
pub struct Picture(HtmlCanvasElement);

impl Picture {
    /// From the opacity of its pixels, row by row.
    pub fn new(opacity: &[u8], width: usize, colour: &str) -> Option<Self> {
        let mut pixels = vec![0_u8; opacity.len() * 4];
        for (pixel, alpha) in pixels.chunks_exact_mut(4).zip(opacity) {
            pixel[3] = *alpha;
        }
        let wide = u32::try_from(width).ok()?;
        let high = u32::try_from(opacity.len().checked_div(width)?).ok()?;
        let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&pixels), wide, high).ok()?;
        let document = web_sys::window()?.document()?;
        let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
        canvas.set_width(wide);
        canvas.set_height(high);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        context.put_image_data(&data, 0.0, 0.0).ok()?;
        // The colour comes from the style sheet in whatever form that writes it.
        context.set_global_composite_operation("source-in").ok()?;
        context.set_fill_style_str(colour);
        context.fill_rect(0.0, 0.0, f64::from(wide), f64::from(high));
        Some(Self(canvas))
    }

    /// The canvas that holds it.
    pub(super) const fn canvas(&self) -> &HtmlCanvasElement {
        &self.0
    }
}
