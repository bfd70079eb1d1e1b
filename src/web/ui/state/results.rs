//! What is made of results: downloads, one or all, and measurements.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Effect, State};
use crate::measure::Scale;
use crate::protocol::{Cause, ExportKind, Failure, FailureKind, JobId, Measurements};
use crate::web::ui::photo::{Cracks, Laid, Outcome, Photo, PhotoId};
use crate::web::ui::tally::Tally;

/// All results on their way into one archive.
#[derive(Clone, Debug, PartialEq)]
pub struct Collecting {
    /// The threshold that the person had chosen when it began, which holds for all; else each has that of its weights.
    pub chosen: Option<f32>,
    /// Pieces done.
    pub done: usize,
    /// Pieces in all; more when photos get their results meanwhile.
    pub total: usize,
    /// Whether the person gave it up: it ends with the piece in the worker's hands.
    pub is_stopping: bool,
    /// The piece in the worker's hands first.
    pieces: VecDeque<Piece>,
    /// The results that go into the archive.
    taken: Vec<(PhotoId, JobId)>,
    /// Those of them that failed on the way, and why the first did.
    lost: Vec<JobId>,
    failure: Option<Failure>,
}

/// What a correction takes out of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// Nothing: something came back.
    None,
    /// A crack, by its place.
    Crack(usize),
    /// What is too short for a crack.
    Specks,
    /// All.
    All,
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
        let Some((photo, outcome)) = self.shown_result() else {
            return Vec::new();
        };
        if self.is_writing() {
            return Vec::new();
        }
        self.exporting = Some(kind);
        self.export_failure = None;
        vec![Effect::Export {
            photo,
            outcome,
            kind,
            threshold,
        }]
    }

    /// Has the cracks of the photo on the stage measured at a threshold, unless they are. One photo at a time: to be called
    /// again when that is done.
    pub fn measure(&mut self, threshold: f32) -> Vec<Effect> {
        let Some((photo, outcome)) = self.shown_result() else {
            return Vec::new();
        };
        let wanted = (outcome.job, threshold);
        let is_due = outcome.is_measurable() && outcome.cracks_at(threshold).is_none();
        // What failed is not tried for ever, and what an archive waits for is not replaced.
        let is_held = self
            .collecting
            .as_ref()
            .is_some_and(|collecting| outcome.cracks_by(collecting.chosen).is_some());
        if !is_due || is_held || self.measuring.is_some() || self.unmeasurable == Some(wanted) {
            return Vec::new();
        }
        self.measuring = Some(wanted);
        self.measure_failure = None;
        vec![Effect::Measure {
            photo,
            outcome,
            threshold,
        }]
    }

    /// Notes what the photo on the stage is on the wall, and by which ruler; also of all others of its size, where the person
    /// says so. Gives back of how many.
    pub fn set_scale(
        &mut self,
        scale: Option<Scale>,
        ruler: Option<Laid>,
        is_for_all: bool,
    ) -> usize {
        let (shown, size) = (self.shown, self.shown_photo().and_then(|photo| photo.size));
        let is_meant =
            |photo: &&mut Photo| Some(photo.id) == shown || is_for_all && photo.may_be_like(size);
        let mut count = 0;
        for photo in self.photos.iter_mut().filter(is_meant) {
            photo.scale = scale;
            photo.scaled_at = scale.and(size);
            photo.ruler = ruler.clone().filter(|_| Some(photo.id) == shown);
            count += 1;
        }
        count
    }

    /// Keeps the ruler that the person was laying on a photo, for when that is on the stage again.
    pub fn keep_unset_ruler(&mut self, id: PhotoId, ruler: Option<Laid>) {
        if let Some(photo) = self.photo_mut(id) {
            photo.unset_ruler = ruler;
        }
    }

    /// Whether the scale of the photo on the stage is that of all others of its size, of which there are some.
    pub fn is_scale_of_all(&self) -> bool {
        let Some(shown) = self.shown_photo() else {
            return false;
        };
        self.has_alike()
            && shown.scale.is_some()
            && self.alike().all(|photo| photo.scale == shown.scale)
    }

    /// Whether there are others that may be of the size of the photo on the stage.
    pub fn has_alike(&self) -> bool {
        self.alike().next().is_some()
    }

    fn alike(&self) -> impl Iterator<Item = &Photo> {
        let shown = self.shown_photo();
        let others = self
            .photos
            .iter()
            .filter(|photo| Some(photo.id) != self.shown);
        others.filter(move |photo| shown.is_some_and(|shown| photo.may_be_like(shown.size)))
    }

    /// Notes that the result of a photo was corrected: how much of its map lies above any threshold now, how many marks the
    /// person has taken out of it, and which of them this time. Gives back the name that it has from now on. Its other cracks stay
    /// until they are measured anew.
    pub fn correct(
        &mut self,
        id: PhotoId,
        tally: Tally,
        left_out: u32,
        gone: Gone,
    ) -> Option<JobId> {
        let job = self.take_id();
        let outcome = self.photo_mut(id)?.outcome.as_mut()?;
        if let Some(cracks) = &mut outcome.cracks {
            let measured = Arc::make_mut(&mut cracks.measurements);
            match gone {
                Gone::Crack(index) if index < measured.cracks.len() => {
                    measured.cracks.remove(index);
                }
                Gone::Specks => measured.specks = 0,
                Gone::All => *measured = Measurements::default(),
                Gone::Crack(_) | Gone::None => {}
            }
        }
        (outcome.job, outcome.tally, outcome.left_out) = (job, tally, left_out);
        outcome.is_saved = false;
        Some(job)
    }

    /// Asks for a download of all results, at the threshold that the person chose or at those of their weights. Those that come
    /// meanwhile are taken along.
    pub fn collect(&mut self, chosen: Option<f32>) -> Vec<Effect> {
        if self.is_writing() {
            return Vec::new();
        }
        self.export_failure = None;
        self.collecting = Some(Collecting {
            chosen,
            done: 0,
            total: 0,
            is_stopping: false,
            pieces: VecDeque::new(),
            taken: Vec::new(),
            lost: Vec::new(),
            failure: None,
        });
        self.next_piece()
    }

    /// Notes that the map of a result can't be had any more, so that it is neither drawn nor measured.
    pub fn lack_map(&mut self, job: JobId) {
        if self.shown_outcome().is_some_and(|shown| shown.job == job) {
            self.measure_failure = Some(Failure::new(FailureKind::Measure, Cause::NoRoom));
        }
    }

    /// Gives the download of all results up.
    pub fn stop_collecting(&mut self) {
        if let Some(collecting) = &mut self.collecting {
            collecting.is_stopping = true;
        }
    }

    /// How many photos have a result.
    pub fn result_count(&self) -> usize {
        self.results().count()
    }

    fn results(&self) -> impl Iterator<Item = (PhotoId, &Outcome)> {
        let photos = self.photos.iter();
        photos.filter_map(|photo| Some((photo.id, photo.outcome.as_ref()?)))
    }

    fn shown_result(&self) -> Option<(PhotoId, Outcome)> {
        let photo = self.shown_photo()?;
        Some((photo.id, photo.outcome.clone()?))
    }

    fn outcomes_mut(&mut self) -> impl Iterator<Item = &mut Outcome> {
        let photos = self.photos.iter_mut();
        photos.filter_map(|photo| photo.outcome.as_mut())
    }

    /// Whether a download is being written.
    pub fn is_writing(&self) -> bool {
        self.exporting.is_some() || self.collecting.is_some()
    }
}

