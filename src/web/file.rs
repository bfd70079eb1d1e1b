//! Files, the form in which pictures and maps travel and wait: the browser may keep them on disk.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// A file's bytes, in this program's memory.
///
/// # Errors
/// Where the file has been moved or deleted since it was chosen.
pub(super) async fn read(file: &Blob) -> Result<Vec<u8>, JsValue> {
    let bytes: ArrayBuffer = JsFuture::from(file.array_buffer()).await?.dyn_into()?;
    Ok(Uint8Array::new(&bytes).to_vec())
}

/// Bytes as a file without a name.
#[cfg(feature = "engine")]
pub(super) fn of_bytes(bytes: &[u8], mime: &str) -> Result<Blob, JsValue> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(mime);
    let parts = js_sys::Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence_and_options(&parts, &options)
}
