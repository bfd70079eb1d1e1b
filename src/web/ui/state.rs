//! What the page knows, and how it answers to the person and to the worker. No DOM in here: each change gives back
//! [`Effect`]s, which the controller carries out.
//!
//! One photo is with the worker at a time, and the next is sent when the worker is done with it.

use super::photo::{Outcome, Phase, Photo, PhotoId};
use super::tally::Tally;
use crate::protocol::{
    BackendChoice, EngineInfo, ExportKind, Failure, FailureKind, JobId, Mode, Reply, Resolution,
    Settings, Size, Stage,
};

mod engine;
mod results;
mod stage;

pub use results::Collecting;
#[cfg(any(test, target_family = "wasm"))]
pub use results::Gone;

/// The threshold until an engine has told its own.
const FALLBACK_THRESHOLD: f32 = 0.5;

/// Everything the page shows, except how a result is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The photos in the order of the queue.
    pub photos: Vec<Photo>,
    /// The photo on the stage.
    pub shown: Option<PhotoId>,
    /// Whether photos can be segmented.
    pub readiness: Readiness,
    /// The engine that runs, or ran before it was asked to change.
    pub engine: Option<EngineInfo>,
    /// How fast it is: at first by its own measure, which is a guess, then by the last photo.
    pub seconds_per_megapixel: Option<f64>,
    /// The backend asked for.
    pub backend: BackendChoice,
    /// The pipeline for photos from now on.
    pub mode: Mode,
    /// The weights file that the worker takes after the photo in work.
    pub coming_weights: Option<String>,
    /// Whether another engine was asked for here, not by another part of the page, and is not there yet.
    awaits_engine: bool,
    /// What went wrong when the backend or the weights were to change.
    pub settings_failure: Option<Failure>,
    /// The download being drawn.
    pub exporting: Option<ExportKind>,
    /// All results being written, one file after the other.
    pub collecting: Option<Collecting>,
    /// The result whose cracks are being measured for the stage, and the threshold.
    pub measuring: Option<(JobId, f32)>,
    /// The result and the threshold at which measuring failed last.
    unmeasurable: Option<(JobId, f32)>,
    /// What went wrong when cracks were to be measured.
    pub measure_failure: Option<Failure>,
    /// What went wrong with the last download.
    pub export_failure: Option<Failure>,
    /// Photos that failed while another one was on the stage.
    noticed: Vec<PhotoId>,
    /// How many workers were lost so far.
    pub losses: u32,
    /// Whether the CPU does the work of a GPU that was lost after it had worked.
    pub has_lost_gpu: bool,
    /// How often the engine was started anew so far.
    pub restarts: u32,
    /// The job the worker has.
    running: Option<Running>,
    /// Whether the person chose the photo on the stage from the strip.
    picked: bool,
    /// The photo with a result that was on the stage before others were added.
    looked_at: Option<PhotoId>,
    next_id: u32,
}

/// Whether photos can be segmented.
#[derive(Clone, Debug, PartialEq)]
pub enum Readiness {
    /// Not yet; the stage, once the worker has told it.
    Starting(Option<Stage>),
    /// Yes.
    Ready,
    /// No, and only the person can change that.
    Failed(Failure),
}

#[derive(Clone, Debug, PartialEq)]
struct Running {
    job: JobId,
    photo: PhotoId,
    settings: Settings,
    /// Stopped for another backend, to be run again on it.
    again: bool,
}

/// What has to be done outside the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Start the engine, or start it anew.
    Start(BackendChoice),
    /// Send a photo to the worker.
    Segment {
        /// Whose file to send.
        photo: PhotoId,
        /// Under which name.
        job: JobId,
        /// How to work it.
        settings: Settings,
    },
    /// Stop a job.
    Cancel(JobId),
    /// Have a PNG drawn of a photo's result.
    Export {
        /// Whose file and map to send.
        photo: PhotoId,
        /// The result.
        outcome: Outcome,
        /// What to draw.
        kind: ExportKind,
        /// At which threshold, 0 to 1.
        threshold: f32,
    },
    /// Have the cracks of a photo's result measured.
    Measure {
        /// Whose map to send.
        photo: PhotoId,
        /// The result.
        outcome: Outcome,
        /// At which threshold, 0 to 1.
        threshold: f32,
    },
    /// Pack what was collected, and the cracks of these photos.
    Pack {
        /// Which photos.
        photos: Vec<PhotoId>,
        /// The threshold that the person chose, 0 to 1; without one each photo has that of its weights.
        chosen: Option<f32>,
    },
    /// Release everything kept for a photo.
    Forget(PhotoId),
}

