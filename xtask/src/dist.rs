//! Builds the app into `dist/`.

use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use xtask::service_worker;

use crate::run;

/// Where the app is built, seen from the repository's root.
pub(crate) const DIST: &str = "dist";

/// How the WebAssembly files are optimised once more. The features are those that the compiler uses; binaryen's older
/// versions want to be told.
const WASM_OPT: &[&str] = &[
    "-O2",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Builds `dist/`, to be hosted anywhere, or at `public_url` only.
pub(crate) fn build(public_url: Option<&str>) -> Result<()> {
    let mut trunk = Command::new("trunk");
    trunk.args(["build", "--release", "--skip-version-check"]);
    if let Some(url) = public_url {
        trunk.args(["--public-url", url]);
    }
    // Flags of the environment would replace those of .cargo/config.toml, and SIMD with them.
    trunk
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    // Trunk 0.21 stops at any value of it but "true" and "false".
    trunk.env_remove("NO_COLOR");
    run(trunk)
}

/// Finishes what trunk built in `folder`, before it takes the place of the last build: trunk's hook.
pub(crate) fn finish(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("wasm")) {
            optimise(&path).with_context(|| format!("optimising {}", path.display()))?;
        }
    }
    service_worker::write(folder)
}

/// Replaces a WebAssembly file by a smaller and faster one. That takes longer than the rest of a second build, so the
/// result is kept beside cargo's, with a hash of what it was made from.
fn optimise(wasm: &Path) -> Result<()> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let folder = target.join("wasm-opt");
    fs::create_dir_all(&folder)?;
    let kept = folder.join(wasm.file_name().context("the file has a name")?);
    let kept_key = kept.with_extension("key");

    let mut hasher = DefaultHasher::new();
    (fs::read(wasm)?, WASM_OPT).hash(&mut hasher);
    let key = format!("{:016x}", hasher.finish());
    if fs::read_to_string(&kept_key).is_ok_and(|of| of == key) && fs::copy(&kept, wasm).is_ok() {
        return Ok(());
    }

    // Whoever interrupts this must not find half a file in its place.
    fs::write(&kept_key, "")?;
    let mut wasm_opt = Command::new("wasm-opt");
    wasm_opt.args(WASM_OPT).arg(wasm).arg("-o").arg(&kept);
    run(wasm_opt)?;
    fs::write(kept_key, key)?;
    fs::copy(&kept, wasm)?;
    Ok(())
}
