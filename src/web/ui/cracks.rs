//! The cracks of the photo on the stage one by one: a list in the panel, and, while that is open, their numbers on the photo.

use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use web_sys::MouseEvent;

use super::controller::Controller;
use super::disclosure::Disclosure;
use super::dom;
use super::focus::{CRACK_LIST, Focus, PUT_BACK};
use super::icons::{Glyph, Icon};
use super::labels::{Label, RING, Wanted, lay_out};
use super::look::View;
use super::measured::{are_old, shown_cracks};
use super::photo::MOST_LISTED;
use super::stage::StageView;
use super::state::State;
use super::viewport::{Pair, distance};
use super::words::Words;
use crate::measure::{Crack, Scale};
use crate::protocol::Measurements;

/// How near to the ring around a crack's place or to its number a press has to be, in CSS pixels.
const REACH: f64 = 20.0;

/// How long and how high a number is about, and one with its crack's size, in CSS pixels.
const SHORT: Pair = (26.0, 24.0);
const LONG: Pair = (140.0, 24.0);

/// Whether the list is open, and which of its cracks the person looks at (an index into the measurements).
#[derive(Clone, Copy, Default)]
pub(super) struct CrackList {
    is_open: RwSignal<bool>,
    chosen: RwSignal<Option<usize>>,
    /// How often one was sought from the list: each time the photo moves to it.
    sought: RwSignal<usize>,
    /// Where a mark starts that was put back: it is looked at once it is measured.
    back: StoredValue<Option<[u32; 2]>>,
    presses: Presses,
}

impl CrackList {
    /// Looks at none of them any more; whether there was one.
    pub(super) fn let_go(self) -> bool {
        let was_chosen = self.is_open.get_untracked() && self.chosen.get_untracked().is_some();
        if was_chosen {
            self.chosen.set(None);
        }
        was_chosen
    }
}

/// The list, behind a button that opens it.
#[component]
pub(super) fn CrackTable() -> impl IntoView {
    let controller = Controller::of_context();
    let focus: Focus = expect_context();
    let (state, words) = (controller.state, controller.words());
    let CrackList {
        is_open,
        chosen,
        sought,
        ..
    } = controller.crack_list;
    let (cracks, is_old) = (shown_cracks(controller), are_old(controller));
    let scale = Memo::new(move |_| state.with(|state| state.shown_photo()?.scale));
    // The button stays while a result is measured anew, and with it the focus.
    let is_measurable = Memo::new(move |_| state.with(State::is_measurable));
    let rows_box = NodeRef::<Div>::new();
    // What was pressed on the photo is found in the list.
    Effect::new(move |_| {
        if chosen.get().is_some() {
            request_animation_frame(move || {
                let rows = rows_box.try_get_untracked().flatten();
                let find = |selector| rows.as_ref()?.query_selector(selector).ok().flatten();
                if let (Some(rows), Some(head), Some(row)) =
                    (&rows, find("thead th"), find("tr:has([aria-current])"))
                {
                    dom::show_within(rows, &head, &row);
                }
            });
        }
    });
    let leave_out = move |index: usize| {
        if let Some(all) = controller.leave_out(index) {
            controller.say(|words| (words.announce_left_out)(index + 1, all));
            // The next one has its place. After the last not what undoes it: who is in the swing of it presses once more.
            let in_row = |row: String| format!("tr:{row} [data-testid=leave-out]");
            focus.on([
                in_row(format!("nth-child({})", index + 1)),
                in_row("last-child".to_owned()),
                CRACK_LIST.to_owned(),
            ]);
        }
    };
    let rows = move || {
        let words = words.get();
        let length = |pixels| words.length_of(pixels, scale.get());
        let row = |(index, crack): (usize, &Crack)| {
            let number = index + 1;
            let is_chosen = move || (chosen.get() == Some(index)).then_some("true");
            let label = label_of(words, index, crack, scale.get());
            view! {
                // The whole row can be pressed; who has a keyboard presses the button in it.
                <tr on:click=move |_| {
                    chosen.set(Some(index));
                    sought.update(|times| *times += 1);
                    controller.say(|_| label.clone());
                }>
                    <th scope="row" abbr=number>
                        <button
                            class="cs-link"
                            data-testid="show-crack"
                            aria-label=(words.show_crack)(number)
                            aria-current=is_chosen
                        >
                            {number}
                        </button>
                    </th>
                    <td>{length(crack.length)}</td>
                    <td>{length(crack.mean_width)}</td>
                    <td>{length(crack.max_width)}</td>
                    <td>
                        <CorrectionButton
                            testid="leave-out"
                            title=(words.leave_out)(number)
                            on_press=move || leave_out(index)
                        >
                            <Glyph icon=Icon::Close />
                        </CorrectionButton>
                    </td>
                </tr>
            }
            .into_any()
        };
        cracks.with(|cracks| listed(cracks.as_ref()).map(row).collect_view())
    };
    let has_cracks = Memo::new(move |_| cracks.with(|cracks| listed(cracks.as_ref()).len() > 0));
    let note = move || {
        cracks.with(|cracks| match cracks.as_ref()?.cracks.len() {
            0 => Some(words.get().no_cracks.to_owned()),
            all if all > MOST_LISTED => Some((words.get().more_cracks)(all - MOST_LISTED)),
            _ => None,
        })
    };
    view! {
        <Show when=move || is_measurable.get()>
            <div class="cs-cracks">
                <Disclosure testid="crack-list" label=|words| words.each_crack is_open=is_open />
                <Show when=move || is_open.get()>
                    <div class="cs-cracks__rows" node_ref=rows_box aria-busy=move || is_old.get().to_string()>
                        <table aria-label=move || words.get().each_crack hidden=move || !has_cracks.get()>
                            <thead>
                                <tr>
                                    <th scope="col">{move || words.get().number}</th>
                                    <th scope="col">{move || words.get().length}</th>
                                    <th scope="col">{move || words.get().mean_width}</th>
                                    <th scope="col">{move || words.get().max_width}</th>
                                    <td></td>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                        <p class="cs-hint">{note}</p>
                    </div>
                    <LeaveOutAll />
                </Show>
                <LeftOut />
            </div>
        </Show>
    }
    .into_any()
}

