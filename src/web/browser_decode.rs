//! Photos by way of [`crate::photo`], and those that only the browser can read (HEIC, AVIF).

use image::RgbImage;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ImageBitmap, OffscreenCanvas, OffscreenCanvasRenderingContext2d};

use super::worker::scope;
use crate::photo::{self, DecodeError};

/// Decodes a photo's file upright.
///
/// # Errors
/// [`DecodeError`], where the browser cannot read the photo either.
pub(super) async fn decode(file: Vec<u8>) -> Result<RgbImage, DecodeError> {
    match photo::decode(&file) {
        Err(error) if error.browser_may_decode() => match rasterise(&file).await {
            Ok((width, height, rgba)) => photo::from_rgba(width, height, &rgba),
            Err(_) => Err(error),
        },
        decoded => decoded,
    }
}

async fn rasterise(file: &[u8]) -> Result<(u32, u32, Vec<u8>), JsValue> {
    let blob = Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(file)))?;
    let bitmap = JsFuture::from(scope().create_image_bitmap_with_blob(&blob)?).await?;
    let bitmap: ImageBitmap = bitmap.dyn_into()?;
    let (width, height) = (bitmap.width(), bitmap.height());
    let canvas = OffscreenCanvas::new(width, height)?;
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?;
    let context: OffscreenCanvasRenderingContext2d = context.dyn_into()?;
    context.draw_image_with_image_bitmap(&bitmap, 0.0, 0.0)?;
    bitmap.close();
    let pixels = context.get_image_data(0.0, 0.0, f64::from(width), f64::from(height))?;
    Ok((width, height, pixels.data().0))
}
