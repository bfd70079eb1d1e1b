//! Pinching on a pad in Safari, which has events of its own for that where others tell of a wheel with Ctrl.

use js_sys::Reflect;
use leptos::prelude::*;
use web_sys::Event;

use super::gesture::Gesture;
use super::stage::StageView;

/// One pinch, from event to event.
#[derive(Clone, Copy)]
pub(super) struct PadPinch {
    view: StageView,
    gesture: Gesture,
    /// How far apart the fingers were last, over how far at its begin.
    spread: StoredValue<f64>,
}

impl PadPinch {
    pub(super) fn new(view: StageView, gesture: Gesture) -> Self {
        let spread = StoredValue::new(1.0);
        Self {
            view,
            gesture,
            spread,
        }
    }

    /// Takes in a `gesturestart`. The page itself is not zoomed.
    pub(super) fn begin(self, event: &Event) {
        event.prevent_default();
        self.spread.set_value(1.0);
    }

    /// Takes in a `gesturechange`.
    pub(super) fn follow(self, event: &Event) {
        event.prevent_default();
        let number = |name: &str| Reflect::get(event, &name.into()).ok()?.as_f64();
        let spread = number("scale").filter(|&spread| spread > 0.0);
        // Fingers on glass come as pointers too.
        if let Some(((spread, x), y)) = spread.zip(number("clientX")).zip(number("clientY"))
            && self.gesture.is_idle()
        {
            let before = self.spread.get_value();
            self.spread.set_value(spread);
            self.view.zoom(spread / before, self.view.place_at((x, y)));
        }
    }
}
