//! What is made of results: downloads, one or all, and measurements.

use std::collections::VecDeque;

use super::{Effect, State};
use crate::measure::Scale;
use crate::protocol::{ExportKind, JobId, Measurements};
use crate::web::ui::photo::{Cracks, Outcome, PhotoId};

/// All results on their way into one archive.
#[derive(Clone, Debug, PartialEq)]
pub struct Collecting {
    /// The threshold when it began, which holds for all.
    pub threshold: f32,
    /// Pieces done.
    pub done: usize,
    /// Pieces in all.
    pub total: usize,
    /// The piece in the worker's hands first.
    pieces: VecDeque<Piece>,
}

/// What an archive has of a photo: a picture, or its cracks where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    photo: PhotoId,
    job: JobId,
    picture: Option<ExportKind>,
}

/// What the person does.
impl State {
    /// Asks for a download of the photo on the stage, at a threshold.
    pub fn export(&mut self, kind: ExportKind, threshold: f32) -> Vec<Effect> {
        let Some((photo, outcome)) = self
            .shown_photo()
            .and_then(|photo| Some((photo.id, photo.outcome.clone()?)))
        else {
            return Vec::new();
        };
        let effect = Effect::Export {
            photo,
            outcome,
            kind,
            threshold,
        };
        if self.is_writing() {
            return Vec::new();
        }
        self.exporting = Some(kind);
        self.export_failure = None;
        vec![effect]
    }

    /// Has the cracks of the photo on the stage measured at a threshold, unless they are. One photo at a time: to be called
    /// again when that is done.
    pub fn measure(&mut self, threshold: f32) -> Vec<Effect> {
        let Some((photo, outcome)) = self
            .shown_photo()
            .and_then(|photo| Some((photo.id, photo.outcome.clone()?)))
        else {
            return Vec::new();
        };
        let is_due = outcome.is_measurable() && outcome.cracks_at(threshold).is_none();
        if !is_due || self.is_measuring || self.collecting.is_some() {
            return Vec::new();
        }
        self.is_measuring = true;
        self.measure_failure = None;
        vec![Effect::Measure {
            photo,
            outcome,
            threshold,
        }]
    }

    /// Notes what the photo on the stage is on the wall.
    pub fn set_scale(&mut self, scale: Option<Scale>) {
        if let Some(photo) = self.shown.and_then(|id| self.photo_mut(id)) {
            photo.scale = scale;
        }
    }

    /// Asks for a download of all results, at a threshold.
    pub fn collect(&mut self, threshold: f32) -> Vec<Effect> {
        if self.is_writing() {
            return Vec::new();
        }
        let pieces: VecDeque<Piece> = self
            .results()
            .flat_map(|(photo, outcome)| {
                let has_cracks = outcome.is_measurable() && outcome.cracks_at(threshold).is_none();
                [Some(ExportKind::Overlay), Some(ExportKind::Mask), None]
                    .into_iter()
                    .filter(move |picture| picture.is_some() || has_cracks)
                    .map(move |picture| Piece {
                        photo,
                        job: outcome.job,
                        picture,
                    })
            })
            .collect();
        self.export_failure = None;
        self.collecting = Some(Collecting {
            threshold,
            done: 0,
            total: pieces.len(),
            pieces,
        });
        self.next_piece()
    }

    /// Gives the download of all results up.
    pub fn stop_collecting(&mut self) {
        self.collecting = None;
        self.exporting = None;
    }

    /// How many photos have a result.
    pub fn result_count(&self) -> usize {
        self.results().count()
    }

    fn results(&self) -> impl Iterator<Item = (PhotoId, &Outcome)> {
        let photos = self.photos.iter();
        photos.filter_map(|photo| Some((photo.id, photo.outcome.as_ref()?)))
    }

    fn outcomes_mut(&mut self) -> impl Iterator<Item = &mut Outcome> {
        let photos = self.photos.iter_mut();
        photos.filter_map(|photo| photo.outcome.as_mut())
    }

    fn is_writing(&self) -> bool {
        self.exporting.is_some() || self.collecting.is_some()
    }

    /// Asks for the first piece whose result is still there, or has all packed.
    fn next_piece(&mut self) -> Vec<Effect> {
        self.exporting = None;
        loop {
            let Some(collecting) = &self.collecting else {
                return Vec::new();
            };
            let threshold = collecting.threshold;
            let Some(piece) = collecting.pieces.front().copied() else {
                self.collecting = None;
                for outcome in self.outcomes_mut() {
                    outcome.is_saved = true;
                }
                let photos = self.results().map(|(photo, _)| photo).collect();
                return vec![Effect::Pack { photos, threshold }];
            };
            let outcome = self
                .photo(piece.photo)
                .and_then(|photo| photo.outcome.clone());
            let Some(outcome) = outcome.filter(|outcome| outcome.job == piece.job) else {
                self.piece_done();
                continue;
            };
            let photo = piece.photo;
            self.exporting = piece.picture;
            return vec![match piece.picture {
                Some(kind) => Effect::Export {
                    photo,
                    outcome,
                    kind,
                    threshold,
                },
                None => Effect::Measure {
                    photo,
                    outcome,
                    threshold,
                },
            }];
        }
    }

    fn piece_done(&mut self) {
        if let Some(collecting) = &mut self.collecting {
            collecting.pieces.pop_front();
            collecting.done += 1;
        }
    }

    /// Goes on with the next piece where the worker has just done this one.
    pub(super) fn collected(&mut self, job: JobId, picture: Option<ExportKind>) -> Vec<Effect> {
        let front = self.collecting.as_ref().and_then(|it| it.pieces.front());
        if front.is_some_and(|piece| (piece.job, piece.picture) == (job, picture)) {
            self.piece_done();
            self.next_piece()
        } else {
            Vec::new()
        }
    }
}

/// What the worker tells.
impl State {
    pub(super) fn exported(&mut self, job: JobId) -> Vec<Effect> {
        self.exporting = None;
        for outcome in self.outcomes_mut().filter(|outcome| outcome.job == job) {
            outcome.is_saved = true;
        }
        Vec::new()
    }

    pub(super) fn measured(
        &mut self,
        job: JobId,
        threshold: f32,
        measurements: Measurements,
    ) -> Vec<Effect> {
        for outcome in self.outcomes_mut().filter(|outcome| outcome.job == job) {
            outcome.cracks = Some(Cracks {
                threshold,
                measurements: measurements.clone().into(),
            });
        }
        // What was asked for before all were collected comes first.
        if std::mem::take(&mut self.is_measuring) {
            return Vec::new();
        }
        self.collected(job, None)
    }
}
