//! The program of the page: `www/boot.js` loads it and mounts it.

#[cfg(target_family = "wasm")]
use crack_segmenter::web::ui;
#[cfg(target_family = "wasm")]
use wasm_bindgen::prelude::wasm_bindgen;

/// The page in its root; `free()` takes it out again.
#[cfg(target_family = "wasm")]
#[wasm_bindgen]
pub struct Handle {
    _page: ui::Mounted,
}

/// Puts the page into `root`: as the app itself, or as a part of another page. `base_url` is the folder in which its
/// files lie, ending in a slash.
#[cfg(target_family = "wasm")]
#[wasm_bindgen]
pub fn mount(root: web_sys::HtmlElement, base_url: String, is_app: bool) -> Handle {
    console_error_panic_hook::set_once();
    let place = if is_app {
        ui::Place::App
    } else {
        ui::Place::Embedded
    };
    Handle {
        _page: ui::mount(root, base_url, place),
    }
}

#[cfg(target_family = "wasm")]
fn main() {}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("This program runs in a browser: `cargo xtask serve` builds and serves it.");
}
