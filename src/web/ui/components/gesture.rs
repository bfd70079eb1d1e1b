//! What pointers do on the stage: they drag, pinch and press.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

use super::stage::StageView;
use crate::web::ui::viewport::{Pair, distance};

/// How far a pointer may stray that presses, in CSS pixels.
const STILL: f64 = 6.0;

/// Dragging with one pointer, pinching with two; what does neither is a press.
#[derive(Clone, Copy)]
pub(super) struct Gesture {
    view: StageView,
    pointers: StoredValue<Vec<(i32, Pair)>>,
    /// The pointer that may still be a press, and where it came down.
    pressed: StoredValue<Option<(i32, Pair)>>,
    /// Whether the pointer that left last was a press.
    was_press: StoredValue<bool>,
    /// Whether there were two pointers since there was none.
    was_pinch: StoredValue<bool>,
}

impl Gesture {
    pub(super) fn new(view: StageView) -> Self {
        Self {
            view,
            pointers: StoredValue::new(Vec::new()),
            pressed: StoredValue::new(None),
            was_press: StoredValue::new(false),
            was_pinch: StoredValue::new(false),
        }
    }

    /// Notes a pointer that came down on the stage, or on what lies over it and shares its gestures.
    pub(super) fn begin(self, event: &PointerEvent) {
        if event.button() != 0 {
            return;
        }
        let stage: Option<Element> = event
            .current_target()
            .and_then(|target| target.dyn_into().ok());
        if let Some(stage) = stage {
            // Fails only for a pointer that is already gone.
            let _ = stage.set_pointer_capture(event.pointer_id());
        }
        let place = self.view.place_of(event);
        self.pointers.update_value(|pointers| {
            if event.is_primary() {
                // Whose end was not seen.
                pointers.clear();
            }
            pointers.push((event.pointer_id(), place));
        });
        let is_alone = self.pointers.with_value(|pointers| pointers.len() == 1);
        self.was_pinch.set_value(!is_alone);
        self.pressed
            .set_value(is_alone.then_some((event.pointer_id(), place)));
    }

    /// Pinches where there are two pointers; how far a single one was dragged.
    pub(super) fn follow(self, event: &PointerEvent) -> Option<Pair> {
        let is_held = |&(id, _): &(i32, Pair)| id == event.pointer_id();
        let is_ours = |pointers: &Vec<_>| pointers.iter().any(is_held);
        if !self.pointers.with_value(is_ours) {
            return None;
        }
        if event.buttons() == 0 {
            // A menu took the end of it: this is a mouse that passes by.
            self.end(event);
            return None;
        }
        let place = self.view.place_of(event);
        self.pressed.update_value(|pressed| {
            pressed.take_if(|(id, begin)| {
                *id == event.pointer_id() && distance(*begin, place) > STILL
            });
        });
        let mut before = Vec::new();
        let mut after = Vec::new();
        self.pointers.update_value(|pointers| {
            before = pointers.iter().map(|pointer| pointer.1).collect();
            for pointer in pointers
                .iter_mut()
                .filter(|pointer| pointer.0 == event.pointer_id())
            {
                pointer.1 = place;
            }
            after = pointers.iter().map(|pointer| pointer.1).collect();
        });
        match (&before[..], &after[..]) {
            (&[from], &[to]) => Some((to.0 - from.0, to.1 - from.1)),
            (&[from_a, from_b, ..], &[to_a, to_b, ..]) => {
                let (from, to) = (middle(from_a, from_b), middle(to_a, to_b));
                self.view.pan((to.0 - from.0, to.1 - from.1));
                let (was, is) = (distance(from_a, from_b), distance(to_a, to_b));
                if was > 0.0 && is > 0.0 {
                    self.view.zoom(is / was, to);
                }
                None
            }
            _ => None,
        }
    }

    /// Where it was a press, if it was one.
    pub(super) fn end(self, event: &PointerEvent) -> Option<Pair> {
        self.pointers
            .update_value(|pointers| pointers.retain(|pointer| pointer.0 != event.pointer_id()));
        let pressed = self
            .pressed
            .try_update_value(|pressed| pressed.take_if(|(id, _)| *id == event.pointer_id()));
        let place = pressed.flatten().map(|(_, place)| place);
        self.was_press.set_value(place.is_some());
        place
    }

    /// Whether no pointer is down.
    pub(super) fn is_idle(self) -> bool {
        self.pointers.with_value(Vec::is_empty)
    }

    /// Whether a single pointer drags, and neither may still be a press nor is left of a pinch.
    pub(super) fn is_drag(self) -> bool {
        self.pressed.with_value(Option::is_none) && !self.was_pinch.get_value()
    }

    pub(super) fn was_press(self) -> bool {
        self.was_press.get_value()
    }
}

fn middle(a: Pair, b: Pair) -> Pair {
    ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0)
}
