//! What a weight file says of its weights.

use std::collections::BTreeMap;

use crate::photo::Levels;

/// Stored beside the tensors, as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// A short name: "lite".
    pub name: String,
    /// The probability above which a pixel counts as crack, chosen on validation data; 0.5 where the file is silent,
    /// as the original.
    pub threshold: f32,
    /// What the network was trained on; as taken where the file is silent, as the original.
    pub levels: Levels,
}

/// The original's rule, for files that are silent.
const DEFAULT_THRESHOLD: f32 = 0.5;

/// The two [`Levels`] in a file.
const EVEN: &str = "even";
#[cfg(feature = "model")]
const AS_TAKEN: &str = "as taken";

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
            levels: match text.get("levels").map(String::as_str) {
                Some(EVEN) => Levels::Even,
                _ => Levels::AsTaken,
            },
        }
    }

    #[cfg(feature = "model")]
    pub(super) fn to_text(&self) -> [(&'static str, String); 3] {
        let levels = match self.levels {
            Levels::AsTaken => AS_TAKEN,
            Levels::Even => EVEN,
        };
        [
            ("name", self.name.clone()),
            ("threshold", self.threshold.to_string()),
            ("levels", levels.to_owned()),
        ]
    }
}