/// How soon after a press another one belongs to it, in milliseconds: the second one of a double tap is on the next row.
const DOUBLE: f64 = 300.0;

/// When one of a list's buttons was pressed last.
#[derive(Clone, Copy, Default)]
struct Presses(StoredValue<f64>);

impl Presses {
    /// Takes in a press. Gives back whether it is one of its own, and not the second one of a double tap.
    fn accept(self, event: &MouseEvent) -> bool {
        let now = event.time_stamp();
        let is_second = event.detail() > 1 && now - self.0.get_value() < DOUBLE;
        self.0.set_value(now);
        !is_second
    }
}

/// Corrects the result once at each press, however long a key is held, and not while the result can't be corrected.
#[component]
fn CorrectionButton(
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
            on:keydown=move |event| {
                if event.repeat() && matches!(event.key().as_str(), "Enter" | " ") {
                    event.prevent_default();
                }
            }
        >
            {children()}
        </button>
    }
    .into_any()
}

/// For a photo without a crack: takes out all that is marked, also what is too short to be listed.
#[component]
fn LeaveOutAll() -> impl IntoView {
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

/// How many marks the person took out, and a way back. Below the list, so that nothing moves there under a finger.
#[component]
fn LeftOut() -> impl IntoView {
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
        if let Some((left, start)) = controller.put_back() {
            controller.crack_list.back.set_value(start);
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
    let CrackList {
        chosen,
        sought,
        back,
        ..
    } = controller.crack_list;
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
        let is_measured = numbered
            .get()
            .is_some_and(|(_, job, measured, _)| job == measured);
        let start = is_measured
            .then(|| back.try_update_value(Option::take))
            .flatten()
            .flatten();
        let place = start.and_then(|start| {
            cracks.with_untracked(|cracks| {
                let mut cracks = cracks.as_ref()?.cracks.iter();
                cracks.position(|crack| crack.start == start)
            })
        });
        chosen.set(place);
        if place.is_some() {
            sought.update(|times| *times += 1);
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

/// A crack with its size, for who looks at it.
fn label_of(words: &Words, index: usize, crack: &Crack, scale: Option<Scale>) -> String {
    let [length, width] =
        [crack.length, crack.mean_width].map(|pixels| words.length_of(pixels, scale));
    (words.crack_label)(index + 1, &length, &width)
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
    let number = |(index, crack)| {
        let place = view.to_stage(middle_of_widest(crack))?;
        let size = if chosen == Some(index) { LONG } else { SHORT };
        Some(Wanted { place, size })
    };
    let wanted: Vec<_> = listed(cracks).map(number).collect();
    lay_out(&wanted, view.picture(), chosen)
}

/// A press on the photo: looks at the crack whose number is there, at none where there is none or where it was looked at already.
pub(super) fn press(controller: Controller, view: StageView, press: Pair) {
    let CrackList { chosen, .. } = controller.crack_list;
    if !untrack(|| are_numbered(controller)) {
        return;
    }
    let looked_at = chosen.get_untracked();
    let pressed = controller.state.with_untracked(|state| {
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
    });
    chosen.update(|chosen| *chosen = pressed.filter(|_| *chosen != pressed));
}

/// The cracks that are listed, with their indices.
fn listed(
    cracks: Option<&Arc<Measurements>>,
) -> impl DoubleEndedIterator<Item = (usize, &Crack)> + ExactSizeIterator {
    let all = cracks.map_or(&[][..], |cracks| &cracks.cracks);
    all.iter().enumerate().take(MOST_LISTED)
}
