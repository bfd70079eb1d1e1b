//! Files of the queue's photos, with memory bounded: everything large is kept as a file, which the browser may put on disk: the
//! photo as it came, its preview as a JPEG of high quality, the probability map as it is. In memory are the map of the photo on
//! the stage, and the pixels of marks that were taken out of any.

use std::collections::HashMap;

use leptos::prelude::*;
use web_sys::{Blob, File};

use super::controller::Controller;
use super::dom::ObjectUrl;
use super::photo::PhotoId;
use crate::correction::Removed;
use crate::protocol::JobId;

/// What is kept of a photo.
pub(super) struct PhotoFiles {
    /// The photo as it came.
    pub(super) file: File,
    /// The probability map of its last result, and the job that gave it.
    pub(super) map: Option<(JobId, Blob)>,
    /// What the person took out of that map, the last at the end.
    pub(super) left_out: Vec<Removed>,
    /// What the stage shows of it, once it has been read.
    pub(super) preview: Option<Preview>,
    /// What the strip shows of it.
    thumbnail: Option<ObjectUrl>,
}

/// A picture of a photo as a file, and where the page finds it.
pub(super) struct Preview {
    pub(super) file: Blob,
    url: ObjectUrl,
}

/// What is kept of all photos.
#[derive(Default)]
pub(super) struct Pictures(HashMap<PhotoId, PhotoFiles>);

impl Pictures {
    pub(super) fn add(&mut self, id: PhotoId, file: File) {
        self.0.insert(
            id,
            PhotoFiles {
                file,
                map: None,
                left_out: Vec::new(),
                preview: None,
                thumbnail: None,
            },
        );
    }

    pub(super) fn get(&self, id: PhotoId) -> Option<&PhotoFiles> {
        self.0.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: PhotoId) -> Option<&mut PhotoFiles> {
        self.0.get_mut(&id)
    }

    /// Keeps a small picture, unless there is one already; gives back its URL.
    pub(super) fn keep_thumbnail(&mut self, id: PhotoId, url: ObjectUrl) -> Option<String> {
        let kept = keep(&mut self.get_mut(id)?.thumbnail, url)?;
        Some(kept.as_str().to_owned())
    }

    /// The same for a preview.
    pub(super) fn keep_preview(
        &mut self,
        id: PhotoId,
        file: Blob,
        url: ObjectUrl,
    ) -> Option<String> {
        let kept = keep(&mut self.get_mut(id)?.preview, Preview { file, url })?;
        Some(kept.url.as_str().to_owned())
    }

    /// Releases everything kept for a photo.
    pub(super) fn forget(&mut self, id: PhotoId) {
        self.0.remove(&id);
    }
}

impl Controller {
    /// Looks at what is kept of a photo.
    pub(super) fn with_files<T>(
        self,
        photo: PhotoId,
        look: impl FnOnce(&PhotoFiles) -> T,
    ) -> Option<T> {
        self.pictures
            .try_with_value(|pictures| pictures.get(photo).map(look))
            .flatten()
    }
}

fn keep<T>(place: &mut Option<T>, new: T) -> Option<&T> {
    if place.is_some() {
        return None;
    }
    Some(place.insert(new))
}
