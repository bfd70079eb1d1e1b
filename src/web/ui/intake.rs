//! Files that the visitor or the embedding page brings: photos, with their small pictures, and weights.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{Blob, Event, File};

use super::controller::Controller;
use super::dom::{self, ObjectUrl};
use super::photo::PhotoId;
use super::state::{Readiness, State};
use super::thumbnailer::Thumbnailer;
use super::words::IntakeError;

/// Endings of files that are weights and not photos. The engine says of PyTorch's that they have to be converted first.
pub(super) const WEIGHTS_ENDINGS: [&str; 4] = [".bpk", ".safetensors", ".pth", ".pt"];

/// Files of the example pictures, each with a `.small.jpg` of the same name to choose it by; their names are among the words.
pub(super) const EXAMPLE_FILES: [&str; 3] = ["slab.jpg", "wall.jpg", "fine.jpg"];

/// Size of the largest file, in bytes, of which the browser makes a small picture by itself: of a photo of some 24 megapixels.
const LARGEST_TO_UNPACK: f64 = 12e6;

impl Controller {
    /// Takes in a photo that the embedding page, or the app itself, brings. Where there is no engine, it is asked for again.
    pub(super) fn take_photo(self, file: File) -> PhotoId {
        let has_failed = |state: &State| matches!(state.readiness, Readiness::Failed(_));
        if self.state.with_untracked(has_failed) {
            self.act(State::restart);
        }
        self.intake_error.set(None);
        self.take_photos(vec![file])
            .into_iter()
            .next()
            .unwrap_or_default()
    }

    /// The photo that the embedding page wants shown can't be had.
    pub(super) fn lack_source(self) {
        // What was said of the photo before is not this one's.
        self.announcement.set(String::new());
        self.intake_error.set(Some(IntakeError::Source));
    }

    /// Takes in photos, and weights by their ending.
    pub(super) fn take_files(self, files: Vec<File>) {
        self.intake_error.set(None);
        let is_weights = |file: &File| {
            let name = file.name().to_ascii_lowercase();
            WEIGHTS_ENDINGS.iter().any(|ending| name.ends_with(ending))
        };
        let (weights, photos): (Vec<_>, Vec<_>) = files.into_iter().partition(is_weights);
        if let Some(file) = weights.into_iter().next() {
            self.take_weights(file);
        }
        if !photos.is_empty() {
            self.take_photos(photos);
        }
    }

    /// Takes in photos, and says by what they are known from now on.
    pub(super) fn take_photos(self, photos: Vec<File>) -> Vec<PhotoId> {
        self.begin_intake();
        let mut ids = Vec::new();
        self.state
            .update(|state| ids = state.add(photos.iter().map(File::name)));
        for (&id, file) in ids.iter().zip(photos) {
            self.ask_for_thumbnail_of_file(id, &file);
            self.pictures
                .update_value(|pictures| pictures.add(id, file));
        }
        self.act(State::send_next);
        ids
    }

    /// Uses other weights from now on.
    pub(super) fn take_weights(self, file: File) {
        self.weights_url.set(None);
        self.state.update(|state| state.weights_sent(file.name()));
        let coming = self
            .state
            .with_untracked(|state| state.coming_weights.clone());
        if let Some(name) = coming {
            self.say(|words| (words.coming_weights)(&name));
        }
        self.use_weights(file.name(), file.into());
    }

    /// Begins to take photos in: gives back by what it is known whether any came after them.
    pub(super) fn begin_intake(self) -> u32 {
        let begun = self.intakes.get_value() + 1;
        self.intakes.set_value(begun);
        begun
    }

    /// Takes in an example picture, unless the person brings another photo before it is there.
    pub(super) fn take_example(self, file_name: &'static str) {
        let Some(url) = self.app_url(&format!("www/examples/{file_name}")) else {
            return;
        };
        let intake = self.begin_intake();
        spawn_local(async move {
            let fetched = dom::fetch_file(&url, file_name).await;
            if self.intakes.try_get_value() != Some(intake) {
                return;
            }
            match fetched {
                Ok(file) => {
                    let example = self.take_photo(file);
                    self.act(|state| {
                        state.mark_as_example(example);
                        Vec::new()
                    });
                }
                Err(error) => {
                    dom::log(&error);
                    self.intake_error.try_set(Some(IntakeError::Example));
                }
            }
        });
    }

    /// Takes in what is on the clipboard.
    pub(super) fn take_clipboard(self) {
        spawn_local(async move {
            match dom::paste_files().await {
                Ok(files) if files.is_empty() => {
                    self.intake_error.try_set(Some(IntakeError::NothingToPaste));
                }
                // The browser asks the person, and the page may be gone by then.
                Ok(files) if self.intakes.try_get_value().is_some() => self.take_files(files),
                Ok(_) => {}
                Err(error) => {
                    dom::log(&error);
                    self.intake_error.try_set(Some(IntakeError::PasteRefused));
                }
            }
        });
    }

    /// Of a larger one the preview does: the browser would unpack it whole, as large as it may be.
    pub(super) fn ask_for_thumbnail_of_file(self, photo: PhotoId, file: &File) {
        if file.size() <= LARGEST_TO_UNPACK {
            self.ask_for_thumbnail(photo, file);
        }
    }

    /// The strip shows it, which belongs to the controls.
    pub(super) fn ask_for_thumbnail(self, photo: PhotoId, file: &Blob) {
        if !untrack(|| self.has_controls()) {
            return;
        }
        if self.thumbnailer.with_value(Option::is_none) {
            let on_made = move |photo, picture: Blob| self.keep_thumbnail(photo, &picture);
            // The next photo gets another one.
            let on_lost = move |event: &Event| {
                dom::log(event);
                self.thumbnailer.try_set_value(None);
            };
            let started = self
                .files
                .with_value(|files| Thumbnailer::start(files, on_made, on_lost));
            match started {
                Ok(thumbnailer) => self.thumbnailer.set_value(Some(thumbnailer)),
                Err(error) => return dom::log(&error),
            }
        }
        self.thumbnailer.with_value(|thumbnailer| {
            let asked = thumbnailer
                .as_ref()
                .map(|thumbnailer| thumbnailer.ask(photo, file));
            if let Some(Err(error)) = asked {
                dom::log(&error);
            }
        });
    }

    pub(super) fn ask_for_missing_thumbnails(self) {
        let photos = self.state.with_untracked(|state| {
            let missing = state
                .photos
                .iter()
                .filter(|photo| photo.thumbnail.is_none());
            missing.map(|photo| photo.id).collect::<Vec<_>>()
        });
        for photo in photos {
            let file = self.with_files(photo, |files| files.file.clone());
            if let Some(file) = file {
                self.ask_for_thumbnail_of_file(photo, &file);
            }
        }
    }

    fn keep_thumbnail(self, id: PhotoId, picture: &Blob) {
        let Ok(url) = ObjectUrl::new(picture) else {
            return;
        };
        let kept = self
            .pictures
            .try_update_value(|pictures| pictures.keep_thumbnail(id, url))
            .flatten();
        if let Some(url) = kept {
            self.state.update(|state| state.set_thumbnail(id, url));
        }
    }
}
