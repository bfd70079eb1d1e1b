//! Files, the form in which pictures and maps travel and wait: the browser may keep them on disk.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// Bytes that are fetched at once: what the browser holds of a file beside this program's copy.
const PIECE: u32 = 1 << 20;

/// Why a file's bytes are not to be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// It has been moved, deleted or changed since it was chosen; what the browser says.
    #[error("the file can't be read: {0:?}")]
    Gone(JsValue),
    /// It is larger than this program's memory.
    #[error("the file is larger than this program's memory")]
    TooLarge,
}

impl From<JsValue> for ReadError {
    fn from(error: JsValue) -> Self {
        Self::Gone(error)
    }
}

/// A file's bytes, in this program's memory.
///
/// # Errors
/// [`ReadError`].
pub(super) async fn read(file: &Blob) -> Result<Vec<u8>, ReadError> {
    let bytes = read_while(file, || true).await?;
    Ok(bytes.unwrap_or_default())
}

/// The same; none where they are not wanted any more, which is asked after each piece.
///
/// # Errors
/// [`ReadError`].
pub(super) async fn read_while(
    file: &Blob,
    is_wanted: impl Fn() -> bool,
) -> Result<Option<Vec<u8>>, ReadError> {
    let length = file.size() as usize;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(length)
        .map_err(|_| ReadError::TooLarge)?;
    bytes.resize(length, 0);
    for (place, piece) in bytes.chunks_mut(PIECE as usize).enumerate() {
        let begin = place as f64 * f64::from(PIECE);
        let end = begin + piece.len() as f64;
        let slice = file.slice_with_f64_and_f64(begin, end)?;
        let buffer: ArrayBuffer = JsFuture::from(slice.array_buffer()).await?.dyn_into()?;
        if buffer.byte_length() as usize != piece.len() {
            return Err(ReadError::Gone("the file has another length now".into()));
        }
        if !is_wanted() {
            return Ok(None);
        }
        Uint8Array::new(&buffer).copy_to(piece);
    }
    Ok(Some(bytes))
}

/// Bytes as a file without a name.
#[cfg(feature = "engine")]
pub(super) fn of_bytes(bytes: &[u8], mime: &str) -> Result<Blob, JsValue> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(mime);
    let parts = js_sys::Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence_and_options(&parts, &options)
}
