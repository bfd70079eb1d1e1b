//! JavaScript's errors, which may be any value.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// What an error says of itself.
pub(super) fn message(error: &JsValue) -> String {
    Reflect::get(error, &"message".into())
        .ok()
        .and_then(|message| message.as_string())
        .unwrap_or_else(|| "no details".to_owned())
}
