//! What there is to keep of a result.

use leptos::prelude::*;

use super::controller::Controller;
use super::icons::{Glyph, Icon};
use crate::protocol::ExportKind;

/// The three downloads.
#[component]
pub(super) fn Downloads() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let exporting = Memo::new(move |_| state.with(|state| state.exporting));
    let buttons = [
        (ExportKind::Mask, "download-mask"),
        (ExportKind::Overlay, "download-overlay"),
        (ExportKind::Probability, "download-probability"),
    ]
    .map(|(kind, testid)| {
        view! {
            <button
                class="cs-button"
                data-testid=testid
                aria-busy=move || (exporting.get() == Some(kind)).to_string()
                // Not `disabled`, which would take the focus away.
                aria-disabled=move || exporting.with(Option::is_some).to_string()
                on:click=move |_| controller.act(|state| state.export(kind))
            >
                {move || words.get().export(kind)}
            </button>
        }
    })
    .collect_view();
    let hint = move || {
        exporting
            .get()
            .map(|_| view! { <p class="cs-hint">{move || words.get().exporting}</p> })
    };
    let failure = move || {
        state
            .with(|state| state.export_failure.clone())
            .map(|failure| {
                view! {
                    <p class="cs-error" role="alert" data-testid="error">
                        <Glyph icon=Icon::Alert />
                        {move || words.get().failure(&failure)}
                    </p>
                }
            })
    };
    view! {
        <section class="cs-section" aria-labelledby="cs-downloads">
            <h2 id="cs-downloads">{move || words.get().download}</h2>
            <div class="cs-downloads">{buttons}</div>
            {hint}
            {failure}
        </section>
    }
}
