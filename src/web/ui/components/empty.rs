//! What is seen before there is a photo: every way to bring one in.

use leptos::prelude::*;

use super::alert::{Alert, Failed};
use super::app::Choosers;
use super::icons::{Glyph, Icon};
use super::left_over::LeftOver;
use crate::web::ui::controller::Controller;
use crate::web::ui::dom;
use crate::web::ui::intake::EXAMPLE_FILES;

/// The drop zone with its buttons and examples.
#[component]
pub(super) fn Empty() -> impl IntoView {
    let controller = Controller::of_context();
    let choosers: Choosers = expect_context();
    let words = controller.words();
    let examples = EXAMPLE_FILES
        .into_iter()
        .enumerate()
        .filter_map(|(place, file_name)| {
            let thumbnail = file_name.replace(".jpg", ".small.jpg");
            let url = controller.app_url(&format!("www/examples/{thumbnail}"))?;
            Some(view! {
                <li>
                    <button class="cs-example" data-testid="example" on:click=move |_| controller.take_example(file_name)>
                        <img src=url alt="" width="320" height="240" draggable="false" />
                        <span>{move || words.get().example_names[place]}</span>
                    </button>
                </li>
            })
        })
        .collect_view();
    view! {
        <div class="cs-empty">
            <LeftOver />
            <div class="cs-zone">
                <h2>{move || words.get().empty_title}</h2>
                <p class="cs-zone__hint">{move || words.get().empty_hint}</p>
                <div class="cs-zone__ways">
                    <button
                        class="cs-button cs-button--primary"
                        data-testid="choose"
                        data-focus-first
                        on:click=move |_| Choosers::open(choosers.photos)
                    >
                        <Glyph icon=Icon::Photos />
                        {move || words.get().choose}
                    </button>
                    <button
                        class="cs-button cs-touch-only"
                        data-testid="take"
                        on:click=move |_| Choosers::open(choosers.camera)
                    >
                        <Glyph icon=Icon::Camera />
                        {move || words.get().take}
                    </button>
                    {dom::can_paste().then(|| view! {
                        <button class="cs-button" data-testid="paste" on:click=move |_| controller.take_clipboard()>
                            <Glyph icon=Icon::Clipboard />
                            {move || words.get().paste}
                        </button>
                    })}
                </div>
                <IntakeAlert />
            </div>
            {controller.is_app().then(|| view! {
                <div class="cs-examples">
                    <h3>{move || words.get().examples}</h3>
                    <ul>{examples}</ul>
                </div>
            })}
        </div>
    }
    .into_any()
}

/// What went wrong while bringing a photo in.
#[component]
pub(super) fn IntakeAlert() -> impl IntoView {
    let controller = Controller::of_context();
    let (error, words) = (controller.intake_error, controller.words());
    move || {
        let failed = error.get()?;
        let message = move || words.get().intake_error(failed);
        Some(view! { <Alert on_dismiss=move || error.set(None)>{message}</Alert> })
    }
}

/// What an element without controls shows where it has no photo: nothing, or why the one that it should show is missing.
#[component]
pub(super) fn Missing() -> impl IntoView {
    let controller = Controller::of_context();
    let (error, words) = (controller.intake_error, controller.words());
    move || {
        let failed = error.get()?;
        Some(view! {
            <div class="cs-missing">
                <Failed>{move || words.get().intake_error(failed)}</Failed>
            </div>
        })
    }
}