/// All results, piece by piece.
impl State {
    /// Asks for the first piece whose result is still there, or has all packed.
    fn next_piece(&mut self) -> Vec<Effect> {
        self.exporting = None;
        if self.collecting.take_if(|it| it.is_stopping).is_some() {
            return Vec::new();
        }
        self.take_new_results();
        while let Some(collecting) = &mut self.collecting {
            let chosen = collecting.chosen;
            let Some(piece) = collecting.pieces.front().copied() else {
                let mut taken = std::mem::take(&mut collecting.taken);
                taken.retain(|(_, job)| !collecting.lost.contains(job));
                self.export_failure = collecting.failure.take();
                self.collecting = None;
                return self.pack(&taken, chosen);
            };
            let outcome = self
                .photo(piece.photo)
                .and_then(|photo| photo.outcome.clone())
                .filter(|outcome| outcome.job == piece.job);
            let Some(outcome) = outcome else {
                self.piece_done();
                continue;
            };
            let photo = piece.photo;
            let threshold = outcome.threshold_by(chosen);
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
        Vec::new()
    }

    /// Adds the pieces of results that are not taken yet.
    fn take_new_results(&mut self) {
        let Some(mut collecting) = self.collecting.take() else {
            return;
        };
        for (photo, outcome) in self.results() {
            if collecting.taken.contains(&(photo, outcome.job)) {
                continue;
            }
            collecting.taken.push((photo, outcome.job));
            let is_due = outcome.is_measurable() && outcome.cracks_by(collecting.chosen).is_none();
            let pictures = [Some(ExportKind::Overlay), Some(ExportKind::Mask)];
            for picture in pictures.into_iter().chain(is_due.then_some(None)) {
                collecting.pieces.push_back(Piece {
                    photo,
                    job: outcome.job,
                    picture,
                });
                collecting.total += 1;
            }
        }
        self.collecting = Some(collecting);
    }

    fn pack(&mut self, taken: &[(PhotoId, JobId)], chosen: Option<f32>) -> Vec<Effect> {
        let is_taken =
            |&(photo, outcome): &(PhotoId, &Outcome)| taken.contains(&(photo, outcome.job));
        let photos = self.results().filter(is_taken).map(|(photo, _)| photo);
        let photos = photos.collect();
        vec![Effect::Pack { photos, chosen }]
    }

    /// Notes that the person has the results of these jobs.
    pub fn saved(&mut self, jobs: &[JobId]) {
        let have = |outcome: &&mut Outcome| jobs.contains(&outcome.job);
        for outcome in self.outcomes_mut().filter(have) {
            outcome.is_saved = true;
        }
    }

    /// Notes that the browser has no room for a download.
    pub fn not_saved(&mut self) {
        self.export_failure = Some(Failure::new(FailureKind::Export, Cause::NoRoom));
    }

    fn piece_done(&mut self) {
        if let Some(collecting) = &mut self.collecting {
            collecting.pieces.pop_front();
            collecting.done += 1;
        }
    }

    /// Goes on with the next piece where the worker has just done this one.
    fn collected(&mut self, job: JobId, picture: Option<ExportKind>) -> Vec<Effect> {
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
    pub(super) fn exported(&mut self, job: JobId, kind: ExportKind) -> Vec<Effect> {
        if self.collecting.is_some() {
            return self.collected(job, Some(kind));
        }
        self.exporting = None;
        Vec::new()
    }

    pub(super) fn measured(
        &mut self,
        job: JobId,
        threshold: f32,
        measurements: Measurements,
    ) -> Vec<Effect> {
        self.measuring
            .take_if(|measuring| *measuring == (job, threshold));
        // What goes into the archive is not lost to what the slider has passed.
        let collected_by = self.collecting.as_ref().map(|it| it.chosen);
        // Of a result that is gone or was corrected meanwhile nothing else comes.
        let mut is_collected = true;
        let cracks = Cracks {
            job,
            threshold,
            measurements: measurements.into(),
        };
        for outcome in self.outcomes_mut().filter(|outcome| outcome.job == job) {
            let collected_at = collected_by.map(|chosen| outcome.threshold_by(chosen));
            is_collected = collected_at == Some(threshold);
            let is_held = collected_at.is_some_and(|at| outcome.cracks_at(at).is_some());
            if is_collected || !is_held {
                outcome.cracks = Some(cracks.clone());
            }
        }
        if is_collected {
            self.collected(job, None)
        } else {
            Vec::new()
        }
    }

    /// A picture or measurements failed. What is collected goes on without the photo, and tells at the end.
    pub(super) fn fail_result(&mut self, job: JobId, failure: Failure) -> Vec<Effect> {
        if failure.kind == FailureKind::Measure {
            let measuring = self.measuring.take_if(|measuring| measuring.0 == job);
            if measuring.is_some() {
                self.unmeasurable = measuring;
                self.measure_failure = Some(failure.clone());
            }
        }
        let photo_of = |collecting: &Collecting| {
            let piece = collecting.pieces.front()?;
            let is_it = piece.job == job
                && piece.picture.is_none() == (failure.kind == FailureKind::Measure);
            is_it.then_some(piece.photo)
        };
        let photo = self.collecting.as_ref().and_then(photo_of);
        let name = photo.and_then(|id| Some(self.photo(id)?.name.clone()));
        match (&mut self.collecting, photo) {
            (Some(collecting), Some(photo)) => {
                let before = collecting.pieces.len();
                collecting.pieces.retain(|piece| piece.photo != photo);
                collecting.done += before - collecting.pieces.len();
                collecting.failure.get_or_insert(Failure {
                    file: name,
                    ..failure
                });
                collecting.lost.push(job);
                self.next_piece()
            }
            (None, _) if failure.kind == FailureKind::Export => {
                self.exporting = None;
                self.export_failure = Some(failure);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }
}
