//! Posting the types of [`crate::protocol`]: `{ message, buffers }`, the buffers transferred.

use js_sys::{Array, ArrayBuffer, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

/// A message on the wire and the list of what is transferred with it.
pub(super) fn pack(
    message: &impl Serialize,
    buffers: &[ArrayBuffer],
) -> Result<(JsValue, Array), JsValue> {
    let list: Array = buffers.iter().collect();
    let envelope = Object::new();
    Reflect::set(
        &envelope,
        &"message".into(),
        &serde_wasm_bindgen::to_value(message)?,
    )?;
    Reflect::set(&envelope, &"buffers".into(), &list)?;
    Ok((envelope.into(), list))
}

/// The other way round.
pub(super) fn unpack<M: DeserializeOwned>(
    envelope: &JsValue,
) -> Result<(M, Vec<ArrayBuffer>), JsValue> {
    let message = serde_wasm_bindgen::from_value(Reflect::get(envelope, &"message".into())?)?;
    let buffers = Array::from(&Reflect::get(envelope, &"buffers".into())?);
    let buffers = buffers
        .iter()
        .map(JsCast::dyn_into)
        .collect::<Result<_, _>>()?;
    Ok((message, buffers))
}
