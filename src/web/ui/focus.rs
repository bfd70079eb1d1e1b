//! Where the keyboard goes on, when the button that had the focus leaves.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Where the work goes on, in whichever view there is.
pub(super) const FIRST: &str = "[data-focus-first]";

/// What goes on in place of a button that runs a photo.
pub(super) const CANCEL: &str = "[data-testid=cancel]";

/// Moves the focus within the page's root.
#[derive(Clone, Copy)]
pub(super) struct Focus(pub(super) NodeRef<Div>);

impl Focus {
    /// Puts the focus on the first of these that is there once the view has changed.
    pub(super) fn on(self, selectors: impl IntoIterator<Item = String> + 'static) {
        request_animation_frame(move || {
            let Some(root) = self.0.try_get_untracked().flatten() else {
                return;
            };
            let found = selectors
                .into_iter()
                .find_map(|selector| root.query_selector(&selector).ok().flatten());
            if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok())
            {
                // Fails only for an element that left meanwhile.
                drop(element.focus());
            }
        });
    }
}
