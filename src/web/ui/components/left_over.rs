//! Photos and results that outlast the page: whether those of now are kept, and those of earlier visits, which can be opened, or
//! deleted.

use leptos::prelude::*;

use super::question::{AskingButton, Question};
use crate::web::ui::autosave::Autosave;
use crate::web::ui::controller::Controller;
use crate::web::ui::focus::{FIRST, Focus};
use crate::web::ui::words::Words;

/// What there is of earlier visits, where there is anything.
#[component]
pub(super) fn LeftOver() -> impl IntoView {
    let controller = Controller::of_context();
    let autosave = use_context::<Autosave>();
    let focus: Focus = expect_context();
    let words = controller.words();
    let left = Memo::new(move |_| autosave?.left_over());
    let question = Question::new(controller);
    let is_busy = move || autosave.is_some_and(|autosave| autosave.is_in_hand.get());
    let note = move || {
        let (count, written) = left.get()?;
        let when = controller.language.get().date_and_time(written);
        Some((words.get().left_over)(count, &when))
    };
    let count = move || left.get().map_or(0, |(count, _)| count);
    let open = move |_| {
        if let Some(autosave) = autosave.filter(|_| !untrack(is_busy)) {
            autosave.open();
        }
    };
    let delete = move || {
        if let Some(autosave) = autosave.filter(|_| !untrack(is_busy)) {
            autosave.delete();
            focus.on([FIRST]);
        }
    };
    let ask = move |words: &Words| (words.clear_really)(count());
    view! {
        <Show when=move || left.get().is_some()>
            <div class="cs-left-over" role="group" aria-labelledby="cs-left-over" data-testid="left-over">
                <p id="cs-left-over">{note}</p>
                <button
                    class="cs-button"
                    data-testid="open-left-over"
                    aria-busy=move || is_busy().to_string()
                    on:click=open
                >
                    {move || words.get().open}
                </button>
                <AskingButton class="cs-button" testid="delete-left-over" question would_lose=true ask on_yes=delete>
                    {move || words.get().delete}
                </AskingButton>
            </div>
        </Show>
    }
    .into_any()
}

/// Whether photos and results outlast the page.
#[component]
pub(super) fn WorkKept() -> impl IntoView {
    let words = Controller::of_context().words();
    use_context::<Autosave>().map(|autosave| {
        view! {
            <span data-testid="work-kept" data-kept=move || autosave.kept.get().key()>
                {move || words.get().work_kept(autosave.kept.get())}
            </span>
        }
    })
}
