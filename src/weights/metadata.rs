//! What a weight file says of its weights.

use std::collections::BTreeMap;

use super::WeightsError;
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

/// What a file says of [`Levels`].
const EVEN: &str = "even";
const AS_TAKEN: &str = "as taken";

/// What it says of [`Scales`].
const ONE: &str = "one";
const TWO: &str = "two";

impl Metadata {
    /// # Errors
    /// What the file says and this program does not know: used in another way than the weights were made for, they
    /// would find something else.
    pub(super) fn from_text(
        text: &BTreeMap<String, String>,
        default_name: &str,
    ) -> Result<Self, WeightsError> {
        let get = |key: &str| text.get(key).map(String::as_str);
        let unknown = |key: &str, value: &str| {
            WeightsError::Damaged(format!("`{value}` is no known value of its `{key}`"))
        };
        Ok(Self {
            name: get("name").unwrap_or(default_name).to_owned(),
            threshold: match get("threshold") {
                None => DEFAULT_THRESHOLD,
                Some(value) => value
                    .parse()
                    .ok()
                    .filter(|threshold| (0.0..=1.0).contains(threshold))
                    .ok_or_else(|| unknown("threshold", value))?,
            },
            usage: Usage {
                levels: match get("levels") {
                    None | Some(AS_TAKEN) => Levels::AsTaken,
                    Some(EVEN) => Levels::Even,
                    Some(value) => return Err(unknown("levels", value)),
                },
                scales: match get("scales") {
                    None | Some(ONE) => Scales::One,
                    Some(TWO) => Scales::Two,
                    Some(value) => return Err(unknown("scales", value)),
                },
            },
        })
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;

    fn read(text: &[(&str, &str)]) -> Result<Metadata, WeightsError> {
        let text = text
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Metadata::from_text(&text.collect(), "file")
    }

    #[test]
    fn a_silent_file_is_used_as_the_original() {
        let silent = read(&[("format", "pt")]).unwrap();
        let original = Metadata {
            name: "file".into(),
            threshold: 0.5,
            usage: Usage::default(),
        };
        assert_eq!(silent, original);
        let said = [
            ("threshold", "0.5"),
            ("levels", "as taken"),
            ("scales", "one"),
        ];
        assert_eq!(read(&said).unwrap(), original);
    }

    #[test]
    fn what_a_file_says_is_never_passed_over() {
        for (key, value) in [
            ("levels", "Even"),
            ("levels", ""),
            ("scales", "three"),
            ("threshold", "half"),
            ("threshold", "0,5"),
            ("threshold", "NaN"),
            ("threshold", "1.01"),
            ("threshold", "-0.1"),
        ] {
            let error = read(&[(key, value)]).unwrap_err();
            assert!(matches!(error, WeightsError::Damaged(_)), "{error}");
            let words = error.to_string();
            assert!(words.contains(key) && words.contains(value), "{words}");
        }
    }
}
