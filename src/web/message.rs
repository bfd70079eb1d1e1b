//! Posting the types of [`crate::protocol`]: `{ message, files }`. A file is a handle: its bytes are neither copied nor
//! read by whoever passes it on.

use js_sys::{Array, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

/// A message on the wire.
pub(super) fn pack(message: &impl Serialize, files: &[Blob]) -> Result<JsValue, JsValue> {
    let envelope = Object::new();
    Reflect::set(
        &envelope,
        &"message".into(),
        &serde_wasm_bindgen::to_value(message)?,
    )?;
    let files: Array = files.iter().collect();
    Reflect::set(&envelope, &"files".into(), &files)?;
    Ok(envelope.into())
}

/// The other way round.
pub(super) fn unpack<M: DeserializeOwned>(envelope: &JsValue) -> Result<(M, Vec<Blob>), JsValue> {
    let message = serde_wasm_bindgen::from_value(Reflect::get(envelope, &"message".into())?)?;
    let files = Array::from(&Reflect::get(envelope, &"files".into())?);
    let files = files
        .iter()
        .map(JsCast::dyn_into)
        .collect::<Result<_, _>>()?;
    Ok((message, files))
}
