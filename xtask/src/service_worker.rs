//! Tells the service worker which files the app is made of.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

/// The service worker as it is written, and where it has to lie: a worker serves what lies below it.
const SOURCE: &str = "www/service-worker.js";
const TARGET: &str = "service-worker.js";

/// What the app runs without, by the end of its name: weights have a cache of their own, what is compressed is served in
/// another's place, a host writes its own origins into embed.html.
const LEFT_OUT: [&str; 6] = [".bpk", ".br", ".d.ts", ".gz", ".md", "www/embed.html"];

/// The same, by folder: what is for those who look around.
const FOLDERS_LEFT_OUT: [&str; 2] = ["www/screenshots/", "weights/failures/"];

/// Moves the service worker of a built app to its place, with a list of all other files and their hashes.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write(folder: &Path) -> Result<()> {
    let source = folder.join(SOURCE);
    let code = fs::read_to_string(&source).with_context(|| source.display().to_string())?;
    fs::remove_file(&source)?;

    let mut files = BTreeMap::new();
    list(folder, "", &mut files)?;
    let lines: String = files
        .iter()
        .map(|(name, hash)| format!("  \"{name}\": \"{hash}\",\n"))
        .collect();
    let digest = Sha256::digest(format!("{lines}{code}"));
    let build: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let code = format!("const BUILD = \"{build}\";\nconst FILES = {{\n{lines}}};\n\n{code}");
    fs::write(folder.join(TARGET), code)?;
    Ok(())
}

/// Adds the files below `folder`, each with its hash as browsers check it (Subresource Integrity).
fn list(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &format!("{name}/"), files)?;
        } else if !LEFT_OUT.iter().any(|end| name.ends_with(end))
            && !FOLDERS_LEFT_OUT
                .iter()
                .any(|folder| name.starts_with(folder))
        {
            let hash = BASE64_STANDARD.encode(Sha256::digest(fs::read(entry.path())?));
            files.insert(name, format!("sha256-{hash}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed_and_a_change_makes_another_build() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-worker-{}", std::process::id()));
        let write_all = |page: &str| -> Result<String> {
            fs::create_dir_all(folder.join("www"))?;
            fs::create_dir_all(folder.join("weights"))?;
            fs::write(folder.join(SOURCE), "serve();\n")?;
            fs::write(folder.join("index.html"), page)?;
            fs::write(folder.join("weights/lite.bpk"), "left out")?;
            fs::write(folder.join("weights/manifest.json"), "{}")?;
            write(&folder)?;
            let code = fs::read_to_string(folder.join(TARGET))?;
            fs::remove_dir_all(&folder)?;
            Ok(code)
        };
        let one = write_all("one")?;
        // The hash by `printf one | openssl dgst -sha256 -binary | base64`.
        let index = "\"index.html\": \"sha256-dpLDrTVAu4A8Ags67mbNiIcSMjTqDG5xQ8Ct1z/0Me0=\"";
        assert!(one.contains(index), "{one}");
        assert!(one.contains("weights/manifest.json") && one.ends_with("serve();\n"));
        assert!(!one.contains("lite.bpk") && !one.contains(SOURCE));
        assert_ne!(one.lines().next(), write_all("two")?.lines().next());
        assert_eq!(one, write_all("one")?);
        Ok(())
    }
}
