//! Where the keyboard goes on, when the button that had the focus leaves.

use js_sys::Array;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement};

/// Where the work goes on, in whichever view there is.
pub(super) const FIRST: &str = "[data-focus-first]";

/// What can be done about a photo that was stopped.
const RUN_AGAIN: &str = "[data-testid=run-again]";

/// What goes on in place of a button that runs a photo.
pub(super) const CANCEL: &str = "[data-testid=cancel]";

/// The same where that photo is not the one on the stage.
pub(super) const CANCEL_ALL: &str = "[data-testid=cancel-all]";

/// What brings back a mark that was taken out.
pub(super) const PUT_BACK: &str = "[data-testid=put-back]";

/// What opens and closes the settings.
pub(super) const SETTINGS: &str = "[data-testid=settings]";

/// What downloads all results.
pub(super) const DOWNLOAD_ALL: &str = "[data-testid=download-all]";

/// The slider of the threshold.
pub(super) const THRESHOLD: &str = "[data-testid=threshold]";

/// What compares with the photo, and the line between the two.
pub(super) const COMPARE: &str = "[data-testid=compare]";
pub(super) const SPLIT: &str = "[data-testid=split]";

/// What lays the ruler, its first end, and its length.
pub(super) const RULER: &str = "[data-testid=ruler]";
pub(super) const RULER_END: &str = "[data-testid=ruler-end]";
pub(super) const RULER_LENGTH: &str = "[data-testid=ruler-length]";

/// What opens the list of cracks.
pub(super) const CRACK_LIST: &str = "[data-testid=crack-list]";

/// Moves the focus within the page's root.
#[derive(Clone, Copy)]
pub(super) struct Focus {
    pub(super) root: NodeRef<Div>,
    is_app: bool,
    /// Whether it was in here last. It stays so when the element that has it leaves.
    is_here: StoredValue<bool>,
    /// What in here the person gave it to last; none once they pressed elsewhere, which may take it away.
    last: StoredValue<Option<HtmlElement>, LocalStorage>,
}

impl Focus {
    pub(super) fn new(root: NodeRef<Div>, is_app: bool) -> Self {
        Self {
            root,
            is_app,
            is_here: StoredValue::new(false),
            last: StoredValue::new_local(None),
        }
    }

    /// Whether to lead the visitor to what happens in here: always in the app, elsewhere only who was in here last.
    pub(super) fn may_lead(self) -> bool {
        self.is_app || self.is_here.get_value()
    }

    /// Notes that the focus went to an element, of those in here or of others.
    pub(super) fn went(self, to: Option<HtmlElement>, is_here: bool) {
        self.is_here.set_value(is_here);
        self.last.set_value(to.filter(|_| is_here));
    }

    /// Notes that the person pressed what lies on this path: if anything there takes the focus that has not got it, that is
    /// noted next.
    pub(super) fn pressed(self, path: &Array, is_here: bool) {
        let last = self.last.get_value();
        self.went(last.filter(|last| path.includes(last, 0)), is_here);
    }

    /// Puts the focus where the work goes on if the element that had it is gone; else leaves it.
    pub(super) fn rescue(self) {
        if self.last.with_value(Option::is_none) {
            return;
        }
        request_animation_frame(move || {
            let is_lost = |root: &HtmlElement| {
                root.query_selector(":focus")
                    .is_ok_and(|focused| focused.is_none())
            };
            let has_gone = |last: &HtmlElement| {
                let bounds = last.get_bounding_client_rect();
                (bounds.width(), bounds.height()) == (0.0, 0.0)
            };
            // Moved at once: a frame later another may have been given the focus.
            if let Some(root) = self.root.try_get_untracked().flatten()
                && is_lost(&root)
                && let Some(Some(last)) = self.last.try_get_value()
                && has_gone(&last)
            {
                // A page around this one must not jump.
                focus_first(&root, [RUN_AGAIN, CANCEL, FIRST], self.is_app);
            }
        });
    }

    /// Puts the focus on the first of these that is there once the view has changed.
    pub(super) fn on(self, selectors: impl IntoIterator<Item = impl AsRef<str>> + 'static) {
        request_animation_frame(move || {
            if let Some(root) = self.root.try_get_untracked().flatten() {
                focus_first(&root, selectors, true);
            }
        });
    }
}

/// Puts the focus on the first of these that is there, and may scroll there.
fn focus_first(
    root: &HtmlElement,
    selectors: impl IntoIterator<Item = impl AsRef<str>>,
    may_scroll: bool,
) {
    let found = selectors
        .into_iter()
        .find_map(|selector| root.query_selector(selector.as_ref()).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let options = FocusOptions::new();
        options.set_prevent_scroll(!may_scroll);
        // Fails only for an element that left meanwhile.
        drop(element.focus_with_options(&options));
    }
}
