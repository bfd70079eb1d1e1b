//! Marks that are no cracks, which the person takes out of the result on the stage and puts back.

use std::sync::Arc;

use leptos::prelude::*;

use super::controller::{Controller, StageMap, shown_result};
use super::dom;
use super::photo::Cracks;
use super::tally::Tally;
use crate::correction::Removed;
use crate::mask::ProbabilityMap;

impl Controller {
    /// Takes out the mark of a crack, by its place in the list. Whether it could: of a result that was just made the map may
    /// not be there yet.
    pub(super) fn leave_out(self, index: usize) -> bool {
        let Some(mut cracks) = self.state.with_untracked(|state| {
            let outcome = state.shown_photo()?.outcome.as_ref()?;
            outcome.cracks.clone()
        }) else {
            return false;
        };
        let measurements = Arc::make_mut(&mut cracks.measurements);
        if index >= measurements.cracks.len() {
            return false;
        }
        let crack = measurements.cracks.remove(index);
        let threshold = cracks.threshold;
        // The others are what they were.
        self.correct(Some(cracks), |map, left_out| {
            left_out.push(map.remove_mark(crack.start, threshold));
        })
    }

    /// Puts back the mark that was taken out last. What it is at the threshold of now has to be measured.
    pub(super) fn put_back(self) -> bool {
        self.correct(None, |map, left_out| {
            if let Some(removed) = left_out.pop() {
                map.put_back(&removed);
            }
        })
    }

    fn correct(
        self,
        cracks: Option<Cracks>,
        edit: impl FnOnce(&mut ProbabilityMap, &mut Vec<Removed>),
    ) -> bool {
        let Some(StageMap {
            photo,
            job,
            size,
            values,
        }) = self.map.get_untracked()
        else {
            return false;
        };
        let map = ProbabilityMap::new(size.width, size.height, values.to_vec());
        let left_out = self.with_kept(photo, |kept| kept.left_out.clone());
        let (Some(mut map), Some(mut left_out)) = (map, left_out) else {
            return false;
        };
        if self.state.with_untracked(shown_result) != Some((photo, job)) {
            return false;
        }
        edit(&mut map, &mut left_out);
        let file = match dom::file_of(map.values()) {
            Ok(file) => file,
            Err(error) => {
                dom::log(&error);
                return false;
            }
        };
        let tally = Tally::new(map.counts().to_vec());
        let marks = left_out.len() as u32;
        let corrected = self
            .state
            .try_update(|state| state.correct(photo, tally, marks, cracks));
        let Some(job) = corrected.flatten() else {
            return false;
        };
        self.pictures.update_value(|pictures| {
            if let Some(kept) = pictures.get_mut(photo) {
                kept.map = Some((job, file));
                kept.left_out = left_out;
            }
        });
        self.map.set(Some(StageMap {
            photo,
            job,
            size,
            values: map.into_values().into(),
        }));
        true
    }
}
