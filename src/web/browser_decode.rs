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
            let size = photo::check_size(PhotoFormat::Other, width, height);
            let rgba = size.and_then(|()| pixels(&bitmap).map_err(|_| error));
            bitmap.close();
            photo::from_rgba(width, height, &rgba?)
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

/// Red, green, blue and opacity of every pixel.
fn pixels(bitmap: &ImageBitmap) -> Result<Vec<u8>, JsValue> {
    let (width, height) = (bitmap.width(), bitmap.height());
    let canvas = OffscreenCanvas::new(width, height)?;
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?;
    let context: OffscreenCanvasRenderingContext2d = context.dyn_into()?;
    context.draw_image_with_image_bitmap(bitmap, 0.0, 0.0)?;
    let pixels = context.get_image_data(0.0, 0.0, f64::from(width), f64::from(height));
    // Gives its pixels back now; the browser would keep them until it tidies up.
    canvas.set_width(0);
    Ok(pixels?.data().0)
}
