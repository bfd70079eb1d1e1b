//! Buttons that ask before something is lost: the first press asks, the second one does it.

use leptos::html::Button;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, MouseEvent};

use crate::web::ui::controller::Controller;
use crate::web::ui::presses::{self, Presses};
use crate::web::ui::words::Words;

/// What a button asks.
#[derive(Clone, Copy)]
pub(super) struct Question {
    controller: Controller,
    is_asked: RwSignal<bool>,
    /// Which button.
    pub(super) button: NodeRef<Button>,
    presses: Presses,
}

impl Question {
    /// One that has not been asked.
    pub(super) fn new(controller: Controller) -> Self {
        Self {
            controller,
            is_asked: RwSignal::default(),
            button: NodeRef::default(),
            presses: Presses::default(),
        }
    }

    /// Whether it waits for an answer.
    pub(super) fn is_asked(self) -> bool {
        self.is_asked.get()
    }

    /// It was asked of what there was: it is taken back when that changes.
    pub(super) fn is_about<T: PartialEq + Send + Sync + Clone + 'static>(self, what: Memo<T>) {
        Effect::new(move |_| {
            what.get();
            self.take_back();
        });
    }

    /// Takes in a click. Gives back as [`press`](Self::press) does.
    pub(super) fn click(
        self,
        event: &MouseEvent,
        would_lose: bool,
        ask: impl FnOnce(&Words) -> String,
    ) -> bool {
        self.presses.accept(event) && self.press(would_lose, ask)
    }

    /// Takes in a press. Gives back whether to go ahead: at once where nothing would be lost; else it asks first, and who does
    /// not see the button hears the words.
    pub(super) fn press(self, would_lose: bool, ask: impl FnOnce(&Words) -> String) -> bool {
        let goes_ahead = !would_lose || self.is_asked.get_untracked();
        // Safari gives a button that is clicked no focus, whose leaving takes the question back.
        if let Some(button) = self.button.get_untracked().filter(|_| !goes_ahead) {
            // Fails only for an element that left meanwhile.
            drop(button.focus());
        }
        self.is_asked.set(!goes_ahead);
        if !goes_ahead {
            self.controller.say(ask);
        }
        goes_ahead
    }

    /// Takes in that a pointer goes down on the button: what is asked stays asked, also in Safari, which would take the focus from a
    /// button that is clicked.
    pub(super) fn hold(self, event: &MouseEvent) {
        if self.is_asked.get_untracked() {
            event.prevent_default();
        }
    }

    /// Waits for no answer any more.
    pub(super) fn take_back(self) {
        self.is_asked.set(false);
    }

    /// Escape takes it back, and must not stop a photo as well, nor close a dialog around; who holds a key down does not answer by
    /// that. Gives back whether it was taken back.
    pub(super) fn on_key(self, event: &KeyboardEvent) -> bool {
        presses::once(event);
        let is_taken_back = event.key() == "Escape" && self.is_asked.get_untracked();
        if is_taken_back {
            event.stop_propagation();
            event.prevent_default();
            self.take_back();
        }
        is_taken_back
    }
}

/// A button that asks what is to be lost; its children are its label otherwise.
#[component]
pub(super) fn AskingButton(
    class: &'static str,
    testid: &'static str,
    question: Question,
    #[prop(into)] would_lose: Signal<bool>,
    ask: impl Fn(&Words) -> String + Copy + Send + Sync + 'static,
    on_yes: impl Fn() + 'static,
    children: ChildrenFn,
) -> impl IntoView {
    let words = question.controller.words();
    view! {
        <button
            class=class
            data-testid=testid
            data-asking=move || question.is_asked().then_some("")
            node_ref=question.button
            on:mousedown=move |event| question.hold(&event)
            on:click=move |event| {
                if question.click(&event, would_lose.get_untracked(), ask) {
                    on_yes();
                }
            }
            on:keydown=move |event| { question.on_key(&event); }
            on:blur=move |_| question.take_back()
        >
            {move || match question.is_asked() {
                true => ask(words.get()).into_any(),
                false => children().into_any(),
            }}
        </button>
    }
    .into_any()
}
