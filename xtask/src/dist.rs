//! Builds the app into `dist/`.

use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use xtask::{manifest, service_worker};

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

/// The list of weights, in the repository and in the built app.
const MANIFEST: &str = "weights/manifest.json";

/// Tells [`finish`] across trunk which weights the app is to start with.
const WEIGHTS: &str = "CRACK_SEGMENTER_WEIGHTS";

/// How an app is built for its host.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// The only address that it will be hosted at; any if not told.
    pub(crate) public_url: Option<String>,
    /// The weights that it starts with; the manifest's if not told.
    pub(crate) weights: Option<String>,
}

/// Builds `dist/`.
pub(crate) fn build(options: &Options) -> Result<()> {
    let mut trunk = Command::new("trunk");
    trunk.args(["build", "--release", "--skip-version-check"]);
    if let Some(url) = &options.public_url {
        trunk.args(["--public-url", url]);
    }
    trunk.env_remove(WEIGHTS);
    if let Some(name) = &options.weights {
        // Refused before minutes have gone by.
        manifest::with_default(&fs::read_to_string(MANIFEST)?, name)?;
        trunk.env(WEIGHTS, name);
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
    if let Ok(name) = std::env::var(WEIGHTS) {
        let [manifest, files] = [MANIFEST, "www/files.js"].map(|file| folder.join(file));
        let (listed, code) = (fs::read_to_string(&manifest)?, fs::read_to_string(&files)?);
        fs::write(manifest, manifest::with_default(&listed, &name)?)?;
        fs::write(files, manifest::in_program(&code, &listed, &name)?)?;
    }
    service_worker::write(folder)?;
    compress(folder)
}

/// Replaces a WebAssembly file by a smaller and faster one.
fn optimise(wasm: &Path) -> Result<()> {
    kept("wasm-opt", wasm, wasm, |out| {
        let mut wasm_opt = Command::new("wasm-opt");
        wasm_opt.args(WASM_OPT).arg(wasm).arg("-o").arg(out);
        run(wasm_opt)
    })
}

/// What shrinks when it is compressed (pictures do not); `onnx` are the peers' weights in the bench.
const COMPRESSED: [&str; 10] = [
    "bpk",
    "css",
    "html",
    "js",
    "json",
    "mjs",
    "onnx",
    "svg",
    "wasm",
    "webmanifest",
];

/// Into this page its host writes.
const HOSTS_OWN: &str = "embed.html";

/// Puts beside each file what a server may send in its place.
pub(crate) fn compress(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let extension = path.extension().and_then(OsStr::to_str);
        if path.is_dir() {
            compress(&path)?;
        } else if extension.is_some_and(|extension| COMPRESSED.contains(&extension))
            && !path.ends_with(HOSTS_OWN)
        {
            for (program, ending) in [("brotli", "br"), ("gzip", "gz")] {
                let mut name = path.clone().into_os_string();
                name.push(format!(".{ending}"));
                kept(program, &path, Path::new(&name), |out| {
                    let mut command = Command::new(program);
                    command.args(["--best", "--stdout"]).arg(&path);
                    let status = command.stdout(fs::File::create(out)?).status();
                    let status = status.with_context(|| program.to_owned())?;
                    ensure!(status.success(), "{program} failed on {}", path.display());
                    Ok(())
                })?;
            }
        }
    }
    Ok(())
}

/// Where cargo builds; relative to the repository where nothing else is said.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from)
}

/// Makes `to` of `from` by a `step` that has `program` write the file that it is given; or takes what the same version of the
/// program made of the same content before, which is kept beside cargo's own files.
fn kept(
    program: &str,
    from: &Path,
    to: &Path,
    step: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    let folder = target().join("finished").join(program);
    fs::create_dir_all(&folder)?;
    let mut hasher = DefaultHasher::new();
    let version = Command::new(program).arg("--version").output();
    let version = version.with_context(|| program.to_owned())?.stdout;
    (fs::read(from)?, WASM_OPT, version).hash(&mut hasher);
    // One result a file, or they would pile up; the folder tells those of one name apart.
    let parts = [from.parent().and_then(Path::file_name), from.file_name()];
    let name: Vec<_> = parts
        .into_iter()
        .flatten()
        .map(OsStr::to_string_lossy)
        .collect();
    let kept = folder.join(name.join("-"));
    let kept_key = kept.with_added_extension("key");
    let key = format!("{:016x}", hasher.finish());
    if fs::read_to_string(&kept_key).is_ok_and(|of| of == key) && fs::copy(&kept, to).is_ok() {
        return Ok(());
    }
    // Whoever interrupts this must not find half a file in its place.
    fs::write(&kept_key, "")?;
    step(&kept)?;
    fs::write(kept_key, key)?;
    fs::copy(&kept, to)?;
    Ok(())
}
