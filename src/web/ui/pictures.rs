//! Files of the queue's photos, with memory bounded: everything large is kept as a file, which the browser may put on disk: the
//! photo as it came, its preview as a JPEG of high quality, the probability map as it is. In memory are the map of the photo on
//! the stage, and the pixels of marks that were taken out of any.

use std::collections::HashMap;

use web_sys::{Blob, File};

use super::dom::ObjectUrl;
use super::photo::PhotoId;
use crate::correction::Removed;
use crate::protocol::JobId;

/// What is kept of a photo.
pub(super) struct Kept {
    /// The photo as it came.
    pub(super) file: File,
    /// What the stage shows of it, once it has been read.
    pub(super) preview: Option<ObjectUrl>,
    /// The probability map of its last result, and the job that gave it.
    pub(super) map: Option<(JobId, Blob)>,
    /// What the person took out of that map, the last at the end.
    pub(super) left_out: Vec<Removed>,
    thumbnail: Option<ObjectUrl>,
}

/// What is kept of all photos.
#[derive(Default)]
pub(super) struct Pictures(HashMap<PhotoId, Kept>);

impl Pictures {
    pub(super) fn add(&mut self, id: PhotoId, file: File) {
        self.0.insert(
            id,
            Kept {
                file,
                preview: None,
                map: None,
                left_out: Vec::new(),
                thumbnail: None,
            },
        );
    }

    pub(super) fn get(&self, id: PhotoId) -> Option<&Kept> {
        self.0.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: PhotoId) -> Option<&mut Kept> {
        self.0.get_mut(&id)
    }

    /// Keeps a small picture, unless there is one already; gives back its URL.
    pub(super) fn keep_thumbnail(&mut self, id: PhotoId, url: ObjectUrl) -> Option<String> {
        let kept = self
            .0
            .get_mut(&id)
            .filter(|kept| kept.thumbnail.is_none())?;
        let text = url.as_str().to_owned();
        kept.thumbnail = Some(url);
        Some(text)
    }

    /// Releases everything kept for a photo.
    pub(super) fn forget(&mut self, id: PhotoId) {
        self.0.remove(&id);
    }
}
