//! A plot as a picture for paper: white ground, dark ink, 300 dots per inch at the width of a page.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlCanvasElement};

use super::Draw;
use crate::ui::painter::{Painter, colour_of};
use crate::ui::save;

/// Dots per inch that journals ask for, and those of a CSS pixel.
const DPI: f64 = 300.0;
const CSS_DPI: f64 = 96.0;
/// Two columns of a journal, 180 mm, in CSS pixels.
const WIDTH_PX: f64 = 680.0;
/// Least height, in CSS pixels: a plot that is lower on screen has no room for the title of its axis.
const MIN_HEIGHT_PX: f64 = 160.0;
/// Bytes of a PNG before the chunk that tells its density: its signature, and the chunk of its size.
const HEAD: i32 = 33;

/// A canvas with the colours of the light page, as long as it is a part of the page.
fn paper_of(canvas: &HtmlCanvasElement) -> Option<HtmlCanvasElement> {
    let document = canvas.owner_document()?;
    let paper: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    paper.set_class_name("paper hidden-input");
    document.body()?.append_child(&paper).ok()?;
    Some(paper)
}

/// Draws on the ground of the light page.
fn draw_on(paper: &HtmlCanvasElement, painter: &Painter, draw: &Draw) {
    painter.css(&colour_of(paper, "--surface"));
    painter.rect(0.0, 0.0, painter.width, painter.height);
    draw.0(painter);
}

/// Height of a picture of it in CSS pixels.
fn height_of(canvas: &HtmlCanvasElement) -> f64 {
    f64::from(canvas.client_height()).max(MIN_HEIGHT_PX)
}

/// It as text of an SVG file, as large as paper has it.
pub fn svg(canvas: &HtmlCanvasElement, draw: &Draw, title: &str, sentence: &str) -> Option<String> {
    let paper = paper_of(canvas)?;
    let painter = Painter::vector(&paper, (WIDTH_PX, height_of(canvas)));
    draw_on(&paper, &painter, draw);
    paper.remove();
    painter.file(title, sentence)
}

/// Draws it again as large as paper has it and saves it under a name.
pub fn export(canvas: &HtmlCanvasElement, draw: &Draw, name: String) -> Option<()> {
    let paper = paper_of(canvas)?;
    if let Some(painter) = Painter::sized(&paper, (WIDTH_PX, height_of(canvas)), DPI / CSS_DPI).map(Painter::for_paper)
    {
        draw_on(&paper, &painter, draw);
    }
    paper.remove();
    let save = Closure::once_into_js(move |blob: Blob| {
        // A browser whose pictures begin otherwise gives one that does not tell its density.
        save::blob(&name, &with_density(&blob).unwrap_or(blob));
    });
    paper.to_blob(save.unchecked_ref()).ok()
}

/// A picture with its density told.
fn with_density(picture: &Blob) -> Option<Blob> {
    let parts = Array::new();
    parts.push(&JsValue::from(picture.slice_with_i32_and_i32(0, HEAD).ok()?));
    parts.push(&JsValue::from(Uint8Array::from(&density(DPI)[..])));
    parts.push(&JsValue::from(picture.slice_with_i32(HEAD).ok()?));
    let options = BlobPropertyBag::new();
    options.set_type("image/png");
    Blob::new_with_blob_sequence_and_options(&parts, &options).ok()
}

/// The chunk `pHYs` of a PNG: its length, its name, dots per metre along both sides, and its checksum.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
fn density(dpi: f64) -> [u8; 21] {
    let per_metre = ((dpi / 0.0254).round() as u32).to_be_bytes();
    let mut chunk = [0; 21];
    chunk[3] = 9;
    chunk[4..8].copy_from_slice(b"pHYs");
    chunk[8..12].copy_from_slice(&per_metre);
    chunk[12..16].copy_from_slice(&per_metre);
    // The unit is the metre.
    chunk[16] = 1;
    let checksum = crc32(&chunk[4..17]);
    chunk[17..].copy_from_slice(&checksum.to_be_bytes());
    chunk
}

/// The checksum of PNG (ISO 3309), bit by bit: there are a few bytes of it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_density_is_the_chunk_that_other_programs_write() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        let expected =
            [0, 0, 0, 9, 0x70, 0x48, 0x59, 0x73, 0, 0, 0x2e, 0x23, 0, 0, 0x2e, 0x23, 1, 0x78, 0xa5, 0x3f, 0x76];
        assert_eq!(density(300.0), expected);
    }
}
