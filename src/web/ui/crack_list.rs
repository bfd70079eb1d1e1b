//! The list of cracks as the person uses it.

use std::sync::Arc;

use leptos::prelude::*;
use web_sys::MouseEvent;

use super::photo::MOST_LISTED;
use super::words::Words;
use crate::measure::{Crack, Scale};
use crate::protocol::Measurements;

/// Whether the list is open, and which of its cracks the person looks at (an index into the measurements).
#[derive(Clone, Copy, Default)]
pub(super) struct CrackList {
    pub(super) is_open: RwSignal<bool>,
    pub(super) chosen: RwSignal<Option<usize>>,
    /// How often one was sought from the list: each time the photo moves to it.
    pub(super) sought: RwSignal<usize>,
    /// Where a mark starts that was put back: it is looked at once it is measured.
    pub(super) back: StoredValue<Option<[u32; 2]>>,
    pub(super) presses: Presses,
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

/// How soon after a press another one belongs to it, in milliseconds: the second one of a double tap is on the next row.
const DOUBLE: f64 = 300.0;

/// When one of a list's buttons was pressed last.
#[derive(Clone, Copy, Default)]
pub(super) struct Presses(StoredValue<f64>);

impl Presses {
    /// Takes in a press. Gives back whether it is one of its own, and not the second one of a double tap.
    pub(super) fn accept(self, event: &MouseEvent) -> bool {
        let now = event.time_stamp();
        let is_second = event.detail() > 1 && now - self.0.get_value() < DOUBLE;
        self.0.set_value(now);
        !is_second
    }
}

/// A crack with its size, for who looks at it.
pub(super) fn label_of(words: &Words, index: usize, crack: &Crack, scale: Option<Scale>) -> String {
    let [length, width] =
        [crack.length, crack.mean_width].map(|pixels| words.length_of(pixels, scale));
    (words.crack_label)(index + 1, &length, &width)
}

/// The cracks that are listed, with their indices.
pub(super) fn listed(
    cracks: Option<&Arc<Measurements>>,
) -> impl DoubleEndedIterator<Item = (usize, &Crack)> + ExactSizeIterator {
    let all = cracks.map_or(&[][..], |cracks| &cracks.cracks);
    all.iter().enumerate().take(MOST_LISTED)
}
