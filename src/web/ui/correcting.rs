//! Marks that are no cracks, which the person takes out of the result on the stage and puts back.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::controller::Controller;
use super::dom;
use super::photo::Photo;
use super::pictures::Pictures;
use super::stage_map::{StageMap, shown_job};
use super::state::{Gone, State};
use super::tally::Tally;
use crate::correction::Removed;

impl Controller {
    /// Whether the result on the stage can be corrected: its map has to be there, and no other result on its way.
    pub(super) fn is_correctable(self) -> bool {
        let is_idle = |state: &State| !state.shown_photo().is_some_and(Photo::is_busy);
        let result = self
            .state
            .with(|state| shown_job(state).filter(|_| is_idle(state)));
        let of_map = |map: &Option<StageMap>| map.as_ref().map(|map| (map.photo, map.job));
        result.is_some() && self.map.with(of_map) == result
    }

    /// Takes out the mark of a crack, by its place in the list. Gives back how many marks are left out then.
    pub(super) fn leave_out(self, index: usize) -> Option<u32> {
        let (start, threshold) = self.state.with_untracked(|state| {
            let cracks = state.shown_outcome()?.cracks.as_ref()?;
            let crack = cracks.measurements.cracks.get(index)?;
            Some((crack.start, cracks.threshold))
        })?;
        let mut stage = self.take_map()?;
        let removed = Rc::make_mut(&mut stage.map).remove_mark(start, threshold);
        if removed.marks == 0 {
            self.map.set(Some(stage));
            return None;
        }
        self.correct(stage, Gone::Crack(index), |left_out| left_out.push(removed))
    }

    /// Takes out what is marked and too short for a crack. Gives back how many marks are left out then.
    pub(super) fn leave_out_specks(self) -> Option<u32> {
        let (cracks, threshold) = self.state.with_untracked(|state| {
            let cracks = state.shown_outcome()?.cracks.as_ref()?;
            let starts = cracks.measurements.cracks.iter().map(|crack| crack.start);
            Some((starts.collect::<Vec<_>>(), cracks.threshold))
        })?;
        let mut stage = self.take_map()?;
        let removed = Rc::make_mut(&mut stage.map).remove_marks_but(&cracks, threshold);
        self.correct(stage, Gone::Specks, |left_out| left_out.push(removed))
    }

    /// Takes out all that is marked, also what is too short for a crack. Gives back how many marks are left out then.
    pub(super) fn leave_out_all(self) -> Option<u32> {
        let threshold = self.threshold.get_untracked();
        let mut stage = self.take_map()?;
        let removed = Rc::make_mut(&mut stage.map).remove_marks(threshold);
        self.correct(stage, Gone::All, |left_out| left_out.push(removed))
    }

    /// Puts back what was taken out last, to be looked at if it is one mark. Gives back how many are still left out.
    pub(super) fn put_back(self) -> Option<u32> {
        let mut stage = self.take_map()?;
        let last = self.with_files(stage.photo, |files| files.left_out.last().cloned());
        let removed = last.flatten().unwrap_or_default();
        Rc::make_mut(&mut stage.map).put_back(&removed);
        let start = removed.start(stage.map.width());
        let left = self.correct(stage, Gone::None, |left_out| drop(left_out.pop()))?;
        let job = self.map.with_untracked(|map| Some(map.as_ref()?.job));
        self.crack_list.back.set_value(job.zip(start));
        Some(left)
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
        gone: Gone,
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
            let left_out = kept.left_out.iter().map(|removed| removed.marks).sum();
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
