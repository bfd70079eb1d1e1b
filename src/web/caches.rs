//! The browser's caches, in which page and worker keep files by address.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Cache;

/// The addresses that something is kept under, what was put last at the end.
pub(super) async fn urls(cache: &Cache) -> Result<Vec<String>, JsValue> {
    let requests: Array = JsFuture::from(cache.keys()).await?.dyn_into()?;
    let url = |request: JsValue| Ok(Reflect::get(&request, &"url".into())?.as_string());
    let urls: Result<Vec<_>, JsValue> = requests.iter().map(url).collect();
    Ok(urls?.into_iter().flatten().collect())
}
