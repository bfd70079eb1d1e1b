//! The weights to start with: fetched with progress; the shipped ones once, verified and kept.

use js_sys::{Promise, Reflect, Uint8Array};
use serde::Deserialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, RequestCache, RequestInit, Response};

use super::js_error;
use super::releases::earlier;
use super::sha256::sha256;
use super::store::Store;
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
const STORE: &str = "crack-segmenter-weights";

/// Of a file that no manifest tells the size of: fifteen times the original's, which is 64 wide and stored in 32 bits.
const MOST_BYTES: u64 = 1 << 30;

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
    let listed = manifest.weights.iter().map(|entry| entry.name.as_str());
    let listed = listed.collect::<Vec<_>>().join(", ");
    let entry = manifest
        .weights
        .into_iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| FetchError::Manifest(format!("it has {listed}, and no {name}")))?;
    let url = format!("{base}{}?sha256={}", entry.file, entry.sha256);
    let store = Store::open(STORE).await;
    if let Some(bytes) = store.get(&url).await
        && is_intact(&bytes, &entry).await
    {
        forget_earlier(&store, &url).await;
        return Ok((entry.name, bytes));
    }
    let download = |cache| download(&url, Some(entry.bytes), cache, &on_stage);
    let mut bytes = download(RequestCache::Default).await;
    let is_other = match &bytes {
        Ok(bytes) => !is_intact(bytes, &entry).await,
        Err(error) => *error == FetchError::TooLarge,
    };
    if is_other {
        // A cache on the way may have kept what the host had at this address before it was updated in full.
        bytes = download(RequestCache::Reload).await;
    }
    let bytes = bytes?;
    if !is_intact(&bytes, &entry).await {
        return Err(FetchError::Damaged);
    }
    store.put(&url, &bytes).await;
    forget_earlier(&store, &url).await;
    Ok((entry.name, bytes))
}

/// Gives back the room of what nobody needs of a file that is in use.
async fn forget_earlier(store: &Store, in_use: &str) {
    let earlier = earlier(store.urls().await, in_use);
    if !earlier.is_empty() {
        store.forget(|url| earlier.iter().any(|it| it == url)).await;
    }
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
        let loaded = bytes.len() as u64;
        if loaded > total.unwrap_or(MOST_BYTES) {
            // Nobody waits for the rest; that it can't be called off changes nothing.
            let _ = reader.cancel();
            return Err(FetchError::TooLarge);
        }
        on_stage(Stage::Weights { loaded, total });
        let chunk = JsFuture::from(reader.read()).await.map_err(unreachable)?;
        let value = Reflect::get(&chunk, &"value".into()).map_err(unreachable)?;
        if value.is_undefined() {
            return Ok(bytes);
        }
        let (piece, begin) = (Uint8Array::new(&value), bytes.len());
        let length = piece.length() as usize;
        bytes
            .try_reserve(length)
            .map_err(|_| FetchError::NoMemory)?;
        bytes.resize(begin + length, 0);
        piece.copy_to(&mut bytes[begin..]);
    }
}

async fn is_intact(bytes: &[u8], entry: &Entry) -> bool {
    sha256(bytes).await == entry.sha256
}

fn unreachable(error: JsValue) -> FetchError {
    FetchError::Unreachable(js_error::message(&error))
}
