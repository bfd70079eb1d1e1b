//! Buttons that ask before something is lost: the first press asks, the second one does it.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

/// What a button asks.
#[derive(Clone, Copy, Default)]
pub(super) struct Question {
    is_asked: RwSignal<bool>,
}

impl Question {
    /// Whether it waits for an answer.
    pub(super) fn is_asked(self) -> bool {
        self.is_asked.get()
    }

    /// A press: whether to go ahead, at once where nothing would be lost; else it asks first.
    pub(super) fn is_answered(self, would_lose: bool) -> bool {
        let goes_ahead = !would_lose || self.is_asked.get_untracked();
        self.is_asked.set(!goes_ahead);
        goes_ahead
    }

    /// Waits for no answer any more.
    pub(super) fn take_back(self) {
        self.is_asked.set(false);
    }

    /// Escape takes it back, and must not stop a photo as well.
    pub(super) fn on_key(self, event: &KeyboardEvent) {
        if event.key() == "Escape" && self.is_asked.get_untracked() {
            event.stop_propagation();
            self.take_back();
        }
    }
}
