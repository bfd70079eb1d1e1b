//! What screen readers are told.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use crate::web::ui::controller::Controller;
use crate::web::ui::focus::Focus;
use crate::web::ui::heard::{Heard, news_of};
use crate::web::ui::photo::PhotoId;

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
            let threshold = controller.threshold.get_untracked();
            controller
                .state
                .with_untracked(|state| heard.hear(state, news, words, threshold))
        };
        let news = heard.try_update_value(hear).unwrap_or_default();
        set_timeout_with_handle(move || drop(said.try_set(news)), AFTER).ok()
    });
    let queue = Memo::new(move |_| {
        controller.state.with(|state| {
            let busy = state.photos.iter().filter(|photo| photo.is_busy());
            let busy: Vec<_> = busy.map(|photo| photo.id).collect();
            (busy, state.other_in_work().is_some())
        })
    });
    // The photos that were in work since the queue was last empty, and whether its end is news: that of a single photo on the
    // stage is told already.
    Effect::new(move |before: Option<(Vec<PhotoId>, bool)>| {
        let ((busy, is_other), (mut all, is_news)) = (queue.get(), before.unwrap_or_default());
        if !busy.is_empty() {
            let is_news = is_news || busy.len() > 1 || is_other;
            let new: Vec<_> = busy.into_iter().filter(|id| !all.contains(id)).collect();
            all.extend(new);
            return (all, is_news);
        }
        if is_news {
            let words = words.get_untracked();
            let told = controller.state.with_untracked(|state| {
                let photos = state.photos.iter();
                words.announce_queue(photos.filter(|photo| all.contains(&photo.id)))
            });
            if let Some(told) = told {
                controller.announcement.set(told);
            }
        }
        Default::default()
    });
    // Two, so that what the person did is not replaced by what it leads to before it was told.
    view! {
        <p class="cs-hidden" role="status" data-testid="announcer">{controller.announcement}</p>
        <p class="cs-hidden" role="status" data-testid="announcer">{said}</p>
    }
    .into_any()
}
