//! The stage's pixels, kept in step with the photo that is on it.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::Blob;

use super::controller::Controller;
use super::dom::{self, ObjectUrl};
use super::photo::PhotoId;
use super::state::State;
use crate::mask::ProbabilityMap;
use crate::protocol::{JobId, Size};
use crate::web::blob;

/// The probability map of the photo on the stage.
#[derive(Clone)]
pub(super) struct StageMap {
    pub(super) photo: PhotoId,
    /// The result's.
    pub(super) job: JobId,
    pub(super) map: Rc<ProbabilityMap>,
}

impl StageMap {
    pub(super) fn size(&self) -> Size {
        Size {
            width: self.map.width(),
            height: self.map.height(),
        }
    }
}

impl Controller {
    /// Loads the map of whichever photo is put on the stage.
    pub(super) fn keep_stage_in_step(self) {
        let result = Memo::new(move |_| self.state.with(shown_job));
        Effect::new(move |_| match result.get() {
            None => self.map.set(None),
            Some((photo, job)) => {
                let present = self.map.with_untracked(|map| {
                    let map = map.as_ref()?;
                    Some((map.photo, map.job))
                });
                // The last result of the same photo stays until the next is read.
                if present.is_some_and(|(its, _)| its != photo) {
                    self.map.set(None);
                }
                // What was corrected is there already.
                if present != Some((photo, job)) {
                    spawn_local(self.load_map(photo, job));
                }
            }
        });
    }

    /// Keeps the preview of a photo that was just read.
    pub(super) fn keep_preview(self, photo: PhotoId, file: &Blob) {
        let url = match ObjectUrl::new(file) {
            Ok(url) => url,
            Err(error) => return dom::log(&error),
        };
        let kept = self
            .pictures
            .try_update_value(|pictures| pictures.keep_preview(photo, file.clone(), url));
        if let Some(url) = kept.flatten() {
            self.state.update(|state| state.set_preview(photo, url));
        }
        let has_thumbnail = |state: &State| {
            let photo = state.photo(photo);
            photo.is_some_and(|photo| photo.thumbnail.is_some())
        };
        if !self.state.with_untracked(has_thumbnail) {
            // Of a photo that only the worker can read, or whose file is too large to be unpacked whole.
            self.ask_for_thumbnail(photo, file);
        }
    }

    pub(super) async fn load_map(self, photo: PhotoId, job: JobId) {
        let blob: Option<Blob> = self
            .with_files(photo, |files| {
                files
                    .map
                    .clone()
                    .filter(|map| map.0 == job)
                    .map(|map| map.1)
            })
            .flatten();
        let Some(blob) = blob else { return };
        // Who leafs through many results wants one map at a time: the memory that several take is never given back.
        let is_wanted = || self.state.try_with_untracked(shown_job).flatten() == Some((photo, job));
        match blob::read_while(&blob, is_wanted).await {
            Ok(None) => {}
            Ok(Some(values)) => {
                let size = self.state.try_with_untracked(|state| {
                    let photo = state.shown_photo().filter(|shown| shown.id == photo)?;
                    photo
                        .outcome
                        .as_ref()
                        .filter(|outcome| outcome.job == job)
                        .map(|outcome| outcome.map)
                });
                let map = size
                    .flatten()
                    .and_then(|size| ProbabilityMap::new(size.width, size.height, values));
                if let Some(map) = map {
                    let map = Rc::new(map);
                    self.map.set(Some(StageMap { photo, job, map }));
                }
            }
            Err(error) => {
                dom::log(&error.to_string().into());
                if !is_wanted() {
                    return;
                }
                // Not an earlier result's under this one's figures.
                self.map.set(None);
                self.state.update(|state| state.lack_map(job));
            }
        }
    }
}

/// The photo on the stage, and the job that gave its result.
pub(super) fn shown_job(state: &State) -> Option<(PhotoId, JobId)> {
    Some((state.shown?, state.shown_outcome()?.job))
}
