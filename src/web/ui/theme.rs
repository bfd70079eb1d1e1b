//! Light or dark: as the embedding page wants it, or the visitor's system.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::MediaQueryListEvent;

use super::controller::Controller;
use super::dom;
use super::host::Theme;

/// Whether colours are dark at present.
pub(super) fn is_dark(controller: Controller) -> Memo<bool> {
    let system_is_dark = RwSignal::new(false);
    match window().match_media("(prefers-color-scheme: dark)") {
        Ok(Some(query)) => {
            system_is_dark.set(query.matches());
            let on_change = Closure::<dyn FnMut(MediaQueryListEvent)>::new(
                move |event: MediaQueryListEvent| {
                    system_is_dark.try_set(event.matches());
                },
            );
            query.set_onchange(Some(on_change.as_ref().unchecked_ref()));
            let listening = StoredValue::new_local((query, on_change));
            on_cleanup(move || {
                listening.with_value(|(query, _)| query.set_onchange(None));
            });
        }
        Ok(None) => {}
        Err(error) => dom::log(&error),
    }
    Memo::new(move |_| match controller.theme() {
        Theme::Auto => system_is_dark.get(),
        Theme::Light => false,
        Theme::Dark => true,
    })
}
