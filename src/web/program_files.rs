//! Where the program's files lie: told by `www/files.js`, which alone names them, so that bundlers find them too.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Worker;

#[wasm_bindgen]
extern "C" {
    /// `files` of `www/files.js`.
    #[derive(Clone)]
    pub type Files;

    /// Address of the style sheet.
    #[wasm_bindgen(method, getter)]
    pub(super) fn style(this: &Files) -> String;

    /// Address of the weights to start with: a file, or a folder with a manifest, which ends in a slash.
    #[wasm_bindgen(method, getter)]
    pub(super) fn weights(this: &Files) -> String;

    /// Starts the worker that runs the network.
    #[wasm_bindgen(method, catch, js_name = startEngine)]
    pub(super) fn start_engine(this: &Files) -> Result<Worker, JsValue>;

    /// Starts the worker that makes small pictures.
    #[wasm_bindgen(method, catch, js_name = startThumbnailer)]
    pub(super) fn start_thumbnailer(this: &Files) -> Result<Worker, JsValue>;
}
