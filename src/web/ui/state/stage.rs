//! Which photo is on the stage, and which ones failed without having been on it.

use super::State;
use crate::protocol::Failure;
use crate::web::ui::photo::{Outcome, Phase, Photo, PhotoId};

/// What is on it.
impl State {
    /// The photo on the stage.
    pub fn shown_photo(&self) -> Option<&Photo> {
        self.photo(self.shown?)
    }

    /// Its result.
    pub fn shown_outcome(&self) -> Option<&Outcome> {
        self.shown_photo()?.outcome.as_ref()
    }

    /// Place of the photo on the stage in the queue, from 0.
    pub fn shown_index(&self) -> Option<usize> {
        self.photos
            .iter()
            .position(|photo| Some(photo.id) == self.shown)
    }

    /// Photos that failed while another one was on the stage, and were not looked at since, each with the reason.
    pub fn notices(&self) -> impl Iterator<Item = (&Photo, &Failure)> {
        let noticed = self.noticed.iter().filter_map(|id| self.photo(*id));
        noticed.filter_map(|photo| Some((photo, photo.failure()?)))
    }
}

/// What the person does.
impl State {
    /// Puts a photo on the stage.
    pub fn select(&mut self, id: PhotoId) {
        if self.photo(id).is_some() {
            self.put_on_stage(Some(id), true);
        }
    }

    /// Puts the photo so many places further on the stage.
    pub fn step(&mut self, places: isize) {
        let target = self
            .shown_index()
            .and_then(|index| index.checked_add_signed(places));
        if let Some(photo) = target.and_then(|index| self.photos.get(index)) {
            self.select(photo.id);
        }
    }

    /// Forgets what failed meanwhile: the person has read it.
    pub fn dismiss_notices(&mut self) {
        self.noticed.clear();
    }
}

/// What a result or a failure changes.
impl State {
    /// After a job that gave nothing: a photo stopped with an earlier result is done; a failed one without a result
    /// makes way for the one that was looked at before, or else the last good one, and leaves a notice.
    pub(super) fn settle(&mut self, id: PhotoId) {
        let Some(photo) = self.photo_mut(id) else {
            return;
        };
        if photo.outcome.is_some() && photo.phase == Phase::Stopped {
            photo.phase = Phase::Done;
            photo.was_stopped = true;
        }
        let is_good = |photo: &&Photo| photo.outcome.is_some();
        let looked_at = self.looked_at.and_then(|id| self.photo(id));
        let good = looked_at
            .filter(is_good)
            .or_else(|| self.photos.iter().rev().find(is_good));
        if let Some(good) = good.map(|photo| photo.id) {
            self.show_good_over_failed(good);
        }
    }

    pub(super) fn show_good_over_failed(&mut self, good: PhotoId) {
        let Some(photo) = self.shown_photo() else {
            return;
        };
        if photo.failure().is_some() && photo.outcome.is_none() && !self.picked {
            self.note_failure(photo.id);
            self.put_on_stage(Some(good), false);
        }
    }

    pub(super) fn put_on_stage(&mut self, id: Option<PhotoId>, picked: bool) {
        self.shown = id;
        self.picked = picked;
        self.noticed.retain(|noticed| Some(*noticed) != id);
        // It was said of the photo before.
        self.export_failure = None;
        self.measure_failure = None;
    }

    pub(super) fn note_failure(&mut self, id: PhotoId) {
        self.noticed.retain(|noticed| *noticed != id);
        self.noticed.push(id);
    }
}
