//! What a weight file says of its weights.

use std::collections::BTreeMap;

/// Stored beside the tensors, as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// A short name: "lite".
    pub name: String,
    /// The probability above which a pixel counts as crack, chosen on validation data; 0.5 where the file is silent,
    /// as the original.
    pub threshold: f32,
}

/// The original's rule, for files that are silent.
const DEFAULT_THRESHOLD: f32 = 0.5;

impl Metadata {
    pub(super) fn from_text(text: &BTreeMap<String, String>, default_name: &str) -> Self {
        Self {
            name: text
                .get("name")
                .map_or(default_name, String::as_str)
                .to_owned(),
            threshold: text
                .get("threshold")
                .and_then(|threshold| threshold.parse().ok())
                .filter(|threshold| (0.0..=1.0).contains(threshold))
                .unwrap_or(DEFAULT_THRESHOLD),
        }
    }

    #[cfg(feature = "model")]
    pub(super) fn to_text(&self) -> [(&'static str, String); 2] {
        [
            ("name", self.name.clone()),
            ("threshold", self.threshold.to_string()),
        ]
    }
}
