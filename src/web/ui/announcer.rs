//! What screen readers are told.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::controller::Controller;
use super::heard::{Heard, news_of};
use super::state::State;

/// Announcements wait for a quiet moment, so that a quick succession is told by its last.
const AFTER: Duration = Duration::from_millis(400);

/// Tells what changes: the stages of the photo on the stage, not every per cent of them, and what came of it.
#[component]
pub(super) fn Announcer() -> impl IntoView {
    let controller = Controller::of_context();
    let words = controller.words();
    let news = Memo::new(move |_| {
        let (words, threshold) = (words.get(), controller.threshold.get());
        controller
            .state
            .with(|state| news_of(state, words, threshold))
    });
    let said = RwSignal::new(String::new());
    let heard = StoredValue::new(Heard::default());
    Effect::new(move |earlier: Option<Option<TimeoutHandle>>| {
        if let Some(Some(earlier)) = earlier {
            earlier.clear();
        }
        let (news, words) = (news.get(), words.get_untracked());
        let hear = |heard: &mut Heard| {
            controller
                .state
                .with_untracked(|state| heard.hear(state, news, words))
        };
        let news = heard.try_update_value(hear).unwrap_or_default();
        set_timeout_with_handle(move || drop(said.try_set(news)), AFTER).ok()
    });
    let in_work = Memo::new(move |_| controller.state.with(State::in_work));
    // The most photos that were in work at once since the queue was last empty: the end of a single one is news already.
    Effect::new(move |most: Option<usize>| {
        let (in_work, most) = (in_work.get(), most.unwrap_or(0));
        if in_work > 0 {
            return most.max(in_work);
        }
        if most > 1 {
            let words = words.get_untracked();
            let told = controller
                .state
                .with_untracked(|state| words.announce_queue(&state.photos));
            if let Some(told) = told {
                controller.announcement.set(told);
            }
        }
        0
    });
    // Two, so that what the person did is not replaced by what it leads to before it was told.
    view! {
        <p class="cs-hidden" role="status" data-testid="announcer">{controller.announcement}</p>
        <p class="cs-hidden" role="status" data-testid="announcer">{said}</p>
    }
    .into_any()
}
