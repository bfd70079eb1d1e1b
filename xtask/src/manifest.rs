//! The list of weights that the app reads, as its host wants it.

use anyhow::{Result, ensure};
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
}
