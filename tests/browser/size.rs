//! How much a visitor fetches for a first mask.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::harness::{App, Gpu, dist};

/// What every visitor fetches, without what the service worker fetches afterwards.
const PAGE: [&str; 20] = [
    "index.html",
    "app.js",
    "app_bg.wasm",
    "worker.js",
    "gpu-worker.js",
    "www/ahead.js",
    "www/app.webmanifest",
    "www/boot.js",
    "www/examples/fine.small.jpg",
    "www/examples/slab.small.jpg",
    "www/examples/wall.small.jpg",
    "www/files.js",
    "www/foreign.js",
    "www/late.js",
    "www/page.css",
    "www/style.css",
    "www/words.js",
    "www/worker.js",
    "weights/manifest.json",
    "weights/lite.bpk",
];

#[test]
fn a_first_mask_is_a_small_download() -> Result<()> {
    for (program, limit) in [
        ("worker_bg.wasm", 2_770_000),
        ("gpu-worker_bg.wasm", 3_820_000),
    ] {
        let mut total = 0;
        for file in PAGE.iter().chain([&program]) {
            total += transferred(&dist().join(file))?;
        }
        ensure!(total <= limit, "{total} bytes with {program}");
    }
    Ok(())
}

/// What the page itself asks for, without its icon. The pictures may come after the engine.
const ASKED_FOR: &str = r#"
    const folder = new URL(".", document.baseURI).href;
    return Promise.all([...document.images].map((image) => image.decode()))
        .then(() => performance.getEntriesByType("resource").map(({ name }) => name.replace(folder, "")));
"#;

#[test]
fn all_that_the_page_asks_for_is_counted() -> Result<()> {
    let app = App::open(Gpu::None)?;
    app.wait_until_ready()?;
    let asked: Vec<String> = serde_json::from_value(app.run(ASKED_FOR, json!([]))?)?;
    ensure!(
        asked.iter().any(|file| file.ends_with(".small.jpg")),
        "{asked:?}"
    );
    let uncounted = |file: &&String| {
        let is_counted = PAGE.contains(&file.as_str()) || file.ends_with("worker_bg.wasm");
        !is_counted && !file.contains("icon")
    };
    let uncounted: Vec<_> = asked.iter().filter(uncounted).collect();
    ensure!(uncounted.is_empty(), "{uncounted:?} of {asked:?}");
    Ok(())
}

/// Bytes of a file as a host with Brotli sends it.
fn transferred(file: &Path) -> Result<u64> {
    let compressed = file.with_added_extension("br");
    let sent = if compressed.exists() {
        &compressed
    } else {
        file
    };
    let about = fs::metadata(sent).with_context(|| sent.display().to_string())?;
    Ok(about.len())
}
