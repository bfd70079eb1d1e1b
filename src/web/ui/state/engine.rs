//! Which engine photos wait for: its backend and its weights, and which results are those of others.

use super::{Effect, Readiness, State};
use crate::protocol::{Backend, BackendChoice, EngineInfo, Failure};
use crate::web::ui::photo::{Phase, Photo, PhotoId};

/// Which results are of an engine or a mode that is not in force any more.
impl State {
    /// Whether mode or weights changed since a photo's result was made. The backends agree but for rounding, so they do not count.
    pub fn is_outdated(&self, photo: &Photo) -> bool {
        self.readiness == Readiness::Ready
            && !photo.is_busy()
            && self.is_of_now(photo) == Some(false)
    }

    /// Whether a photo's result is of the mode and the weights of now; none without a result or an engine.
    pub(super) fn is_of_now(&self, photo: &Photo) -> Option<bool> {
        let (outcome, engine) = (photo.outcome.as_ref()?, self.engine.as_ref()?);
        Some(outcome.mode == self.mode && outcome.weights_hash == engine.weights_hash)
    }

    /// The photos whose results are outdated.
    pub fn outdated(&self) -> impl Iterator<Item = PhotoId> {
        let outdated = self.photos.iter().filter(|photo| self.is_outdated(photo));
        outdated.map(|photo| photo.id)
    }

    /// Whether another run of outdated results takes back what the person did by hand.
    pub fn would_uncorrect(&self) -> bool {
        let mut outdated = self.photos.iter().filter(|photo| self.is_outdated(photo));
        outdated.any(Photo::is_corrected)
    }
}

/// What the person chooses.
impl State {
    /// Chooses the backend. A job in hand is run again on it.
    pub fn set_backend(&mut self, backend: BackendChoice) -> Vec<Effect> {
        let may_find_gpu = match &self.engine {
            Some(engine) => engine.lacks_gpu() && backend != BackendChoice::Cpu,
            None => false,
        };
        let has_failed = matches!(self.readiness, Readiness::Failed(_));
        if self.backend == backend && !may_find_gpu && !has_failed {
            return Vec::new();
        }
        self.backend = backend;
        self.restart()
    }

    /// Starts the engine anew, with other weights perhaps. A job in hand is run again on it.
    pub fn restart(&mut self) -> Vec<Effect> {
        self.restarts += 1;
        self.awaits_engine = true;
        self.settings_failure = None;
        self.readiness = Readiness::Starting(None);
        let mut effects = Vec::new();
        // What the person stopped stays stopped.
        let is_stopping = self
            .photos
            .iter()
            .any(|photo| matches!(photo.phase, Phase::Working { stopping, .. } if stopping));
        if let Some(running) = &mut self.running {
            running.again = !is_stopping;
            effects.push(Effect::Cancel(running.job));
        }
        effects.push(Effect::Start(self.backend));
        effects
    }

    /// The person has read why the backend or the weights did not change.
    pub fn dismiss_settings_failure(&mut self) {
        self.settings_failure = None;
    }

    /// Notes that other weights were sent to the worker, which takes them when it is done with the photo in work.
    pub fn weights_sent(&mut self, file_name: String) {
        self.awaits_engine = true;
        self.settings_failure = None;
        if self.running.is_some() {
            self.coming_weights = Some(file_name);
        } else {
            self.readiness = Readiness::Starting(None);
        }
    }

    /// Segments every photo again whose result is outdated.
    pub fn run_outdated(&mut self) -> Vec<Effect> {
        for id in self.outdated().collect::<Vec<_>>() {
            self.set_phase(id, Phase::Waiting);
        }
        self.send_next()
    }
}

/// What the worker tells of it.
impl State {
    /// An engine is there. By other weights that were asked for here, the photo on the stage is segmented again, unless its result
    /// was corrected.
    pub(super) fn start_on(&mut self, engine: EngineInfo) {
        // Not always what was asked for here: another part of the page may have changed it, or a worker that takes over from a
        // lost one.
        self.backend = engine.choice;
        self.seconds_per_megapixel = Some(engine.seconds_per_megapixel);
        let hash = |engine: &EngineInfo| engine.weights_hash.clone();
        let has_others = self.engine.as_ref().map(hash) != Some(hash(&engine));
        let was_on_gpu = self
            .engine
            .as_ref()
            .is_some_and(|engine| engine.backend != Backend::Cpu);
        // More than one worker may be lost.
        self.has_lost_gpu = engine.lacks_gpu() && (self.has_lost_gpu || was_on_gpu);
        self.engine = Some(engine);
        self.coming_weights = None;
        self.readiness = Readiness::Ready;
        let is_wanted = std::mem::take(&mut self.awaits_engine) && has_others;
        if let Some(photo) = self
            .shown_photo()
            .filter(|photo| is_wanted && self.is_outdated(photo) && !photo.is_corrected())
        {
            let id = photo.id;
            self.set_phase(id, Phase::Waiting);
        }
    }

    /// There is none, and nothing to go back to.
    pub(super) fn not_started(&mut self, failure: Failure) {
        self.coming_weights = None;
        self.awaits_engine = false;
        self.readiness = Readiness::Failed(failure);
    }

    /// What was there before goes on, and is told next.
    pub(super) fn refuse(&mut self, failure: Failure) {
        self.coming_weights = None;
        self.awaits_engine = false;
        let choice = self.engine.as_ref().map(|engine| engine.choice);
        self.backend = choice.unwrap_or_default();
        self.settings_failure = Some(failure);
    }
}
