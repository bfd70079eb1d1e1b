//! The list of weights that the app reads, as its host wants it.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// The text of a manifest, by which the app starts with the weights of this name.
///
/// # Errors
/// When the manifest is no JSON, or lists no weights of this name.
pub fn with_default(manifest: &str, name: &str) -> Result<String> {
    let mut all: Value = serde_json::from_str(manifest)?;
    let listed = all["weights"].as_array().into_iter().flatten();
    let names: Vec<_> = listed.filter_map(|entry| entry["name"].as_str()).collect();
    ensure!(
        names.contains(&name),
        "there are no weights `{name}`: --weights is one of {}",
        names.join(", ")
    );
    all["default"] = name.into();
    Ok(format!("{all:#}\n"))
}

/// The text of the module that names the program's files, by which elements, frames and segmenters start with the weights of this
/// name instead of the manifest's default.
///
/// # Errors
/// When the manifest is no JSON, or the module does not name the file of its default.
pub fn in_program(files: &str, manifest: &str, name: &str) -> Result<String> {
    let all: Value = serde_json::from_str(manifest)?;
    let address_of = |name: &str| {
        let mut listed = all["weights"].as_array().into_iter().flatten();
        let entry = listed.find(|entry| entry["name"] == name);
        let file = entry.and_then(|entry| entry["file"].as_str());
        file.map(|file| format!("\"../weights/{file}\""))
    };
    let usual = all["default"].as_str().and_then(address_of);
    let (usual, wanted) = usual
        .zip(address_of(name))
        .context("the manifest lacks a file")?;
    ensure!(files.contains(&usual), "the program names no file {usual}");
    Ok(files.replace(&usual, &wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../weights/manifest.json");

    #[test]
    fn listed_weights_alone_become_the_default() -> Result<()> {
        let mut expected: Value = serde_json::from_str(SHIPPED)?;
        assert_eq!(expected["default"], "lite");
        expected["default"] = "open".into();
        let changed: Value = serde_json::from_str(&with_default(SHIPPED, "open")?)?;
        assert_eq!(changed, expected);

        let refusal = with_default(SHIPPED, "closed").map_err(|error| error.to_string());
        assert!(refusal.is_err_and(|words| words.contains("lite, open")));
        Ok(())
    }
    #[test]
    fn elements_start_with_the_same() -> Result<()> {
        let files = include_str!("../../www/files.js");
        let changed = in_program(files, SHIPPED, "open")?;
        assert_eq!(changed, files.replace("lite.bpk", "open.bpk"));
        assert_ne!(changed, files);
        assert!(in_program("", SHIPPED, "open").is_err());
        Ok(())
    }
}
