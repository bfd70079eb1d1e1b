//! A heading that opens and closes what stands below it.

use leptos::prelude::*;

use super::controller::Controller;
use super::icons::{Glyph, Icon};
use super::words::Words;

/// The button; what it opens goes by `is_open` too.
#[component]
pub(super) fn Disclosure(
    testid: &'static str,
    label: fn(&Words) -> &'static str,
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let words = Controller::of_context().words();
    view! {
        <button
            class="cs-disclosure"
            data-testid=testid
            aria-expanded=move || is_open.get().to_string()
            on:click=move |_| is_open.update(|is| *is = !*is)
        >
            {move || label(words.get())}
            {move || view! { <Glyph icon=if is_open.get() { Icon::Up } else { Icon::Down } /> }}
        </button>
    }
    .into_any()
}
