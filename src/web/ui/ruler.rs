//! The ruler: a line over the photo that the person lays along something of known length, which gives the scale.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Input;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

use super::controller::Controller;
use super::focus::Focus;
use super::stage::StageView;
use super::viewport::{Pair, distance};
use crate::measure::Scale;

/// How far an arrow key moves an end, in CSS pixels; with Shift, so many times as far.
const KEY_STEP: f64 = 1.0;
const SHIFT_STEPS: f64 = 16.0;

/// The two ends, in pixels of the photo.
pub(super) type Ruler = [Pair; 2];

/// The line with its two ends, and the form that asks how long it is.
#[component]
pub(super) fn RulerLine() -> impl IntoView {
    let controller = Controller::of_context();
    let view: StageView = expect_context();
    let focus: Focus = expect_context();
    let (state, words, ruler) = (controller.state, controller.words(), controller.ruler);
    let shown = Memo::new(move |_| state.with(|state| state.shown));
    Effect::new(move |_| {
        shown.get();
        ruler.set(None);
    });
    let is_laid = Memo::new(move |_| ruler.with(Option::is_some));
    let ends = move || {
        ruler
            .get()
            .and_then(|ends| Some([view.to_stage(ends[0])?, view.to_stage(ends[1])?]))
    };
    let points = move || ends().map(|[a, b]| format!("{},{} {},{}", a.0, a.1, b.0, b.1));
    let length = NodeRef::<Input>::new();
    let is_refused = RwSignal::new(false);
    let close = move || {
        ruler.set(None);
        focus.on(["[data-testid=ruler]".to_owned()]);
    };
    let set = move |event: SubmitEvent| {
        event.prevent_default();
        let pixels = ruler.get_untracked().map(|[a, b]| distance(a, b));
        let millimetres = length.get_untracked().map(|input| input.value_as_number());
        let scale = pixels
            .zip(millimetres)
            .and_then(|(pixels, millimetres)| Scale::of_length(pixels, millimetres));
        is_refused.set(scale.is_none());
        if scale.is_some() {
            state.update(|state| state.set_scale(scale));
            close();
        }
    };
    let has_scale = Memo::new(move |_| {
        state.with(|state| {
            state
                .shown_photo()
                .is_some_and(|photo| photo.scale.is_some())
        })
    });
    let remove = move |_| {
        state.update(|state| state.set_scale(None));
        close();
    };
    view! {
        <Show when=move || is_laid.get()>
            <div class="cs-ruler" data-testid="ruler-line">
                <svg class="cs-ruler__line" aria-hidden="true">
                    <polyline points=points />
                    <polyline points=points />
                </svg>
                <End index=0 />
                <End index=1 />
                <form class="cs-ruler__form" on:submit=set>
                    <p>{move || words.get().ruler_hint}</p>
                    <label>
                        {move || words.get().ruler_length}
                        <input
                            type="number"
                            inputmode="decimal"
                            min="0"
                            step="any"
                            required
                            node_ref=length
                            data-testid="ruler-length"
                            aria-invalid=move || is_refused.get().to_string()
                        />
                        "mm"
                    </label>
                    <button class="cs-button cs-button--primary" data-testid="ruler-set">{move || words.get().ruler_set}</button>
                    <Show when=move || has_scale.get()>
                        <button class="cs-button" type="button" data-testid="ruler-remove" on:click=remove>
                            {move || words.get().ruler_remove}
                        </button>
                    </Show>
                    <button class="cs-button cs-ruler__cancel" type="button" data-testid="ruler-cancel" on:click=move |_| close()>
                        {move || words.get().cancel}
                    </button>
                </form>
            </div>
        </Show>
    }
    .into_any()
}

/// An end of the line, to be dragged, or moved by the arrow keys.
#[component]
fn End(index: usize) -> impl IntoView {
    let controller = Controller::of_context();
    let view: StageView = expect_context();
    let (words, ruler) = (controller.words(), controller.ruler);
    let place = move || view.to_stage(ruler.get()?[index]);
    // Where the pointer was last.
    let pointer = StoredValue::new(None::<Pair>);
    let move_by = move |by: Pair| {
        ruler.update(|ends| {
            if let Some(end) = ends.as_mut().map(|ends| &mut ends[index])
                && let Some(moved) = view.moved(*end, by)
            {
                *end = moved;
            }
        });
    };
    let of = |event: &PointerEvent| (f64::from(event.client_x()), f64::from(event.client_y()));
    let begin = move |event: PointerEvent| {
        let target: Option<Element> = event.current_target().and_then(|it| it.dyn_into().ok());
        if let Some(target) = target.filter(|_| event.button() == 0) {
            // Fails only for a pointer that is already gone.
            let _ = target.set_pointer_capture(event.pointer_id());
            pointer.set_value(Some(of(&event)));
        }
    };
    let follow = move |event: PointerEvent| {
        if let Some(before) = pointer.get_value() {
            let now = of(&event);
            pointer.set_value(Some(now));
            move_by((now.0 - before.0, now.1 - before.1));
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let step = if event.shift_key() {
            KEY_STEP * SHIFT_STEPS
        } else {
            KEY_STEP
        };
        match event.key().as_str() {
            "ArrowLeft" => move_by((-step, 0.0)),
            "ArrowRight" => move_by((step, 0.0)),
            "ArrowUp" => move_by((0.0, -step)),
            "ArrowDown" => move_by((0.0, step)),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <button
            class="cs-ruler__end"
            data-testid="ruler-end"
            aria-label=move || (words.get().ruler_end)(index + 1)
            style:left=move || place().map(|place| format!("{}px", place.0))
            style:top=move || place().map(|place| format!("{}px", place.1))
            on:pointerdown=begin
            on:pointermove=follow
            on:pointerup=move |_| pointer.set_value(None)
            on:pointercancel=move |_| pointer.set_value(None)
            on:keydown=on_key
        ></button>
    }
    .into_any()
}
