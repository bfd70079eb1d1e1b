//! The languages that the page speaks, and which of them a person gets.

use serde::{Deserialize, Serialize};

/// A language that the page speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// What everybody gets whose languages are not spoken here.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
    /// French.
    #[serde(rename = "fr")]
    French,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
}

impl Language {
    /// In the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::French, Self::Spanish];

    /// As HTML's `lang` has it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
        }
    }

    /// What it is called by those who speak it.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
        }
    }

    /// A day and a time of day, given as a date's number, as the language writes them.
    #[cfg(target_family = "wasm")]
    pub(super) fn date_and_time(self, date: f64) -> String {
        use js_sys::{Array, Date, Object};
        use wasm_bindgen::JsValue;

        let style = |name: &str, value: &str| Array::of2(&name.into(), &value.into());
        let style = Array::of2(&style("dateStyle", "long"), &style("timeStyle", "short"));
        let style = Object::from_entries(&style).map_or(JsValue::UNDEFINED, JsValue::from);
        let date = Date::new(&date.into());
        date.to_locale_string(self.tag(), &style).into()
    }

    /// That of a language tag, whatever the region or the script ("de-AT").
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        let is_it = |language: &Self| primary.eq_ignore_ascii_case(language.tag());
        Self::ALL.into_iter().find(is_it)
    }

    /// The first of the languages asked for that is spoken here.
    pub fn choose<'t>(tags: impl IntoIterator<Item = &'t str>) -> Self {
        let mut known = tags.into_iter().filter_map(Self::of_tag);
        known.next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_is_known_is_chosen() {
        for (tags, expected) in [
            (&["de-AT"][..], Language::German),
            (&["fr-CA", "en"], Language::French),
            (&["ES"], Language::Spanish),
            (&["ja", "pt-BR", "es-419", "de"], Language::Spanish),
            (&["zh-Hant-TW", "en-GB", "fr"], Language::English),
            (&["", "x", "den", "frr"], Language::English),
            (&["", " de_CH "], Language::German),
            (&[], Language::English),
        ] {
            assert_eq!(Language::choose(tags.iter().copied()), expected, "{tags:?}");
        }
    }

    #[test]
    fn each_is_found_by_its_own_tag() {
        for language in Language::ALL {
            assert_eq!(Language::of_tag(language.tag()), Some(language));
        }
    }
}
