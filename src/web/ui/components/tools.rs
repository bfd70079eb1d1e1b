//! The buttons over the stage: zoom, compare with the photo, measure by a ruler.

use leptos::prelude::*;

use super::icons::{Glyph, Icon};
use super::stage::StageView;
use crate::web::ui::controller::Controller;
use crate::web::ui::focus::{Focus, RULER_END, SPLIT};
use crate::web::ui::look::View;
use crate::web::ui::state::State;

/// The buttons over the stage.
#[component]
pub(super) fn Tools() -> impl IntoView {
    let controller = Controller::of_context();
    let view: StageView = expect_context();
    let (look, words) = (controller.look, controller.words());
    let is_comparing = move || look.with(|look| look.split.is_some());
    let can_compare = move || {
        controller.map.with(Option::is_some) && look.with(|look| look.view != View::Original)
    };
    let focus: Focus = expect_context();
    let toggle = move |_| {
        if is_comparing() {
            look.update(|look| look.split = None);
        } else {
            look.update(|look| look.split = Some(0.5));
            // The arrow keys move the line.
            focus.on([SPLIT]);
        }
    };
    let is_measurable = Memo::new(move |_| controller.state.with(State::is_measurable));
    let lay = move |_| {
        if controller.ruler.with_untracked(Option::is_some) {
            controller.ruler.set(None);
        } else {
            let laid = controller
                .state
                .with_untracked(|state| Some(state.shown_photo()?.ruler.as_ref()?.ends));
            controller.ruler.set(laid.or_else(|| view.middle_line()));
            if let Some([a, b]) = laid {
                view.remember(controller.state.with_untracked(|state| state.shown));
                let corner = (a.0.min(b.0), a.1.min(b.1));
                let size = ((a.0 - b.0).abs(), (a.1 - b.1).abs());
                // On what the form leaves of the stage.
                request_animation_frame(move || view.show(corner, size));
            }
            focus.on([RULER_END]);
        }
    };
    // Not while it changes step by step, as by a wheel.
    let tell = move || {
        if let Some(scale) = untrack(|| view.scale()) {
            controller.say(|words| words.whole_percent(scale));
        }
    };
    let tools = NodeRef::new();
    view.observe_tools(tools);
    view! {
        <div class="cs-tools" node_ref=tools role="group" hidden=move || view.scale().is_none() aria-label=move || words.get().tools>
            <button class="cs-button cs-button--icon" aria-label=move || words.get().zoom_out title=move || words.get().zoom_out
                data-testid="zoom-out" on:click=move |_| { view.zoom_step(-1); tell(); }>
                <Glyph icon=Icon::Minus />
            </button>
            <span class="cs-tools__zoom">{move || view.scale().map(|scale| words.get().whole_percent(scale))}</span>
            <button class="cs-button cs-button--icon" aria-label=move || words.get().zoom_in title=move || words.get().zoom_in
                data-testid="zoom-in" on:click=move |_| { view.zoom_step(1); tell(); }>
                <Glyph icon=Icon::Plus />
            </button>
            <button class="cs-button cs-button--icon" aria-label=move || words.get().zoom_fit title=move || words.get().zoom_fit
                data-testid="zoom-fit" on:click=move |_| { view.fit(); tell(); }>
                <Glyph icon=Icon::Fit />
            </button>
            <button class="cs-button cs-button--icon" aria-label=move || words.get().compare title=move || words.get().compare
                data-testid="compare" aria-pressed=move || is_comparing().to_string()
                disabled=move || !can_compare() && !is_comparing() on:click=toggle>
                <Glyph icon=Icon::Compare />
            </button>
            <button class="cs-button cs-button--icon" aria-label=move || words.get().ruler title=move || words.get().ruler
                data-testid="ruler" aria-pressed=move || controller.ruler.with(Option::is_some).to_string()
                hidden=move || !is_measurable.get() on:click=lay>
                <Glyph icon=Icon::Ruler />
            </button>
        </div>
    }
    .into_any()
}