/// The page as a whole, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppPhase {
    /// The engine is not ready.
    Starting,
    /// Everything stands, nothing runs.
    Ready,
    /// A photo is being segmented.
    Working,
    /// The engine could not be started.
    Failed,
}

impl Default for State {
    fn default() -> Self {
        Self {
            photos: Vec::new(),
            shown: None,
            readiness: Readiness::Starting(None),
            engine: None,
            seconds_per_megapixel: None,
            backend: BackendChoice::Auto,
            mode: Mode::Native,
            coming_weights: None,
            awaits_engine: false,
            settings_failure: None,
            exporting: None,
            collecting: None,
            measuring: None,
            unmeasurable: None,
            measure_failure: None,
            export_failure: None,
            noticed: Vec::new(),
            losses: 0,
            has_lost_gpu: false,
            restarts: 0,
            running: None,
            picked: false,
            looked_at: None,
            next_id: 1,
        }
    }
}

/// What can be asked of the state.
impl State {
    /// A page without photos, with what the person chose on an earlier visit.
    pub fn new(mode: Mode, backend: BackendChoice) -> Self {
        Self {
            mode,
            backend,
            ..Self::default()
        }
    }

    /// The photo of this name.
    pub fn photo(&self, id: PhotoId) -> Option<&Photo> {
        self.photos.iter().find(|photo| photo.id == id)
    }

    /// Whether it has one that can be measured.
    pub fn is_measurable(&self) -> bool {
        self.shown_outcome().is_some_and(Outcome::is_measurable)
    }

    /// The photo that a job in hand works on.
    pub fn photo_of(&self, job: JobId) -> Option<PhotoId> {
        self.running
            .as_ref()
            .filter(|running| running.job == job)
            .map(|running| running.photo)
    }

    /// The photo that the worker has, where another one is on the stage.
    pub fn other_in_work(&self) -> Option<&Photo> {
        let photo = self.running.as_ref()?.photo;
        self.photo(photo).filter(|_| self.shown != Some(photo))
    }

    /// The threshold that came with the weights: with those that made the result on the stage, or else with those in use.
    pub fn shipped_threshold(&self) -> f32 {
        let of_result = || Some(self.shown_outcome()?.threshold);
        let of_engine = || Some(self.engine.as_ref()?.threshold);
        of_result().or_else(of_engine).unwrap_or(FALLBACK_THRESHOLD)
    }

    /// The page in a word.
    pub fn app_phase(&self) -> AppPhase {
        match self.readiness {
            Readiness::Starting(_) => AppPhase::Starting,
            Readiness::Failed(_) => AppPhase::Failed,
            Readiness::Ready if self.running.is_some() => AppPhase::Working,
            Readiness::Ready => AppPhase::Ready,
        }
    }

    /// How many photos wait or are in work.
    pub fn in_work(&self) -> usize {
        self.photos.iter().filter(|photo| photo.is_busy()).count()
    }

    fn photo_mut(&mut self, id: PhotoId) -> Option<&mut Photo> {
        self.photos.iter_mut().find(|photo| photo.id == id)
    }
}

/// What the person does.
impl State {
    /// Puts photos at the end of the queue and the first of them on the stage. Gives back their names.
    pub fn add(&mut self, file_names: impl IntoIterator<Item = String>) -> Vec<PhotoId> {
        self.enqueue(file_names.into_iter().map(|name| Photo::new(0, name)))
    }

    /// The same with photos of which more is known than a name. Those without a result wait.
    pub fn enqueue(&mut self, photos: impl IntoIterator<Item = Photo>) -> Vec<PhotoId> {
        if self.shown_outcome().is_some() {
            self.looked_at = self.shown;
        }
        let mut added = Vec::new();
        for mut photo in photos {
            photo.id = self.take_id();
            if let Some(outcome) = &mut photo.outcome {
                outcome.job = self.take_id();
                photo.phase = Phase::Done;
            }
            added.push(photo.id);
            self.photos.push(photo);
        }
        if let Some(&first) = added.first() {
            self.put_on_stage(Some(first), false);
            self.dismiss_notices();
        }
        added
    }

    /// Notes that the app brought a photo along.
    pub fn mark_as_example(&mut self, id: PhotoId) {
        if let Some(photo) = self.photo_mut(id) {
            photo.is_example = true;
        }
    }

    /// Whether something would be lost with the page.
    pub fn would_lose(&self) -> bool {
        self.photos.iter().any(Photo::is_worth_asking)
    }

