//! What tells files apart for sure.

use js_sys::{ArrayBuffer, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::worker::scope;

/// The SHA-256 of a file, in lower-case hexadecimal.
pub(super) async fn sha256(bytes: &[u8]) -> String {
    let digest = match by_browser(bytes).await {
        Ok(digest) => digest,
        // Only pages that came by HTTPS or from this device have the browser's, which is many times as fast.
        Err(_) => Sha256::digest(bytes).to_vec(),
    };
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn by_browser(bytes: &[u8]) -> Result<Vec<u8>, JsValue> {
    let digest = scope()
        .crypto()?
        .subtle()
        .digest_with_str_and_u8_array("SHA-256", bytes)?;
    let digest: ArrayBuffer = JsFuture::from(digest).await?.dyn_into()?;
    Ok(Uint8Array::new(&digest).to_vec())
}
