//! The choice among a GPU's kernels that was measured to be the fastest, kept for the next time.

use js_sys::encode_uri_component;

use super::store::Store;
use super::worker::scope;
use crate::device::Gpu;
use crate::engine::Slicing;

/// Name of the browser's cache for it.
const STORE: &str = "crack-segmenter-gpu";

/// What is known to be the fastest on this GPU for networks of this width; none where it is still to be measured. Of a GPU in
/// software it is known without.
pub(super) async fn known(gpu: &Gpu, width: usize) -> Option<Slicing> {
    if gpu.is_software {
        return Some(Slicing::usual(gpu));
    }
    let kept = Store::open(STORE).await.get(&key(gpu, width)).await?;
    let blocks = str::from_utf8(&kept).ok()?;
    let mut choices = Slicing::CHOICES.into_iter();
    choices.find(|choice| choice.blocks().to_string() == blocks)
}

/// Keeps what was measured. What other versions of the program measured goes.
pub(super) async fn keep(gpu: &Gpu, width: usize, fastest: Slicing) {
    let (store, key) = (Store::open(STORE).await, key(gpu, width));
    store
        .put(&key, fastest.blocks().to_string().as_bytes())
        .await;
    let version = format!("version={}", env!("CARGO_PKG_VERSION"));
    store.forget(|other| !other.contains(&version)).await;
}

/// An address, as the cache wants one; nothing is ever fetched from there.
fn key(gpu: &Gpu, width: usize) -> String {
    let (origin, adapter) = (scope().origin(), encode_uri_component(&gpu.name));
    let version = env!("CARGO_PKG_VERSION");
    format!("{origin}/?adapter={adapter}&width={width}&version={version}")
}
