//! The browser: the only place that names web-sys.
//!
//! `client`, [`hub`] and [`ui`] run in the page, `worker` and `workshop` in the worker, which may start others: `crew` is its side
//! of them, `helper` theirs, with messages of their own. `message` is the wire between page and worker,
//! `blob` reads the files that travel on it. What of the page needs no browser compiles natively too, for its tests.

#[cfg(any(test, all(target_family = "wasm", feature = "engine")))]
mod awake;
#[cfg(target_family = "wasm")]
mod blob;
#[cfg(all(target_family = "wasm", feature = "engine"))]
mod browser_decode;
#[cfg(target_family = "wasm")]
mod caches;
#[cfg(all(target_family = "wasm", feature = "page"))]
pub mod client;
#[cfg(all(target_family = "wasm", feature = "engine"))]
mod crew;
#[cfg(all(target_family = "wasm", feature = "engine"))]
mod fetch;
#[cfg(all(test, feature = "page"))]
mod fixtures;
#[cfg(all(target_family = "wasm", feature = "engine"))]
mod gpu;
#[cfg(all(target_family = "wasm", feature = "engine"))]
mod helper;
#[cfg(feature = "page")]
pub mod hub;
#[cfg(target_family = "wasm")]
mod js_error;
#[cfg(target_family = "wasm")]
mod message;
#[cfg(all(target_family = "wasm", feature = "engine"))]
mod preview;
#[cfg(all(target_family = "wasm", feature = "page"))]
pub mod program_files;
#[cfg(any(test, all(target_family = "wasm", feature = "engine")))]
mod releases;
#[cfg(all(target_family = "wasm", feature = "engine"))]
mod sha256;
#[cfg(all(target_family = "wasm", feature = "engine"))]
mod store;
#[cfg(all(target_family = "wasm", feature = "engine"))]
mod tuning;
#[cfg(feature = "page")]
pub mod ui;
#[cfg(any(test, all(target_family = "wasm", feature = "engine")))]
mod watchdog;
#[cfg(all(target_family = "wasm", feature = "engine"))]
pub mod worker;
#[cfg(all(target_family = "wasm", feature = "engine"))]
mod workshop;
