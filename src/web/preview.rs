//! The photo as the page shows it, and as a report does, made in the worker: drawing and packing millions of pixels would stall the
//! page.

use image::RgbImage;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, FileReaderSync, ImageData, ImageEncodeOptions, OffscreenCanvas,
    OffscreenCanvasRenderingContext2d,
};

use crate::photo;

/// Pixels of the largest preview: what a canvas holds on any tablet, twice over.
const MOST_PIXELS: f64 = 8e6;

/// Longest side of a preview, in pixels, which canvases limit too.
const LONGEST_SIDE: f64 = 8192.0;

/// JPEG at which concrete shows no blocks when enlarged.
const QUALITY: f64 = 0.95;

/// Longest side of a figure, in pixels: 190 an inch where it is as large as on a report's paper.
const FIGURE_SIDE: f64 = 1280.0;

/// JPEG for what is not enlarged.
const FIGURE_QUALITY: f64 = 0.8;

/// Rows that are drawn at once: a large photo's pixels, 4 bytes each, are too many to hold beside it.
const BAND: usize = 128;

/// A JPEG file of the photo, reduced where a canvas could not hold it.
///
/// # Errors
/// What the browser says, where it can't draw.
pub(super) async fn preview(photo: &RgbImage) -> Result<Blob, JsValue> {
    let (width, height) = photo.dimensions();
    let scale = (MOST_PIXELS / (f64::from(width) * f64::from(height)))
        .sqrt()
        .min(LONGEST_SIDE / f64::from(width.max(height)));
    jpeg(photo, scale, QUALITY).await
}

/// A JPEG of a picture as a report shows it, as a `data:` address.
///
/// # Errors
/// What the browser says, where it can't draw.
pub(super) async fn figure(picture: &RgbImage) -> Result<String, JsValue> {
    let (width, height) = picture.dimensions();
    let scale = FIGURE_SIDE / f64::from(width.max(height));
    let jpeg = jpeg(picture, scale, FIGURE_QUALITY).await?;
    FileReaderSync::new()?.read_as_data_url(&jpeg)
}

/// A JPEG file of a picture, reduced by `scale` where that is less than 1.
async fn jpeg(picture: &RgbImage, scale: f64, quality: f64) -> Result<Blob, JsValue> {
    let (width, height) = picture.dimensions();
    let side = |pixels: u32| ((f64::from(pixels) * scale.min(1.0)) as u32).max(1);
    let canvas = OffscreenCanvas::new(side(width), side(height))?;
    let jpeg = draw_and_pack(picture, &canvas, quality).await;
    // Gives its pixels back now; the browser would keep them until it tidies up.
    canvas.set_width(0);
    jpeg
}

/// Draws the picture, as large as the canvas is, and packs it.
async fn draw_and_pack(
    picture: &RgbImage,
    canvas: &OffscreenCanvas,
    quality: f64,
) -> Result<Blob, JsValue> {
    let (width, height) = (canvas.width(), canvas.height());
    let context = canvas.get_context("2d")?.ok_or("no 2d context")?;
    let context: OffscreenCanvasRenderingContext2d = context.dyn_into()?;
    let mut rows = photo::resized_rgb_rows(picture, width, height);
    let mut band = Vec::with_capacity(BAND * 4 * width as usize);
    for y in (0..height).step_by(BAND) {
        band.clear();
        for row in rows.by_ref().take(BAND) {
            for &[r, g, b] in row.as_chunks().0 {
                band.extend([r, g, b, 255]);
            }
        }
        let pixels = ImageData::new_with_u8_clamped_array(Clamped(&band), width)?;
        context.put_image_data(&pixels, 0.0, f64::from(y))?;
    }
    let options = ImageEncodeOptions::new();
    options.set_type("image/jpeg");
    options.set_quality(quality);
    JsFuture::from(canvas.convert_to_blob_with_options(&options)?)
        .await?
        .dyn_into()
}
