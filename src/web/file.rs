//! Files, the form in which pictures and maps travel and wait: the browser may keep them on disk.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// Bytes that are fetched at once: what the browser holds of a file beside this program's copy.
const PIECE: u32 = 1 << 20;

/// A file's bytes, in this program's memory.
///
/// # Errors
/// Where the file has been moved or deleted since it was chosen, or is larger than this program's memory.
pub(super) async fn read(file: &Blob) -> Result<Vec<u8>, JsValue> {
    let length = file.size() as usize;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(length)
        .map_err(|error| JsValue::from(error.to_string()))?;
    bytes.resize(length, 0);
    for (place, piece) in bytes.chunks_mut(PIECE as usize).enumerate() {
        let begin = place as f64 * f64::from(PIECE);
        let end = begin + piece.len() as f64;
        let slice = file.slice_with_f64_and_f64(begin, end)?;
        let buffer: ArrayBuffer = JsFuture::from(slice.array_buffer()).await?.dyn_into()?;
        Uint8Array::new(&buffer).copy_to(piece);
    }
    Ok(bytes)
}

/// Bytes as a file without a name.
#[cfg(feature = "engine")]
pub(super) fn of_bytes(bytes: &[u8], mime: &str) -> Result<Blob, JsValue> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(mime);
    let parts = js_sys::Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence_and_options(&parts, &options)
}
