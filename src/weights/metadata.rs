//! What a weight file says of its weights.

use std::collections::BTreeMap;

use crate::photo::Levels;
use crate::segmenter::{Scales, Usage};

/// Stored beside the tensors, as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// A short name: "lite".
    pub name: String,
    /// The probability above which a pixel counts as crack, chosen on validation data; 0.5 where the file is silent,
    /// as the original.
    pub threshold: f32,
    /// As the original's where the file is silent.
    pub usage: Usage,
}

/// The original's rule, for files that are silent.
const DEFAULT_THRESHOLD: f32 = 0.5;

/// What a file says of [`Levels::Even`] and of [`Scales::Two`].
const EVEN: &str = "even";
const TWO: &str = "two";

/// What it says of the others.
#[cfg(feature = "model")]
const AS_TAKEN: &str = "as taken";
#[cfg(feature = "model")]
const ONE: &str = "one";

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
            usage: Usage {
                levels: match text.get("levels").map(String::as_str) {
                    Some(EVEN) => Levels::Even,
                    _ => Levels::AsTaken,
                },
                scales: match text.get("scales").map(String::as_str) {
                    Some(TWO) => Scales::Two,
                    _ => Scales::One,
                },
            },
        }
    }

    #[cfg(feature = "model")]
    pub(super) fn to_text(&self) -> [(&'static str, String); 4] {
        let levels = match self.usage.levels {
            Levels::AsTaken => AS_TAKEN,
            Levels::Even => EVEN,
        };
        let scales = match self.usage.scales {
            Scales::One => ONE,
            Scales::Two => TWO,
        };
        [
            ("name", self.name.clone()),
            ("threshold", self.threshold.to_string()),
            ("levels", levels.to_owned()),
            ("scales", scales.to_owned()),
        ]
    }
}
