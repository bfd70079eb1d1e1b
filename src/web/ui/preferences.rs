//! What the person chose, kept by the browser for the next visit. The threshold is not: it belongs to a photo looked at,
//! and one forgotten at an odd place would mislead.

use js_sys::JSON;
use leptos::prelude::window;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use web_sys::Storage;

use super::dom;
use super::host::Options;
use super::language::Language;
use super::look::{Look, View};
use super::shipped::Shipped;
use crate::protocol::{BackendChoice, Mode};

/// The name under which they are kept.
const KEY: &str = "crack-segmenter.preferences";

/// The choices that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Preferences {
    pub(super) mode: Mode,
    pub(super) backend: BackendChoice,
    /// None = the usual ones of who hosts the app.
    pub(super) weights: Option<Shipped>,
    pub(super) view: View,
    pub(super) opacity: f64,
    /// None = as the browser has it.
    pub(super) language: Option<Language>,
}

impl Default for Preferences {
    fn default() -> Self {
        let look = Look::default();
        Self {
            mode: Mode::default(),
            backend: BackendChoice::default(),
            weights: None,
            view: look.view,
            opacity: look.opacity,
            language: None,
        }
    }
}

impl Preferences {
    /// Those of the last visit; the usual ones where there are none, or the browser keeps nothing.
    pub(super) fn load() -> Self {
        let kept = || -> Result<Self, JsValue> {
            let text = storage()?.get_item(KEY)?.unwrap_or_else(|| "{}".into());
            Ok(serde_wasm_bindgen::from_value(JSON::parse(&text)?)?)
        };
        let kept = kept().unwrap_or_else(|error| {
            dom::log(&error);
            Self::default()
        });
        Self {
            opacity: kept.opacity.clamp(0.0, 1.0),
            ..kept
        }
    }

    /// What the page that embeds this chose.
    pub(super) fn of_host(options: &Options) -> Self {
        let usual = Self::default();
        Self {
            mode: options.mode,
            backend: options.backend,
            opacity: options.overlay_opacity.unwrap_or(usual.opacity),
            ..usual
        }
    }

    /// Keeps those that are other than `before`, where the browser lets it: another tab may have kept others since.
    pub(super) fn save(&self, before: &Self) {
        let mut kept = Self::load();
        keep_changed(&mut kept.mode, before.mode, self.mode);
        keep_changed(&mut kept.backend, before.backend, self.backend);
        keep_changed(&mut kept.weights, before.weights, self.weights);
        keep_changed(&mut kept.view, before.view, self.view);
        keep_changed(&mut kept.opacity, before.opacity, self.opacity);
        keep_changed(&mut kept.language, before.language, self.language);
        let keep = || -> Result<(), JsValue> {
            let text = JSON::stringify(&serde_wasm_bindgen::to_value(&kept)?)?;
            storage()?.set_item(KEY, &String::from(text))
        };
        if let Err(error) = keep() {
            dom::log(&error);
        }
    }
}

fn keep_changed<T: PartialEq>(kept: &mut T, before: T, now: T) {
    if now != before {
        *kept = now;
    }
}

fn storage() -> Result<Storage, JsValue> {
    window()
        .local_storage()?
        .ok_or_else(|| "this browser keeps nothing".into())
}
