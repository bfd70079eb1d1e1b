//! Buttons that take marks which are no cracks out of the result, and put them back.

use leptos::prelude::*;

use super::measured::shown_cracks;
use crate::measure;
use crate::web::ui::controller::Controller;
use crate::web::ui::focus::{CRACK_LIST, Focus, PUT_BACK};
use crate::web::ui::presses;

/// Corrects the result once at each press, however long a key is held, and not while the result can't be corrected.
#[component]
pub(super) fn CorrectionButton(
    testid: &'static str,
    #[prop(into, optional)] title: Option<String>,
    on_press: impl Fn() + 'static,
    children: Children,
) -> impl IntoView {
    let controller = Controller::of_context();
    let is_correctable = Memo::new(move |_| controller.is_correctable());
    let presses = controller.crack_list.presses;
    view! {
        <button
            class="cs-link"
            data-testid=testid
            aria-label=title.clone()
            title=title
            aria-disabled=move || (!is_correctable.get()).then_some("true")
            on:click=move |event| {
                event.stop_propagation();
                if presses.accept(&event) {
                    on_press();
                }
            }
            on:keydown=move |event| presses::once(&event)
        >
            {children()}
        </button>
    }
    .into_any()
}

/// For a photo without a crack: takes out all that is marked, also what is too short to be listed.
#[component]
pub(super) fn LeaveOutAll() -> impl IntoView {
    let controller = Controller::of_context();
    let focus: Focus = expect_context();
    let words = controller.words();
    let is_marked = Memo::new(move |_| {
        let threshold = controller.threshold.get();
        controller.state.with(|state| {
            let outcome = state.shown_outcome();
            outcome.is_some_and(|outcome| outcome.tally.share(threshold) > 0.0)
        })
    });
    let leave_out_all = move || {
        if let Some(all) = controller.leave_out_all() {
            controller.say(|words| (words.announce_all_left_out)(all));
            focus.on([CRACK_LIST]);
        }
    };
    view! {
        <Show when=move || is_marked.get()>
            <CorrectionButton testid="leave-out-all" on_press=leave_out_all>
                {move || words.get().leave_out_all}
            </CorrectionButton>
        </Show>
    }
    .into_any()
}

/// How many marks are too short for the list, which are coloured all the same, and a way to be rid of them.
#[component]
pub(super) fn Specks() -> impl IntoView {
    let controller = Controller::of_context();
    let focus: Focus = expect_context();
    let (state, words) = (controller.state, controller.words());
    let cracks = shown_cracks(controller);
    // Without a crack another note says so.
    let count = Memo::new(move |_| {
        cracks.with(|cracks| {
            let cracks = cracks.as_ref()?;
            (cracks.specks > 0 && !cracks.cracks.is_empty()).then_some(cracks.specks)
        })
    });
    let scale = Memo::new(move |_| state.with(|state| state.shown_photo()?.scale));
    let leave_out = move || {
        if let Some(all) = controller.leave_out_specks() {
            controller.say(|words| (words.announce_specks_left_out)(all));
            focus.on([PUT_BACK, CRACK_LIST]);
        }
    };
    let note = move || {
        let words = words.get();
        let shortest = words.length_of(measure::SHORTEST, scale.get());
        Some((words.specks)(count.get()?, &shortest))
    };
    view! {
        <Show when=move || count.get().is_some()>
            <p class="cs-hint" data-testid="specks">
                {note}
                " "
                <CorrectionButton testid="leave-out-specks" on_press=leave_out>
                    {move || words.get().leave_out_action}
                </CorrectionButton>
            </p>
        </Show>
    }
    .into_any()
}

/// How many marks the person took out, and a way back. Below the list, so that nothing moves there under a finger.
#[component]
pub(super) fn LeftOut() -> impl IntoView {
    let controller = Controller::of_context();
    let focus: Focus = expect_context();
    let words = controller.words();
    let left_out = Memo::new(move |_| {
        controller.state.with(|state| {
            let left_out = state.shown_outcome()?.left_out;
            (left_out > 0).then_some(left_out)
        })
    });
    let put_back = move || {
        if let Some(left) = controller.put_back() {
            controller.say(|words| (words.announce_put_back)(left));
            focus.on([PUT_BACK, CRACK_LIST]);
        }
    };
    view! {
        <Show when=move || left_out.get().is_some()>
            <dl class="cs-facts">
                <div>
                    <dt>{move || words.get().left_out}</dt>
                    <dd>
                        <span data-testid="left-out">{left_out}</span>
                        " "
                        <CorrectionButton testid="put-back" on_press=put_back>
                            {move || words.get().put_back}
                        </CorrectionButton>
                    </dd>
                </div>
            </dl>
        </Show>
    }
    .into_any()
}
