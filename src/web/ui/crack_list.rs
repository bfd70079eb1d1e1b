//! The list of cracks as the person uses it.

use std::sync::Arc;

use leptos::prelude::*;

use super::photo::MOST_LISTED;
use super::presses::Presses;
use super::words::Words;
use crate::measure::{Crack, Scale};
use crate::protocol::{JobId, Measurements};

/// Whether the list is open, and which of its cracks the person looks at (an index into the measurements).
#[derive(Clone, Copy, Default)]
pub(super) struct CrackList {
    pub(super) is_open: RwSignal<bool>,
    pub(super) chosen: RwSignal<Option<usize>>,
    /// How often one was sought from the list: each time the photo moves to it.
    pub(super) sought: RwSignal<usize>,
    /// The result that a mark was put back into, and where the mark starts: it is looked at once it is measured.
    pub(super) back: StoredValue<Option<(JobId, [u32; 2])>>,
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
