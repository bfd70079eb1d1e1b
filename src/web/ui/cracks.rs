//! The cracks of the photo on the stage one by one: a list in the panel, and, while that is open, their numbers on the photo.

use std::sync::Arc;

use leptos::prelude::*;

use super::controller::Controller;
use super::icons::{Glyph, Icon};
use super::measured::shown_cracks;
use super::stage::StageView;
use crate::measure::Crack;
use crate::protocol::Measurements;

/// The longest so many are listed; the table that is handed over has them all.
const MOST: usize = 50;

/// Nearer to the stage's edge, in CSS pixels, a number stands on the other side of its crack.
const NUMBER_SIZE: f64 = 40.0;

/// Whether the list is open, and which of its cracks the person looks at (an index into the measurements).
#[derive(Clone, Copy, Default)]
pub(super) struct CrackList {
    pub(super) is_open: RwSignal<bool>,
    chosen: RwSignal<Option<usize>>,
}

/// The list, behind a button that opens it.
#[component]
pub(super) fn CrackTable() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let CrackList { is_open, chosen } = controller.crack_list;
    let cracks = shown_cracks(controller);
    let scale = Memo::new(move |_| state.with(|state| state.shown_photo()?.scale));
    // What is measured anew has other numbers.
    Effect::new(move |_| {
        cracks.track();
        chosen.set(None);
    });
    let rows = move || {
        let words = words.get();
        let length = |pixels| words.length_of(pixels, scale.get());
        let row = |(index, crack): (usize, &Crack)| {
            let number = index + 1;
            let is_chosen = move || chosen.get() == Some(index);
            view! {
                <tr>
                    <th scope="row">
                        <button
                            class="cs-link"
                            data-testid="show-crack"
                            aria-label=(words.show_crack)(number)
                            aria-pressed=move || is_chosen().to_string()
                            on:click=move |_| chosen.set(Some(index))
                        >
                            {number}
                        </button>
                    </th>
                    <td>{length(crack.length)}</td>
                    <td>{length(crack.mean_width)}</td>
                    <td>{length(crack.max_width)}</td>
                </tr>
            }
            .into_any()
        };
        cracks.with(|cracks| listed(cracks.as_ref()).map(row).collect_view())
    };
    let rest = move || {
        let all = cracks.with(|cracks| cracks.as_ref().map_or(0, |cracks| cracks.cracks.len()));
        (all > MOST).then(|| (words.get().more_cracks)(all - MOST))
    };
    let has_cracks = Memo::new(move |_| cracks.with(|cracks| listed(cracks.as_ref()).len() > 0));
    view! {
        <Show when=move || has_cracks.get()>
            <div class="cs-cracks">
                <button
                    class="cs-disclosure"
                    data-testid="crack-list"
                    aria-expanded=move || is_open.get().to_string()
                    on:click=move |_| is_open.update(|is| *is = !*is)
                >
                    {move || words.get().each_crack}
                    {move || view! { <Glyph icon=if is_open.get() { Icon::Up } else { Icon::Down } /> }}
                </button>
                <Show when=move || is_open.get()>
                    <div class="cs-cracks__rows" tabindex="0" role="group" aria-label=move || words.get().each_crack>
                        <table>
                            <thead>
                                <tr>
                                    <th scope="col">{move || words.get().number}</th>
                                    <th scope="col">{move || words.get().length}</th>
                                    <th scope="col">{move || words.get().mean_width}</th>
                                    <th scope="col">{move || words.get().max_width}</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                        <p class="cs-hint">{rest}</p>
                    </div>
                </Show>
            </div>
        </Show>
    }
    .into_any()
}

/// The numbers on the photo, each beside the widest place of its crack.
#[component]
pub(super) fn CrackNumbers() -> impl IntoView {
    let controller = Controller::of_context();
    let view: StageView = expect_context();
    let CrackList { is_open, chosen } = controller.crack_list;
    let cracks = shown_cracks(controller);
    Effect::new(move |_| {
        let Some(index) = chosen.get() else { return };
        let bounds = cracks.with_untracked(|cracks| {
            let crack = cracks.as_ref()?.cracks.get(index)?;
            Some(crack.bounds.map(f64::from))
        });
        if let Some([left, top, width, height]) = bounds {
            view.show((left, top), (width, height));
        }
    });
    let number = move |index: usize, place: [f64; 2]| {
        // From the middle of a pixel.
        let place = move || view.to_stage((place[0] + 0.5, place[1] + 0.5));
        let is_near = move || {
            let (place, stage) = (place()?, view.stage_size());
            Some((place.0 > stage.0 - NUMBER_SIZE, place.1 < NUMBER_SIZE))
        };
        view! {
            <span
                class="cs-number"
                class:cs-number--chosen=move || chosen.get() == Some(index)
                class:cs-number--left=move || is_near().is_some_and(|near| near.0)
                class:cs-number--below=move || is_near().is_some_and(|near| near.1)
                style:left=move || place().map(|place| format!("{}px", place.0))
                style:top=move || place().map(|place| format!("{}px", place.1))
            >
                <b>{index + 1}</b>
            </span>
        }
        .into_any()
    };
    let numbers = move || {
        cracks.with(|cracks| {
            // The longest last, over the others.
            let longest_last = listed(cracks.as_ref()).rev();
            longest_last
                .map(|(index, crack)| number(index, crack.widest))
                .collect_view()
        })
    };
    view! {
        <Show when=move || is_open.get()>
            <div class="cs-numbers" data-testid="crack-numbers" aria-hidden="true">{numbers}</div>
        </Show>
    }
    .into_any()
}

/// The cracks that are listed, with their indices.
fn listed(
    cracks: Option<&Arc<Measurements>>,
) -> impl DoubleEndedIterator<Item = (usize, &Crack)> + ExactSizeIterator {
    let all = cracks.map_or(&[][..], |cracks| &cracks.cracks);
    all.iter().enumerate().take(MOST)
}
