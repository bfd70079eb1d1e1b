//! What screen readers are told.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::controller::Controller;
use super::focus::Focus;
use super::heard::{Heard, news_of};
use super::state::State;

/// Announcements wait for a quiet moment, so that a quick succession is told by its last.
const AFTER: Duration = Duration::from_millis(400);

/// Tells what changes: the stages of the photo on the stage, not every per cent of them, and what came of it.
#[component]
pub(super) fn Announcer() -> impl IntoView {
    let controller = Controller::of_context();
    let words = controller.words();
    let focus: Focus = expect_context();
    let news = Memo::new(move |_| {
        let (words, threshold) = (words.get(), controller.threshold.get());
        controller.state.with(|state| {
            // In another page nobody has asked how an engine starts.
            let is_asked = focus.may_lead() || !state.photos.is_empty();
            is_asked.then(|| news_of(state, words, threshold))
        })
    });
    let said = RwSignal::new(String::new());
    let heard = StoredValue::new(Heard::default());
    Effect::new(move |earlier: Option<Option<TimeoutHandle>>| {
        if let Some(Some(earlier)) = earlier {
            earlier.clear();
        }
        let (news, words) = (news.get().unwrap_or_default(), words.get_untracked());
        let hear = |heard: &mut Heard| {
            controller
                .state
                .with_untracked(|state| heard.hear(state, news, words))
        };
        let news = heard.try_update_value(hear).unwrap_or_default();
        set_timeout_with_handle(move || drop(said.try_set(news)), AFTER).ok()
    });
    let queue = Memo::new(move |_| {
        let look = |state: &State| (state.in_work(), state.other_in_work().is_some());
        controller.state.with(look)
    });
    // Whether the queue's end is news: that of a single photo on the stage is told already.
    Effect::new(move |is_news: Option<bool>| {
        let ((in_work, is_other), is_news) = (queue.get(), is_news.unwrap_or(false));
        if in_work > 0 {
            return is_news || in_work > 1 || is_other;
        }
        if is_news {
            let words = words.get_untracked();
            let told = controller
                .state
                .with_untracked(|state| words.announce_queue(&state.photos));
            if let Some(told) = told {
                controller.announcement.set(told);
            }
        }
        false
    });
    // Two, so that what the person did is not replaced by what it leads to before it was told.
    view! {
        <p class="cs-hidden" role="status" data-testid="announcer">{controller.announcement}</p>
        <p class="cs-hidden" role="status" data-testid="announcer">{said}</p>
    }
    .into_any()
}
