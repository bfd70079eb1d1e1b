//! The before-after line across the stage.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

use super::controller::Controller;
use super::dom;

/// The line, which can be dragged, and its handle: a range input over the whole stage, of which only the handle takes the pointer.
#[component]
pub(super) fn CompareLine() -> impl IntoView {
    let controller = Controller::of_context();
    let (look, words) = (controller.look, controller.words());
    let split = Memo::new(move |_| look.with(|look| look.split));
    let hold = move |event: PointerEvent| {
        if let Some(line) = line_of(&event).filter(|_| event.button() == 0) {
            // Fails only for a pointer that is already gone.
            let _ = line.set_pointer_capture(event.pointer_id());
        }
    };
    let drag = move |event: PointerEvent| {
        if let Some(split) = split_at(&event) {
            look.update(|look| look.split = Some(split));
        }
    };
    view! {
        <Show when=move || split.with(Option::is_some) && controller.map.with(Option::is_some)>
            <div
                class="cs-compare"
                style=("--cs-split", move || split.get().unwrap_or(0.0).to_string())
            >
                <div class="cs-compare__line" on:pointerdown=hold on:pointermove=drag></div>
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

fn line_of(event: &PointerEvent) -> Option<Element> {
    event.current_target()?.dyn_into().ok()
}

/// Where a pointer that holds the line is, 0 to 1 across the stage; the handle stays on it.
fn split_at(event: &PointerEvent) -> Option<f64> {
    let line = line_of(event).filter(|line| line.has_pointer_capture(event.pointer_id()))?;
    let stage = line.parent_element()?.get_bounding_client_rect();
    let handle = f64::from(line.next_element_sibling()?.client_height());
    let along = f64::from(event.client_x()) - stage.left() - handle / 2.0;
    Some((along / (stage.width() - handle)).clamp(0.0, 1.0))
}
