//! The cracks of the photo on the stage, as figures.

use std::sync::Arc;

use leptos::prelude::*;

use super::alert::Failed;
use crate::protocol::Measurements;
use crate::web::ui::controller::Controller;
use crate::web::ui::state::State;

/// The cracks of the photo on the stage as they were measured last: those stay while others are made.
pub(super) fn shown_cracks(controller: Controller) -> Memo<Option<Arc<Measurements>>> {
    Memo::new(move |_| {
        controller.state.with(|state| {
            let cracks = state.shown_outcome()?.cracks.as_ref()?;
            Some(cracks.measurements.clone())
        })
    })
}

/// Whether the figures are of another threshold than the one in force, or are still to be made.
pub(super) fn are_old(controller: Controller) -> Memo<bool> {
    Memo::new(move |_| {
        let threshold = controller.threshold.get();
        controller.state.with(|state| {
            let outcome = state.shown_outcome();
            outcome.is_none_or(|outcome| outcome.cracks_at(threshold).is_none())
        })
    })
}

/// Rows for the table of facts: how many cracks, how long, how wide.
#[component]
pub(super) fn CrackFacts() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let scale = Memo::new(move |_| state.with(|state| state.shown_photo()?.scale));
    let cracks = shown_cracks(controller);
    let is_old = are_old(controller);
    let number = move || match cracks.get() {
        None => words.get().measuring.to_owned(),
        Some(cracks) if cracks.cracks.is_empty() => words.get().no_cracks.to_owned(),
        Some(cracks) => cracks.cracks.len().to_string(),
    };
    // The rows stay, so that nothing moves under a hand at the slider.
    let none = || "\u{2013}".to_owned();
    let length = move || {
        let cracks = cracks.get().filter(|cracks| !cracks.cracks.is_empty());
        cracks.map_or_else(none, |cracks| {
            words.get().length_of(cracks.length(), scale.get())
        })
    };
    let width = move || {
        let width = cracks
            .get()
            .and_then(|cracks| words.get().width_of(&cracks, scale.get()));
        width.unwrap_or_else(none)
    };
    let scale_row = move || {
        let scale = words.get().scale_of(scale.get()?);
        Some(view! { <div><dt>{words.get().scale}</dt><dd data-testid="scale">{scale}</dd></div> })
    };
    // A result that only changes keeps its rows, and what is in them.
    let is_measurable = Memo::new(move |_| state.with(State::is_measurable));
    move || {
        is_measurable.get().then(|| {
            view! {
                <div>
                    <dt>{move || words.get().cracks}</dt>
                    <dd data-testid="cracks" aria-busy=move || is_old.get().to_string()>{number}</dd>
                </div>
                <div>
                    <dt>{move || words.get().length}</dt>
                    <dd data-testid="crack-length" aria-busy=move || is_old.get().to_string()>{length}</dd>
                </div>
                <div>
                    <dt>{move || words.get().width}</dt>
                    <dd data-testid="crack-width" aria-busy=move || is_old.get().to_string()>{width}</dd>
                </div>
                {scale_row}
            }
        })
    }
}

/// How far the widths can be trusted or why what is marked is no crack, and what went wrong with measuring.
#[component]
pub(super) fn CrackNotes() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let hint = move || {
        state.with(|state| {
            let photo = state.shown_photo()?;
            let outcome = photo.outcome.as_ref()?;
            let (words, scale) = (words.get(), photo.scale);
            let none = outcome.cracks.as_ref();
            let none = none.filter(|cracks| cracks.measurements.cracks.is_empty());
            let why = none.and_then(|none| words.no_cracks_hint(outcome, none.threshold, scale));
            let is_moot = none.is_some() && why.is_none();
            let hint = || why.unwrap_or_else(|| words.width_hint_of(outcome, scale));
            outcome.is_measurable().then(|| (hint(), is_moot))
        })
    };
    let failure = Memo::new(move |_| state.with(|state| state.measure_failure.clone()));
    let failure = move || {
        let failure = failure.get()?;
        Some(view! { <Failed>{move || words.get().failure(&failure)}</Failed> })
    };
    view! {
        // It keeps its room, so that nothing moves under a hand at the slider.
        {move || hint().map(|(hint, is_moot)| view! {
            <p class="cs-hint" style:visibility=is_moot.then_some("hidden")>{hint}</p>
        })}
        {failure}
    }
    .into_any()
}
