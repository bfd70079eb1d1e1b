//! Marks that are no cracks, which the person takes out of the result on the stage and puts back.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::controller::{Controller, StageMap, shown_result};
use super::dom;
use super::pictures::Pictures;
use super::tally::Tally;
use crate::correction::Removed;

impl Controller {
    /// Whether the result on the stage can be corrected: its map has to be there.
    pub(super) fn is_correctable(self) -> bool {
        let result = self.state.with(shown_result);
        let of_map = |map: &Option<StageMap>| map.as_ref().map(|map| (map.photo, map.job));
        result.is_some() && self.map.with(of_map) == result
    }

    /// Takes out the mark of a crack, by its place in the list. Gives back how many marks are left out then.
    pub(super) fn leave_out(self, index: usize) -> Option<u32> {
        let (start, threshold) = self.state.with_untracked(|state| {
            let outcome = state.shown_photo()?.outcome.as_ref()?;
            let cracks = outcome.cracks.as_ref()?;
            let crack = cracks.measurements.cracks.get(index)?;
            Some((crack.start, cracks.threshold))
        })?;
        let mut stage = self.take_map()?;
        let removed = Rc::make_mut(&mut stage.map).remove_mark(start, threshold);
        self.correct(stage, Some(index), |left_out| left_out.push(removed))
    }

    /// Puts back the mark that was taken out last. Gives back how many are still left out.
    pub(super) fn put_back(self) -> Option<u32> {
        let mut stage = self.take_map()?;
        let last = self.with_kept(stage.photo, |kept| kept.left_out.last().cloned());
        if let Some(removed) = last.flatten() {
            Rc::make_mut(&mut stage.map).put_back(&removed);
        }
        self.correct(stage, None, |left_out| drop(left_out.pop()))
    }

    /// The map on the stage, out of its place, so that it is changed without a copy.
    fn take_map(self) -> Option<StageMap> {
        let is_there = untrack(|| self.is_correctable());
        let take = |map: &mut Option<StageMap>| map.take();
        is_there
            .then(|| self.map.try_update_untracked(take))
            .flatten()
            .flatten()
    }

    fn correct(
        self,
        stage: StageMap,
        gone: Option<usize>,
        note: impl FnOnce(&mut Vec<Removed>),
    ) -> Option<u32> {
        let (photo, before) = (stage.photo, stage.job);
        let file = match dom::file_of(stage.map.values()) {
            Ok(file) => file,
            Err(error) => {
                dom::log(&error);
                // All stays as it was.
                spawn_local(self.load_map(photo, before));
                return None;
            }
        };
        let tally = Tally::new(stage.map.counts().to_vec());
        let correct = |pictures: &mut Pictures| {
            let kept = pictures.get_mut(photo)?;
            note(&mut kept.left_out);
            let left_out = kept.left_out.len() as u32;
            let corrected = self
                .state
                .try_update(|state| state.correct(photo, tally, left_out, gone));
            let job = corrected.flatten()?;
            kept.map = Some((job, file));
            Some((job, left_out))
        };
        let corrected = self.pictures.try_update_value(correct);
        let (job, left_out) = corrected.flatten()?;
        self.map.set(Some(StageMap { job, ..stage }));
        Some(left_out)
    }
}