    /// Sends the next waiting photo to the worker, if the worker is free: the one on the stage first.
    /// To be called after every change that could make one due.
    pub fn send_next(&mut self) -> Vec<Effect> {
        if self.running.is_some() || self.readiness != Readiness::Ready {
            return Vec::new();
        }
        let waits = |photo: &&Photo| photo.phase == Phase::Waiting;
        let Some(next) = self
            .shown_photo()
            .filter(waits)
            .or_else(|| self.photos.iter().find(waits))
        else {
            return Vec::new();
        };
        let (photo, settings) = (
            next.id,
            Settings {
                mode: self.mode,
                resolution: next.resolution,
            },
        );
        let job = self.take_id();
        self.running = Some(Running {
            job,
            photo,
            settings,
            again: false,
        });
        if let Some(photo) = self.photo_mut(photo) {
            photo.was_stopped = false;
            photo.phase = Phase::Working {
                stage: None,
                stopping: false,
            };
        }
        vec![Effect::Segment {
            photo,
            job,
            settings,
        }]
    }

    /// Stops the job of a photo, or takes its turn away.
    pub fn cancel(&mut self, id: PhotoId) -> Vec<Effect> {
        match self.photo_mut(id).map(|photo| &mut photo.phase) {
            Some(phase @ Phase::Waiting) => {
                *phase = Phase::Stopped;
                self.settle(id);
                Vec::new()
            }
            Some(Phase::Working { stopping, .. }) => {
                *stopping = true;
                let running = self.running.as_mut().map(|running| {
                    running.again = false;
                    Effect::Cancel(running.job)
                });
                running.into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Stops every photo that waits or is in work.
    pub fn cancel_all(&mut self) -> Vec<Effect> {
        let busy = self.photos.iter().filter(|photo| photo.is_busy());
        let busy: Vec<_> = busy.map(|photo| photo.id).collect();
        busy.into_iter().flat_map(|id| self.cancel(id)).collect()
    }

    /// Takes a photo away.
    pub fn remove(&mut self, id: PhotoId) -> Vec<Effect> {
        let Some(index) = self.photos.iter().position(|photo| photo.id == id) else {
            return Vec::new();
        };
        let mut effects = self.cancel(id);
        self.photos.remove(index);
        if self.shown == Some(id) {
            let next = self.photos.get(index).or(self.photos.last());
            self.put_on_stage(next.map(|photo| photo.id), false);
        }
        effects.push(Effect::Forget(id));
        effects
    }

    /// Takes all photos away.
    pub fn clear(&mut self) -> Vec<Effect> {
        let ids: Vec<_> = self.photos.iter().map(|photo| photo.id).collect();
        self.export_failure = None;
        self.settings_failure = None;
        ids.into_iter().flat_map(|id| self.remove(id)).collect()
    }

    /// Segments a photo again, with the settings of now.
    pub fn run_again(&mut self, id: PhotoId, resolution: Resolution) -> Vec<Effect> {
        if let Some(photo) = self.photo_mut(id).filter(|photo| !photo.is_busy()) {
            photo.resolution = resolution;
            photo.phase = Phase::Waiting;
        }
        self.send_next()
    }

    /// Chooses the pipeline. The photo on the stage is segmented again by it, unless its result was corrected.
    pub fn set_mode(&mut self, mode: Mode) -> Vec<Effect> {
        if self.mode == mode {
            return Vec::new();
        }
        self.mode = mode;
        let Some(photo) = self.shown_photo() else {
            return Vec::new();
        };
        let (id, phase) = (photo.id, &photo.phase);
        if let Phase::Working { stopping, .. } = *phase {
            let running = self
                .running
                .as_mut()
                .filter(|running| !stopping && (running.again || running.settings.mode != mode));
            let Some(running) = running else {
                return Vec::new();
            };
            running.again = true;
            return vec![Effect::Cancel(running.job)];
        }
        // What the person did by hand is not thrown away unasked.
        let is_other = |outcome: &Outcome| outcome.mode != mode;
        if photo.outcome.as_ref().is_some_and(is_other) && !photo.is_corrected() {
            self.run_again(id, Resolution::Auto)
        } else {
            Vec::new()
        }
    }
}

/// What the worker tells.
impl State {
    /// Takes in a reply.
    pub fn receive(&mut self, reply: Reply) -> Vec<Effect> {
        let mut effects = Vec::new();
        match reply {
            // Also after a crash, when a new worker starts without having been asked to.
            Reply::Progress { job: None, stage } => {
                self.readiness = Readiness::Starting(Some(stage));
            }
            Reply::Progress {
                job: Some(job),
                stage,
            } => self.set_stage(job, stage),
            Reply::Started { engine } => self.start_on(engine),
            Reply::Decoded {
                job,
                photo: size,
                plan,
                ..
            } => {
                if let Some(photo) = self.photo_of(job).and_then(|id| self.photo_mut(id)) {
                    photo.size = Some(size);
                    photo.plan = Some(plan);
                    // It was taken for one of the size of that which the scale was said of.
                    if !photo.may_be_like(photo.scaled_at) {
                        photo.scale = None;
                    }
                }
            }
            Reply::Cancelled { job } => {
                if let Some(running) = self.running.take_if(|running| running.job == job) {
                    if running.again {
                        let is_of_now = |photo| self.is_of_now(photo) == Some(true);
                        // Stopped for another mode, and back again.
                        let is_there = running.settings.mode != self.mode
                            && !self.awaits_engine
                            && self.photo(running.photo).is_some_and(is_of_now);
                        let phase = if is_there {
                            Phase::Done
                        } else {
                            Phase::Waiting
                        };
                        self.set_phase(running.photo, phase);
                    } else {
                        self.set_phase(running.photo, Phase::Stopped);
                        self.settle(running.photo);
                    }
                }
            }
            Reply::Exported { job, kind, .. } => {
                effects = self.exported(job, kind);
            }
            Reply::Measured {
                job,
                threshold,
                measurements,
            } => effects = self.measured(job, threshold, measurements),
            Reply::Failed { job, failure } => effects = self.fail(job, failure),
            Reply::NotStarted { failure } => self.not_started(failure),
            Reply::Refused { failure } => self.refuse(failure),
            Reply::Segmented {
                job,
                map,
                seconds,
                counts,
            } => self.finish(job, map, seconds, Tally::new(counts)),
            Reply::Crashed { .. } => self.losses += 1,
            // The client's own.
            Reply::Ready | Reply::LostGpu { .. } => {}
        }
        effects.extend(self.send_next());
        effects
    }

    /// Takes in a result. Without effect if its photo is gone.
    fn finish(&mut self, job: JobId, map: Size, seconds: f64, tally: Tally) {
        let Some(running) = self.running.take_if(|running| running.job == job) else {
            return;
        };
        let settings = running.settings;
        if let Some(engine) = self.engine.clone()
            && let Some(photo) = self.photo_mut(running.photo)
            && let Some(plan) = photo.plan
        {
            photo.outcome = Some(Outcome {
                job,
                map,
                tally,
                seconds,
                plan,
                mode: settings.mode,
                backend: engine.backend,
                weights: engine.weights,
                weights_hash: engine.weights_hash,
                threshold: engine.threshold,
                cracks: None,
                left_out: 0,
                is_saved: false,
            });
            // Another mode was chosen while it was in work, too late to stop it.
            photo.phase = if running.again {
                Phase::Waiting
            } else {
                Phase::Done
            };
            if let Some(speed) = plan.speed(settings.mode, seconds) {
                self.seconds_per_megapixel = Some(speed);
            }
            self.show_good_over_failed(running.photo);
        }
    }

    fn fail(&mut self, job: JobId, failure: Failure) -> Vec<Effect> {
        if matches!(failure.kind, FailureKind::Export | FailureKind::Measure) {
            return self.fail_result(job, failure);
        }
        if let Some(running) = self.running.take_if(|running| running.job == job) {
            self.set_phase(running.photo, Phase::Failed(failure));
            if self.shown != Some(running.photo) {
                self.note_failure(running.photo);
            }
            self.settle(running.photo);
        }
        Vec::new()
    }

    /// Notes the URL of a photo's small picture.
    pub fn set_thumbnail(&mut self, id: PhotoId, url: String) {
        if let Some(photo) = self.photo_mut(id) {
            photo.thumbnail = Some(url);
        }
    }

    /// Notes the URL of what the stage shows of a photo.
    pub fn set_preview(&mut self, id: PhotoId, url: String) {
        if let Some(photo) = self.photo_mut(id) {
            photo.preview = Some(url);
        }
    }

    fn set_stage(&mut self, told: JobId, told_stage: Stage) {
        let Some(photo) = self.photo_of(told).and_then(|id| self.photo_mut(id)) else {
            return;
        };
        if let Phase::Working { stage, .. } = &mut photo.phase {
            *stage = Some(told_stage);
        }
    }

    fn set_phase(&mut self, id: PhotoId, phase: Phase) {
        if let Some(photo) = self.photo_mut(id) {
            photo.phase = phase;
        }
    }

    fn take_id(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
pub(in crate::web) mod tests;
