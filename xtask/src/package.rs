//! The npm package: the element, and the segmenter without a view, for other pages.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::space;

/// What of the built app other pages need. Its own page, offline use and example pictures are not among it.
const FILES: [&str; 18] = [
    "app.js",
    "app_bg.wasm",
    "worker.js",
    "worker_bg.wasm",
    "weights/README.md",
    "weights/lite.bpk",
    "www/crack-segmenter.d.ts",
    "www/crack-segmenter.js",
    "www/element.js",
    "www/files.js",
    "www/part.js",
    "www/predict.js",
    "www/segmentation.js",
    "www/segmenter.js",
    "www/source.js",
    "www/style.css",
    "www/thumbnailer.js",
    "www/worker.js",
];

const PACKAGE: &str = include_str!("package/package.json");
const ELEMENTS: &str = include_str!("package/custom-elements.json");
const README: &str = include_str!("package/README.md");

/// Makes the folder `out`, which `npm pack` packs, from the built app in `dist` and the licences in `root`.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write(root: &Path, dist: &Path, out: &Path) -> Result<()> {
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| out.display().to_string())?;
    }
    for file in FILES {
        let to = out.join(file);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(dist.join(file), to).with_context(|| file.to_owned())?;
    }
    let version = concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"");
    let package = PACKAGE.replace("\"version\": \"0.0.0\"", version);
    fs::write(out.join("package.json"), package)?;
    fs::write(out.join("custom-elements.json"), ELEMENTS)?;
    fs::write(out.join("README.md"), README)?;
    fs::write(out.join("LICENSE.md"), space::licence(root)?)?;
    Ok(())
}
