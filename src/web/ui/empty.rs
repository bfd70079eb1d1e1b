//! What is seen before there is a photo: every way to bring one in.

use leptos::prelude::*;

use super::alert::Alert;
use super::app::Choosers;
use super::controller::Controller;
use super::dom;
use super::icons::{Glyph, Icon};
use super::words;

/// The drop zone with its buttons and examples.
#[component]
pub(super) fn Empty() -> impl IntoView {
    let controller = Controller::of_context();
    let choosers: Choosers = expect_context();
    let examples = words::EXAMPLE_PICTURES
        .into_iter()
        .filter_map(|(file_name, label)| {
            let url = controller.app_url(&format!("www/examples/{file_name}"))?;
            Some(view! {
                <li>
                    <button class="cs-example" data-testid="example" on:click=move |_| controller.take_example(file_name)>
                        <img src=url alt="" width="320" height="240" />
                        <span>{label}</span>
                    </button>
                </li>
            })
        })
        .collect_view();
    view! {
        <div class="cs-empty">
            <div class="cs-zone">
                <h2>{words::EMPTY_TITLE}</h2>
                <p class="cs-zone__hint">{words::EMPTY_HINT}</p>
                <div class="cs-zone__ways">
                    <button
                        class="cs-button cs-button--primary"
                        data-testid="choose"
                        data-focus-first
                        on:click=move |_| Choosers::open(choosers.photos)
                    >
                        <Glyph icon=Icon::Photos />
                        {words::CHOOSE}
                    </button>
                    <button
                        class="cs-button cs-touch-only"
                        data-testid="take"
                        on:click=move |_| Choosers::open(choosers.camera)
                    >
                        <Glyph icon=Icon::Camera />
                        {words::TAKE}
                    </button>
                    {dom::can_paste().then(|| view! {
                        <button class="cs-button" data-testid="paste" on:click=move |_| controller.take_clipboard()>
                            <Glyph icon=Icon::Clipboard />
                            {words::PASTE}
                        </button>
                    })}
                </div>
                <IntakeError />
            </div>
            {controller.is_app().then(|| view! {
                <div class="cs-examples">
                    <h3>{words::EXAMPLES}</h3>
                    <ul>{examples}</ul>
                </div>
            })}
        </div>
    }
}

/// What went wrong while bringing a photo in.
#[component]
pub(super) fn IntakeError() -> impl IntoView {
    let error = Controller::of_context().intake_error;
    move || {
        let message = error.get()?;
        Some(view! { <Alert on_dismiss=move || error.set(None)>{message}</Alert> })
    }
}
