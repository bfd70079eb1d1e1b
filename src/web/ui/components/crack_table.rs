//! The cracks of the photo on the stage one by one, as a list in the panel.

use leptos::html::Div;
use leptos::prelude::*;

use super::corrections::{CorrectionButton, LeaveOutAll, LeftOut, Specks};
use super::disclosure::Disclosure;
use super::icons::{Glyph, Icon};
use super::measured::{are_old, shown_cracks};
use crate::measure::Crack;
use crate::web::ui::controller::Controller;
use crate::web::ui::crack_list::{CrackList, label_of, listed};
use crate::web::ui::dom;
use crate::web::ui::focus::{CRACK_LIST, Focus};
use crate::web::ui::photo::MOST_LISTED;
use crate::web::ui::state::State;

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
                <h3><Disclosure testid="crack-list" label=|words| words.each_crack is_open=is_open /></h3>
                <Show when=move || is_open.get()>
                    <div class="cs-cracks__rows" node_ref=rows_box aria-busy=move || is_old.get().to_string()>
                        <table aria-label=move || words.get().each_crack hidden=move || !has_cracks.get()>
                            <thead>
                                <tr>
                                    <th scope="col">{move || words.get().number}</th>
                                    <th scope="col">{move || words.get().length}</th>
                                    <th scope="col">{move || words.get().mean_width}</th>
                                    <th scope="col">{move || words.get().max_width}</th>
                                    <th scope="col"><span class="cs-hidden">{move || words.get().leave_out_action}</span></th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                        <p class="cs-hint">{note}</p>
                    </div>
                    <Specks />
                </Show>
                <LeftOut />
                // Below what puts back, which moves down by a row: nothing else is to come under the finger.
                <Show when=move || is_open.get()>
                    <LeaveOutAll />
                </Show>
            </div>
        </Show>
    }
    .into_any()
}
