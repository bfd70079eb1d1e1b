//! What the browser keeps for the next time, by address.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, Response};

use super::caches;
use super::worker::scope;

/// One of the browser's caches; none where the page is not secure or storage is forbidden: then nothing is kept, and all works.
pub(super) struct Store(Option<Cache>);

impl Store {
    /// The one of this name.
    pub(super) async fn open(name: &str) -> Self {
        let opened = async {
            let caches = scope().caches().ok()?;
            // On a page that is not secure there are none, whatever the binding's type says.
            if caches.is_undefined() {
                return None;
            }
            let cache = JsFuture::from(caches.open(name)).await.ok()?;
            cache.dyn_into().ok()
        };
        Self(opened.await)
    }

    /// What is kept under an address.
    pub(super) async fn get(&self, url: &str) -> Option<Vec<u8>> {
        let found = self.0.as_ref()?.match_with_str(url);
        let response: Response = JsFuture::from(found).await.ok()?.dyn_into().ok()?;
        let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
        Some(Uint8Array::new(&buffer).to_vec())
    }

    /// Keeps this under an address, in the place of what was there. Where storage is full nothing is kept; the console is told.
    pub(super) async fn put(&self, url: &str, bytes: &[u8]) {
        let Some(cache) = &self.0 else { return };
        let stored = async {
            let body: JsValue = Uint8Array::from(bytes).into();
            let response = Response::new_with_opt_buffer_source(Some(body.unchecked_ref()))?;
            JsFuture::from(cache.put_with_str(url, &response)).await
        };
        if let Err(error) = stored.await {
            web_sys::console::info_3(&"not kept:".into(), &url.into(), &error);
        }
    }

    /// All addresses that something is kept under, the first kept first. None where the browser does not tell.
    pub(super) async fn urls(&self) -> Vec<String> {
        let Some(cache) = &self.0 else {
            return Vec::new();
        };
        caches::urls(cache).await.unwrap_or_else(|error| {
            web_sys::console::info_2(&"what is kept is not told:".into(), &error);
            Vec::new()
        })
    }

    /// Gives back the room of what has such an address. Without effect where the browser refuses: it is only in the way.
    pub(super) async fn forget(&self, is_unwanted: impl Fn(&str) -> bool) {
        let Some(cache) = &self.0 else { return };
        for url in self.urls().await {
            if is_unwanted(&url)
                && let Err(error) = JsFuture::from(cache.delete_with_str(&url)).await
            {
                web_sys::console::info_3(&"unwanted, and stays:".into(), &url.into(), &error);
            }
        }
    }
}
