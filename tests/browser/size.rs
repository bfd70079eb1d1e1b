//! How much a visitor fetches for a first mask.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::harness::dist;

/// What every visitor fetches, without what the service worker fetches afterwards.
const PAGE: [&str; 16] = [
    "index.html",
    "app.js",
    "app_bg.wasm",
    "worker.js",
    "gpu-worker.js",
    "www/ahead.js",
    "www/boot.js",
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
        ("worker_bg.wasm", 2_650_000),
        ("gpu-worker_bg.wasm", 3_700_000),
    ] {
        let mut total = 0;
        for file in PAGE.iter().chain([&program]) {
            total += transferred(&dist().join(file))?;
        }
        ensure!(total <= limit, "{total} bytes with {program}");
    }
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
