//! The before-after line across the stage.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

use super::gesture::Gesture;
use super::stage::{StageView, press, press_twice};
use crate::web::ui::controller::Controller;
use crate::web::ui::dom;
use crate::web::ui::viewport::Pair;

/// Between two places of the handle, of the whole way.
const STEP: f64 = 0.005;

/// The line, which can be dragged, and its handle: a range input over the whole stage, of which only the handle takes the pointer.
#[component]
pub(super) fn CompareLine() -> impl IntoView {
    let controller = Controller::of_context();
    let view: StageView = expect_context();
    let (look, words) = (controller.look, controller.words());
    let split = Memo::new(move |_| look.with(|look| look.split));
    let gesture: Gesture = expect_context();
    let hold = move |event: PointerEvent| gesture.begin(&event);
    let drag = move |event: PointerEvent| {
        // The first of two fingers may have come down here, and a press may mean what lies below.
        if gesture.follow(&event).is_some() && gesture.is_drag() {
            let line = event.current_target();
            let to = line.and_then(|line| split_at(line.dyn_ref()?, view.place_of(&event)));
            look.update(|look| look.split = to.or(look.split));
        }
    };
    let let_go = move |event: PointerEvent| {
        if let Some(place) = gesture.end(&event) {
            press(controller, view, place);
        }
    };
    view! {
        <Show when=move || split.with(Option::is_some) && controller.map.with(Option::is_some)>
            <div
                class="cs-compare"
                style=("--cs-split", move || split.get().unwrap_or(0.0).to_string())
            >
                <div
                    class="cs-compare__line"
                    on:pointerdown=hold
                    on:pointermove=drag
                    on:pointerup=let_go
                    on:pointercancel=move |event| { gesture.end(&event); }
                    on:dblclick=move |event| press_twice(view, gesture, &event)
                ></div>
                <input
                    type="range"
                    class="cs-compare__handle"
                    min="0"
                    max="1"
                    step=STEP.to_string()
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

/// Moves the line, where there is one, to a place on the stage: who can't drag presses.
pub(super) fn move_line(controller: Controller, view: StageView, place: Pair) {
    let line = view.find_over(".cs-compare__line");
    if let Some(to) = line.and_then(|line| split_at(&line, place)) {
        controller
            .look
            .update(|look| look.split = look.split.and(Some(to)));
    }
}

/// The line at a place on the stage, 0 to 1 of the way that its handle has.
fn split_at(line: &Element, place: Pair) -> Option<f64> {
    let width = f64::from(line.parent_element()?.client_width());
    let handle = f64::from(line.next_element_sibling()?.client_height());
    let along = (place.0 - handle / 2.0) / (width - handle);
    Some(((along / STEP).round() * STEP).clamp(0.0, 1.0))
}
