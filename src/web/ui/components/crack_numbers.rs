//! The cracks of the photo on the stage one by one, as numbers on the photo while the list is open.

use std::sync::Arc;

use leptos::prelude::*;

use super::measured::{are_old, shown_cracks};
use super::stage::StageView;
use crate::measure::Crack;
use crate::protocol::{JobId, Measurements};
use crate::web::ui::controller::Controller;
use crate::web::ui::crack_list::{CrackList, label_of, listed};
use crate::web::ui::labels::{Label, RING, Wanted, lay_out};
use crate::web::ui::look::View;
use crate::web::ui::viewport::{Pair, distance};

/// How near to the ring around a crack's place or to its number a press has to be, in CSS pixels.
const REACH: f64 = 20.0;

/// How long and how high a number is about, and one with its crack's size, in CSS pixels. The latter takes no more than this share of
/// the stage, in two lines then; see the style sheet.
const SHORT: Pair = (26.0, 24.0);
const LONG: Pair = (224.0, 44.0);
const LONGEST: f64 = 0.44;

/// The frame around the crack that is looked at, to which the photo moves when it is sought.
#[component]
pub(super) fn CrackFrame() -> impl IntoView {
    let controller = Controller::of_context();
    let view: StageView = expect_context();
    let CrackList { chosen, sought, .. } = controller.crack_list;
    let cracks = shown_cracks(controller);
    let bounds = Memo::new(move |_| {
        let index = chosen.get()?;
        cracks.with(|cracks| Some(cracks.as_ref()?.cracks.get(index)?.bounds.map(f64::from)))
    });
    Effect::new(move |_| {
        if sought.get() > 0
            && let Some([left, top, width, height]) = bounds.get_untracked()
        {
            view.show((left, top), (width, height));
            view.bring_into_sight();
        }
    });
    // What hangs together as the crack that is looked at, roughly.
    let frame = move || {
        let [left, top, width, height] = bounds.get()?;
        let corner = view.to_stage((left, top))?;
        let opposite = view.to_stage((left + width, top + height))?;
        Some((corner, (opposite.0 - corner.0, opposite.1 - corner.1)))
    };
    view! {
        <Show when=move || are_shown(controller)>
            <div class="cs-numbers" aria-hidden="true">
                <span
                    class="cs-crack-frame"
                    hidden=move || frame().is_none()
                    style:left=move || frame().map(|frame| format!("{}px", frame.0.0))
                    style:top=move || frame().map(|frame| format!("{}px", frame.0.1))
                    style:width=move || frame().map(|frame| format!("{}px", frame.1.0))
                    style:height=move || frame().map(|frame| format!("{}px", frame.1.1))
                ></span>
            </div>
        </Show>
    }
    .into_any()
}

/// Whether numbers and frame are on the photo: without controls nothing could take them away, under the ruler they would be in the way.
fn are_shown(controller: Controller) -> bool {
    let is_open = controller.crack_list.is_open.get();
    is_open && controller.has_controls() && controller.ruler.with(Option::is_none)
}

/// Whether the numbers are: who looks at the photo as it is wants nothing on it.
fn are_numbered(controller: Controller) -> bool {
    are_shown(controller) && controller.look.with(|look| look.view != View::Original)
}

/// The numbers on the photo, each beside the widest place of its crack; one that is pressed tells length and mean width. Where
/// there is no room for both of two the longer crack has its number, the other one shows it enlarged or pressed. Who can't
/// press has the list.
#[component]
pub(super) fn CrackNumbers() -> impl IntoView {
    let controller = Controller::of_context();
    let view: StageView = expect_context();
    let CrackList { chosen, back, .. } = controller.crack_list;
    let (cracks, is_old) = (shown_cracks(controller), are_old(controller));
    let words = controller.words();
    // Another photo, or what is measured anew, has other numbers.
    let numbered = Memo::new(move |_| {
        controller.state.with(|state| {
            let outcome = state.shown_outcome()?;
            let cracks = outcome.cracks.as_ref()?;
            let threshold = cracks.threshold.to_bits();
            Some((state.shown, outcome.job, cracks.job, threshold))
        })
    });
    Effect::new(move |_| {
        let measured = numbered.get().map(|(_, _, measured, _)| measured);
        let is_it = |(job, _): &mut (JobId, [u32; 2])| measured == Some(*job);
        let put_back = back.try_update_value(|back| back.take_if(is_it)).flatten();
        let place = put_back
            .filter(|_| untrack(|| are_shown(controller)))
            .and_then(|(_, start)| {
                let cracks = cracks.get_untracked()?;
                let mut cracks = cracks.cracks.iter().enumerate();
                cracks
                    .find(|(_, crack)| crack.start == start)
                    .map(|(index, crack)| (index, crack.bounds.map(f64::from)))
            });
        chosen.set(place.map(|(index, _)| index));
        if let Some((_, [left, top, width, height])) = place {
            view.show((left, top), (width, height));
        }
    });
    let labels = Memo::new(move |_| {
        let chosen = chosen.get();
        cracks.with(|cracks| labels_of(view, cracks.as_ref(), chosen))
    });
    let number = move |index: usize, crack: &Crack| {
        let middle = middle_of_widest(crack);
        let place = move || view.to_stage(middle);
        let is_chosen = move || chosen.get() == Some(index);
        let crack = crack.clone();
        let text = move || {
            if !is_chosen() {
                return (index + 1).to_string();
            }
            let scale = controller.state.with(|state| state.shown_photo()?.scale);
            label_of(words.get(), index, &crack, scale)
        };
        let label = move || labels.with(|labels| labels.get(index).copied().flatten());
        view! {
            <span
                class="cs-number"
                class:cs-number--chosen=is_chosen
                class:cs-number--left=move || label().is_some_and(|label| label.is_left)
                class:cs-number--below=move || label().is_some_and(|label| label.is_below)
                style:left=move || place().map(|place| format!("{}px", place.0))
                style:top=move || place().map(|place| format!("{}px", place.1))
            >
                <b hidden=move || label().is_none()>{text}</b>
            </span>
        }
        .into_any()
    };
    let numbers = move || {
        cracks.with(|cracks| {
            // The longest last, over the others.
            let longest_last = listed(cracks.as_ref()).rev();
            longest_last
                .map(|(index, crack)| number(index, crack))
                .collect_view()
        })
    };
    view! {
        <Show when=move || are_numbered(controller)>
            <div class="cs-numbers" data-testid="crack-numbers" aria-hidden="true" aria-busy=move || is_old.get().to_string()>
                {numbers}
            </div>
        </Show>
    }
    .into_any()
}

