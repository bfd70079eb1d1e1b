//! Presses, told from the second half of a double tap.

use leptos::prelude::*;
use web_sys::{KeyboardEvent, MouseEvent};

use super::dom;

/// How soon after a press another one belongs to it, in milliseconds: the second one of a double tap is on what came in place of the
/// button, or on the next row.
const DOUBLE: f64 = 300.0;

/// When one of the buttons that stand near each other, or take each other's place, was pressed last.
#[derive(Clone, Copy, Default)]
pub(super) struct Presses(StoredValue<f64>);

impl Presses {
    /// Takes in a press. Gives back whether it is one of its own, and not the second one of a double tap.
    pub(super) fn accept(self, event: &MouseEvent) -> bool {
        let now = event.time_stamp();
        // Safari on glass counts every tap as the first. The keyboard's press is none.
        let may_be_second =
            event.detail() > 1 || event.detail() == 1 && dom::matches("(pointer: coarse)");
        let is_second = may_be_second && now - self.0.get_value() < DOUBLE;
        self.0.set_value(now);
        !is_second
    }
}

/// A button that is held down presses once.
pub(super) fn once(event: &KeyboardEvent) {
    if event.repeat() && matches!(event.key().as_str(), "Enter" | " ") {
        event.prevent_default();
    }
}
