//! The npm package: the element, and the segmenter without a view, for other pages.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::space;

/// What of the built app other pages need. Its own page, offline use and example pictures are not among it.
const FILES: [&str; 26] = [
    "app.js",
    "app_bg.wasm",
    "gpu-worker.js",
    "gpu-worker_bg.wasm",
    "worker.js",
    "worker_bg.wasm",
    "weights/README.md",
    "weights/lite.bpk",
    "weights/manifest.json",
    "weights/open.bpk",
    "www/ahead.js",
    "www/crack-segmenter.d.ts",
    "www/crack-segmenter.js",
    "www/element.js",
    "www/files.js",
    "www/foreign.js",
    "www/helper.js",
    "www/part.js",
    "www/predict.js",
    "www/segmentation.js",
    "www/segmenter.js",
    "www/source.js",
    "www/style.css",
    "www/thumbnailer.js",
    "www/words.js",
    "www/worker.js",
];

/// Tells an earlier package from other folders, with one of its modules.
const NAME: &str = "\"name\": \"crack-segmenter\"";

const PACKAGE: &str = include_str!("package/package.json");
const ELEMENTS: &str = include_str!("package/custom-elements.json");
const README: &str = include_str!("package/README.md");

/// Makes the folder `out`, which `npm pack` packs, from the built app in `dist` and the licences in `root`.
///
/// # Errors
/// When a file cannot be read or written, or `out` has things in it and is no such package.
pub fn write(root: &Path, dist: &Path, out: &Path) -> Result<()> {
    fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    space::expect_own_folder(root, out, "package.json", |package| {
        package.contains(NAME) && out.join("www/crack-segmenter.js").exists()
    })?;
    fs::remove_dir_all(out)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_folder_of_its_own_is_emptied() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-package-{}", std::process::id()));
        let (root, dist, out) = (folder.join("root"), folder.join("dist"), folder.join("out"));
        fs::create_dir_all(&root)?;
        for file in FILES {
            let file = dist.join(file);
            fs::create_dir_all(file.parent().context("in a folder")?)?;
            fs::write(file, "")?;
        }
        fs::write(root.join("LICENSE-MIT"), "one")?;
        fs::write(root.join("LICENSE-APACHE"), "two")?;
        for _ in 0..2 {
            write(&root, &dist, &out)?;
        }
        let package = fs::read_to_string(out.join("package.json"))?;
        assert!(
            package.contains(NAME) && !package.contains("0.0.0"),
            "{package}"
        );
        for other in [&root, &dist, &folder] {
            assert!(write(&root, &dist, other).is_err(), "{}", other.display());
        }
        assert!(root.join("LICENSE-MIT").exists() && dist.join("app.js").exists());
        Ok(fs::remove_dir_all(folder)?)
    }

    /// The element starts with a file, the app with the manifest's default: both must be the same.
    #[test]
    fn the_package_has_the_manifests_weights() -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let manifest = fs::read_to_string(root.join("weights/manifest.json"))?;
        let files = fs::read_to_string(root.join("www/files.js"))?;
        assert!(
            manifest.contains("\"default\": \"lite\"")
                && manifest.contains("\"file\": \"lite.bpk\"")
        );
        assert!(files.contains("../weights/lite.bpk") && FILES.contains(&"weights/lite.bpk"));
        Ok(())
    }
}
