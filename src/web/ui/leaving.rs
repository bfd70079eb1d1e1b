//! Asks before the page is left together with what would be lost. Only where the page is the app itself: inside another
//! page that is the host's to decide.

use leptos::leptos_dom::helpers::WindowListenerHandle;
use leptos::prelude::*;

use super::controller::Controller;
use super::state::State;

/// Has the browser ask, for as long as there is something to lose: a page that listens is not kept for the way back.
pub(super) fn ask_before_leaving(controller: Controller) {
    let would_lose = Memo::new(move |_| controller.state.with(State::would_lose));
    let listener = StoredValue::new_local(None::<WindowListenerHandle>);
    let stop = move || {
        if let Some(Some(listener)) = listener.try_update_value(Option::take) {
            listener.remove();
        }
    };
    Effect::new(move |_| {
        stop();
        if would_lose.get() {
            let ask = move |event: web_sys::Event| {
                // What was given up a moment ago is not asked for.
                if controller.state.with_untracked(State::would_lose) {
                    event.prevent_default();
                }
            };
            listener.set_value(Some(window_event_listener_untyped("beforeunload", ask)));
        }
    });
    on_cleanup(stop);
}