/// The middle of the pixel where a crack is widest.
fn middle_of_widest(crack: &Crack) -> Pair {
    (crack.widest[0] + 0.5, crack.widest[1] + 0.5)
}

/// What the numbers of cracks cover on the stage, at the cracks' indices; none where one can't be read.
fn labels_of(
    view: StageView,
    cracks: Option<&Arc<Measurements>>,
    chosen: Option<usize>,
) -> Vec<Option<Label>> {
    let picture = view.picture();
    let number = |(index, crack)| {
        let place = view.to_stage(middle_of_widest(crack))?;
        let long = (LONG.0.min(LONGEST * picture.size.0), LONG.1);
        let size = if chosen == Some(index) { long } else { SHORT };
        Some(Wanted { place, size })
    };
    let wanted: Vec<_> = listed(cracks).map(number).collect();
    lay_out(&wanted, picture, chosen)
}

/// A press on the photo: looks at the crack whose number or whose mark is there, at none where there is none or where it was looked at
/// already. Gives back whether there is one.
pub(super) fn press(controller: Controller, view: StageView, press: Pair) -> bool {
    if !untrack(|| are_numbered(controller)) {
        return false;
    }
    let CrackList { chosen, .. } = controller.crack_list;
    let looked_at = chosen.get_untracked();
    let pressed = numbered_at(controller, view, press, looked_at);
    let pressed = pressed.or_else(|| marked_at(controller, view, press));
    chosen.update(|chosen| *chosen = pressed.filter(|_| *chosen != pressed));
    pressed.is_some()
}

/// The crack whose ring or number is at a place on the stage.
fn numbered_at(
    controller: Controller,
    view: StageView,
    press: Pair,
    looked_at: Option<usize>,
) -> Option<usize> {
    controller.state.with_untracked(|state| {
        let outcome = state.shown_outcome()?;
        let cracks = Some(&outcome.cracks.as_ref()?.measurements);
        let labels = untrack(|| labels_of(view, cracks, looked_at));
        let away = |((index, crack), label): ((usize, &Crack), Option<Label>)| {
            let place = untrack(|| view.to_stage(middle_of_widest(crack)))?;
            let to_number = label.map_or(f64::INFINITY, |label| label.distance(press));
            // With its crack's size a number is long, and lies over others' rings, else they lie over numbers.
            let is_on_long = looked_at == Some(index) && to_number == 0.0;
            let away = if is_on_long {
                f64::NEG_INFINITY
            } else {
                to_number.min(distance(press, place) - RING)
            };
            Some((index, away))
        };
        let near = listed(cracks).zip(labels).filter_map(away);
        near.filter(|(_, away)| *away < REACH)
            .min_by(|(_, a), (_, b)| a.total_cmp(b))
            .map(|(index, _)| index)
    })
}

/// The crack that is marked at a place on the stage.
fn marked_at(controller: Controller, view: StageView, press: Pair) -> Option<usize> {
    let (x, y) = view.to_photo(press)?;
    // Beside the photo the nearest point of it is told.
    if distance(press, untrack(|| view.to_stage((x, y)))?) > REACH {
        return None;
    }
    let reach = REACH / untrack(|| view.scale())?;
    controller.state.with_untracked(|state| {
        let outcome = state.shown_outcome()?;
        let cracks = outcome.cracks.as_ref()?;
        let start = controller.map.with_untracked(|map| {
            let map = map.as_ref().filter(|map| map.job == outcome.job)?;
            map.map.mark_at([x - 0.5, y - 0.5], reach, cracks.threshold)
        })?;
        let mut listed = listed(Some(&cracks.measurements));
        let found = listed.find(|(_, crack)| crack.start == start)?;
        Some(found.0)
    })
}
