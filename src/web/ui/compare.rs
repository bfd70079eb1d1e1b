//! The before-after line across the stage.

use leptos::prelude::*;

use super::controller::Controller;
use super::dom;

/// The line and its handle: a range input over the whole stage, of which only the handle takes the pointer.
#[component]
pub(super) fn CompareLine() -> impl IntoView {
    let controller = Controller::of_context();
    let (look, words) = (controller.look, controller.words());
    let split = Memo::new(move |_| look.with(|look| look.split));
    view! {
        <Show when=move || split.with(Option::is_some) && controller.map.with(Option::is_some)>
            <div
                class="cs-compare"
                style=("--cs-split", move || split.get().unwrap_or(0.0).to_string())
            >
                <div class="cs-compare__line"></div>
                <input
                    type="range"
                    class="cs-compare__handle"
                    min="0"
                    max="1"
                    step="0.005"
                    aria-label=move || words.get().compare_line
                    aria-valuetext=move || words.get().whole_percent(split.get().unwrap_or(0.0))
                    data-testid="split"
                    prop:value=move || split.get().unwrap_or(0.0).to_string()
                    on:input=move |event| {
                        let split = dom::number_of(&event);
                        look.update(|look| look.split = Some(split));
                    }
                />
            </div>
        </Show>
    }
    .into_any()
}
