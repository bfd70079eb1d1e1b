//! The ruler: a line over the photo that the person lays along something of known length, which gives the scale.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Input;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

use super::gesture::Gesture;
use super::stage::{StageView, press_twice};
use crate::measure::Scale;
use crate::web::ui::controller::Controller;
use crate::web::ui::focus::{Focus, RULER, RULER_LENGTH};
use crate::web::ui::photo::{Laid, PhotoId};
use crate::web::ui::state::State;
use crate::web::ui::viewport::{Pair, distance};
use crate::web::ui::written_length::millimetres_in;

/// How far an arrow key moves an end, in CSS pixels; with Shift, so many times as far.
const KEY_STEP: f64 = 1.0;
const SHIFT_STEPS: f64 = 16.0;

/// The shortest line that gives a scale, in pixels of the photo: an end that lies a pixel aside then changes it by a twentieth.
const SHORTEST: f64 = 20.0;

/// Why a length gives no scale.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// It is none.
    NoLength,
    /// The line is too short for it.
    TooShort,
    /// A pixel would be nothing that a photo shows.
    NoScale,
}

/// The line with its two ends, and the form that asks how long it is.
#[component]
pub(super) fn RulerLine() -> impl IntoView {
    let controller = Controller::of_context();
    let view: StageView = expect_context();
    let focus: Focus = expect_context();
    let (state, words, ruler) = (controller.state, controller.words(), controller.ruler);
    // It lies on one photo, and only where there is something to measure.
    let held = Memo::new(move |_| {
        state.with(|state| {
            let photo = state.shown_photo()?;
            let outcome = photo.outcome.as_ref()?;
            outcome.is_measurable().then_some(photo.id)
        })
    });
    let length = NodeRef::<Input>::new();
    // Who looks at another photo finds the ruler again, as it was.
    Effect::new(move |left: Option<Option<PhotoId>>| {
        let here = held.get();
        let shown = state.with_untracked(|state| state.shown);
        if let Some(left) = left.flatten().filter(|left| Some(*left) != shown) {
            let laid = ruler.get_untracked().zip(length.get_untracked());
            let laid = laid.map(|(ends, input)| Laid {
                ends,
                length: input.value(),
            });
            state.update(|state| state.keep_unset_ruler(left, laid));
        }
        let unset = |state: &State| state.shown_photo()?.unset_ruler.clone();
        let unset = state.with_untracked(unset);
        ruler.set(unset.map(|laid| laid.ends));
        here
    });
    let is_laid = Memo::new(move |_| ruler.with(Option::is_some));
    let ends = move || {
        let ends = ruler.get()?;
        Some([view.to_stage(ends[0])?, view.to_stage(ends[1])?])
    };
    let points = move || ends().map(|[a, b]| format!("{},{} {},{}", a.0, a.1, b.0, b.1));
    let has_others = Memo::new(move |_| state.with(State::has_alike));
    let for_all = RwSignal::new(false);
    let is_for_all = move || has_others.get_untracked() && for_all.get_untracked();
    // What was written when this ruler was laid before.
    let written = move || {
        held.get();
        let laid = state.with_untracked(|state| {
            let photo = state.shown_photo()?;
            photo.unset_ruler.clone().or_else(|| photo.ruler.clone())
        });
        laid.map_or_else(String::new, |laid| laid.length)
    };
    let refusal = RwSignal::new(None);
    // Taken away it is not kept, and the person looks where they looked before it was laid.
    Effect::new(move |was_laid: Option<bool>| {
        let is_laid = is_laid.get();
        if let Some(here) = held.get_untracked()
            && was_laid == Some(true)
            && !is_laid
        {
            state.update(|state| state.keep_unset_ruler(here, None));
            view.look_back(here);
        }
        is_laid
    });
    let close = move || {
        ruler.set(None);
        focus.on([RULER]);
    };
    let set_scale = move |scale: Option<Scale>, laid| {
        let mut count = 0;
        state.update(|state| count = state.set_scale(scale, laid, is_for_all()));
        controller.say(|words| {
            let told = scale.map_or_else(
                || words.scale_removed.to_owned(),
                |scale| words.scale_of(scale),
            );
            match count {
                0 | 1 => told,
                _ => format!("{told}, {}", (words.for_photos)(count)),
            }
        });
        close();
    };
    let set = move |event: SubmitEvent| {
        event.prevent_default();
        let (Some(ends), Some(input)) = (ruler.get_untracked(), length.get_untracked()) else {
            return;
        };
        let length = input.value();
        let scale = millimetres_in(&length)
            .filter(|millimetres| *millimetres > 0.0)
            .ok_or(Refusal::NoLength)
            .and_then(|millimetres| match distance(ends[0], ends[1]) {
                pixels if pixels < SHORTEST => Err(Refusal::TooShort),
                pixels => Scale::of_length(pixels, millimetres).ok_or(Refusal::NoScale),
            });
        match scale {
            Ok(scale) => set_scale(Some(scale), Some(Laid { ends, length })),
            Err(refused) => {
                refusal.set(Some(refused));
                focus.on([RULER_LENGTH]);
            }
        }
    };
    let has_scale = Memo::new(move |_| {
        state.with(|state| {
            state
                .shown_photo()
                .is_some_and(|photo| photo.scale.is_some())
        })
    });
    let remove = move |_| set_scale(None, None);
    // Opened anew, or on another photo, nothing has been refused yet.
    Effect::new(move |_| {
        is_laid.get();
        held.get();
        refusal.set(None);
        for_all.set(state.with_untracked(State::is_scale_of_all));
    });
    let pixels = move || {
        let [a, b] = ruler.get()?;
        Some(words.get().length_of(distance(a, b).round(), None))
    };
    view! {
        <Show when=move || is_laid.get()>
            <div class="cs-ruler" data-testid="ruler-line">
                <svg class="cs-ruler__line" aria-hidden="true">
                    <polyline points=points />
                    <polyline points=points />
                </svg>
                // So that screen readers leave the arrow keys to the ends.
                <div role="application" aria-label=move || words.get().ruler>
                    <End index=0 />
                    <End index=1 />
                </div>
                <form class="cs-ruler__form" on:submit=set>
                    <p>{move || words.get().ruler_hint}</p>
                    <label>
                        <span>{move || words.get().ruler_length} " (" {pixels} ")"</span>
                        // Not a number's: the browser would read that in its own language.
                        <input
                            inputmode="decimal"
                            autocomplete="off"
                            node_ref=length
                            data-testid="ruler-length"
                            value=written
                            prop:value=written
                            aria-invalid=move || refusal.get().is_some().to_string()
                            aria-describedby="cs-ruler-refused"
                            on:input=move |_| refusal.set(None)
                        />
                        "mm"
                    </label>
                    <Show when=move || has_others.get()>
                        <label class="cs-ruler__all">
                            <input type="checkbox" data-testid="ruler-all" bind:checked=for_all />
                            <span>{move || words.get().ruler_for_all}</span>
                        </label>
                    </Show>
                    <p class="cs-ruler__refused" id="cs-ruler-refused" role="alert" hidden=move || refusal.get().is_none()>
                        {move || refusal.get().map(|refused| match refused {
                            Refusal::NoLength => words.get().ruler_refused,
                            Refusal::TooShort => words.get().ruler_too_short,
                            Refusal::NoScale => words.get().ruler_no_scale,
                        })}
                    </p>
                    <div class="cs-ruler__buttons">
                        <button class="cs-button cs-button--primary" data-testid="ruler-set">{move || words.get().ruler_set}</button>
                        <Show when=move || has_scale.get()>
                            <button class="cs-button" type="button" data-testid="ruler-remove" on:click=remove>
                                {move || words.get().ruler_remove}
                            </button>
                        </Show>
                        <button class="cs-button" type="button" data-testid="ruler-cancel" on:click=move |_| close()>
                            {move || words.get().cancel}
                        </button>
                    </div>
                </form>
            </div>
        </Show>
    }
    .into_any()
}

