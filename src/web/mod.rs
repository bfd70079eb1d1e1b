//! The browser: the only place that names web-sys.
//!
//! `client` and [`ui`] run in the page, `worker` and `engine` in the worker; `message` is the wire between them. What
//! of the page needs no browser compiles natively too, for its tests.

#[cfg(target_family = "wasm")]
mod browser_decode;
#[cfg(target_family = "wasm")]
pub mod client;
#[cfg(target_family = "wasm")]
mod engine;
#[cfg(target_family = "wasm")]
mod fetch;
#[cfg(target_family = "wasm")]
mod message;
pub mod ui;
#[cfg(target_family = "wasm")]
pub mod worker;
