//! The weights to start with: fetched with progress; the shipped ones once, verified and kept.

use js_sys::{Array, Promise, Reflect, Uint8Array};
use serde::Deserialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, ReadableStreamDefaultReader, RequestCache, RequestInit, Response};

use super::js_error;
use super::sha256::sha256;
use super::worker::scope;
use crate::failure::FetchError;
use crate::protocol::Stage;

#[wasm_bindgen]
extern "C" {
    /// Of `www/ahead.js`: a response that was asked for before this program was there.
    #[wasm_bindgen(js_namespace = globalThis, js_name = takeAhead)]
    fn take_ahead(url: &str) -> Option<Promise>;
}

/// Name of the browser's cache for weights; they outlive versions of the page, since their hash names them.
const CACHE: &str = "crack-segmenter-weights";

/// `weights/manifest.json`: what is shipped.
#[derive(Debug, Deserialize)]
struct Manifest {
    /// Name of the weights to start with.
    default: String,
    weights: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    name: String,
    /// Relative to the manifest.
    file: String,
    bytes: u64,
    /// Lower-case hexadecimal.
    sha256: String,
}

/// The weights at `url`: their name and their file. An address that ends in a slash is a folder with a manifest, of which
/// the default ones are taken, or after a `#` those of that name; any other one is a file, whose freshness is the HTTP
/// cache's business.
pub(super) async fn weights(
    url: &str,
    on_stage: impl Fn(Stage),
) -> Result<(String, Vec<u8>), FetchError> {
    let (address, name) = url
        .split_once('#')
        .map_or((url, None), |(address, name)| (address, Some(name)));
    if address.ends_with('/') {
        return listed_weights(address, name, on_stage).await;
    }
    let bytes = download(url, None, RequestCache::Default, on_stage).await?;
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    Ok((name.to_owned(), bytes))
}

async fn listed_weights(
    base: &str,
    name: Option<&str>,
    on_stage: impl Fn(Stage),
) -> Result<(String, Vec<u8>), FetchError> {
    let response = get(&format!("{base}manifest.json"), RequestCache::Default).await?;
    let json = JsFuture::from(response.json().map_err(unreachable)?).await;
    let json = json.map_err(|error| FetchError::Manifest(js_error::message(&error)))?;
    let manifest: Manifest = serde_wasm_bindgen::from_value(json)
        .map_err(|error| FetchError::Manifest(error.to_string()))?;
    let name = name.unwrap_or(&manifest.default);
    let entry = manifest
        .weights
        .into_iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| FetchError::Manifest(format!("it lacks {name}")))?;
    let url = format!("{base}{}?sha256={}", entry.file, entry.sha256);
    let cache = open_cache().await;
    if let Some(bytes) = cached(cache.as_ref(), &url).await
        && is_intact(&bytes, &entry).await
    {
        return Ok((entry.name, bytes));
    }
    let mut bytes = download(&url, Some(entry.bytes), RequestCache::Default, &on_stage).await?;
    if !is_intact(&bytes, &entry).await {
        // A cache on the way may have kept what the host had at this address before it was updated in full.
        bytes = download(&url, Some(entry.bytes), RequestCache::Reload, &on_stage).await?;
    }
    if !is_intact(&bytes, &entry).await {
        return Err(FetchError::Damaged);
    }
    keep(cache.as_ref(), &url, &bytes).await;
    forget_others(cache.as_ref(), &url).await;
    Ok((entry.name, bytes))
}

async fn get(url: &str, cache: RequestCache) -> Result<Response, FetchError> {
    let response = match take_ahead(url).filter(|_| cache == RequestCache::Default) {
        Some(response) => response,
        None => {
            let options = RequestInit::new();
            options.set_cache(cache);
            scope().fetch_with_str_and_init(url, &options)
        }
    };
    let response = JsFuture::from(response).await.map_err(unreachable)?;
    let response: Response = response.dyn_into().map_err(unreachable)?;
    if response.ok() {
        Ok(response)
    } else {
        Err(FetchError::Refused {
            status: response.status(),
            url: url.to_owned(),
        })
    }
}

async fn download(
    url: &str,
    total: Option<u64>,
    cache: RequestCache,
    on_stage: impl Fn(Stage),
) -> Result<Vec<u8>, FetchError> {
    let body = get(url, cache)
        .await?
        .body()
        .ok_or_else(|| FetchError::Unreachable("no content".into()))?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        on_stage(Stage::Weights {
            loaded: bytes.len() as u64,
            total,
        });
        let chunk = JsFuture::from(reader.read()).await.map_err(unreachable)?;
        let value = Reflect::get(&chunk, &"value".into()).map_err(unreachable)?;
        if value.is_undefined() {
            return Ok(bytes);
        }
        bytes.extend(Uint8Array::new(&value).to_vec());
    }
}

async fn is_intact(bytes: &[u8], entry: &Entry) -> bool {
    sha256(bytes).await == entry.sha256
}

/// None where the page is not secure or storage is forbidden: then nothing is kept, and all works.
async fn open_cache() -> Option<Cache> {
    let caches = scope().caches().ok()?;
    JsFuture::from(caches.open(CACHE))
        .await
        .ok()?
        .dyn_into()
        .ok()
}

async fn cached(cache: Option<&Cache>, url: &str) -> Option<Vec<u8>> {
    let response: Response = JsFuture::from(cache?.match_with_str(url))
        .await
        .ok()?
        .dyn_into()
        .ok()?;
    let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// Storage may be full; then the weights are fetched again next time.
async fn keep(cache: Option<&Cache>, url: &str, bytes: &[u8]) {
    let stored = async {
        let body: JsValue = Uint8Array::from(bytes).into();
        let response = Response::new_with_opt_buffer_source(Some(body.unchecked_ref()))?;
        JsFuture::from(cache.ok_or(JsValue::NULL)?.put_with_str(url, &response)).await
    };
    if let Err(error) = stored.await {
        web_sys::console::info_2(&"the weights are not kept:".into(), &error);
    }
}

/// Gives back the room of earlier releases' weights. Without effect where the browser refuses: they are only in the way.
async fn forget_others(cache: Option<&Cache>, url: &str) {
    let forgotten = async {
        let cache = cache.ok_or(JsValue::NULL)?;
        let keys: Array = JsFuture::from(cache.keys()).await?.dyn_into()?;
        let file = |url: &str| url.split('?').next().unwrap_or_default().to_owned();
        for request in keys.iter() {
            let key = Reflect::get(&request, &"url".into())?;
            let earlier = key
                .as_string()
                .filter(|key| key != url && file(key) == file(url));
            if let Some(earlier) = earlier {
                JsFuture::from(cache.delete_with_str(&earlier)).await?;
            }
        }
        Ok::<_, JsValue>(())
    };
    if let Err(error) = forgotten.await {
        web_sys::console::info_2(&"earlier weights stay:".into(), &error);
    }
}

fn unreachable(error: JsValue) -> FetchError {
    FetchError::Unreachable(js_error::message(&error))
}