/// Moves the end that is nearer to a place on the stage there: who can't drag presses.
pub(super) fn move_nearer_end(controller: Controller, view: StageView, place: Pair) {
    // A tap beside a tablet's keyboard only puts that away.
    let is_writing = view.find_over("input:focus").is_some();
    let Some(point) = view.to_photo(place).filter(|_| !is_writing) else {
        return;
    };
    controller.ruler.update(|ends| {
        if let Some([a, b]) = ends {
            let is_first = distance(*a, point) < distance(*b, point);
            *(if is_first { a } else { b }) = point;
        }
    });
}

/// An end of the line, to be dragged, or moved by the arrow keys.
#[component]
fn End(index: usize) -> impl IntoView {
    let controller = Controller::of_context();
    let view: StageView = expect_context();
    let gesture: Gesture = expect_context();
    let (words, ruler) = (controller.words(), controller.ruler);
    let place = move || view.to_stage(ruler.get()?[index]);
    // From the pointer to the end, while it is dragged.
    let held_at = StoredValue::new(None::<Pair>);
    let move_to = move |place: Pair| {
        if let Some(point) = view.to_photo(place) {
            ruler.update(|ends| {
                if let Some(ends) = ends {
                    ends[index] = point;
                }
            });
        }
    };
    let now = move || untrack(place);
    let of = |event: &PointerEvent| (f64::from(event.client_x()), f64::from(event.client_y()));
    let begin = move |event: PointerEvent| {
        let target: Option<Element> = event.current_target().and_then(|it| it.dyn_into().ok());
        if let Some((target, end)) = target.zip(now()).filter(|_| event.button() == 0) {
            // Fails only for a pointer that is already gone.
            let _ = target.set_pointer_capture(event.pointer_id());
            let pointer = of(&event);
            held_at.set_value(Some((end.0 - pointer.0, end.1 - pointer.1)));
        }
    };
    let follow = move |event: PointerEvent| {
        if event.buttons() == 0 {
            // A menu took the end of the drag.
            held_at.set_value(None);
        }
        if let Some(held) = held_at.get_value() {
            let pointer = of(&event);
            move_to((pointer.0 + held.0, pointer.1 + held.1));
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let step = if event.shift_key() {
            KEY_STEP * SHIFT_STEPS
        } else {
            KEY_STEP
        };
        let by = match event.key().as_str() {
            "ArrowLeft" => (-step, 0.0),
            "ArrowRight" => (step, 0.0),
            "ArrowUp" => (0.0, -step),
            "ArrowDown" => (0.0, step),
            _ => return,
        };
        if let Some(end) = now() {
            move_to((end.0 + by.0, end.1 + by.1));
        }
        if let Some([a, b]) = ruler.get_untracked() {
            controller.say(|words| words.length_of(distance(a, b).round(), None));
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
            on:pointerup=move |_| held_at.set_value(None)
            on:pointercancel=move |_| held_at.set_value(None)
            on:dblclick=move |event| press_twice(view, gesture, &event)
            on:keydown=on_key
        ></button>
    }
    .into_any()
}
