//! A heading that opens and closes what stands below it.

use leptos::html::Button;
use leptos::prelude::*;

use super::icons::{Glyph, Icon};
use crate::web::ui::controller::Controller;
use crate::web::ui::dom;
use crate::web::ui::words::Words;

/// What holds a button and what it opens.
const SECTION: &str = ".cs-section, .cs-cracks";

/// The button; what it opens goes by `is_open` too, and lies with it in one element. Opened, as much of that comes into sight as
/// there is room for.
#[component]
pub(super) fn Disclosure(
    testid: &'static str,
    label: fn(&Words) -> &'static str,
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let words = Controller::of_context().words();
    let button = NodeRef::<Button>::new();
    let press = move |_| {
        is_open.update(|is| *is = !*is);
        if is_open.get_untracked() {
            // In a frame it is laid out.
            request_animation_frame(move || show_all(button));
        }
    };
    view! {
        <button
            class="cs-disclosure"
            data-testid=testid
            aria-expanded=move || is_open.get().to_string()
            node_ref=button
            on:click=press
        >
            {move || label(words.get())}
            {move || view! { <Glyph icon=if is_open.get() { Icon::Up } else { Icon::Down } /> }}
        </button>
    }
    .into_any()
}

/// Scrolls what the button opened into sight, together with the button. Without effect once it is gone.
fn show_all(button: NodeRef<Button>) {
    let section = button.try_get_untracked().flatten();
    if let Some(section) = section.and_then(|button| button.closest(SECTION).ok()?) {
        dom::bring_into_view(&section);
    }
}
