//! What went wrong, in words.

use leptos::html::Div;
use leptos::prelude::*;

use super::icons::{Glyph, Icon};
use crate::web::ui::controller::Controller;
use crate::web::ui::dom;
use crate::web::ui::focus::{FIRST, Focus};

/// Words that a screen reader tells at once, and that stay as long as they are true.
#[component]
pub(super) fn Failed(children: Children) -> impl IntoView {
    view! {
        <p class="cs-error" role="alert" data-testid="error">
            <Glyph icon=Icon::Alert />
            {children()}
        </p>
    }
    .into_any()
}

/// The same, to be put away by whoever has read it.
#[component]
pub(super) fn Alert(children: Children, on_dismiss: impl Fn() + 'static) -> impl IntoView {
    let focus: Focus = expect_context();
    let words = Controller::of_context().words();
    let alert = NodeRef::<Div>::new();
    Effect::new(move |_| {
        if let Some(alert) = alert.get()
            && focus.may_lead()
        {
            dom::bring_into_view(&alert);
        }
    });
    view! {
        <div class="cs-error" role="alert" data-testid="error" node_ref=alert>
            <Glyph icon=Icon::Alert />
            <div>{children()}</div>
            <button
                class="cs-button cs-button--icon"
                aria-label=move || words.get().dismiss
                data-testid="dismiss"
                on:click=move |_| {
                    on_dismiss();
                    focus.on([FIRST]);
                }
            >
                <Glyph icon=Icon::Close />
            </button>
        </div>
    }
    .into_any()
}
