//! Photos by way of [`crate::photo`], and those that only the browser can read (HEIC, AVIF).

use image::RgbImage;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ImageBitmap, OffscreenCanvas, OffscreenCanvasRenderingContext2d};

use super::worker::scope;
use crate::photo::{self, DecodeError, PhotoFormat};

/// Decodes a photo's file upright.
///
/// # Errors
/// [`DecodeError`], where the browser cannot read the photo either.
pub(super) async fn decode(file: Vec<u8>) -> Result<RgbImage, DecodeError> {
    match photo::decode(&file) {
        Err(error) if error.browser_may_decode() => {
            let Ok(bitmap) = to_bitmap(&file).await else {
                return Err(error);
            };
            let (width, height) = (bitmap.width(), bitmap.height());
            // The browser's own decoder went first; what it unpacked may still be more than the rest can hold.
            let photo = photo::check_size(PhotoFormat::Other, width, height)
                .and_then(|()| photo::from_rgba(width, height, bands(&bitmap)));
            bitmap.close();
            photo
        }
        decoded => decoded,
    }
}

async fn to_bitmap(file: &[u8]) -> Result<ImageBitmap, JsValue> {
    let blob = Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(file)))?;
    JsFuture::from(scope().create_image_bitmap_with_blob(&blob)?)
        .await?
        .dyn_into()
}

/// Pixels that are drawn at once: a large photo's, 4 bytes each, are too many to hold beside it, and more than some canvases have.
const BAND: u32 = 1 << 20;

/// Red, green, blue and opacity of every pixel, some rows at a time.
fn bands(bitmap: &ImageBitmap) -> impl Iterator<Item = Result<Vec<u8>, DecodeError>> {
    let rows = (BAND / bitmap.width().max(1)).clamp(1, bitmap.height().max(1));
    let tops = (0..bitmap.height()).step_by(rows as usize);
    tops.map(move |top| {
        band(bitmap, top, rows.min(bitmap.height() - top)).map_err(|error| {
            web_sys::console::warn_1(&error);
            DecodeError::TooMuchMemory
        })
    })
}

fn band(bitmap: &ImageBitmap, top: u32, rows: u32) -> Result<Vec<u8>, JsValue> {
    let (width, rows) = (bitmap.width(), f64::from(rows));
    let canvas = OffscreenCanvas::new(width, rows as u32)?;
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?;
    let context: OffscreenCanvasRenderingContext2d = context.dyn_into()?;
    context.draw_image_with_image_bitmap(bitmap, 0.0, -f64::from(top))?;
    let pixels = context.get_image_data(0.0, 0.0, f64::from(width), rows);
    // Gives its pixels back now; the browser would keep them until it tidies up.
    canvas.set_width(0);
    Ok(pixels?.data().0)
}
